/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small world for the plane's tests: three network namespaces of this process's own.
 *
 *     phones                         router                          provider
 *     eth0 10.0.0.5/24   ---- lan 10.0.0.1 | wan 203.0.113.1 ----  eth0 203.0.113.2/24 (server)
 *          10.0.0.6                                                      203.0.113.9   (media server)
 *
 * With world_add_ipv6() also 2001:db8:1::/64 and fd00:1::/64 (LAN; ::5 and ::6) and 2001:db8:ffff::/64 (WAN; ::2, ::9).
 *
 * The plane runs in this process, in the router's namespace, whenever the test waits for something. */
#ifndef TESTS_PLANE_WORLD_H
#define TESTS_PLANE_WORLD_H

#include "plane/netfilter/plane.h"

#include <sys/types.h>

enum place {
	PHONES,
	ROUTER,
	PROVIDER,
	PLACE_COUNT,
};

enum {
	WORLD_LINES_MAX = 32,
	WORLD_MESSAGE_MAX = 65536,
	WORLD_PATIENCE_MS = 500, /* how long to wait for what should come … */
	WORLD_SILENCE_MS = 80,   /* … and for what should not */
};

struct world {
	int places[PLACE_COUNT], home;
	sipalg_engine *engine;
	void *memory;
	size_t memory_size;
	struct plane *plane;
	struct plane_settings settings;
	char lines[WORLD_LINES_MAX][512]; /* what the plane said */
	size_t line_count;
	enum sipalg_reason reason; /* of the last message handled */
	size_t handled;
};

/* Builds the world; `rules` is the router's own nftables file. */
void world_open(struct world *world, const char *rules);
void world_close(struct world *world);

void world_add_ipv6(struct world *world);

/* Starts and stops the plane with world->settings. */
bool world_start(struct world *world);
bool world_start_here(struct world *world); /* in the namespace this process is in */
/* … and with what an engine saved. */
bool world_start_from(struct world *world, const uint8_t *snapshot, size_t length);
void world_stop(struct world *world);

/* Makes an engine without starting a plane, and forgets both as a killed process would. */
void world_create_engine(struct world *world);

/* Runs a shell command at a place; true: it succeeded. */
__attribute__((format(printf, 3, 4))) bool world_command(struct world *world, enum place place, const char *format,
                                                         ...);

void world_go(struct world *world, enum place place);

/* A UDP socket at a place. */
int world_socket(struct world *world, enum place place, const char *address, uint16_t port);

void world_send(int socket, const char *address, uint16_t port, const void *bytes, size_t length);

/* Lets the plane run for so long. */
void world_run(struct world *world, int milliseconds);

/* Lets it run until poll() says `events` of a descriptor. False: it did not in so long. */
bool world_wait(struct world *world, int descriptor, short events, int milliseconds);

/* What comes to a socket, while the plane runs; a zero follows the bytes. -1: nothing. `from` may be NULL. */
ssize_t world_receive(struct world *world, int socket, char bytes[WORLD_MESSAGE_MAX], sipalg_endpoint *from);
bool world_silent(struct world *world, int socket);

/* Whether the plane has said a line with this in it, and how often. */
bool world_said(const struct world *world, const char *part);
size_t world_times_said(const struct world *world, const char *part);

uint64_t world_now_ns(void);

/* A network namespace of one's own, into which this process goes. Returns a descriptor of it. */
int world_namespace(void);

#endif
