/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "track/registrations.h"

#include "track/label.h"

void registrations_lay_out(struct registrations *registrations, struct arena *arena, uint32_t capacity)
{
	pool_lay_out(&registrations->pool, arena, capacity);
	table_lay_out(&registrations->table, arena, capacity);
	registrations->list = arena_take(arena, capacity + (size_t)1, sizeof(*registrations->list));
}

static uint32_t skip_others(const struct registrations *registrations, uint32_t slot, uint64_t key)
{
	while (slot && registrations->list[slot].key != key)
		slot = table_next(&registrations->table, slot);
	return slot;
}

uint32_t registrations_first(const struct registrations *registrations, uint64_t key)
{
	return skip_others(registrations, table_first(&registrations->table, key), key);
}

uint32_t registrations_next(const struct registrations *registrations, uint32_t slot)
{
	uint64_t key = registrations->list[slot].key;
	return skip_others(registrations, table_next(&registrations->table, slot), key);
}

void registrations_keep_until(struct registrations *registrations, uint32_t slot, uint64_t deadline_ns)
{
	struct registration *registration = &registrations->list[slot];
	registration->deadline_ns = deadline_ns;
	deadlines_set_by(registrations->deadlines, registrations->first_thing + slot, deadline_ns);
	bindings_prolong(registrations->bindings, registration->binding, deadline_ns);
}

static uint32_t find(const struct registrations *registrations, uint64_t key, uint32_t binding)
{
	uint32_t slot = registrations_first(registrations, key);
	while (slot && registrations->list[slot].binding != binding)
		slot = registrations_next(registrations, slot);
	return slot;
}

/* Its binding's host: the binding lives, and so the host is known. */
static struct host *host_of(const struct registrations *registrations, uint32_t binding)
{
	const struct bindings *bindings = registrations->bindings;
	return &bindings->hosts.list[bindings->list[binding].host];
}

bool registrations_have_room(const struct registrations *registrations, uint32_t binding, uint32_t wanted)
{
	uint32_t count = host_of(registrations, binding)->counts[HOST_REGISTRATIONS];
	return count < registrations->host_max && wanted <= registrations->host_max - count;
}

uint32_t registrations_request(struct registrations *registrations, uint64_t now_ns, enum registration_kind kind,
                               uint64_t key, uint32_t binding, uint32_t requested_s, struct text label)
{
	uint64_t answered_by_ns = now_ns + SIPALG_TRANSACTION_S * SIPALG_SECOND_NS;
	uint32_t slot = find(registrations, key, binding);
	if (!slot) {
		if (!requested_s || !registrations_have_room(registrations, binding, 1))
			return 0;
		slot = pool_take(&registrations->pool);
		if (!slot)
			return 0;
		struct registration *registration = &registrations->list[slot];
		registration->key = key;
		registration->deadline_ns = 0;
		registration->binding = binding;
		registration->kind = (uint8_t)kind;
		registration->is_granted = false;
		memset(registration->asked, 0, sizeof(registration->asked));
		registration->peer = 0;
		host_of(registrations, binding)->counts[HOST_REGISTRATIONS]++;
		label_keep(registration->label, label);
		table_insert(&registrations->table, key, slot);
		bindings_own(registrations->bindings, binding, answered_by_ns);
	}
	struct registration *registration = &registrations->list[slot];
	registration->requested_s = requested_s;
	if (registration->deadline_ns < answered_by_ns)
		registrations_keep_until(registrations, slot, answered_by_ns);
	return slot;
}

void registration_note_asked(struct registration *registration, uint64_t asked, uint32_t peer)
{
	registration->peer = peer;
	if (registration->asked[0] == asked)
		return;
	registration->asked[1] = registration->asked[0];
	registration->asked[0] = asked;
}

bool registration_has_asked(const struct registration *registration, uint64_t asked)
{
	return registration->asked[0] == asked || registration->asked[1] == asked;
}

void registrations_grant(struct registrations *registrations, uint64_t now_ns, uint32_t slot, uint32_t granted_s)
{
	struct registration *registration = &registrations->list[slot];
	if (granted_s > SIPALG_REGISTRATION_MAX_S)
		granted_s = SIPALG_REGISTRATION_MAX_S;
	if (!registration->is_granted)
		registrations->granted++;
	registration->is_granted = true;
	registrations_keep_until(registrations, slot,
	                         now_ns + ((uint64_t)granted_s + registrations->grace_s) * SIPALG_SECOND_NS);
}

void registrations_end(struct registrations *registrations, uint64_t now_ns, uint32_t slot)
{
	struct registration *registration = &registrations->list[slot];
	deadlines_set(registrations->deadlines, registrations->first_thing + slot, DEADLINE_NEVER);
	table_remove(&registrations->table, registration->key, slot);
	host_of(registrations, registration->binding)->counts[HOST_REGISTRATIONS]--;
	bindings_disown(registrations->bindings, registration->binding, now_ns);
	registration->binding = 0;
	pool_give_back(&registrations->pool, slot);
}

void registrations_doom(struct registrations *registrations, uint32_t slot)
{
	registrations->list[slot].deadline_ns = 0;
	deadlines_set(registrations->deadlines, registrations->first_thing + slot, 0);
}

void registrations_become_due(struct registrations *registrations, uint64_t now_ns, uint32_t slot)
{
	const struct registration *registration = &registrations->list[slot];
	if (registration->deadline_ns <= now_ns)
		registrations_end(registrations, now_ns, slot);
	else
		registrations_keep_until(registrations, slot, registration->deadline_ns);
}
