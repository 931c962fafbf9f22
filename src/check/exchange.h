/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages on their way to the far end and back, and what has become of each. Every message bears a mark, the session's
 * token and its own number, by which it is known again however it arrives. */
#ifndef CHECK_EXCHANGE_H
#define CHECK_EXCHANGE_H

#include "check/connection.h"
#include "check/probe.h"
#include "console/problem.h"
#include "reflect/client.h"
#include "sipalg/address.h"

enum {
	FLOWS_MAX = 480,
	PASSAGES_MAX = 900,
	OUTSIDE_ADDRESSES_MAX = 4,
	MARK_LENGTH = REFLECT_TOKEN_LENGTH + 4,
	CONNECTIONS_MAX = 40,
	FAR_STREAMS_MAX = 40,
	FAR_WRITES_MAX = 8,
	DATAGRAM_MAX = 65536,
};

/* One of our UDP sockets. */
struct flow {
	int file;
	sipalg_endpoint own;
	uint16_t seen[REFLECT_PLACE_COUNT]; /* the port that each place sees it at; 0: nothing has arrived there */
};

/* One message on its way. Texts are own copies. */
struct passage {
	const struct probe *probe; /* NULL: of no table */
	bool inbound;
	bool whole;        /* "don't fragment" */
	struct flow *flow; /* which sent it, or shall receive it; NULL: a connection does */
	struct connection *connection;
	sipalg_endpoint own;      /* ours */
	enum reflect_place place; /* of the far end */
	uint16_t port;            /* inbound: that it is sent to */
	bool from_twin;
	struct text sent;
	struct text wished; /* inbound: if all that was changed on the way out comes back as it was */
	struct text received;
	bool arrived;
	bool too_large;  /* our own network would not take it */
	unsigned copies; /* how often it arrived */
	uint64_t arrived_ns;
	struct flow *arrived_at; /* inbound */
	sipalg_endpoint source;  /* outbound: as the far end sees it */
	uint32_t number;         /* inbound: of the command */
	bool carried_out;        /* … the far end says that it has sent it */
	bool refused;            /* … that it would not */
	enum reflect_refusal refusal;
};

/* What the far end has read of one of our connections. */
struct far_stream {
	uint32_t number; /* 0: not used */
	char *bytes;
	size_t length;
	sipalg_endpoint source; /* where it is seen to come from */
	bool closed, reset;
	uint32_t writes[FAR_WRITES_MAX]; /* commands to write down it */
	size_t write_count, carried_out;
	bool refused; /* one of them was not carried out */
	enum reflect_refusal refusal;
};

struct exchange {
	struct reflect_client *client;
	const struct reflect_server *server;
	uint16_t expires_s; /* of registrations: an ALG keeps a port open for so long */
	char token[REFLECT_TOKEN_LENGTH + 1];
	struct flow flows[FLOWS_MAX];
	size_t flow_count;
	struct passage passages[PASSAGES_MAX];
	size_t passage_count;
	struct connection connections[CONNECTIONS_MAX];
	size_t connection_count;
	struct pollfd polls[FLOWS_MAX + CONNECTIONS_MAX + 1];
	sipalg_address outsides[OUTSIDE_ADDRESSES_MAX];
	size_t outside_count;
	struct far_stream streams[FAR_STREAMS_MAX];
	struct text midway;              /* something that was sent to us and not by the far end; empty: nothing */
	const struct passage *midway_of; /* the message that it seems to answer */
	unsigned damaged;                /* reports whose hashes do not fit */
	bool ended;                      /* the session is over: nothing more will arrive */
	char *buffer;                    /* DATAGRAM_MAX */
};

/* NULL: *problem says why. */
struct exchange *exchange_open(const char *host, uint16_t port, enum reflect_family family, struct problem *problem);
void exchange_close(struct exchange *exchange);

/* A socket of ours on that port (0: any). NULL: it is not free, or there is no room. */
struct flow *exchange_bind(struct exchange *exchange, uint16_t port);
/* Two sockets, the first on an even port and the second on the next: for RTP and RTCP. NULL: there is no room. */
struct flow *exchange_bind_pair(struct exchange *exchange);

/* The mark of the next passage, and of one by its number. */
void exchange_mark(const struct exchange *exchange, char mark[MARK_LENGTH + 1]);
void exchange_mark_of(const struct exchange *exchange, size_t number, char mark[MARK_LENGTH + 1]);

/* Sends a datagram that bears the mark. NULL: there is no room. */
struct passage *exchange_send(struct exchange *exchange, const struct probe *probe, struct flow *flow,
                              enum reflect_place place, struct text bytes);

/* Has the far end send one; `flow` is where it should arrive. `wished` may be empty: the same. NULL: no room. */
struct passage *exchange_ask(struct exchange *exchange, const struct probe *probe, const struct reflect_way *way,
                             struct flow *flow, struct text sent, struct text wished);
/* The same as a stream of media packets. */
struct passage *exchange_ask_media(struct exchange *exchange, const struct reflect_way *way, struct flow *flow,
                                   struct text packet, uint32_t count);

/* ---- Over TCP ---- */

/* Begins a connection to a place of the far end. NULL: it cannot be tried, or there is no room. */
struct connection *exchange_connect(struct exchange *exchange, enum reflect_place place);
/* Waits until none from number `first` on is about to connect. */
void exchange_connected(struct exchange *exchange, size_t first, uint32_t wait_ms);

/* Notes a message that goes over a connection: what becomes of it its user finds out. NULL: there is no room. */
struct passage *exchange_note_sent(struct exchange *exchange, const struct probe *probe, struct connection *connection,
                                   struct text bytes);
struct passage *exchange_note_asked(struct exchange *exchange, const struct probe *probe, struct connection *connection,
                                    struct text sent, struct text wished);

/* What the far end has read of it: the stream in which a message of ours stands. NULL: nothing so far. */
struct far_stream *exchange_far(struct exchange *exchange, const struct connection *connection);

/* Has the far end write down one. False: no room, or the session is over. */
bool exchange_write(struct exchange *exchange, struct far_stream *stream, uint32_t after_ms, struct text bytes);

/* ---- Waiting ---- */

/* Sends again what has not arrived. */
void exchange_repeat(struct exchange *exchange, struct passage *passage);

/* Takes what arrives during that time. */
void exchange_pump(struct exchange *exchange, uint32_t wait_ms);

/* The same, until all passages from number `first` on have arrived or been refused. */
void exchange_settle(struct exchange *exchange, size_t first, uint32_t wait_ms);

/* Settles, and repeats what is missing twice. */
void exchange_insist(struct exchange *exchange, size_t first, uint32_t wait_ms);

/* The number after the newest mark of that direction in the bytes; SIZE_MAX: there is none. */
size_t exchange_mark_find(const struct exchange *exchange, struct text bytes, bool inbound);

/* Milliseconds on a clock that never jumps. */
uint64_t exchange_now_ms(void);

/* ---- For its own files ---- */

/* Takes in what the far end tells. */
void exchange_hear(struct exchange *exchange, const struct reflect_event *event);
/* A passage of no way yet. NULL: there is no room. */
struct passage *exchange_note(struct exchange *exchange, const struct probe *probe, struct text bytes);
/* Takes in a datagram that came to one of our sockets. */
void exchange_take(struct exchange *exchange, struct flow *flow, struct text bytes);
struct text text_copy(struct text text);

#endif
