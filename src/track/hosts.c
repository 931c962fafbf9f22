/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "track/hosts.h"

#include "base/check.h"

enum { THINGS_OF_A_HOST = 8 }; /* at the least, where there are so many that it matters */

void hosts_lay_out(struct hosts *hosts, struct arena *arena, uint32_t capacity)
{
	pool_lay_out(&hosts->pool, arena, capacity);
	table_lay_out_for(&hosts->table, arena, capacity, capacity / THINGS_OF_A_HOST);
	hosts->list = arena_take(arena, capacity + (size_t)1, sizeof(*hosts->list));
	hosts->links = ages_lay_out(arena, capacity);
}

static uint64_t host_hash(const struct endpoint_key *key, const sipalg_address *address)
{
	sipalg_endpoint endpoint = { .address = *address };
	return endpoint_hash(key, &endpoint);
}

static bool is_at(const struct hosts *hosts, uint32_t slot, const sipalg_address *address)
{
	return sipalg_address_equal(&hosts->list[slot].address, address);
}

uint32_t hosts_find(struct hosts *hosts, const struct endpoint_key *key, const sipalg_address *address)
{
	if (hosts->latest && is_at(hosts, hosts->latest, address))
		return hosts->latest;
	uint32_t slot = table_first(&hosts->table, host_hash(key, address));
	while (slot && !is_at(hosts, slot, address))
		slot = table_next(&hosts->table, slot);
	hosts->latest = slot;
	return slot;
}

uint32_t hosts_charge(struct hosts *hosts, const struct endpoint_key *key, const sipalg_address *address,
                      enum host_thing thing, uint32_t max, bool *at_limit)
{
	uint32_t slot = hosts_find(hosts, key, address);
	*at_limit = slot && hosts->list[slot].counts[thing] >= max;
	if (*at_limit)
		return 0;
	if (!slot) {
		slot = pool_take(&hosts->pool);
		if (!slot)
			return 0;
		hosts->list[slot] = (struct host){ .address = *address };
		table_insert(&hosts->table, host_hash(key, address), slot);
	}
	hosts->list[slot].counts[thing]++;
	return slot;
}

static void forget_idle(struct hosts *hosts, const struct endpoint_key *key, uint32_t slot)
{
	const struct host *host = &hosts->list[slot];
	for (size_t i = 0; i < HOST_THING_COUNT; i++)
		if (host->counts[i])
			return;
	if (host->quarantine.count)
		return;
	table_remove(&hosts->table, host_hash(key, &host->address), slot);
	hosts->latest = 0;
	pool_give_back(&hosts->pool, slot);
}

void hosts_release(struct hosts *hosts, const struct endpoint_key *key, uint32_t slot, enum host_thing thing)
{
	check(hosts->list[slot].counts[thing]);
	hosts->list[slot].counts[thing]--;
	forget_idle(hosts, key, slot);
}

void hosts_quarantine(struct hosts *hosts, uint32_t slot, uint32_t binding)
{
	struct host *host = &hosts->list[slot];
	check(host->counts[HOST_BINDINGS]);
	host->counts[HOST_BINDINGS]--;
	ages_add(&host->quarantine, hosts->links, binding);
}

void hosts_revive(struct hosts *hosts, uint32_t slot, uint32_t binding)
{
	struct host *host = &hosts->list[slot];
	ages_remove(&host->quarantine, hosts->links, binding);
	host->counts[HOST_BINDINGS]++;
}

void hosts_leave_quarantine(struct hosts *hosts, const struct endpoint_key *key, uint32_t slot, uint32_t binding)
{
	ages_remove(&hosts->list[slot].quarantine, hosts->links, binding);
	forget_idle(hosts, key, slot);
}
