/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One capture, or two of the same time, read in the order of time: how far their clocks differ is found out. */
#ifndef DIAGNOSE_READING_H
#define DIAGNOSE_READING_H

#include "capture/capture.h"
#include "diagnose/diagnosis.h"
#include "diagnose/limits.h"

struct reading {
	size_t count;
	const char *paths[SIDES_MAX];
	struct capture *captures[SIDES_MAX];
	bool clocks_known;
	int64_t ahead_ns; /* the second capture's clock is so far ahead of the first one's */
	struct capture_item items[SIDES_MAX];
	bool has_item[SIDES_MAX];
};

/* How much has been read, 0 to 1, or negative when nobody knows; called now and then. */
typedef void reading_progress(double share, void *context);

/* Opens the captures and, when there are two, compares their clocks, for which both are read: standard input will not
 * do. False: the problem says why; nothing is left open. */
SIPALG_MUST_USE
bool reading_open(struct reading *reading, const char *const *paths, size_t count, struct problem *problem);

/* Hands everything to the diagnosis. */
void reading_run(struct reading *reading, struct diagnosis *diagnosis, reading_progress *progress, void *context);

/* Facts and notes on the captures: what could not be read among them. */
void reading_tell(struct reading *reading, struct report *report);

void reading_close(struct reading *reading);

#endif
