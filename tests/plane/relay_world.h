/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A relay between a phone and a server, all in this process and, to begin with, on a loopback of their own.
 *
 *     phone ---- 127.0.0.1:relay_port()   relay   ---- 127.0.0.1:server_port   server
 *
 * The relay runs whenever the test waits for something. The hook puts "203.0.113.1" in the place of "10.0.0.5", so that
 * messages grow, and says so in Content-Length when it can. */
#ifndef TESTS_PLANE_RELAY_WORLD_H
#define TESTS_PLANE_RELAY_WORLD_H

#include "plane/tcp/relay.h"

#include <sys/types.h>

enum {
	RELAY_PATIENCE_MS = 4000, /* how long to wait for what should come … */
	RELAY_SILENCE_MS = 60,    /* … and for what should not */
};

struct relay_world {
	struct relay *relay;
	int server; /* listens */
	sipalg_endpoint server_endpoint;
	uint64_t skew_ns;         /* the relay's clock is so far ahead */
	bool refuse;              /* what the route hook says */
	sipalg_endpoint from, to; /* … when it leads elsewhere; none: to the server */
	enum sipalg_direction direction;
	sipalg_packet packet; /* the last one given to the hook; its bytes are gone */
	sipalg_endpoint opened_from, opened_to, local;
	size_t messages, connected;
	size_t turns; /* calls of relay_work() */
};

struct relay_pair {
	int phone, server;
};

/* `settings` may be NULL. `loopback`: "127.0.0.1" or "::1". */
void relay_world_open(struct relay_world *world, const struct relay_settings *settings, const char *loopback);
void relay_world_close(struct relay_world *world);

/* A relay alone, in the namespace this process is in: the server is the test's. */
void relay_world_start(struct relay_world *world, const struct relay_settings *settings);

/* A phone connects; -1: no such connection came about. */
int relay_world_phone(struct relay_world *world);
int relay_world_server(struct relay_world *world);
struct relay_pair relay_world_pair(struct relay_world *world);
void relay_pair_close(struct relay_pair *pair);

/* One round: waits until the relay has something to do, `milliseconds` at most. */
void relay_world_step(struct relay_world *world, int milliseconds);
void relay_world_run(struct relay_world *world, int milliseconds);

/* Sends all of it, while the relay runs. */
bool relay_world_send(struct relay_world *world, int socket, const void *bytes, size_t length);

/* Receives `length` bytes, less when the data end or nothing more comes. */
size_t relay_world_receive(struct relay_world *world, int socket, void *bytes, size_t length);

/* Sends and receives at the same time; true: the bytes that came are the expected ones. */
bool relay_world_carry(struct relay_world *world, int from, int to, const void *bytes, size_t length,
                       const void *expected, size_t expected_length);

/* Runs until the other end's data have ended (0), it was reset (an errno value), or patience is at an end (-1). */
int relay_world_end(struct relay_world *world, int socket);
bool relay_world_silent(struct relay_world *world, int socket);

/* Resets a connection from this end. */
void relay_world_reset(int *socket);

/* What the hook makes of a message; returns its length. */
size_t relay_world_edit(const void *bytes, size_t length, uint8_t *out);

/* A request with a body of `body` bytes, unlike others by its number; a zero follows. Returns its length. */
size_t relay_world_message(char *out, size_t size, unsigned int number, size_t body);

#endif
