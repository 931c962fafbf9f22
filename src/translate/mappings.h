/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What NAT makes of inside endpoints: those that the engine has bound, and those that only send (masqueraded, the same
 * port when it is free). Endpoint-independent, as the kernel is with the engine's bindings. Bounded: the endpoint that
 * has been silent longest makes room. */
#ifndef TRANSLATE_MAPPINGS_H
#define TRANSLATE_MAPPINGS_H

#include "base/hash.h"
#include "base/table.h"
#include "sipalg/address.h"

enum {
	MAPPINGS_MAX = 65536,
	MAPPING_SILENT_S = 120,      /* nf_conntrack_udp_timeout_stream's default */
	MAPPING_SILENT_TCP_S = 7440, /* RFC 5382 REQ-5 */
};

struct mapping {
	sipalg_endpoint inside, outside;
	uint32_t binding; /* the engine's handle; 0: none */
	uint32_t newer, older;
	uint64_t used_ns; /* when a packet passed last */
};

/* Those that are not bound, by when they were used. */
struct mapping_ages {
	uint32_t newest, oldest;
};

struct mappings {
	struct hash_key secret;
	struct pool pool;
	struct table by_inside, by_outside;
	struct mapping *slots;
	struct mapping_ages udp, tcp;
	uint16_t crowd_port; /* given last to one of many who wanted the same */
	void *memory;
};

/* False: no memory. */
SIPALG_MUST_USE
bool mappings_create(struct mappings *mappings, struct hash_key secret);
void mappings_destroy(struct mappings *mappings);

/* NULL: there is none. */
struct mapping *mappings_of_inside(const struct mappings *mappings, const sipalg_endpoint *inside);
struct mapping *mappings_of_outside(const struct mappings *mappings, const sipalg_endpoint *outside);

/* The inside endpoint's mapping, made if there is none: at this address, the port `wanted` or the next one that is
 * free. NULL: all are taken. */
struct mapping *mappings_make(struct mappings *mappings, uint64_t now_ns, const sipalg_endpoint *inside,
                              const sipalg_address *address, uint16_t wanted);

/* A packet passes. */
void mappings_use(struct mappings *mappings, uint64_t now_ns, struct mapping *mapping);

/* The engine binds the two to each other; whatever else had either of them gives way. */
void mappings_bind(struct mappings *mappings, uint64_t now_ns, uint32_t binding, const sipalg_endpoint *inside,
                   const sipalg_endpoint *outside);

/* The engine's binding ends; `keep`: the mapping goes on as any other. */
void mappings_unbind(struct mappings *mappings, uint32_t binding, const sipalg_endpoint *outside, bool keep);

#endif
