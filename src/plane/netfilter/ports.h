/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Outside ports that bindings must not take: those of UDP services on the router itself, and those that another flow
 * was found to occupy. */
#ifndef PLANE_NETFILTER_PORTS_H
#define PLANE_NETFILTER_PORTS_H

#include "plane/netfilter/plane.h"

enum {
	PORTS_OCCUPIED_MAX = 256,
	PORTS_OCCUPIED_S = 180, /* the longest timeout of a UDP flow by default */
	PORTS_LOOK_S = 60,      /* how often to look for services */
};

struct ports_occupied {
	uint64_t until_ns;
	uint16_t port; /* 0: an empty place */
};

struct ports {
	const struct plane_settings *settings;
	uint8_t taken[65536 / 8]; /* by services of this router, or reserved by the user */
	struct ports_occupied occupied[PORTS_OCCUPIED_MAX];
	uint64_t look_ns; /* when to look again */
};

/* Reserves what the user said; `settings` must outlive it. */
void ports_open(struct ports *ports, const struct plane_settings *settings, sipalg_engine *engine);

/* Reserves what this router listens on, and gives back what it no longer does or what was occupied long enough. Does
 * nothing before its time has come. */
void ports_look(struct ports *ports, uint64_t now_ns, sipalg_engine *engine);

/* Reserves a port that is occupied at present. False: there are too many of them. */
SIPALG_MUST_USE
bool ports_occupy(struct ports *ports, uint64_t now_ns, sipalg_engine *engine, uint16_t port);

#endif
