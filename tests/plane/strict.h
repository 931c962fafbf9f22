/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plane's world with a router as strict as they come, and with IPv6: phone 2001:db8:1::5, server 2001:db8:2::2. */
#ifndef TESTS_PLANE_STRICT_H
#define TESTS_PLANE_STRICT_H

#include "stream.h"
#include "world.h"

void strict_open(struct world *world);
void strict_start(struct world *world); /* opens it, and the plane is at work */

/* A request as a phone writes it. */
const char *strict_options(const char *address, unsigned number);

/* A connection from a phone to the server at 203.0.113.2:5060, which goes on listening. */
struct strict_line {
	int listener, phone, server;
	char peer[STREAM_NAME_MAX]; /* the phone's name, as the server sees it */
};

/* Opens one from `address`, and from `port` unless that is 0. */
struct strict_line strict_dial(struct world *world, const char *address, uint16_t port);

/* Whether a message gets through a connection, and an answer back. */
bool strict_talks(struct world *world, int phone, int server);

/* How many are relayed. */
uint32_t strict_connections(const struct world *world);

/* Nothing of ours is in rules, policy routing and routes. */
bool strict_is_clean(struct world *world);

/* Only the table that brings connections to the daemon is there: none needs more. */
bool strict_waits(struct world *world);

/* All of it is there, once. */
bool strict_is_installed_once(struct world *world);

/* A phone connects to a server, which sees a name that begins with `seen`; they talk, and the connection ends. */
void strict_connect(struct world *world, const char *phone_address, const char *server_address, const char *seen);

#endif
