/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diagnose/registrations.h"

#include "diagnose/sighting.h"

#include <stdio.h>
#include <stdlib.h>

static void lay_out(struct registrations *registrations)
{
	pool_lay_out(&registrations->pool, &registrations->arena, REGISTRATIONS_MAX);
	table_lay_out(&registrations->table, &registrations->arena, REGISTRATIONS_MAX);
	registrations->slots = arena_take(&registrations->arena, REGISTRATIONS_MAX + 1, sizeof *registrations->slots);
}

bool registrations_create(struct registrations *registrations)
{
	*registrations = (struct registrations){ 0 };
	lay_out(registrations);
	uint8_t *base = calloc(1, registrations->arena.used);
	registrations->arena = (struct arena){ .base = base };
	if (base != NULL)
		lay_out(registrations);
	return base != NULL;
}

void registrations_destroy(struct registrations *registrations)
{
	free(registrations->arena.base);
	*registrations = (struct registrations){ 0 };
}

struct registration *registrations_find(const struct registrations *registrations, const struct registration_key *key)
{
	uint32_t slot = table_first(&registrations->table, hash_of_bytes(key, sizeof *key));
	while (slot != 0 && memcmp(&registrations->slots[slot].key, key, sizeof *key) != 0)
		slot = table_next(&registrations->table, slot);
	return slot != 0 ? &registrations->slots[slot] : NULL;
}

void registrations_granted(struct registrations *registrations, const struct registration_key *key, const char *name,
                           uint64_t now_ns, uint32_t seconds)
{
	struct registration *registration = registrations_find(registrations, key);
	if (registration == NULL) {
		uint32_t slot = seconds > 0 ? pool_take(&registrations->pool) : 0;
		if (slot == 0)
			return;
		registration = &registrations->slots[slot];
		*registration = (struct registration){ .key = *key };
		snprintf(registration->name, sizeof registration->name, "%s", name);
		table_insert(&registrations->table, hash_of_bytes(key, sizeof *key), slot);
	}
	registration->granted_ns = now_ns;
	registration->granted_s = seconds;
	registration->expires_ns = now_ns + seconds * SECOND_NS;
}
