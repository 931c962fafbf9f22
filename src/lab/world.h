/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a scenario is played: network namespaces of this machine, or a model of a router around the engine with a clock
 * of its own. */
#ifndef LAB_WORLD_H
#define LAB_WORLD_H

#include "lab/scenario.h"

enum router {
	ROUTER_PLAIN = 0, /* NAT, nothing else */
	ROUTER_KERNEL,    /* NAT and the kernel's SIP helper */
	ROUTER_SIPALG,    /* NAT and sipalg */
	ROUTER_COUNT,
};

const char *router_word(enum router router);

enum arrival_kind {
	ARRIVAL_NONE = 0,
	ARRIVAL_DATAGRAM,
	ARRIVAL_CONNECTED, /* a connection that was begun here stands */
	ARRIVAL_ACCEPTED,  /* somebody connected to `at`, from `from` */
	ARRIVAL_BYTES,     /* over a connection */
	ARRIVAL_CLOSED,    /* the other end sends no more */
	ARRIVAL_RESET,     /* the connection is gone, or was refused */
};

/* What arrived. The bytes live until the next call. */
struct arrival {
	enum arrival_kind kind;
	sipalg_endpoint at, from;
	unsigned end; /* of a connection, see `connect`; not of a datagram */
	struct bytes bytes;
};

/* From the first that is not the router's own business to the last. */
enum { SCAN_PORT_FIRST = 1024, SCAN_PORT_LAST = 65535, SCAN_PORTS_BYTES = 65536 / 8 };

static inline void scan_ports_pass_over(uint8_t *ports, uint16_t port)
{
	ports[port / 8] = (uint8_t)(ports[port / 8] | 1U << port % 8);
}

static inline bool scan_passes_over(const uint8_t *ports, uint16_t port)
{
	return (ports[port / 8] & 1 << port % 8) != 0;
}

struct world;

/* Calls that can fail return NULL when they did not, else why. */
struct world_operations {
	/* Makes a UDP socket at one of the lab's addresses, or waits there for TCP connections; a second time does
	 * nothing. */
	const char *(*open)(struct world *world, sipalg_endpoint endpoint);
	/* Sends from a socket that was opened. */
	const char *(*send)(struct world *world, sipalg_endpoint from, sipalg_endpoint to, struct bytes message,
	                    bool no_fragments);
	/* Takes what arrived next at any socket, waiting at most so long. */
	bool (*receive)(struct world *world, uint32_t wait_ms, struct arrival *arrival);
	/* Takes the next datagram that reached the inside network, even where no socket waits for it. */
	bool (*overhear)(struct world *world, uint32_t wait_ms, struct arrival *arrival);
	/* Stops waiting for connections there: they are refused. */
	const char *(*refuse)(struct world *world, sipalg_endpoint endpoint);
	/* Begins a connection (`from` with port 0: any port). Its two ends have numbers of their own, which are never
	 * used again: this one, and that of ARRIVAL_ACCEPTED. */
	const char *(*connect)(struct world *world, sipalg_endpoint from, sipalg_endpoint to, unsigned *end);
	/* Sends in a segment of its own; what the connection does not take now is sent when it does. */
	const char *(*write)(struct world *world, unsigned end, struct bytes bytes);
	/* Sends no more, or gives the connection up. */
	const char *(*finish)(struct world *world, unsigned end, bool reset);
	/* Reads no more from the connection, or goes on. */
	void (*pause)(struct world *world, unsigned end, bool paused);
	/* Something written has not left yet, because the other end does not read. */
	bool (*stuck)(struct world *world, unsigned end);
	/* Sends something from there to every port of an address, or begins a connection, but for the ports in the
	 * bitmap. What got through is overheard, or arrives. */
	const char *(*scan)(struct world *world, sipalg_endpoint from, sipalg_endpoint to, const uint8_t *passed_over);
	/* Lets time pass. */
	void (*wait)(struct world *world, uint32_t wait_ms);
	/* words: "router", "off"|"on"|"kill"|"start", [phone or prefix]. */
	const char *(*router)(struct world *world, const struct words *words);
	/* The engine's word for the last message; NULL when the world cannot know. */
	const char *(*reason)(struct world *world);
	/* Takes everything down. Says what should not have been left behind. */
	const char *(*close)(struct world *world);
};

/* Every world begins with its operations. */
struct world {
	const struct world_operations *operations;
	uint32_t silence_ms; /* how long nothing must arrive to be sure that nothing will */
	uint32_t arrival_ms; /* how long to wait for what must arrive */
};

/* A model of the NAT router, alone or with the engine: no packet leaves the process, waiting costs nothing. */
const char *world_engine_open(struct store *store, const struct scenario *scenario, enum router router,
                              struct world **world);

/* Namespaces of this machine; `program` is the path of sipalg, `output` takes what it prints. */
const char *world_kernel_open(struct store *store, const struct scenario *scenario, enum router router,
                              const char *program, FILE *output, struct world **world);

#endif
