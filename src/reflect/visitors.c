/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reflect/visitors.h"

#include "reflect/limits.h"

#include <stdlib.h>

enum { IPV6_NETWORK_BYTES = 8 };

static sipalg_address network_of(const sipalg_address *address)
{
	sipalg_address network = *address;
	if (!sipalg_address_is_ipv4(address))
		memset(network.bytes + IPV6_NETWORK_BYTES, 0, sizeof network.bytes - IPV6_NETWORK_BYTES);
	return network;
}

bool visitors_open(struct visitors *visitors, const struct hash_key *key)
{
	*visitors = (struct visitors){ *key, calloc(VISITORS_MAX, sizeof(struct visitor)) };
	return visitors->places != NULL;
}

static struct visitor *ways_of(struct visitors *visitors, const sipalg_address *network)
{
	uint64_t hash = hash_bytes(&visitors->key, network->bytes, sizeof network->bytes);
	return visitors->places + hash % (VISITORS_MAX / VISITORS_WAYS) * VISITORS_WAYS;
}

static struct visitor *find_network(struct visitors *visitors, const sipalg_address *network)
{
	struct visitor *ways = ways_of(visitors, network);
	for (size_t i = 0; i < VISITORS_WAYS; i++)
		if (sipalg_address_equal(&ways[i].network, network))
			return &ways[i];
	return NULL;
}

struct visitor *visitors_find(struct visitors *visitors, const sipalg_address *address)
{
	sipalg_address network = network_of(address);
	return sipalg_address_is_none(&network) ? NULL : find_network(visitors, &network);
}

/* Free places have been used longest ago. */
static struct visitor *make_way(struct visitors *visitors, const sipalg_address *network)
{
	struct visitor *ways = ways_of(visitors, network), *oldest = NULL;
	for (size_t i = 0; i < VISITORS_WAYS; i++) {
		bool holds = ways[i].sessions > 0 || ways[i].streams > 0;
		if (!holds && (oldest == NULL || ways[i].used_ns < oldest->used_ns))
			oldest = &ways[i];
	}
	return oldest;
}

struct visitor *visitors_have(struct visitors *visitors, const sipalg_address *address, uint64_t now_ns)
{
	sipalg_address network = network_of(address);
	struct visitor *visitor = find_network(visitors, &network);
	if (visitor == NULL) {
		visitor = make_way(visitors, &network);
		if (visitor == NULL)
			return NULL;
		*visitor =
		        (struct visitor){ .network = network,
			                  .hellos = budget_make(HELLOS_BURST, HELLOS_PER_MINUTE, now_ns),
			                  .bytes = budget_make(ADDRESS_BURST, ADDRESS_PER_S * UINT64_C(60), now_ns) };
	}
	visitor->used_ns = now_ns;
	return visitor;
}

void visitors_close(struct visitors *visitors)
{
	free(visitors->places);
	visitors->places = NULL;
}
