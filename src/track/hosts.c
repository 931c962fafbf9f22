/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "track/hosts.h"

#include "base/check.h"

void hosts_lay_out(struct hosts *hosts, struct arena *arena, uint32_t capacity)
{
	pool_lay_out(&hosts->pool, arena, capacity);
	table_lay_out(&hosts->table, arena, capacity);
	hosts->list = arena_take(arena, capacity + (size_t)1, sizeof(*hosts->list));
}

static uint64_t host_hash(const struct endpoint_key *key, const sipalg_address *address)
{
	sipalg_endpoint endpoint = { .address = *address };
	return endpoint_hash(key, &endpoint);
}

static uint32_t find(const struct hosts *hosts, uint64_t hash, const sipalg_address *address)
{
	uint32_t slot = table_first(&hosts->table, hash);
	while (slot && !sipalg_address_equal(&hosts->list[slot].address, address))
		slot = table_next(&hosts->table, slot);
	return slot;
}

uint32_t hosts_add_binding(struct hosts *hosts, const struct endpoint_key *key, const sipalg_address *address,
                           uint32_t max, bool *at_limit)
{
	uint64_t hash = host_hash(key, address);
	uint32_t slot = find(hosts, hash, address);
	*at_limit = slot && hosts->list[slot].bindings >= max;
	if (*at_limit)
		return 0;
	if (!slot) {
		slot = pool_take(&hosts->pool);
		if (!slot)
			return 0;
		hosts->list[slot] = (struct host){ .address = *address };
		table_insert(&hosts->table, hash, slot);
	}
	hosts->list[slot].bindings++;
	return slot;
}

void hosts_remove_binding(struct hosts *hosts, const struct endpoint_key *key, uint32_t slot)
{
	struct host *host = &hosts->list[slot];
	check(host->bindings);
	if (--host->bindings)
		return;
	table_remove(&hosts->table, host_hash(key, &host->address), slot);
	pool_give_back(&hosts->pool, slot);
}
