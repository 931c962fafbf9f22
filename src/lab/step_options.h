/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words that may follow a statement: from ADDRESS, never arrives, cut every 7 … */
#ifndef LAB_STEP_OPTIONS_H
#define LAB_STEP_OPTIONS_H

#include "lab/scenario.h"

/* Reads the option at words[*index], which moves behind it. NULL: understood; else what is wrong. */
const char *step_option_read(struct store *store, const struct words *words, size_t *index, struct step *step);

/* Reads all options from words[index] on. */
const char *step_options_read(struct store *store, const struct words *words, size_t index, struct step *step);

#endif
