/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diagnose/calls.h"

#include "diagnose/description.h"
#include "sip/parameter.h"
#include "sip/uri.h"
#include "sip/via.h"

#include <stdio.h>
#include <stdlib.h>

static void lay_out(struct calls *calls)
{
	pool_lay_out(&calls->pool, &calls->arena, CALLS_MAX);
	table_lay_out(&calls->table, &calls->arena, CALLS_MAX);
	table_lay_out(&calls->other_table, &calls->arena, CALLS_MAX);
	calls->slots = arena_take(&calls->arena, CALLS_MAX + 1, sizeof *calls->slots);
	calls->lists = arena_take(&calls->arena, CALLS_MAX + 1, sizeof *calls->lists);
}

bool calls_create(struct calls *calls)
{
	*calls = (struct calls){ 0 };
	lay_out(calls);
	uint8_t *base = calloc(1, calls->arena.used);
	calls->arena = (struct arena){ .base = base };
	if (base != NULL)
		lay_out(calls);
	return base != NULL;
}

static void call_clear(struct call *call)
{
	for (size_t i = 0; i < call->count; i++) {
		event_let_go(&call->events[i]);
		free(call->events[i].seen[0].description);
		free(call->events[i].seen[1].description);
	}
	free(call->events);
	*call = (struct call){ 0 };
}

void calls_destroy(struct calls *calls)
{
	for (uint32_t slot = 1; calls->slots != NULL && slot <= CALLS_MAX; slot++)
		call_clear(&calls->slots[slot]);
	free(calls->arena.base);
	*calls = (struct calls){ 0 };
}

/* ---- The table ---- */

static int list_of(const struct call *call)
{
	return call->state == CALL_OVER;
}

static void unlink_slot(struct calls *calls, uint32_t slot)
{
	struct call *call = &calls->slots[slot];
	int list = list_of(call);
	*(call->newer != 0 ? &calls->slots[call->newer].older : &calls->newest[list]) = call->older;
	*(call->older != 0 ? &calls->slots[call->older].newer : &calls->oldest[list]) = call->newer;
}

static void link_newest(struct calls *calls, uint32_t slot)
{
	struct call *call = &calls->slots[slot];
	int list = list_of(call);
	call->newer = 0;
	call->older = calls->newest[list];
	*(calls->newest[list] != 0 ? &calls->slots[calls->newest[list]].newer : &calls->oldest[list]) = slot;
	calls->newest[list] = slot;
}

uint32_t calls_by_hash(const struct calls *calls, uint64_t hash)
{
	uint32_t slot = table_first(&calls->table, hash);
	while (slot != 0 && calls->slots[slot].hash != hash)
		slot = table_next(&calls->table, slot);
	if (slot != 0)
		return slot;
	slot = table_first(&calls->other_table, hash);
	while (slot != 0 && calls->slots[slot].other_hash != hash)
		slot = table_next(&calls->other_table, slot);
	return slot;
}

uint32_t calls_oldest(const struct calls *calls)
{
	return calls->oldest[1] != 0 ? calls->oldest[1] : calls->oldest[0];
}

static void copy_text(struct text text, char out[TEXT_MAX])
{
	snprintf(out, TEXT_MAX, "%.*s", (int)(text.length < TEXT_MAX ? text.length : TEXT_MAX - 1), text.start);
}

/* user@host of From or To, for people. */
static void copy_name(struct text value, char out[TEXT_MAX])
{
	struct sip_name_addr entry;
	struct sip_uri uri;
	if (!sip_name_addr_next(&value, &entry) || !sip_uri_parse(entry.uri, &uri) || uri.scheme == SIP_SCHEME_OTHER)
		copy_text(value, out);
	else if (uri.user.length > 0)
		copy_text((struct text){ uri.user.start,
		                         (size_t)(uri.host.name.start + uri.host.name.length - uri.user.start) },
		          out);
	else
		copy_text(uri.host.name, out);
}

uint32_t calls_add(struct calls *calls, const struct sighting *sighting)
{
	uint32_t slot = pool_take(&calls->pool);
	if (slot == 0)
		return 0;
	const struct sip_message *message = &sighting->message;
	struct call *call = &calls->slots[slot];
	*call = (struct call){ .hash = sighting->call, .first_ns = sighting->time_ns, .last_ns = sighting->time_ns };
	call->caller_tag = hash_of_bytes(sighting->from_tag.start, sighting->from_tag.length);
	copy_text(sip_message_header(message, SIP_HEADER_CALL_ID), call->id);
	copy_name(sip_message_header(message, SIP_HEADER_FROM), call->caller);
	copy_name(sip_message_header(message, SIP_HEADER_TO), call->callee);
	table_insert(&calls->table, call->hash, slot);
	link_newest(calls, slot);
	return slot;
}

void calls_remove(struct calls *calls, uint32_t slot)
{
	struct call *call = &calls->slots[slot];
	unlink_slot(calls, slot);
	table_remove(&calls->table, call->hash, slot);
	if (call->other_hash != 0)
		table_remove(&calls->other_table, call->other_hash, slot);
	call_clear(call);
	pool_give_back(&calls->pool, slot);
}

void calls_alias(struct calls *calls, uint32_t slot, const struct sighting *sighting)
{
	struct call *call = &calls->slots[slot];
	if (call->other_hash != 0 || call->hash == sighting->call)
		return;
	call->other_hash = sighting->call;
	copy_text(sip_message_header(&sighting->message, SIP_HEADER_CALL_ID), call->other_id);
	table_insert(&calls->other_table, call->other_hash, slot);
}

void calls_touch(struct calls *calls, uint32_t slot, enum call_state state, uint64_t now_ns)
{
	unlink_slot(calls, slot);
	calls->slots[slot].last_ns = now_ns;
	calls->slots[slot].state = state;
	link_newest(calls, slot);
}

/* ---- Events ---- */

static sipalg_endpoint contact_of(const struct sighting *sighting)
{
	struct text rest = sip_message_header(&sighting->message, SIP_HEADER_CONTACT);
	struct sip_name_addr entry;
	struct sip_uri uri;
	sipalg_endpoint contact = { .protocol = sighting->from.protocol };
	if (rest.length == 0 || !sip_name_addr_next(&rest, &entry) || entry.is_star ||
	    !sip_uri_parse(entry.uri, &uri) || uri.scheme == SIP_SCHEME_OTHER || !uri.host.is_address)
		return contact;
	contact.address = uri.host.address;
	contact.port = uri.port != 0 ? uri.port : SIPALG_PORT_SIP;
	return contact;
}

/* Answers go to the first Via's port, unless rport asks for another (RFC 3261 18.2.2). */
static sipalg_endpoint via_of(const struct sighting *sighting)
{
	struct text rest = sip_message_header(&sighting->message, SIP_HEADER_VIA);
	sipalg_endpoint end = { .protocol = sighting->from.protocol };
	struct sip_via via;
	if (!sighting->message.is_request || !sip_via_next(&rest, &via) || !via.host.is_address ||
	    via.maddr.name.length > 0)
		return end;
	end.address = via.host.address;
	end.port = via.port != 0 ? via.port : SIPALG_PORT_SIP;
	return end;
}

static bool asks_for_rport(const struct sighting *sighting)
{
	struct text rest = sip_message_header(&sighting->message, SIP_HEADER_VIA), value;
	struct sip_via via;
	return sip_via_next(&rest, &via) && sip_parameter_find(via.parameters, TEXT("rport"), &value);
}

static void fill_seen(struct seen *seen, const struct sighting *sighting)
{
	*seen = (struct seen){ .time_ns = sighting->time_ns, .last_ns = sighting->time_ns, .frame = sighting->frame };
	seen->from = sighting->from;
	seen->to = sighting->to;
	seen->side = (uint8_t)sighting->side;
	seen->hop_limit = sighting->hop_limit;
	seen->is_split = sighting->is_split;
	seen->times = 1;
	seen->contact = contact_of(sighting);
	seen->via = via_of(sighting);
	seen->description = description_take(&sighting->message);
}

static uint32_t session_of(const struct sip_message *message)
{
	struct text value = sip_message_header(message, SIP_HEADER_SESSION_EXPIRES);
	uint64_t seconds;
	if (value.length == 0 ||
	    !text_read_number(text_trim(text_first(value, text_find(value, ';'))), UINT32_MAX, &seconds))
		return 0;
	return (uint32_t)seconds;
}

static void fill_event(const struct call *call, struct event *event, const struct sighting *sighting)
{
	const struct sip_message *message = &sighting->message;
	struct text name = message->method_name;
	*event = (struct event){ .key = sighting->key, .method = message->method, .seen_count = 1 };
	fill_seen(&event->seen[0], sighting);
	snprintf(event->method_name, sizeof event->method_name, "%.*s", (int)(name.length < 15 ? name.length : 15),
	         name.start);
	event->branch =
	        sighting->branch.length > 0 ? hash_of_bytes(sighting->branch.start, sighting->branch.length) : 0;
	event->status = message->status;
	event->cseq = (uint32_t)message->cseq;
	event->length = sighting->bytes.length;
	event->session_s = message->status / 100 == 2 ? session_of(message) : 0;
	event->in_dialog = message->is_request && sighting->to_tag.length > 0;
	event->has_rport = message->is_request && asks_for_rport(sighting);
	bool from_caller = hash_of_bytes(sighting->from_tag.start, sighting->from_tag.length) == call->caller_tag;
	event->by = from_caller == message->is_request ? PARTY_CALLER : PARTY_CALLEE;
	event->bytes = malloc(event->length);
	if (event->bytes != NULL)
		memcpy(event->bytes, sighting->bytes.start, event->length);
}

/* What is no call goes on for as long as the phone is registered: only its end is kept. */
static void drop_half(struct call *call)
{
	size_t half = call->count / 2;
	for (size_t i = 0; i < half; i++) {
		event_let_go(&call->events[i]);
		free(call->events[i].seen[0].description);
		free(call->events[i].seen[1].description);
	}
	memmove(call->events, call->events + half, (call->count - half) * sizeof *call->events);
	call->count -= half;
	call->more += half;
}

struct event *call_add(struct call *call, const struct sighting *sighting)
{
	if (call->count == CALL_EVENTS_MAX && !call->is_call)
		drop_half(call);
	if (call->count == CALL_EVENTS_MAX) {
		call->more++;
		return NULL;
	}
	if (call->count == call->room) {
		size_t room = call->room != 0 ? 2 * call->room : 8;
		struct event *events = realloc(call->events, room * sizeof *events);
		if (events == NULL)
			return NULL;
		call->events = events;
		call->room = room;
	}
	struct event *event = &call->events[call->count++];
	fill_event(call, event, sighting);
	call->is_call = call->is_call || (event->method == SIP_METHOD_INVITE && event_is_request(event));
	return event;
}

void event_add_seen(struct event *event, const struct sighting *sighting)
{
	fill_seen(&event->seen[1], sighting);
	event->seen_count = 2;
}

void seen_repeat(struct seen *seen, uint64_t now_ns)
{
	seen->times++;
	if (now_ns > seen->last_ns)
		seen->last_ns = now_ns;
}

void event_let_go(struct event *event)
{
	free(event->bytes);
	event->bytes = NULL;
}
