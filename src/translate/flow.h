/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One direction of a TCP connection whose messages change their length: which byte on the other side of the router
 * stands for which byte on this side, and what passed of late, since it may be sent again. */
#ifndef TRANSLATE_FLOW_H
#define TRANSLATE_FLOW_H

#include "base/text.h"

#include <stdint.h>

enum {
	FLOW_MARKS_MAX = 64,   /* changes of length that are remembered, the last ones */
	FLOW_KEPT_MAX = 16384, /* bytes that passed last, once anything was changed */
};

/* From here on, this byte stands for that one. */
struct flow_mark {
	uint32_t here, there;
};

/* What the other end learns of a segment without payload. */
struct flow_news {
	uint32_t sequence, acknowledged;
	uint16_t window;
};

struct flow {
	uint64_t number; /* the stream's; another one is another connection */
	bool begun;
	uint32_t here, there; /* behind what has passed */
	struct flow_mark marks[FLOW_MARKS_MAX];
	size_t mark_count;
	bool changed;
	uint32_t changed_from; /* there: what passed before is on both sides the same */
	char *kept;            /* the last bytes before `kept_end`; NULL: none yet */
	size_t kept_length;
	uint32_t kept_end;
	size_t segment_max; /* bytes; the longest that has been seen */
	struct flow_news seen, written;
};

/* Sequence numbers wrap (RFC 9293 3.4): which of two comes first is a matter of distance. */
static inline int32_t flow_distance(uint32_t from, uint32_t to)
{
	return (int32_t)(to - from);
}

/* The next byte has this sequence number, on both sides. */
void flow_begin(struct flow *flow, uint32_t sequence);

/* The sequence number on the other side; of what has not passed, that of what passes next. */
uint32_t flow_there(const struct flow *flow, uint32_t here);

/* These bytes, as they were and as they are on the other side, are the next to pass; when they do not begin where the
 * last ones ended, both sides lack what is between. Their sequence number there is flow->there minus their length. */
void flow_pass(struct flow *flow, uint32_t here, struct text before, struct text after);

/* FIN passes, which counts as a byte. */
void flow_end(struct flow *flow);

/* What these bytes were on the other side, when they pass once more. False: nobody remembers. */
SIPALG_MUST_USE
bool flow_again(const struct flow *flow, uint32_t here, struct text before, struct text *after);

#endif
