/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packet by packet through the router: what was captured on one side, as it is on the other. */
#ifndef TRANSLATE_PASSAGE_H
#define TRANSLATE_PASSAGE_H

#include "capture/capture.h"
#include "capture/writer.h"
#include "translate/reverse.h"
#include "translate/router.h"
#include "translate/segments.h"

enum seen_from { SEEN_FROM_NOWHERE = 0, SEEN_FROM_INSIDE, SEEN_FROM_OUTSIDE };

struct passage_counts {
	uint64_t written, messages, media;
	uint64_t other_side;   /* packets of the other side of the router, which the capture holds, too */
	uint64_t not_crossing; /* packets between inside hosts, or with neither end known */
	uint64_t unknown_host; /* of a capture from outside: nobody can tell which inside host it belongs to */
	uint64_t left_out;     /* neither UDP nor TCP, cut, or not to be written */
};

/* What became of a SIP message. */
struct passage_message {
	const struct capture_item *item;
	enum sipalg_direction direction;
	sipalg_endpoint source, destination; /* in the middle of the router */
	struct text bytes;                   /* the message as the router gets it: where that was taken back from
	                                      * what was captured, not the same */
	const sipalg_verdict *verdict;
};

struct passage {
	struct router *router;
	struct capture_writer *writer;
	struct segments segments;
	void (*tell)(void *context, const struct passage_message *message);
	void *context;
	enum seen_from seen_from;
	struct passage_counts counts;
	char reversed[REVERSE_MAX];
};

/* Takes one item of the capture, whose streams are left to it (capture_leave_streams()). */
void passage_take(struct passage *passage, const struct capture_item *item);

#endif
