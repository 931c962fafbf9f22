/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One client: its control connection, what is known to be its, what it may still send, and the lines that wait for it.
 * Nothing here knows sockets but control.c. */
#ifndef REFLECT_SESSION_H
#define REFLECT_SESSION_H

#include "reflect/budget.h"
#include "reflect/order.h"
#include "reflect/flows.h"
#include "reflect/limits.h"
#include "reflect/visitors.h"

struct source {
	uint16_t port;
	uint8_t protocol;
	uint8_t place;
};

struct session {
	int descriptor;
	uint64_t id;  /* for the log */
	bool greeted; /* the hello has come: it is a session */
	enum reflect_end ending;
	uint64_t since_ns, heard_ns; /* since when it is, when the client said something last */
	sipalg_endpoint client;
	sipalg_address at, twin; /* the server's addresses for it */
	struct visitor *visitor;
	char token[REFLECT_TOKEN_LENGTH + 1];
	struct wire_mask mask;

	struct source sources[SOURCES_MAX];
	size_t source_count;
	uint16_t named[NAMED_MAX];
	size_t named_count;
	uint32_t named_datagrams; /* sent to them */
	struct flows flows;
	uint64_t flows_told_ns;
	struct orders orders;
	uint32_t streams;       /* TCP connections that are its */
	uint64_t strays_before; /* of its address, when it began */

	struct budget bytes, reports;
	uint64_t total; /* bytes sent, with overhead */
	uint64_t missed;
	uint64_t received, sent, refused; /* for the log */

	char input[REFLECT_LINE_MAX];
	size_t input_length;
	char *output; /* OUTPUT_MAX, from the hello on */
	size_t output_from, output_to;
};

/* Where something came from, and how. */
struct arrival {
	enum reflect_place place;
	sipalg_address local; /* to which of the server's addresses */
	sipalg_endpoint source;
	uint64_t time_ns;
	uint32_t stream; /* 0: a datagram */
};

/* Gives it token, mask, budgets and room for reports. False: no memory. */
SIPALG_MUST_USE
bool session_greet(struct session *session, uint64_t now_ns);

void session_free(struct session *session);

/* ---- Whose it is ---- */

bool session_has_token(const struct session *session, struct text token);

/* Whether the token has come from there to that place before. */
bool session_has_source(const struct session *session, enum reflect_place place, const sipalg_endpoint *source);

/* The token came so: the port it came from may be sent to, and those which the message names. */
void session_learn(struct session *session, const struct arrival *arrival, struct text message);

/* ---- What it may ask for ---- */

/* REFLECT_CARRIED_OUT: it may send to this port of its own. */
enum reflect_refusal session_may_reach(struct session *session, uint8_t protocol, uint16_t port);

/* Takes so many bytes from its budget and its address's. */
enum reflect_refusal session_spend(struct session *session, size_t length, uint64_t now_ns);

/* ---- What it is told; all but welcome and goodbye are counted as missed when there is no room ---- */

void session_tell_welcome(struct session *session, const uint16_t ports[REFLECT_PLACE_COUNT]);
void session_tell_received(struct session *session, const struct arrival *arrival, struct text bytes, bool by_token,
                           uint64_t now_ns);
void session_tell_opened(struct session *session, const struct arrival *arrival);
void session_tell_closed(struct session *session, uint32_t stream, bool reset, uint64_t now_ns);
void session_tell_done(struct session *session, const struct order *order, enum reflect_refusal refusal,
                       uint32_t stream, uint64_t now_ns);
void session_tell_flows(struct session *session, uint64_t now_ns);
void session_tell_pong(struct session *session, uint32_t number, uint64_t now_ns);
void session_tell_goodbye(struct session *session, enum reflect_end why);

#endif
