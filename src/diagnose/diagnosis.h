/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a capture, or one of each side of a router, tells about the calls in it. Items come in the order of time, of
 * both captures together; what they hold is forgotten as soon as a call is over and judged, but for what was found.
 *
 *     diagnosis = diagnosis_create(&wishes)
 *     while there are items: diagnosis_take(diagnosis, side, &item, time)
 *     diagnosis_finish(diagnosis, report) */
#ifndef DIAGNOSE_DIAGNOSIS_H
#define DIAGNOSE_DIAGNOSIS_H

#include "capture/capture.h"
#include "report/report.h"

struct diagnosis_wishes {
	size_t sides; /* captures: 1 or 2 */
	const char
	        *call; /* the call, by the beginning of its Call-ID, whose ladder shall be drawn; NULL: none by name */
	bool all;      /* ladders of calls without findings too */
};

struct diagnosis;

/* NULL: no memory. */
struct diagnosis *diagnosis_create(const struct diagnosis_wishes *wishes);
void diagnosis_destroy(struct diagnosis *diagnosis);

/* `time_ns` is the item's time by the first capture's clock. */
void diagnosis_take(struct diagnosis *diagnosis, size_t side, const struct capture_item *item, uint64_t time_ns);

/* Judges what is left, fills the report and judges that. */
void diagnosis_finish(struct diagnosis *diagnosis, struct report *report);

#endif
