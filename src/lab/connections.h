/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP connections between parties: what each end has sent, and what has arrived at it and nobody has asked for yet. */
#ifndef LAB_CONNECTIONS_H
#define LAB_CONNECTIONS_H

#include "lab/world.h"

enum {
	CONNECTIONS_MAX = 256,     /* of one scenario, in all */
	CONNECTION_SENT_MAX = 128, /* messages on their way in one direction */
};

struct connection_end {
	unsigned number;     /* in the world */
	const char *party;   /* its name */
	sipalg_endpoint far; /* who is at the other end, as this end sees it */
	char *received;      /* what arrived */
	size_t length, room;
	bool closed, reset;                     /* … and that nothing more will */
	bool finished;                          /* it sends no more */
	bool told;                              /* the scenario knows that nothing more comes */
	struct bytes sent[CONNECTION_SENT_MAX]; /* by this end, and not yet taken at the other; oldest first */
	size_t sent_count;
	struct bytes held; /* to be sent with what comes next */
};

struct connection {
	const char *name;              /* NULL: it has none */
	sipalg_endpoint to;            /* where it was opened to */
	bool stands, over;             /* established; given up by a party */
	struct connection_end ends[2]; /* who opened it, who was asked */
};

struct connections {
	struct connection list[CONNECTIONS_MAX];
	size_t count;
};

/* A connection with no ends yet. NULL: too many. */
struct connection *connection_add(struct connections *connections, const char *name);

/* The end of that number; NULL: unknown. */
struct connection_end *connection_end_of(struct connections *connections, unsigned number);

enum connection_purpose {
	CONNECTION_TO_SEND = 0, /* `near` can still send there */
	CONNECTION_TO_RECEIVE,  /* something `near` sent has not been taken yet */
	CONNECTION_TO_END,      /* that nothing more comes from `near` has not been asked for yet */
};

/* The connection of that name; without one the newest between the parties that serves the purpose. NULL: none. */
struct connection *connection_find(struct connections *connections, const char *name, const char *near, const char *far,
                                   enum connection_purpose purpose);

bool connection_can_send(struct connection *connection, const char *party);

/* The newest that the party opened to this address. NULL: none. */
struct connection *connection_to(struct connections *connections, const char *party, sipalg_endpoint to);

/* The party's end of it. NULL: it is not at either. */
struct connection_end *connection_end_at(struct connection *connection, const char *party);
struct connection_end *connection_other_end(struct connection *connection, const struct connection_end *end);

void connection_receive(struct store *store, struct connection_end *end, struct bytes bytes);

/* How long the next message is of which `sent` was what left: SIP says it (RFC 3261 18.3), anything else must arrive
 * as it was sent. 0: more must arrive before one can say. */
size_t connection_message(const struct connection_end *end, struct bytes sent);

/* Takes so many bytes out, and what was sent off the list of `sender`. */
struct bytes connection_take(struct store *store, struct connection_end *end, struct connection_end *sender,
                             size_t length);

/* Notes what a party has sent. False: too much is on the way. */
bool connection_note(struct connection_end *end, struct bytes sent);

#endif
