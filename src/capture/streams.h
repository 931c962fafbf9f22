/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP streams in order, each direction by itself, cut into SIP messages and what is none. A stream that is not SIP from
 * its first byte on is kept no byte of: once that is known its segments give no pieces. */
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

struct capture_item;

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
	uint32_t skip_to;    /* where it goes on behind bytes that will not come */
	uint64_t number;     /* another connection between the same ends has another */
	bool used, in_order; /* in_order: next_sequence is known */
	bool skips;          /* once nothing is kept any more */
	bool ended;          /* see stream_end() */
	bool from_start;     /* its first byte has been seen, and nothing is missing since */
	bool told;           /* that it is encrypted, or that its framing broke */
	sipalg_stream framing;
	char *bytes; /* not yet part of a piece */
	size_t length, capacity, taken;
	size_t segment_at;   /* where in `bytes` the last segment begins … */
	bool segment_begun;  /* … unless its beginning was part of a piece already */
	bool is_broken_told; /* the piece at which the framing broke was given */
	uint32_t gaps;       /* how often bytes were missing */
	struct early *early;
	size_t early_count, early_bytes;
};

struct streams {
	struct arena arena;
	struct pool pool;
	struct table table;
	struct stream *slots;
	uint32_t newest, oldest;
	size_t bytes;   /* kept of all */
	uint64_t begun; /* connections' directions */
	uint64_t gaps, encrypted, broken;
};

SIPALG_MUST_USE
bool streams_create(struct streams *streams); /* false: no memory */
void streams_destroy(struct streams *streams);

/* What is next in a stream, valid until the next call for this stream. */
struct stream_piece {
	bool is_broken;  /* no message, where one should begin: what came before ended elsewhere than its length says */
	bool is_split;   /* it took more than one segment, or did not begin with one */
	bool is_message; /* or the header of one that is too long to hold: see body_left */
	uint32_t sequence; /* of its first byte; behind a gap higher than where the piece before it ended */
	struct text bytes;
	uint64_t body_left; /* of a message: bytes that follow as no message */
};

/* Takes a SEGMENT item; take pieces from the stream until there are none. */
struct stream *streams_add(struct streams *streams, const struct capture_item *segment);

/* NULL: nothing of it has been seen. */
struct stream *streams_find(const struct streams *streams, const sipalg_endpoint *source,
                            const sipalg_endpoint *destination);

/* Whether its segments give no pieces. */
bool stream_is_foreign(const struct stream *stream);

/* No more will come: what is kept of a message that is not whole is a piece of its own, and what is missing is done
 * without. */
void stream_end(struct stream *stream);

/* False: more bytes are needed. */
SIPALG_MUST_USE
bool stream_next(struct streams *streams, struct stream *stream, struct stream_piece *piece);

#endif
