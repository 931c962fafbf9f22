/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diagnose/hosts.h"

#include "diagnose/sighting.h"

#include <stdlib.h>

struct network {
	uint32_t address, mask;
};

static bool is_private_ipv4(uint32_t address)
{
	static const struct network networks[] = {
		{ 0x0a000000, 0xff000000 }, { 0xac100000, 0xfff00000 }, { 0xc0a80000, 0xffff0000 },
		{ 0x64400000, 0xffc00000 }, { 0xa9fe0000, 0xffff0000 }, { 0x7f000000, 0xff000000 },
	};
	for (size_t i = 0; i < sizeof networks / sizeof networks[0]; i++)
		if ((address & networks[i].mask) == networks[i].address)
			return true;
	return false;
}

bool is_carrier_address(const sipalg_address *address)
{
	return sipalg_address_is_ipv4(address) && (sipalg_address_to_ipv4(address) & 0xffc00000) == 0x64400000;
}

bool is_private_address(const sipalg_address *address)
{
	static const uint8_t loopback[16] = { [15] = 1 };
	const uint8_t *bytes = address->bytes;
	if (sipalg_address_is_ipv4(address))
		return is_private_ipv4(sipalg_address_to_ipv4(address));
	return (bytes[0] & 0xfe) == 0xfc || (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80) ||
	       memcmp(bytes, loopback, sizeof loopback) == 0;
}

static void lay_out(struct hosts *hosts)
{
	pool_lay_out(&hosts->pool, &hosts->arena, HOSTS_MAX);
	table_lay_out(&hosts->table, &hosts->arena, HOSTS_MAX);
	hosts->slots = arena_take(&hosts->arena, HOSTS_MAX + 1, sizeof *hosts->slots);
}

bool hosts_create(struct hosts *hosts)
{
	*hosts = (struct hosts){ 0 };
	lay_out(hosts);
	uint8_t *base = calloc(1, hosts->arena.used);
	hosts->arena = (struct arena){ .base = base };
	if (base != NULL)
		lay_out(hosts);
	return base != NULL;
}

void hosts_destroy(struct hosts *hosts)
{
	free(hosts->arena.base);
	*hosts = (struct hosts){ 0 };
}

static struct host *find(const struct hosts *hosts, const sipalg_address *address)
{
	uint32_t slot = table_first(&hosts->table, hash_of_bytes(address, sizeof *address));
	while (slot != 0 && !sipalg_address_equal(&hosts->slots[slot].address, address))
		slot = table_next(&hosts->table, slot);
	return slot != 0 ? &hosts->slots[slot] : NULL;
}

const struct host *hosts_known(const struct hosts *hosts, const sipalg_address *address)
{
	return find(hosts, address);
}

/* NULL: there are too many. */
static struct host *find_or_add(struct hosts *hosts, const sipalg_address *address)
{
	struct host *host = find(hosts, address);
	if (host != NULL)
		return host;
	uint32_t slot = pool_take(&hosts->pool);
	if (slot == 0)
		return NULL;
	hosts->slots[slot] = (struct host){ .address = *address };
	table_insert(&hosts->table, hash_of_bytes(address, sizeof *address), slot);
	return &hosts->slots[slot];
}

void hosts_learn(struct hosts *hosts, const sipalg_address *inner, size_t inner_side, const sipalg_address *outer,
                 size_t outer_side, const sipalg_address *far)
{
	struct host *inside = find_or_add(hosts, inner), *outside = find_or_add(hosts, outer);
	struct host *other = find_or_add(hosts, far);
	if (other != NULL)
		other->is_far = true;
	if (inside != NULL)
		inside->inside++;
	if (outside != NULL) {
		outside->outside++;
		outside->is_router = true;
	}
	hosts->inner[inner_side]++;
	hosts->outer[outer_side]++;
}

/* With two captures each is at one side; in one the hosts tell. */
enum where hosts_where(const struct hosts *hosts, size_t side, const sipalg_address *from, const sipalg_address *to)
{
	uint32_t inner = hosts->inner[side], outer = hosts->outer[side];
	if (inner > 2 * outer)
		return WHERE_INSIDE;
	if (outer > 2 * inner)
		return WHERE_OUTSIDE;
	for (int i = 0; i < 2; i++) {
		const struct host *host = find(hosts, i == 0 ? from : to);
		if (host != NULL && host->inside != host->outside)
			return host->inside > host->outside ? WHERE_INSIDE : WHERE_OUTSIDE;
	}
	return WHERE_UNKNOWN;
}

bool hosts_is_inside(const struct hosts *hosts, const sipalg_address *address)
{
	const struct host *host = find(hosts, address);
	if (host != NULL)
		return host->inside > host->outside || host->is_router;
	return is_private_address(address);
}
