/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Transparent TCP sockets: they listen for, and speak from, addresses that are not this machine's. */
#ifndef PLANE_TCP_SOCKET_H
#define PLANE_TCP_SOCKET_H

#include "sipalg/address.h"

#include <sys/socket.h>

/* One that listens at the loopback address of `family` on `port` (0: the kernel chooses). -1: errno says why. */
int socket_listen(int family, uint16_t port);

/* One to connect with. -1: errno says why. */
int socket_create(int family);

/* Its packets carry this mark. Returns 0 or an errno value. */
int socket_mark(int descriptor, uint32_t mark);

/* Connects from one endpoint (port 0: any but `except`) to another. Returns 0 (done or under way) or an errno value. */
int socket_connect(int descriptor, const sipalg_endpoint *from, uint16_t except, const sipalg_endpoint *to);

/* The connection's own end; a zero port: it has none. */
sipalg_endpoint socket_local(int descriptor);

/* What has gone wrong, 0: nothing. */
int socket_error(int descriptor);

/* Closes it so that its far end sees a reset (RFC 9293 3.5.2). */
void socket_reset(int descriptor);

int socket_family(const sipalg_endpoint *endpoint);
sipalg_endpoint socket_endpoint(const struct sockaddr_storage *name);

#endif
