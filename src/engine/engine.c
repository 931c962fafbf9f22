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

static void connect_parts(sipalg_engine *engine)
{
	engine->bindings.commands = &engine->commands;
	engine->bindings.deadlines = &engine->deadlines;
	engine->bindings.key = engine->key;
	engine->bindings.endpoint_key = endpoint_key_make(&engine->key);
	engine->bindings.host_max = engine->settings.host_bindings_max;
	engine->bindings.port_min = engine->settings.port_min;
	engine->bindings.port_max = engine->settings.port_max;
	engine->bindings.cursor[0] = engine->bindings.cursor[1] = engine->settings.port_min;
	engine->registrations.bindings = &engine->bindings;
	engine->registrations.deadlines = &engine->deadlines;
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
	memcpy(engine->key.words, settings->secret, sizeof(engine->key.words));
	lay_out(engine, &arena);
	number_things(engine);
	connect_parts(engine);
	return engine;
}

/* ---- What is inside, and what is left alone ---- */

static struct masked_prefix mask_prefix(const sipalg_prefix *prefix)
{
	struct masked_prefix masked;
	uint8_t mask[sizeof(prefix->address.bytes)];
	for (unsigned i = 0; i < sizeof(mask); i++) {
		unsigned left = prefix->length > i * 8 ? prefix->length - i * 8 : 0;
		mask[i] = (uint8_t)(left >= 8 ? 0xff : 0xff00 >> left);
	}
	memcpy(masked.words, prefix->address.bytes, sizeof(masked.words));
	memcpy(masked.masks, mask, sizeof(masked.masks));
	return masked;
}

static bool set_prefixes(struct prefixes *prefixes, const sipalg_prefix *list, size_t count)
{
	if (count > SIPALG_PREFIXES_MAX)
		return false;
	for (size_t i = 0; i < count; i++)
		prefixes->list[i] = mask_prefix(&list[i]);
	prefixes->count = count;
	return true;
}

bool sipalg_engine_set_inside(sipalg_engine *engine, const sipalg_prefix *prefixes, size_t count)
{
	return set_prefixes(&engine->inside, prefixes, count);
}

bool sipalg_engine_is_inside(const sipalg_engine *engine, const sipalg_address *address)
{
	return prefixes_contain(&engine->inside, address);
}

/* What is to end before its time: all that belongs to hosts switched off, or to an outside address that is gone. */
struct doom {
	const struct prefixes *hosts;  /* NULL: any */
	const sipalg_address *outside; /* NULL: any */
	bool keeps_flows;
};

static bool is_doomed(const struct doom *doom, const struct binding *binding)
{
	if (doom->hosts)
		return prefixes_contain(doom->hosts, &binding->inside.address);
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
	if (leg->signalling && is_doomed(doom, &engine->bindings.list[leg->signalling]))
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

bool sipalg_engine_set_off(sipalg_engine *engine, const sipalg_prefix *prefixes, size_t count)
{
	if (!set_prefixes(&engine->off, prefixes, count))
		return false;
	if (count)
		bring_doom(engine, &(struct doom){ .hosts = &engine->off, .keeps_flows = true });
	return true;
}

void sipalg_engine_forget_outside(sipalg_engine *engine, const sipalg_address *outside)
{
	bring_doom(engine, &(struct doom){ .outside = outside });
}

void sipalg_engine_reserve_port(sipalg_engine *engine, enum sipalg_protocol protocol, uint16_t port, bool reserved)
{
	bindings_reserve_port(&engine->bindings, protocol, port, reserved);
}

/* ---- Messages ---- */

static void begin(struct passage *passage, sipalg_engine *engine, uint64_t now_ns, const sipalg_packet *packet)
{
	passage->engine = engine;
	passage->now_ns = now_ns;
	passage->packet = packet;
	passage->refusal = SIPALG_REASON_NOTHING_TO_DO;
	passage->has_sdp = passage->is_held = false;
	passage->is_public = passage->has_foreign = passage->has_star = false;
	passage->body.is_sealed = false;
	passage->call_id_text = (struct text){ 0 };
	passage->call_id = (struct hash){ 0 };
	if (!sipalg_address_equal(&passage->outside, &packet->outside)) { /* else its text is still there */
		passage->outside = packet->outside;
		passage->outside_length = sipalg_address_write(&packet->outside, passage->outside_text);
	}
	passage->named_count = passage->contact_count = passage->media_count = 0;
	edits_begin(&passage->edits, (struct text){ (const char *)packet->bytes, packet->length });
}

static enum sipalg_reason reason_not_to_look(const sipalg_engine *engine, const sipalg_packet *packet)
{
	if (packet->direction == SIPALG_DIRECTION_NONE)
		return SIPALG_REASON_NOT_CROSSING;
	const sipalg_endpoint *phone = packet->direction == SIPALG_OUTBOUND ? &packet->source : &packet->destination;
	if (engine->off.count && prefixes_contain(&engine->off, &phone->address))
		return SIPALG_REASON_SWITCHED_OFF;
	if (sipalg_address_is_none(&packet->outside))
		return SIPALG_REASON_NO_OUTSIDE;
	return SIPALG_REASON_NOTHING_TO_DO;
}

static bool uses_call_id(const struct sip_message *message)
{
	return message->method != SIP_METHOD_REGISTER && message->method != SIP_METHOD_OPTIONS;
}

static void read_message(struct passage *passage)
{
	switch (sip_message_parse(passage->edits.original, &passage->message)) {
	case SIP_NOT_SIP:
		passage_refuse(passage, SIPALG_REASON_NOT_SIP);
		return;
	case SIP_MALFORMED:
		passage_refuse(passage, SIPALG_REASON_MALFORMED);
		return;
	case SIP_TOO_LARGE:
		passage_refuse(passage, SIPALG_REASON_TOO_LARGE);
		return;
	case SIP_WHOLE:
		break;
	}
	passage->call_id_text = sip_message_header(&passage->message, SIP_HEADER_CALL_ID);
	if (uses_call_id(&passage->message))
		passage->call_id = hash_text(&passage->engine->key, passage->call_id_text);
}

/* RFC 4474 signs the Contact and the whole body; its successor signs nothing that is changed here (RFC 8224). */
static bool is_signed_whole(const struct sip_message *message)
{
	return message->first[SIP_HEADER_IDENTITY_INFO] != 0;
}

static void fix_content_length(struct passage *passage)
{
	const struct sip_message *message = &passage->message;
	if (!message->first[SIP_HEADER_CONTENT_LENGTH])
		return;
	ptrdiff_t growth = edits_growth(&passage->edits, message->body);
	if (!growth)
		return;
	uint64_t length = (uint64_t)((ptrdiff_t)message->body.length + growth);
	for (size_t i = 0; i < message->header_count; i++)
		if (message->headers[i].kind == SIP_HEADER_CONTENT_LENGTH)
			edits_replace_number(&passage->edits, message->headers[i].value, SIPALG_PLACE_CONTENT_LENGTH,
			                     length);
}

static void find_edits(struct passage *passage)
{
	bool goes_out = passage->packet->direction == SIPALG_OUTBOUND;
	if (goes_out && is_signed_whole(&passage->message)) {
		passage_refuse(passage, SIPALG_REASON_SIGNED);
		return;
	}
	(goes_out ? headers_go_out : headers_come_in)(passage);
	if (passage_is_refused(passage))
		return;
	(goes_out ? media_go_out : media_come_in)(passage);
	fix_content_length(passage);
	ptrdiff_t growth = edits_growth(&passage->edits, passage->edits.original);
	if (passage->edits.overflowed || (ptrdiff_t)passage->packet->length + growth > SIPALG_DATAGRAM_MAX)
		passage_refuse(passage, SIPALG_REASON_TOO_LARGE);
}

/* Only of a message that passes as it is meant to: one that does not changes nothing here either. */
static void follow(struct passage *passage)
{
	bool goes_out = passage->packet->direction == SIPALG_OUTBOUND;
	(goes_out ? grants_follow_outbound : grants_follow_inbound)(passage);
	if (!passage_is_refused(passage))
		(goes_out ? dialogs_follow_outbound : dialogs_follow_inbound)(passage);
}

/* The bindings named were made in good faith, but the message passes as it came: those made for it never were. */
static void take_back(struct passage *passage)
{
	struct bindings *bindings = &passage->engine->bindings;
	for (size_t i = 0; i < passage->named_count; i++) {
		const struct binding *binding = &bindings->list[passage->named[i]];
		if (passage->is_fresh[i] && binding->state == BINDING_ALIVE && !binding->owners)
			bindings_drop(bindings, passage->named[i]);
		else
			bindings_settle(bindings, passage->named[i], passage->now_ns);
	}
}

/* What the message names, the plane is told; and the server it goes to may use what is for signalling. */
static void confirm(struct passage *passage)
{
	struct bindings *bindings = &passage->engine->bindings;
	const sipalg_packet *packet = passage->packet;
	uint64_t until_ns = passage->now_ns + SIPALG_UNANSWERED_S * SIPALG_SECOND_NS;
	for (size_t i = 0; i < passage->named_count; i++) {
		uint32_t slot = passage->named[i];
		struct binding *binding = &bindings->list[slot];
		if (binding->state != BINDING_ALIVE)
			continue;
		bindings_touch(bindings, slot, until_ns);
		if (binding->is_signalling && !binding->is_withheld)
			(void)bindings_admit(bindings, slot, passage->now_ns, &packet->destination.address);
		bindings_settle(bindings, slot, passage->now_ns);
	}
}

static enum sipalg_reason reason_of(const struct passage *passage)
{
	if (passage_is_refused(passage))
		return passage->refusal;
	if (passage->edits.count)
		return passage->packet->direction == SIPALG_OUTBOUND ? SIPALG_REASON_EDITED : SIPALG_REASON_RESTORED;
	if (passage->body.is_sealed)
		return SIPALG_REASON_SIGNED;
	if (passage->is_public)
		return SIPALG_REASON_ALREADY_PUBLIC;
	return passage->has_foreign ? SIPALG_REASON_FOREIGN_HOST : SIPALG_REASON_NOTHING_TO_DO;
}

static void pass(struct passage *passage)
{
	read_message(passage);
	if (passage_is_refused(passage))
		return;
	find_edits(passage);
	if (!passage_is_refused(passage))
		follow(passage);
	if (passage_is_refused(passage)) {
		passage->edits.count = 0;
		take_back(passage);
	} else {
		confirm(passage);
	}
}

static void fill_verdict(struct passage *passage, sipalg_verdict *verdict)
{
	const sipalg_packet *packet = passage->packet;
	verdict->reason = reason_of(passage);
	verdict->bytes = packet->bytes;
	verdict->length = packet->length;
	verdict->edits = passage->edits.list;
	verdict->edit_count = passage->edits.count;
	verdict->call_id = passage->call_id_text.start;
	verdict->call_id_length = passage->call_id_text.length;
	if (passage->edits.count) {
		verdict->bytes = passage->engine->output;
		verdict->length = edits_apply(&passage->edits, passage->engine->output);
	}
}

/* The parts count for themselves; whoever looks sees one page. */
static void count_tables(sipalg_engine *engine)
{
	sipalg_counters *counters = &engine->counters;
	counters->bindings_opened = engine->bindings.opened;
	counters->bindings_closed = engine->bindings.closed;
	counters->calls_begun = engine->calls.begun;
	counters->calls_ended = engine->calls.ended;
	counters->registrations_granted = engine->registrations.granted;
	counters->bindings = (uint32_t)(engine->bindings.opened - engine->bindings.closed);
	counters->calls = (uint32_t)(engine->calls.begun - engine->calls.ended);
	counters->registrations = engine->registrations.pool.used;
}

void sipalg_engine_handle(sipalg_engine *engine, uint64_t now_ns, const sipalg_packet *packet, sipalg_verdict *verdict)
{
	struct passage *passage = &engine->passage;
	begin(passage, engine, now_ns, packet);
	passage->refusal = reason_not_to_look(engine, packet);
	if (packet->length > SIPALG_MESSAGE_MAX)
		passage_refuse(passage, SIPALG_REASON_TOO_LARGE);
	if (!passage_is_refused(passage))
		pass(passage);
	fill_verdict(passage, verdict);
	engine->counters.outbound += packet->direction == SIPALG_OUTBOUND;
	engine->counters.inbound += packet->direction == SIPALG_INBOUND;
	engine->counters.reasons[verdict->reason]++;
	engine->counters.edits += verdict->edit_count;
	count_tables(engine);
}

/* ---- The flow a message comes in ---- */

bool sipalg_engine_wants_mapping(const sipalg_engine *engine, const sipalg_packet *packet)
{
	if (packet->direction != SIPALG_OUTBOUND || sipalg_address_is_none(&packet->outside))
		return false;
	if (engine->off.count && prefixes_contain(&engine->off, &packet->source.address))
		return false;
	uint32_t slot = bindings_find_inside(&engine->bindings, &packet->source, &packet->outside);
	return !slot || engine->bindings.list[slot].state != BINDING_ALIVE;
}

sipalg_endpoint sipalg_engine_foresee(sipalg_engine *engine, const sipalg_packet *packet)
{
	sipalg_endpoint outside = { .address = packet->outside, .protocol = packet->source.protocol };
	uint32_t slot = bindings_find_inside(&engine->bindings, &packet->source, &packet->outside);
	if (slot)
		return engine->bindings.list[slot].outside;
	struct bind_wish wish = { .inside = packet->source, .outside = packet->outside, .port = packet->mapping };
	outside.port = bindings_choose_port(&engine->bindings, &wish);
	return outside;
}

/* ---- Time and the plane ---- */

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
	count_tables(engine);
}

void sipalg_engine_report_traffic(sipalg_engine *engine, uint64_t now_ns, uint32_t handle, bool alive)
{
	uint32_t slot = bindings_slot(&engine->bindings, handle);
	if (slot && alive)
		engine->bindings.list[slot].heard_ns = now_ns;
}

/* Owners keep it, and the next message that names it asks the plane anew. */
void sipalg_engine_forget_binding(sipalg_engine *engine, uint32_t handle)
{
	uint32_t slot = bindings_slot(&engine->bindings, handle);
	if (slot)
		bindings_forget(&engine->bindings, slot);
	count_tables(engine);
}

bool sipalg_engine_restore_binding(sipalg_engine *engine, uint64_t now_ns, const sipalg_command *open,
                                   uint32_t *binding)
{
	struct bind_wish wish = { .inside = open->inside,
		                  .outside = open->outside.address,
		                  .port = open->outside.port,
		                  .port_only = true,
		                  .is_signalling = open->signalling,
		                  .admits_any = open->admits == SIPALG_ADMITS_ANY };
	uint32_t slot = bindings_restore(&engine->bindings, now_ns, &wish, open->lease_s);
	if (slot)
		*binding = bindings_handle(&engine->bindings, slot);
	return slot != 0;
}
