/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP connections of phones and servers in the plane's world, of either family; the plane runs while they wait. */
#ifndef TESTS_PLANE_STREAM_H
#define TESTS_PLANE_STREAM_H

#include "world.h"

enum { STREAM_NAME_MAX = 64 };

enum {
	STREAM_CLOSED = 0, /* what stream_receive() returns: the far end has said all, … */
	STREAM_SILENT = -1,
	STREAM_RESET = -2,
};

int stream_listen(struct world *world, enum place place, const char *address, uint16_t port);

/* Port 0: any. -1: it was refused, or nobody answered within `milliseconds`. */
int stream_connect(struct world *world, enum place place, const char *from, uint16_t from_port, const char *to,
                   uint16_t port, int milliseconds);

/* The next connection and who seems to have opened it ("address port"); -1: none came. */
int stream_accept(struct world *world, int listener, char peer[STREAM_NAME_MAX]);

/* Whom the socket believes to speak to. */
void stream_peer(int descriptor, char peer[STREAM_NAME_MAX]);

void stream_send(int descriptor, const char *text);

/* What comes next, with a zero behind it; its length or STREAM_… */
ssize_t stream_receive(struct world *world, int descriptor, char bytes[WORLD_MESSAGE_MAX]);

#endif
