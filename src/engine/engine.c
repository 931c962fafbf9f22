/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/engine.h"

#include "base/check.h"

void sipalg_settings_defaults(sipalg_settings *settings)
{
	*settings = (sipalg_settings){ .bindings_max = 262144,
		                       .calls_max = 65536,
		                       .registrations_max = 131072,
		                       .host_bindings_max = 8192,
		                       .media_idle_s = SIPALG_MEDIA_IDLE_S,
		                       .registration_grace_s = SIPALG_GRACE_S,
		                       .port_min = SIPALG_PORT_MIN,
		                       .port_max = SIPALG_PORT_MAX };
}

/* ---- Building ---- */

/* Things that have deadlines: bindings first, then registrations, legs and calls, each from its own first thing on. */
static void number_things(sipalg_engine *engine)
{
	uint32_t next = engine->settings.bindings_max + 1;
	engine->registrations.first_thing = next;
	next += engine->settings.registrations_max + 1;
	engine->calls.first_leg_thing = next;
	next += engine->settings.calls_max + 1;
	engine->calls.first_call_thing = next;
}

static void lay_out(sipalg_engine *engine, struct arena *arena)
{
	const sipalg_settings *settings = &engine->settings;
	uint32_t things = settings->bindings_max + settings->registrations_max + 2 * settings->calls_max + 4;
	commands_lay_out(&engine->commands, arena);
	deadlines_lay_out(&engine->deadlines, arena, things);
	bindings_lay_out(&engine->bindings, arena, settings->bindings_max);
	registrations_lay_out(&engine->registrations, arena, settings->registrations_max);
	calls_lay_out(&engine->calls, arena, settings->calls_max);
	forms_lay_out(&engine->forms, arena);
	engine->output = arena_take(arena, OUTPUT_MAX, 1);
}

size_t sipalg_engine_size(const sipalg_settings *settings)
{
	struct arena counting = { 0 };
	sipalg_engine engine; /* nothing of it but the settings is read */
	engine.settings = *settings;
	(void)arena_take(&counting, 1, sizeof(engine));
	lay_out(&engine, &counting);
	return counting.used;
}

void engine_set_key(sipalg_engine *engine, const struct hash_key *key)
{
	engine->key = *key;
	engine->bindings.endpoint_key = endpoint_key_make(key);
}

static uint32_t host_registrations_max(const sipalg_settings *settings)
{
	uint64_t max = (uint64_t)settings->host_bindings_max * SIPALG_HOST_REGISTRATIONS;
	return max < UINT32_MAX ? (uint32_t)max : UINT32_MAX;
}

static void connect_parts(sipalg_engine *engine)
{
	engine->bindings.commands = &engine->commands;
	engine->bindings.deadlines = &engine->deadlines;
	engine->bindings.host_max = engine->settings.host_bindings_max;
	engine->bindings.silence_s = engine->settings.media_idle_s ? engine->settings.media_idle_s : SIPALG_HELD_MAX_S;
	engine->bindings.port_min = engine->settings.port_min;
	engine->bindings.port_max = engine->settings.port_max;
	engine->bindings.cursor[0] = engine->bindings.cursor[1] = engine->settings.port_min;
	engine->registrations.bindings = &engine->bindings;
	engine->registrations.deadlines = &engine->deadlines;
	engine->registrations.host_max = host_registrations_max(&engine->settings);
	engine->registrations.grace_s = engine->settings.registration_grace_s;
	engine->calls.bindings = &engine->bindings;
	engine->calls.deadlines = &engine->deadlines;
	engine->calls.media_idle_s = engine->settings.media_idle_s;
}

sipalg_engine *sipalg_engine_create(void *memory, const sipalg_settings *settings)
{
	struct arena arena = { .base = memory };
	sipalg_engine *engine = arena_take(&arena, 1, sizeof(*engine));
	check(settings->port_min >= SIPALG_PORT_MIN && settings->port_min <= settings->port_max);
	engine->settings = *settings;
	struct hash_key key;
	memcpy(key.words, settings->secret, sizeof(key.words));
	engine_set_key(engine, &key);
	lay_out(engine, &arena);
	number_things(engine);
	connect_parts(engine);
	return engine;
}

/* ---- What is inside, and what is left alone ---- */

bool sipalg_engine_is_inside(const sipalg_engine *engine, const sipalg_address *address)
{
	return networks_find(&engine->inside, address) != NULL;
}

/* What is to end before its time: all that belongs to hosts switched off, to an outside address that is gone, or to a
 * network that is translated in another way now. */
struct doom {
	const struct prefixes *hosts;    /* NULL: any */
	const struct networks *networks; /* NULL: any */
	const struct networks *before;   /* … what they were */
	const sipalg_address *outside;
	bool keeps_flows;
};

/* One who shared an address shares it still, unless his network is translated in another way; whose address was his
 * own has the same one still. A network that is gone for now may come back. */
static bool is_translated_so(const struct doom *doom, const struct binding *binding)
{
	const sipalg_address *inside = &binding->inside.address;
	const struct network *before = networks_find(doom->before, inside),
	                     *now = networks_find(doom->networks, inside);
	sipalg_address outside;
	if (!now)
		return true;
	if (now->translation == SIPALG_TRANSLATION_PORTS)
		return !before || before->translation == SIPALG_TRANSLATION_PORTS;
	return network_find_own_outside(now, inside, &outside) &&
	       sipalg_address_equal(&binding->outside.address, &outside);
}

static bool is_doomed(const struct doom *doom, const struct binding *binding)
{
	if (doom->hosts)
		return prefixes_contain(doom->hosts, &binding->inside.address);
	if (doom->networks)
		return !is_translated_so(doom, binding);
	return sipalg_address_equal(doom->outside, &binding->outside.address);
}

static void doom_registrations(sipalg_engine *engine, const struct doom *doom)
{
	struct registrations *registrations = &engine->registrations;
	for (uint32_t slot = 1; slot <= registrations->pool.touched; slot++) {
		uint32_t binding = registrations->list[slot].binding;
		if (binding && is_doomed(doom, &engine->bindings.list[binding]))
			registrations_doom(registrations, slot);
	}
}

static bool is_leg_doomed(const sipalg_engine *engine, const struct doom *doom, const struct leg *leg)
{
	if (doom->hosts && prefixes_contain(doom->hosts, &leg->phone))
		return true;
	for (size_t i = 0; i < LEG_WAY_COUNT; i++)
		if (leg->ways[i] && is_doomed(doom, &engine->bindings.list[leg->ways[i]]))
			return true;
	for (uint8_t i = 0; i < leg->media_count; i++)
		if (is_doomed(doom, &engine->bindings.list[leg->media[i].binding]))
			return true;
	return false;
}

static void doom_legs(sipalg_engine *engine, const struct doom *doom)
{
	struct calls *calls = &engine->calls;
	for (uint32_t slot = 1; slot <= calls->leg_pool.touched; slot++)
		if (calls->legs[slot].state != LEG_NONE && is_leg_doomed(engine, doom, &calls->legs[slot]))
			calls_leg_doom(calls, 0, slot);
}

static void doom_bindings(sipalg_engine *engine, const struct doom *doom)
{
	struct bindings *bindings = &engine->bindings;
	for (uint32_t slot = 1; slot <= bindings->pool.touched; slot++)
		if (bindings->list[slot].state == BINDING_ALIVE && is_doomed(doom, &bindings->list[slot]))
			bindings_doom(bindings, slot, doom->keeps_flows);
}

/* Everything concerned becomes due at once; advancing then ends it, a queue of commands at a time. */
static void bring_doom(sipalg_engine *engine, const struct doom *doom)
{
	doom_bindings(engine, doom);
	doom_registrations(engine, doom);
	doom_legs(engine, doom);
}

bool sipalg_engine_set_inside(sipalg_engine *engine, const sipalg_network *networks, size_t count)
{
	struct networks before = engine->inside;
	if (!networks_set(&engine->inside, networks, count))
		return false;
	bring_doom(engine, &(struct doom){ .networks = &engine->inside, .before = &before });
	return true;
}

void sipalg_engine_set_router(sipalg_engine *engine, const sipalg_address *addresses, size_t count)
{
	engine->router_count = count < SIPALG_PREFIXES_MAX ? count : SIPALG_PREFIXES_MAX;
	memcpy(engine->router, addresses, engine->router_count * sizeof(*addresses));
}

bool sipalg_engine_set_off(sipalg_engine *engine, const sipalg_prefix *prefixes, size_t count)
{
	if (!prefixes_set(&engine->off, prefixes, count))
		return false;
	if (count)
		bring_doom(engine, &(struct doom){ .hosts = &engine->off, .keeps_flows = true });
	return true;
}

bool sipalg_engine_is_off(const sipalg_engine *engine, const sipalg_address *address)
{
	return prefixes_contain(&engine->off, address);
}

void sipalg_engine_forget_outside(sipalg_engine *engine, const sipalg_address *outside)
{
	bring_doom(engine, &(struct doom){ .outside = outside });
}

void sipalg_engine_reserve_port(sipalg_engine *engine, enum sipalg_protocol protocol, uint16_t port, bool reserved)
{
	bindings_reserve_port(&engine->bindings, protocol, port, reserved);
}

/* ---- The flow a message comes in ---- */

/* Whether hosts speak by plain NAT with servers that others speak with by bindings: a port whose flow was over may have
 * become theirs. */
static bool may_be_taken(const sipalg_engine *engine, const sipalg_packet *packet)
{
	const uint64_t *reasons = engine->counters.reasons;
	bool has_others = engine->off.count || reasons[SIPALG_REASON_BINDINGS_FULL] ||
	                  reasons[SIPALG_REASON_HOST_LIMIT] || reasons[SIPALG_REASON_PORTS_FULL];
	return has_others && packet->source.protocol == SIPALG_PROTOCOL_UDP &&
	       (packet->length < 4 || memcmp(packet->bytes, "SIP/", 4) != 0);
}

bool sipalg_engine_wants_mapping(const sipalg_engine *engine, const sipalg_packet *packet)
{
	if (packet->direction != SIPALG_OUTBOUND || sipalg_address_is_none(&packet->outside))
		return false;
	if (engine->off.count && prefixes_contain(&engine->off, &packet->source.address))
		return false;
	uint32_t slot = bindings_find_inside(&engine->bindings, &packet->source, &packet->outside);
	if (slot && engine->bindings.list[slot].state == BINDING_ALIVE)
		return may_be_taken(engine, packet);
	const struct network *network = networks_find(&engine->inside, &packet->source.address);
	return network && network->translation == SIPALG_TRANSLATION_PORTS;
}

/* The packet's source and what it would be bound to. False: nothing. */
static bool wish_for_source(const sipalg_engine *engine, const sipalg_packet *packet, struct bind_wish *wish)
{
	const sipalg_address shared[2] = { packet->outside, packet->outside };
	const struct network *network = networks_find(&engine->inside, &packet->source.address);
	*wish = (struct bind_wish){ .inside = packet->source, .port = packet->mapping };
	if (!network || !network_find_outside(network, shared, &packet->source.address, &wish->outside))
		return false;
	wish->is_fixed = network->translation != SIPALG_TRANSLATION_PORTS;
	return true;
}

sipalg_endpoint sipalg_engine_foresee(sipalg_engine *engine, const sipalg_packet *packet)
{
	sipalg_endpoint outside = { .address = packet->outside, .protocol = packet->source.protocol };
	struct bind_wish wish;
	if (!wish_for_source(engine, packet, &wish))
		return outside;
	uint32_t slot = bindings_find_inside(&engine->bindings, &wish.inside, &wish.outside);
	if (slot &&
	    (engine->bindings.list[slot].state == BINDING_ALIVE || bindings_may_revive(&engine->bindings, &wish, slot)))
		return engine->bindings.list[slot].outside;
	outside.address = wish.outside;
	outside.port = bindings_choose_port(&engine->bindings, &wish);
	return outside;
}

void sipalg_engine_move_binding(sipalg_engine *engine, uint64_t now_ns, const sipalg_packet *packet)
{
	struct bind_wish wish;
	if (!wish_for_source(engine, packet, &wish) || wish.is_fixed)
		return;
	uint32_t slot = bindings_find_inside(&engine->bindings, &wish.inside, &wish.outside);
	if (!slot || engine->bindings.list[slot].state != BINDING_ALIVE)
		return;
	uint16_t port = bindings_choose_port(&engine->bindings, &wish);
	if (port)
		bindings_move(&engine->bindings, slot, now_ns, port);
	engine_count_tables(engine);
}

/* ---- Time and the plane ---- */

/* The parts count for themselves; whoever looks sees one page. */
void engine_count_tables(sipalg_engine *engine)
{
	sipalg_counters *counters = &engine->counters;
	counters->bindings_opened = engine->bindings.opened;
	counters->bindings_closed = engine->bindings.closed;
	counters->calls_begun = engine->calls.begun;
	counters->calls_ended = engine->calls.ended;
	counters->registrations_granted = engine->registrations.granted;
	counters->peers_dismissed = engine->bindings.peers_dismissed;
	counters->peers_refused = engine->bindings.peers_refused;
	counters->bindings = (uint32_t)(engine->bindings.opened - engine->bindings.closed);
	counters->calls = (uint32_t)(engine->calls.begun - engine->calls.ended);
	counters->registrations = engine->registrations.pool.used;
}

bool sipalg_engine_next_command(sipalg_engine *engine, sipalg_command *command)
{
	return commands_take(&engine->commands, command);
}

uint64_t sipalg_engine_deadline(const sipalg_engine *engine)
{
	return deadlines_first(&engine->deadlines);
}

static void become_due(sipalg_engine *engine, uint64_t now_ns, uint32_t thing)
{
	if (thing >= engine->calls.first_call_thing)
		calls_become_due(&engine->calls, now_ns, thing - engine->calls.first_call_thing);
	else if (thing >= engine->calls.first_leg_thing)
		calls_leg_become_due(&engine->calls, now_ns, thing - engine->calls.first_leg_thing);
	else if (thing >= engine->registrations.first_thing)
		registrations_become_due(&engine->registrations, now_ns, thing - engine->registrations.first_thing);
	else
		bindings_become_due(&engine->bindings, thing, now_ns);
}

void sipalg_engine_advance(sipalg_engine *engine, uint64_t now_ns)
{
	uint32_t thing;
	while (commands_has_room(&engine->commands) && deadlines_take_due(&engine->deadlines, now_ns, &thing))
		become_due(engine, now_ns, thing);
	engine_count_tables(engine);
}

void sipalg_engine_report_traffic(sipalg_engine *engine, uint64_t now_ns, uint32_t handle, bool alive)
{
	uint32_t slot = bindings_slot(&engine->bindings, handle);
	if (slot && alive)
		engine->bindings.list[slot].heard_s = seconds_rounded_up(now_ns);
}

/* Owners keep it, and the next message that names it asks the plane anew. */
void sipalg_engine_forget_binding(sipalg_engine *engine, uint32_t handle)
{
	uint32_t slot = bindings_slot(&engine->bindings, handle);
	if (slot)
		bindings_forget(&engine->bindings, slot);
	engine_count_tables(engine);
}

bool sipalg_engine_restore_binding(sipalg_engine *engine, uint64_t now_ns, const sipalg_command *open,
                                   uint32_t *binding)
{
	struct bind_wish wish = { .inside = open->inside,
		                  .outside = open->outside.address,
		                  .is_fixed = engine_keeps_ports(engine, &open->inside.address),
		                  .port = open->outside.port,
		                  .port_only = true,
		                  .is_signalling = open->signalling,
		                  .admits_any = open->admits == SIPALG_ADMITS_ANY };
	uint32_t slot = bindings_restore(&engine->bindings, now_ns, &wish, open->lease_s);
	if (slot)
		*binding = bindings_handle(&engine->bindings, slot);
	return slot != 0;
}
