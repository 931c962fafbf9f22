/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user has switched off at run time. It is kept in a file, so that what was switched off stays off when the
 * daemon or the router starts again. */
#ifndef DAEMON_SWITCHES_H
#define DAEMON_SWITCHES_H

#include "console/problem.h"
#include "sipalg/engine.h"

struct switches {
	bool everything_off;
	sipalg_prefix off[SIPALG_PREFIXES_MAX];
	size_t off_count;
};

/* Reads the file; an absent one (or an empty path) means that everything is on. False: unreadable or not written by
 * switches_write(): better not to start than to come back on by mistake. */
SIPALG_MUST_USE
bool switches_read(struct switches *switches, const char *path, struct problem *problem);

/* Writes the file anew, whole or not at all; its folder is made when missing. An empty path writes nothing. */
SIPALG_MUST_USE
bool switches_write(const struct switches *switches, const char *path, struct problem *problem);

/* Adds a network (one that is in it already is fine). False: SIPALG_PREFIXES_MAX are off already. */
SIPALG_MUST_USE
bool switches_add(struct switches *switches, const sipalg_prefix *prefix, struct problem *problem);

/* Takes a network and all that lie within it off the list. False: not on it; the problem says which larger one holds
 * it. */
SIPALG_MUST_USE
bool switches_remove(struct switches *switches, const sipalg_prefix *prefix, struct problem *problem);

bool switches_cover(const struct switches *switches, const sipalg_address *address);

#endif
