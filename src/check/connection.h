/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One TCP connection of ours to the far end. Nothing here waits. */
#ifndef CHECK_CONNECTION_H
#define CHECK_CONNECTION_H

#include "base/text.h"
#include "sipalg/address.h"

#include <poll.h>

enum {
	CONNECTION_BYTES_MAX = 65536, /* that may come down one */
	CONNECTION_READ = 8192,
};

enum connection_state {
	CONNECTION_CLOSED = 0, /* by us */
	CONNECTION_CONNECTING,
	CONNECTION_OPEN,
	CONNECTION_FAILED, /* it could not be made, or has been ended by somebody else */
};

struct connection {
	enum connection_state state;
	int file; /* while connecting or open */
	sipalg_endpoint own;
	char *bytes; /* that came down it */
	size_t length;
};

/* Begins to connect. False: that cannot even be tried. */
bool connection_start(struct connection *connection, sipalg_endpoint own, sipalg_endpoint far);

/* What poll() shall wait for; a negative descriptor: nothing. */
struct pollfd connection_poll(const struct connection *connection);
/* Goes on after poll(): connected, or something to read. */
void connection_continue(struct connection *connection, short ready);

/* False: it is not open, or does not take them all. */
bool connection_send(struct connection *connection, struct text bytes);

/* Ends it; what came down stays. */
void connection_close(struct connection *connection);

static inline struct text connection_text(const struct connection *connection)
{
	return (struct text){ connection->bytes, connection->length };
}

#endif
