/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections being opened: their first packet has been sent to the relay, which has not accepted them yet. */
#ifndef PLANE_NETFILTER_OPENINGS_H
#define PLANE_NETFILTER_OPENINGS_H

#include "plane/netfilter/syn.h"
#include "sipalg/engine.h"

enum {
	OPENINGS_MAX = 4096, /* places; in a flood the rest passes as through plain NAT */
	OPENINGS_BUCKET = 8, /* places where one connection may be found */
	OPENINGS_S = 60,     /* hosts have given up by then, or tried so long that they will */
};

struct opening {
	struct syn syn;
	uint64_t since_ns; /* 0: an empty place */
	uint32_t link;     /* the interface towards the outside */
	uint32_t mark;     /* of the packet, by the user's rules */
	uint8_t direction; /* enum sipalg_direction */
	bool swallowed;    /* a rule of the user's drops what we send to ourselves: it is left to plain NAT */
};

struct openings {
	struct opening *places;
};

SIPALG_MUST_USE
bool openings_open(struct openings *openings);
void openings_close(struct openings *openings);

/* NULL: there is none. */
struct opening *openings_find(struct openings *openings, uint64_t now_ns, const sipalg_endpoint *source,
                              const sipalg_endpoint *destination);

/* A place for a new one, in place of an older attempt of the same endpoints; NULL: no room. */
struct opening *openings_add(struct openings *openings, uint64_t now_ns, const struct syn *syn);

void openings_end(struct opening *opening);

#endif
