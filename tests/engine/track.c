/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "track.h"

static void lay_out(struct track *track, struct arena *arena, uint32_t capacity)
{
	commands_lay_out(&track->commands, arena);
	deadlines_lay_out(&track->deadlines, arena, 4 * (capacity + 1));
	bindings_lay_out(&track->bindings, arena, capacity);
	registrations_lay_out(&track->registrations, arena, capacity);
	calls_lay_out(&track->calls, arena, capacity);
	forms_lay_out(&track->forms, arena);
}

void *arena_open(struct arena *arena, size_t size)
{
	void *memory = aligned_alloc(ARENA_ALIGNMENT, (size + ARENA_ALIGNMENT - 1) / ARENA_ALIGNMENT * ARENA_ALIGNMENT);
	assert_non_null(memory);
	memset(memory, 0, size);
	*arena = (struct arena){ .base = memory };
	return memory;
}

void track_open(struct track *track, uint32_t capacity)
{
	struct arena arena = { 0 };
	memset(track, 0, sizeof(*track));
	lay_out(track, &arena, capacity);
	track->memory = arena_open(&arena, arena.used);
	lay_out(track, &arena, capacity);
	track->now_ns = seconds_ns(1000);
	track->bindings.commands = &track->commands;
	track->bindings.deadlines = &track->deadlines;
	track->key = (struct hash_key){ { 1, 2 } };
	track->bindings.endpoint_key = endpoint_key_make(&track->key);
	track->bindings.host_max = track->registrations.host_max = UINT32_MAX;
	track->bindings.port_min = SIPALG_PORT_MIN;
	track->bindings.port_max = SIPALG_PORT_MAX;
	track->bindings.cursor[0] = track->bindings.cursor[1] = SIPALG_PORT_MIN;
	track->registrations.bindings = &track->bindings;
	track->registrations.deadlines = &track->deadlines;
	track->registrations.first_thing = capacity + 1;
	track->registrations.grace_s = SIPALG_GRACE_S;
	track->calls.bindings = &track->bindings;
	track->calls.deadlines = &track->deadlines;
	track->calls.first_leg_thing = 2 * (capacity + 1);
	track->calls.first_call_thing = 3 * (capacity + 1);
	track->calls.media_idle_s = track->bindings.silence_s = SIPALG_MEDIA_IDLE_S;
}

void track_close(struct track *track)
{
	free(track->memory);
}

static void become_due(struct track *track, uint32_t thing)
{
	if (thing >= track->calls.first_call_thing)
		calls_become_due(&track->calls, track->now_ns, thing - track->calls.first_call_thing);
	else if (thing >= track->calls.first_leg_thing)
		calls_leg_become_due(&track->calls, track->now_ns, thing - track->calls.first_leg_thing);
	else if (thing >= track->registrations.first_thing)
		registrations_become_due(&track->registrations, track->now_ns,
		                         thing - track->registrations.first_thing);
	else
		bindings_become_due(&track->bindings, thing, track->now_ns);
}

void track_wait(struct track *track, uint64_t seconds)
{
	uint64_t then_ns = track->now_ns + seconds_ns(seconds);
	while (deadlines_first(&track->deadlines) <= then_ns) {
		uint32_t thing;
		uint64_t due_ns = deadlines_first(&track->deadlines);
		if (due_ns > track->now_ns)
			track->now_ns = due_ns;
		assert_true(deadlines_take_due(&track->deadlines, track->now_ns, &thing));
		become_due(track, thing);
	}
	track->now_ns = then_ns;
}

size_t track_commands(struct track *track, enum sipalg_command_kind kind, sipalg_command *last)
{
	sipalg_command command;
	size_t count = 0;
	while (commands_take(&track->commands, &command)) {
		if (command.kind != kind)
			continue;
		count++;
		if (last)
			*last = command;
	}
	return count;
}

struct bind_wish wish_for(unsigned host, uint16_t port)
{
	return (struct bind_wish){ .inside = { .address = sipalg_address_from_ipv4(0xc0a80100 + host),
		                               .port = port,
		                               .protocol = SIPALG_PROTOCOL_UDP },
		                   .outside = sipalg_address_from_ipv4(0xcb007101) };
}

uint32_t track_take(struct track *track, const struct bind_wish *wish)
{
	uint32_t slot = 0;
	assert_int_equal(bindings_take(&track->bindings, track->now_ns, wish, &slot), BIND_OK);
	assert_int_not_equal(slot, 0);
	return slot;
}

uint64_t draw(uint64_t *state)
{
	uint64_t word = *state += UINT64_C(0x9e3779b97f4a7c15);
	word = (word ^ word >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	word = (word ^ word >> 27) * UINT64_C(0x94d049bb133111eb);
	return word ^ word >> 31;
}
