/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sipalg reflect` while it runs: what its parts share. */
#ifndef REFLECT_SERVER_H
#define REFLECT_SERVER_H

#include "reflect/places.h"
#include "reflect/session.h"
#include "reflect/settings.h"

enum { RECEIVED_MAX = 65536 };

/* A TCP connection to one of the places, or one that a session has asked for. */
struct stream {
	int descriptor;
	uint32_t id;
	struct session *session; /* NULL: the token has not come yet */
	struct visitor *visitor;
	struct arrival opened; /* where and when */
	bool connecting;       /* a session's connect waits for its answer */
	uint32_t number;       /* … the order's */

	/* What has come before the token did. */
	struct {
		size_t end;
		uint64_t time_ns;
	} reads[STREAM_READS_MAX];
	size_t read_count, head_length;
	char head[STREAM_HEAD_MAX];
};

struct server {
	struct reflect_settings settings;
	int epoll, signals;
	uint64_t now_ns; /* since the present round began */
	struct places places;
	struct visitors visitors;
	struct session *sessions[SESSIONS_MAX + GREETED_NOT_MAX]; /* NULL: free */
	struct stream *streams[STREAMS_MAX];                      /* NULL: free */
	uint64_t session_ids;
	uint32_t stream_ids;
	struct budget bytes; /* of all */
	uint64_t strays, turned_away, told_turned_away, told_ns;
	char received[RECEIVED_MAX];
};

enum { SERVER_SESSIONS = SESSIONS_MAX + GREETED_NOT_MAX };

/* What an event of epoll is about: a kind and a place in a list. */
enum event_kind {
	EVENT_NONE = 0,
	EVENT_SIGNAL,
	EVENT_CONTROL_LISTENER, /* family */
	EVENT_UDP,              /* place * FAMILY_COUNT + family */
	EVENT_TCP_LISTENER,     /* likewise */
	EVENT_SESSION,
	EVENT_STREAM,
};

/* Waits for the descriptor to become readable (writable too, when wanted). */
bool server_watch(const struct server *server, int descriptor, enum event_kind kind, size_t index, bool writable);
void server_watch_again(const struct server *server, int descriptor, enum event_kind kind, size_t index, bool writable);

/* ---- server.c ---- */

/* False: *problem says why. server_close() frees what there is, in either case. */
SIPALG_MUST_USE
bool server_open(struct server *server, const struct reflect_settings *settings, struct problem *problem);

/* Until SIGTERM or SIGINT. */
void server_run(struct server *server);

void server_close(struct server *server);

/* ---- arrivals.c: datagrams, and whose they are ---- */

void arrivals_take(struct server *server, enum reflect_place place, int family);

/* The session whose token stands in the bytes; NULL: nobody's. */
struct session *arrivals_find_by_token(struct server *server, struct text bytes);

/* Something came from there that is nobody's. */
void arrivals_count_stray(struct server *server, const sipalg_address *source);

/* ---- streams.c ---- */

void streams_accept(struct server *server, enum reflect_place place, int family);

/* The stream can be read, or has been connected. */
void streams_continue(struct server *server, size_t index, bool writable);

/* What a session asks for. */
enum reflect_refusal streams_write(struct server *server, struct session *session, const struct order *order);
enum reflect_refusal streams_finish(struct server *server, struct session *session, const struct order *order);

/* REFLECT_CARRIED_OUT: it has begun; streams_continue() tells the session how it ended. */
enum reflect_refusal streams_connect(struct server *server, struct session *session, const struct order *order);

/* Ends what has waited too long. */
void streams_expire(struct server *server);

/* Ends those of the session. */
void streams_leave(struct server *server, const struct session *session);

/* ---- connections.c: control connections ---- */

void connections_accept(struct server *server, int family);
void connections_continue(struct server *server, size_t index);

/* Writes what waits for the client; ends the session when it is gone, idle or too long. */
void connections_settle(struct server *server, size_t index);

/* ---- carry_out.c ---- */

void carry_out_due(struct server *server, struct session *session);

/* ---- log.c ---- */

void log_listening(const struct server *server);
void log_session(const struct server *server, const struct session *session, bool ended);
void log_turned_away(struct server *server);

#endif
