/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which peers a binding was opened to and which flows were entered for it: what has to be refreshed and undone with
 * it. The engine names a binding's peers once; the kernel wants each of them named every time. */
#ifndef PLANE_NETFILTER_PEERS_H
#define PLANE_NETFILTER_PEERS_H

#include "sipalg/engine.h"

struct peer {
	uint32_t binding;
	uint32_t next; /* place of the next one in the chain, or of the next free one; PEERS_END: none */
	sipalg_address address;
	uint16_t port; /* 0: admitted, whatever its port; else a flow */
};

struct peers {
	struct peer *pool;
	uint32_t *chains;
	uint32_t size; /* places of both, a power of two */
	uint32_t free;
	uint32_t count;
};

enum {
	PEERS_END = 0x7fffffff,
	PEERS_BINDING_MAX = 2 * SIPALG_PEERS_MAX, /* remembered for one binding; older ones give way to none */
};

SIPALG_MUST_USE
bool peers_open(struct peers *peers);
void peers_close(struct peers *peers);

/* Remembers a peer. False: it is known already, the binding has too many, or there is no memory. */
bool peers_add(struct peers *peers, uint32_t binding, const sipalg_endpoint *peer);

/* Walks the peers of a binding: start with *cursor = PEERS_END. NULL: no more. Nothing may be added meanwhile. */
const struct peer *peers_next(const struct peers *peers, uint32_t binding, uint32_t *cursor);

/* Forgets one that was admitted, whatever its port. False: it is not known. */
bool peers_remove(struct peers *peers, uint32_t binding, const sipalg_address *address);

void peers_forget(struct peers *peers, uint32_t binding);

sipalg_endpoint peer_endpoint(const struct peer *peer);

#endif
