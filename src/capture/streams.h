/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP streams in order, each direction by itself, cut into SIP messages. A stream that is not SIP is kept no byte of.
 */
#ifndef CAPTURE_STREAMS_H
#define CAPTURE_STREAMS_H

#include "base/table.h"
#include "base/text.h"
#include "sipalg/address.h"
#include "sipalg/stream.h"

enum {
	STREAMS_MAX = 8192,          /* directions; one more takes the place of one that fell silent */
	STREAM_BYTES_MAX = 262144,   /* kept of one: a message, and what came too early */
	STREAM_EARLY_MAX = 64,       /* segments that came too early */
	STREAMS_BYTES_MAX = 67108864 /* kept of all */
};

struct segment {
	sipalg_endpoint source, destination;
	uint32_t sequence;
	uint8_t flags;     /* CAPTURE_TCP_… */
	struct text bytes; /* what the capture holds … */
	size_t length;     /* … of so many */
};

/* A segment that came before those that go before it. */
struct early {
	struct early *next; /* by sequence */
	uint32_t sequence;
	size_t length;
	char bytes[];
};

struct stream {
	sipalg_endpoint ends[2]; /* from, to */
	uint32_t newer, older;   /* in the order of use */
	uint32_t next_sequence;
	bool used, in_order; /* in_order: next_sequence is known */
	bool from_start;     /* its first byte has been seen, and nothing is missing since */
	bool told;           /* that it is encrypted, or that its framing broke */
	sipalg_stream framing;
	char *bytes; /* not yet part of a piece */
	size_t length, capacity, taken;
	struct early *early;
	size_t early_count, early_bytes;
};

struct streams {
	struct arena arena;
	struct pool pool;
	struct table table;
	struct stream *slots;
	uint32_t newest, oldest;
	size_t bytes; /* kept of all */
	uint64_t gaps, encrypted, broken;
};

SIPALG_MUST_USE
bool streams_create(struct streams *streams); /* false: no memory */
void streams_destroy(struct streams *streams);

/* Takes a segment; take messages from the stream until there are none. NULL: there is no memory for it. */
struct stream *streams_add(struct streams *streams, const struct segment *segment);

/* The next message; it is valid until the next call for this stream. False: more bytes are needed. */
SIPALG_MUST_USE
bool stream_next(struct streams *streams, struct stream *stream, struct text *message, uint64_t *body_left);

#endif
