/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/peers.h"

#include <stdlib.h>
#include <string.h>

enum { SIZE_FIRST = 256, SIZE_MAX_LOG2 = 26 };

static uint32_t *chain_of(const struct peers *peers, uint32_t binding)
{
	return &peers->chains[(binding * UINT32_C(2654435761)) >> 6 & (peers->size - 1)];
}

static void pool_free_from(struct peers *peers, uint32_t from)
{
	for (uint32_t place = peers->size; place-- > from;) {
		peers->pool[place].next = peers->free;
		peers->free = place;
	}
}

/* Doubles the room and sorts everybody into the new chains. */
static bool peers_grow(struct peers *peers)
{
	uint32_t old = peers->size, size = old == 0 ? SIZE_FIRST : old * 2;
	struct peer *pool;
	uint32_t *chains;

	if (size > 1U << SIZE_MAX_LOG2)
		return false;
	chains = malloc(size * sizeof(*chains));
	pool = chains == NULL ? NULL : realloc(peers->pool, size * sizeof(*pool));
	if (pool == NULL) {
		free(chains);
		return false;
	}
	free(peers->chains);
	peers->pool = pool;
	peers->chains = chains;
	peers->size = size;
	for (uint32_t chain = 0; chain < size; chain++)
		chains[chain] = PEERS_END;
	for (uint32_t place = 0; place < old; place++) { /* only called when none is free */
		uint32_t *chain = chain_of(peers, pool[place].binding);

		pool[place].next = *chain;
		*chain = place;
	}
	pool_free_from(peers, old);
	return true;
}

bool peers_open(struct peers *peers)
{
	memset(peers, 0, sizeof(*peers));
	peers->free = PEERS_END;
	return peers_grow(peers);
}

void peers_close(struct peers *peers)
{
	free(peers->pool);
	free(peers->chains);
	memset(peers, 0, sizeof(*peers));
}

const struct peer *peers_next(const struct peers *peers, uint32_t binding, uint32_t *cursor)
{
	uint32_t place = *cursor == PEERS_END ? *chain_of(peers, binding) : peers->pool[*cursor].next;

	while (place != PEERS_END && peers->pool[place].binding != binding)
		place = peers->pool[place].next;
	if (place == PEERS_END)
		return NULL;
	*cursor = place;
	return &peers->pool[place];
}

bool peers_add(struct peers *peers, uint32_t binding, const sipalg_endpoint *endpoint)
{
	uint32_t cursor = PEERS_END, known = 0, place, *chain;
	const struct peer *peer;

	while ((peer = peers_next(peers, binding, &cursor)) != NULL)
		if (++known >= PEERS_BINDING_MAX ||
		    (peer->port == endpoint->port && sipalg_address_equal(&peer->address, &endpoint->address)))
			return false;
	if (peers->free == PEERS_END && !peers_grow(peers))
		return false;
	place = peers->free;
	peers->free = peers->pool[place].next;
	chain = chain_of(peers, binding);
	peers->pool[place] = (struct peer){ binding, *chain, endpoint->address, endpoint->port };
	*chain = place;
	peers->count++;
	return true;
}

static void unlink_peer(struct peers *peers, uint32_t *link)
{
	uint32_t place = *link;

	*link = peers->pool[place].next;
	peers->pool[place].next = peers->free;
	peers->free = place;
	peers->count--;
}

bool peers_remove(struct peers *peers, uint32_t binding, const sipalg_address *address)
{
	uint32_t *link = chain_of(peers, binding);

	for (; *link != PEERS_END; link = &peers->pool[*link].next) {
		const struct peer *peer = &peers->pool[*link];

		if (peer->binding == binding && peer->port == 0 && sipalg_address_equal(&peer->address, address)) {
			unlink_peer(peers, link);
			return true;
		}
	}
	return false;
}

void peers_forget(struct peers *peers, uint32_t binding)
{
	uint32_t *link = chain_of(peers, binding);

	while (*link != PEERS_END) {
		if (peers->pool[*link].binding == binding)
			unlink_peer(peers, link);
		else
			link = &peers->pool[*link].next;
	}
}

sipalg_endpoint peer_endpoint(const struct peer *peer)
{
	return (sipalg_endpoint){ .address = peer->address, .port = peer->port, .protocol = SIPALG_PROTOCOL_UDP };
}
