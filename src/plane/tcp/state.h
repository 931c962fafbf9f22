/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The relay's parts and what they share: for relay.c, accept.c, connection.c, passage.c and splice.c only. */
#ifndef PLANE_TCP_STATE_H
#define PLANE_TCP_STATE_H

#include "plane/tcp/buffer.h"
#include "plane/tcp/hosts.h"
#include "plane/tcp/list.h"
#include "plane/tcp/pipes.h"
#include "plane/tcp/relay.h"
#include "sipalg/stream.h"

enum {
	RELAY_READ_MAX = 16384, /* bytes read at a time: what a slow reader makes us keep */
	RELAY_ROOM_MIN = 2048,  /* with less room in the buffers nothing is read */
	/* An edited message, SIPALG_EDITS_MAX replacements longer than it came. */
	RELAY_EDITED_MAX = SIPALG_MESSAGE_MAX + SIPALG_EDITS_MAX * SIPALG_REPLACEMENT_MAX,
	RELAY_WRITE_MAX = 2 * RELAY_EDITED_MAX, /* bytes of edited messages that one write may carry */
	RELAY_PIECES_MAX = 64,                  /* pieces of one write */
	RELAY_SPLICES_MAX = 4,                  /* pipes filled for a stream in one turn */
	RELAY_WORK_MS = 2,                      /* turns go on for so long before others than the relay get theirs */
	RELAY_AGED_MAX = 64,                    /* ways that have waited long enough, in one turn */
	RELAY_EVENTS_MAX = 128,
	RELAY_ACCEPTS_MAX = 64, /* in one turn */
	RELAY_PAUSE_MS = 100,   /* until accepting is tried again when descriptors have run out */
	/* Descriptors besides connections and pipes: the relay's own, and the rest of the process's. */
	RELAY_DESCRIPTORS_OTHER = 128,
	/* The first line of another protocol may look like SIP's beginning and its sender wait for an answer; yet a
	 * lost segment is sent again within a second (RFC 6298 2.1). */
	RELAY_UNDECIDED_S = 3,
	/* Whoever waits for a message has given up by then (64*T1, RFC 3261 17). */
	RELAY_UNFINISHED_S = SIPALG_TRANSACTION_S,
	RELAY_CROWDED_S = 4, /* the same while others wait for the room that unfinished messages take up */
};

/* One end of a connection, as edge-triggered epoll tells of it: what has been told holds until it is found untrue. */
struct side {
	int descriptor;
	uint8_t index; /* in connection.sides */
	bool readable, writable;
	bool hung_up; /* no more bytes will come than have come */
	bool urgent;  /* it has sent urgent data, before which splice() would stop */
	bool failed;  /* it has been reset, or is dead */
};

/* One direction. It goes from the side with its index to the other one. */
struct way {
	sipalg_stream stream;
	struct buffer held;    /* read, and not yet decided about */
	struct buffer waiting; /* decided, and not yet taken by the far end: as long as there is any, nothing is read */
	struct pipe pipe;
	struct list age;   /* in one of relay.ages … */
	uint64_t since_ns; /* … since then */
	uint8_t index;     /* in connection.ways */
	uint8_t aging;     /* which of relay.ages; AGES_NONE */
	bool stopped;      /* what is held can be decided about, once what waits is gone */
	bool ended;        /* the near end has said all */
	bool closed;       /* … and the far end has been told */
};

struct connection {
	struct side sides[2]; /* the opener's, and the onward one */
	struct way ways[2];
	struct relay_route route;
	struct list turn;       /* in relay.ready or relay.starved */
	enum relay_state state; /* RELAY_NONE: the place is free, … */
	uint32_t next_free;     /* … and this the next one, + 1 */
	uint64_t since_ns;
	uint64_t messages;
	bool broken;  /* to be reset at the end of its turn */
	bool counted; /* among the encrypted or foreign ones */
};

/* What a way may be waiting for, so that it does not wait for ever. */
enum {
	AGES_NONE,
	AGES_UNDECIDED,  /* bytes that tell whether it is SIP */
	AGES_UNFINISHED, /* the rest of a message */
	AGES_BLOCKED,    /* the far end, that does not take what waits */
	AGES_COUNT,
};

struct listener {
	int descriptor; /* -1: the kernel has no such family */
	int family;
	int spare; /* a socket for the next onward connection; -1: none */
};

struct relay {
	struct relay_settings settings;
	struct relay_hooks hooks;
	struct relay_counters counters;
	uint64_t now_ns; /* of the relay_work() at hand */
	bool parsing;
	int epoll;
	struct listener listeners[2];
	bool paused, accepting;
	uint64_t resume_ns; /* when paused */
	uint16_t port;
	struct connection *connections; /* places for counters.connections_max; touched when used */
	uint32_t used, free;            /* places ever used; the first one given back, + 1 */
	struct list ready;              /* connections that have something to do */
	struct list starved;            /* … that wait for room in the buffers */
	struct list ages[AGES_COUNT];   /* ways that wait for something, the oldest first */
	struct hosts hosts;
	struct buffers buffers;
	struct pipes pipes;
	uint8_t *received; /* what is held of a way and RELAY_READ_MAX bytes more */
	uint8_t *edited;   /* RELAY_WRITE_MAX bytes */
};

static inline struct connection *connection_of_side(struct side *side)
{
	return (struct connection *)((char *)(side - side->index) - offsetof(struct connection, sides));
}

static inline struct connection *connection_of_way(struct way *way)
{
	return (struct connection *)((char *)(way - way->index) - offsetof(struct connection, ways));
}

static inline struct connection *connection_of_turn(struct list *item)
{
	return (struct connection *)((char *)item - offsetof(struct connection, turn));
}

static inline struct way *way_of_age(struct list *item)
{
	return (struct way *)((char *)item - offsetof(struct way, age));
}

/* ---- accept.c ---- */

/* Takes the connections that wait to be accepted, as many as one turn allows. */
void accept_work(struct relay *relay);

/* Goes on accepting after it was paused. */
void accept_resume(struct relay *relay);

/* ---- connection.c ---- */

/* Begins a connection or refuses it: `accepted` is taken in any case, *onward when it is used (then it becomes -1). */
void connection_begin(struct relay *relay, int accepted, int *onward, const sipalg_endpoint *source);

/* One turn. */
void connection_work(struct relay *relay, struct connection *connection);

/* Ends it by resets. */
void connection_reset(struct relay *relay, struct connection *connection);

/* ---- passage.c, splice.c ---- */

enum progress {
	PROGRESS_IDLE,    /* nothing to do until something happens */
	PROGRESS_MORE,    /* more than one turn's work */
	PROGRESS_STARVED, /* there is no room in the buffers */
};

/* One turn of one direction. connection->broken: an end was reset, or there was no memory. */
enum progress way_work(struct relay *relay, struct connection *connection, struct way *way);

/* The same for a stream that is not SIP, when nothing is held and nothing waits. False: it has to be copied. */
bool way_splice(struct relay *relay, struct connection *connection, struct way *way, enum progress *progress);

/* Lets what it holds go on as it came, and all that follows: the connection is to get a turn. */
void way_give_up(struct relay *relay, struct way *way);

/* Drops what it holds. */
void way_end(struct relay *relay, struct way *way);

#endif
