/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session with `sipalg reflect`, seen from the near end (protocol.h says what the lines mean).
 *
 *	struct reflect_client *client = reflect_client_open("reflect.example.com", 0, REFLECT_ANY, &problem);
 *	const struct reflect_server *server = reflect_client_server(client);
 *	… compose a message with server->token in it, send it from an own socket to server->address, server->ports[…]
 *	while (reflect_client_next(client, 2000, &event) == REFLECT_EVENT)
 *		… event.kind == REFLECT_RECEIVED: event.bytes is what arrived
 *	reflect_client_close(client);
 *
 * The client composes every byte in both directions: the server is a sender that can be told what, from where, to which
 * of our ports and when. Nothing here waits but open and next. */
#ifndef REFLECT_CLIENT_H
#define REFLECT_CLIENT_H

#include "base/text.h"
#include "console/problem.h"
#include "reflect/protocol.h"
#include "sipalg/address.h"

#include <stdbool.h>
#include <stdint.h>

enum reflect_family { REFLECT_ANY = 0, REFLECT_IPV4, REFLECT_IPV6 };

/* What the server told at the beginning. */
struct reflect_server {
	sipalg_address address; /* the one the control connection goes to: probes go there, too */
	sipalg_address twin;    /* its second address; none: it has only one */
	uint16_t ports[REFLECT_PLACE_COUNT];
	char token[REFLECT_TOKEN_LENGTH + 1]; /* stands in all we send to it, unbroken */
	sipalg_endpoint own;                  /* our end of the control connection, as we see it */
	sipalg_endpoint seen;                 /* … and as the server sees it: different behind NAT */
};

enum reflect_event_kind {
	REFLECT_NONE = 0,
	REFLECT_RECEIVED,    /* a datagram or a part of a stream came to the server */
	REFLECT_OPENED,      /* a TCP connection of ours came to the server (told when its token has been read) */
	REFLECT_CLOSED,      /* … and ended there */
	REFLECT_DONE,        /* a command was carried out, or refused */
	REFLECT_MEDIA_COUNT, /* what has come to a media place from one source */
	REFLECT_PONG,
};

/* Fields that are not named for a kind are zero. */
struct reflect_event {
	enum reflect_event_kind kind;
	uint64_t time_ns; /* since the session began, by the server's clock */

	/* RECEIVED, OPENED, MEDIA_COUNT; of CLOSED only the stream */
	enum reflect_place place;
	bool at_twin;           /* it came to the second address */
	sipalg_endpoint source; /* whose protocol is the transport */
	uint32_t stream;        /* 0: a datagram */
	bool elsewhere;         /* the source is another address than the control connection's: NAT with several */

	/* RECEIVED */
	struct text bytes; /* until the next call of reflect_client_next() or close */
	size_t length;     /* what arrived; more than bytes.length when the report was cut */
	bool by_token;     /* the token was found; false: only the source was known, something has changed the token */
	bool damaged;      /* the hashes do not fit the bytes: something changed the control connection itself */

	/* CLOSED */
	bool reset;

	/* DONE, PONG */
	uint32_t number;
	enum reflect_refusal refusal; /* DONE; the stream of a connection that was made is in `stream` */

	/* MEDIA_COUNT: since the session began */
	uint64_t packets, octets, lost; /* lost: by RTP's sequence numbers, RFC 3550 A.3 */

	/* PONG */
	uint64_t strays, missed;
};

enum reflect_result {
	REFLECT_EVENT = 0, /* *event has been written */
	REFLECT_QUIET,     /* the time has passed without one */
	REFLECT_ENDED,     /* the session is over: reflect_client_end() says why */
};

/* Where the server shall send from and to, and when. */
struct reflect_way {
	enum reflect_place place;
	bool from_twin;    /* from the second address */
	uint16_t port;     /* of ours, as the server sees it: a source it has seen, or one that an ALG has named */
	uint32_t after_ms; /* at most REFLECT_DELAY_MAX_MS */
};

struct reflect_media {
	uint32_t count, interval_ms;
	uint32_t timestamp_step;
};

struct reflect_client;

/* Connects (host: a name or an address; port 0: REFLECT_PORT) and says hello; waits 10 seconds at most. NULL: *problem
 * says why: no such host, nothing answers, something else than `sipalg reflect` answers, it is busy. */
struct reflect_client *reflect_client_open(const char *host, uint16_t port, enum reflect_family family,
                                           struct problem *problem);

const struct reflect_server *reflect_client_server(const struct reflect_client *client);

/* For poll(): readable when reflect_client_next() has something to do. Events that were read together wait inside: call
 * next with no timeout until it says REFLECT_QUIET, then poll. */
int reflect_client_descriptor(const struct reflect_client *client);

/* The next event; waits up to `timeout_ms` (0: not at all). Also keeps the session alive, so call it every 20 seconds
 * or more often while it shall last. */
SIPALG_MUST_USE
enum reflect_result reflect_client_next(struct reflect_client *client, uint32_t timeout_ms,
                                        struct reflect_event *event);

/* Commands. Each returns its number, which the DONE event carries, or 0 when the session is over (which next tells) or
 * the arguments are beyond the limits of protocol.h. */
uint32_t reflect_client_send(struct reflect_client *client, const struct reflect_way *way, struct text bytes);
uint32_t reflect_client_media(struct reflect_client *client, const struct reflect_way *way,
                              const struct reflect_media *media, struct text first_packet);
uint32_t reflect_client_connect(struct reflect_client *client, const struct reflect_way *way);
uint32_t reflect_client_write(struct reflect_client *client, uint32_t stream, uint32_t after_ms, struct text bytes);
uint32_t reflect_client_finish(struct reflect_client *client, uint32_t stream, uint32_t after_ms, bool reset);
uint32_t reflect_client_ping(struct reflect_client *client);

/* Why the session is over, in a sentence for the user. */
const char *reflect_client_end(const struct reflect_client *client);

/* Ends the session: what still waits at the server is not sent. NULL is allowed. */
void reflect_client_close(struct reflect_client *client);

#endif
