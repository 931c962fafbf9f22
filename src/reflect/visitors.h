/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each address (of IPv6: each /64, which one customer has) holds and may still ask for. A table of fixed size:
 * who holds nothing at present gives way. */
#ifndef REFLECT_VISITORS_H
#define REFLECT_VISITORS_H

#include "base/hash.h"
#include "reflect/budget.h"
#include "sipalg/address.h"

struct visitor {
	sipalg_address network; /* none: the place is free */
	uint32_t sessions, streams;
	uint64_t used_ns; /* when last asked for */
	uint64_t strays;  /* datagrams and connections without a token */
	struct budget hellos;
	struct budget bytes; /* sent to it */
};

struct visitors {
	struct hash_key key;
	struct visitor *places; /* VISITORS_MAX */
};

/* False: no memory. */
SIPALG_MUST_USE
bool visitors_open(struct visitors *visitors, const struct hash_key *key);

/* The address's, a new one when it has none. NULL: all places where it could stand are held by others. Valid as long
 * as it holds a session or a stream, else until the next call. */
struct visitor *visitors_have(struct visitors *visitors, const sipalg_address *address, uint64_t now_ns);

/* The address's, or NULL when there is none. */
struct visitor *visitors_find(struct visitors *visitors, const sipalg_address *address);

void visitors_close(struct visitors *visitors);

#endif
