/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plays one scenario in one world. */
#ifndef LAB_PLAYER_H
#define LAB_PLAYER_H

#include "lab/world.h"

/* NULL: passed; else the reason for the failure, in the store. What was sent and what arrived is written to `trace`. */
const char *player_play(struct store *store, const struct scenario *scenario, struct world *world, FILE *trace);

#endif
