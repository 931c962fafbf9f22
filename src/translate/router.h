/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A router with the gateway's own engine, on the clock of a capture. */
#ifndef TRANSLATE_ROUTER_H
#define TRANSLATE_ROUTER_H

#include "sipalg/engine.h"
#include "translate/mappings.h"

enum { ROUTER_NETWORKS_MAX = 8 };

struct router_settings {
	sipalg_prefix lan[ROUTER_NETWORKS_MAX];
	size_t lan_count;
	sipalg_address outside, outside6; /* none: networks of that family are routed */
};

struct router {
	struct router_settings settings;
	sipalg_engine *engine;
	void *memory;
	size_t memory_size;
	struct mappings mappings;
	uint64_t now_ns;
};

/* False: no memory. */
SIPALG_MUST_USE
bool router_create(struct router *router, const struct router_settings *settings);
void router_destroy(struct router *router);

bool router_is_inside(const struct router *router, const sipalg_address *address);
bool router_is_own(const struct router *router, const sipalg_address *address);

/* The capture's clock says this; it never goes back. */
void router_time_pass(struct router *router, uint64_t time_ns);

/* One SIP message in the middle of the router, where inside endpoints are visible both ways. What the verdict points to
 * is valid until the next message. */
void router_handle(struct router *router, enum sipalg_direction direction, const sipalg_endpoint *source,
                   const sipalg_endpoint *destination, struct text message, size_t body_left, sipalg_verdict *verdict);

/* What the inside endpoint is called outside, as a packet from it passes; `wanted` is the port it gets if it has none
 * yet and that is free. False: all ports are taken. */
SIPALG_MUST_USE
bool router_outside_of(struct router *router, const sipalg_endpoint *inside, uint16_t wanted, sipalg_endpoint *outside);

/* Whom this outside endpoint stands for. False: nobody. */
SIPALG_MUST_USE
bool router_inside_of(struct router *router, const sipalg_endpoint *outside, sipalg_endpoint *inside);

#endif
