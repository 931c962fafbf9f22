/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translate/mappings.h"

#include "sipalg/limits.h"

#include <stdlib.h>

static const uint64_t second_ns = 1000000000;

static void lay_out(struct mappings *mappings, struct arena *arena)
{
	pool_lay_out(&mappings->pool, arena, MAPPINGS_MAX);
	table_lay_out(&mappings->by_inside, arena, MAPPINGS_MAX);
	table_lay_out(&mappings->by_outside, arena, MAPPINGS_MAX);
	mappings->slots = arena_take(arena, MAPPINGS_MAX + 1, sizeof *mappings->slots);
}

bool mappings_create(struct mappings *mappings, struct hash_key secret)
{
	struct arena counted = { 0 };
	*mappings = (struct mappings){ .secret = secret };
	lay_out(mappings, &counted);
	struct arena arena = { .base = calloc(1, counted.used) };
	if (arena.base == NULL)
		return false;
	mappings->memory = arena.base;
	lay_out(mappings, &arena);
	return true;
}

void mappings_destroy(struct mappings *mappings)
{
	free(mappings->memory);
}

static uint64_t hash_of(const struct mappings *mappings, const sipalg_endpoint *endpoint)
{
	return hash_bytes(&mappings->secret, endpoint, sizeof *endpoint);
}

struct mapping *mappings_of_inside(const struct mappings *mappings, const sipalg_endpoint *inside)
{
	uint32_t slot = table_first(&mappings->by_inside, hash_of(mappings, inside));
	while (slot != 0 && !sipalg_endpoint_equal(&mappings->slots[slot].inside, inside))
		slot = table_next(&mappings->by_inside, slot);
	return slot != 0 ? &mappings->slots[slot] : NULL;
}

struct mapping *mappings_of_outside(const struct mappings *mappings, const sipalg_endpoint *outside)
{
	uint32_t slot = table_first(&mappings->by_outside, hash_of(mappings, outside));
	while (slot != 0 && !sipalg_endpoint_equal(&mappings->slots[slot].outside, outside))
		slot = table_next(&mappings->by_outside, slot);
	return slot != 0 ? &mappings->slots[slot] : NULL;
}

/* ---- The order in which those that are not bound were used ---- */

static struct mapping_ages *ages_of(struct mappings *mappings, const struct mapping *mapping)
{
	return mapping->inside.protocol == SIPALG_PROTOCOL_TCP ? &mappings->tcp : &mappings->udp;
}

static void unlink_slot(struct mappings *mappings, uint32_t slot)
{
	struct mapping *mapping = &mappings->slots[slot];
	struct mapping_ages *ages = ages_of(mappings, mapping);
	if (mapping->newer != 0)
		mappings->slots[mapping->newer].older = mapping->older;
	else if (ages->newest == slot)
		ages->newest = mapping->older;
	if (mapping->older != 0)
		mappings->slots[mapping->older].newer = mapping->newer;
	else if (ages->oldest == slot)
		ages->oldest = mapping->newer;
	mapping->newer = 0;
	mapping->older = 0;
}

static void link_newest(struct mappings *mappings, uint32_t slot)
{
	struct mapping_ages *ages = ages_of(mappings, &mappings->slots[slot]);
	mappings->slots[slot].older = ages->newest;
	if (ages->newest != 0)
		mappings->slots[ages->newest].newer = slot;
	else
		ages->oldest = slot;
	ages->newest = slot;
}

static void drop(struct mappings *mappings, uint32_t slot)
{
	struct mapping *mapping = &mappings->slots[slot];
	unlink_slot(mappings, slot);
	table_remove(&mappings->by_inside, hash_of(mappings, &mapping->inside), slot);
	table_remove(&mappings->by_outside, hash_of(mappings, &mapping->outside), slot);
	pool_give_back(&mappings->pool, slot);
}

static uint32_t slot_of(const struct mappings *mappings, const struct mapping *mapping)
{
	return (uint32_t)(mapping - mappings->slots);
}

static void drop_mapping(struct mappings *mappings, const struct mapping *mapping)
{
	if (mapping != NULL)
		drop(mappings, slot_of(mappings, mapping));
}

static struct mapping *add(struct mappings *mappings, const struct mapping *added)
{
	uint32_t slot = pool_take(&mappings->pool);
	uint32_t oldest = mappings->udp.oldest != 0 ? mappings->udp.oldest : mappings->tcp.oldest;
	if (slot == 0 && oldest != 0) {
		drop(mappings, oldest);
		slot = pool_take(&mappings->pool);
	}
	if (slot == 0)
		return NULL;
	mappings->slots[slot] = *added;
	table_insert(&mappings->by_inside, hash_of(mappings, &added->inside), slot);
	table_insert(&mappings->by_outside, hash_of(mappings, &added->outside), slot);
	if (added->binding == 0)
		link_newest(mappings, slot);
	return &mappings->slots[slot];
}

static void forget_silent(struct mappings *mappings, const struct mapping_ages *ages, uint64_t silent_ns,
                          uint64_t now_ns)
{
	while (ages->oldest != 0 && mappings->slots[ages->oldest].used_ns + silent_ns < now_ns)
		drop(mappings, ages->oldest);
}

static uint16_t next_port(uint16_t port)
{
	return port >= SIPALG_PORT_MAX || port < SIPALG_PORT_MIN ? SIPALG_PORT_MIN : (uint16_t)(port + 1);
}

/* The one wanted or one near it; where a crowd wants the same, one behind the last that was given to any of it. 0: none
 * of those is free. */
static uint16_t free_port(struct mappings *mappings, sipalg_endpoint outside)
{
	enum { NEAR = 32, FAR = 256 };
	for (int tries = 0; tries < NEAR + FAR; tries++) {
		if (outside.port != 0 && mappings_of_outside(mappings, &outside) == NULL) {
			mappings->crowd_port = tries < NEAR ? mappings->crowd_port : outside.port;
			return outside.port;
		}
		outside.port = next_port(tries == NEAR - 1 ? mappings->crowd_port : outside.port);
	}
	mappings->crowd_port = outside.port;
	return 0;
}

struct mapping *mappings_make(struct mappings *mappings, uint64_t now_ns, const sipalg_endpoint *inside,
                              const sipalg_address *address, uint16_t wanted)
{
	struct mapping made = { .inside = *inside, .outside = *inside, .used_ns = now_ns };
	struct mapping *known = mappings_of_inside(mappings, inside);
	if (known != NULL)
		return known;
	forget_silent(mappings, &mappings->udp, MAPPING_SILENT_S * second_ns, now_ns);
	forget_silent(mappings, &mappings->tcp, MAPPING_SILENT_TCP_S * second_ns, now_ns);
	made.outside.address = *address;
	made.outside.port = wanted;
	made.outside.port = free_port(mappings, made.outside);
	return made.outside.port != 0 ? add(mappings, &made) : NULL;
}

void mappings_use(struct mappings *mappings, uint64_t now_ns, struct mapping *mapping)
{
	uint32_t slot = slot_of(mappings, mapping);
	mapping->used_ns = now_ns;
	if (mapping->binding != 0)
		return;
	unlink_slot(mappings, slot);
	link_newest(mappings, slot);
}

void mappings_bind(struct mappings *mappings, uint64_t now_ns, uint32_t binding, const sipalg_endpoint *inside,
                   const sipalg_endpoint *outside)
{
	struct mapping bound = { .inside = *inside, .outside = *outside, .binding = binding, .used_ns = now_ns };
	drop_mapping(mappings, mappings_of_inside(mappings, inside));
	drop_mapping(mappings, mappings_of_outside(mappings, outside));
	(void)add(mappings, &bound); /* the engine has fewer bindings than there is room for */
}

void mappings_unbind(struct mappings *mappings, uint32_t binding, const sipalg_endpoint *outside, bool keep)
{
	struct mapping *mapping = mappings_of_outside(mappings, outside);
	if (mapping == NULL || mapping->binding != binding)
		return;
	mapping->binding = 0;
	if (keep)
		link_newest(mappings, slot_of(mappings, mapping));
	else
		drop_mapping(mappings, mapping);
}
