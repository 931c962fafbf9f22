/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must arrive: the bytes that were sent, but for the replacements the scenario lists, and the Content-Length that
 * follows from them. */
#ifndef LAB_EXPECTED_H
#define LAB_EXPECTED_H

#include "lab/scenario.h"
#include "lab/variables.h"

/* Compares. NULL: equal, and names not known before have got their values; else what is wrong. */
const char *expected_compare(struct store *store, const struct step *step, struct bytes sent, struct bytes received,
                             struct variables *variables);

/* Writes the lines in which the two messages differ, "-" what was sent, "+" what arrived. */
void difference_write(FILE *out, struct bytes sent, struct bytes received);

/* Writes the message, each line after `prefix`; bytes that do not print as \xHH. */
void message_write(FILE *out, const char *prefix, struct bytes message);

#endif
