/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One message from arrival to verdict. */
#include "engine/engine.h"

static const sipalg_endpoint *phone_of(const sipalg_packet *packet)
{
	return packet->direction == SIPALG_OUTBOUND ? &packet->source : &packet->destination;
}

static void begin(struct passage *passage, sipalg_engine *engine, uint64_t now_ns, const sipalg_packet *packet)
{
	passage->engine = engine;
	passage->now_ns = now_ns;
	passage->packet = packet;
	passage->refusal = SIPALG_REASON_NOTHING_TO_DO;
	passage->has_sdp = passage->is_held = passage->is_direct = false;
	passage->is_public = passage->has_foreign = passage->has_star = false;
	passage->changes_call = passage->contact_waits = passage->has_tags = false;
	passage->body.is_sealed = false;
	passage->call_id_text = (struct text){ 0 };
	passage->call_id = 0;
	bool is_ipv4 = sipalg_address_is_ipv4(&phone_of(packet)->address);
	passage->outside[is_ipv4] = packet->outside;
	passage->outside[!is_ipv4] = packet->other_outside;
	passage->sender = NULL;
	if (packet->direction == SIPALG_OUTBOUND)
		passage_find_sender(passage);
	passage->named_count = passage->contact_count = passage->media_count = 0;
	passage->route = passage->via = 0;
	passage->origin = LEG_ORIGIN_UNKNOWN;
	edits_begin(&passage->edits, (struct text){ (const char *)packet->bytes, packet->length });
}

static enum sipalg_reason reason_not_to_look(const sipalg_engine *engine, const sipalg_packet *packet)
{
	if (packet->direction == SIPALG_DIRECTION_NONE)
		return SIPALG_REASON_NOT_CROSSING;
	const sipalg_address *phone = &phone_of(packet)->address;
	if (engine->off.count && prefixes_contain(&engine->off, phone))
		return SIPALG_REASON_SWITCHED_OFF;
	if (sipalg_address_is_none(&packet->outside) && !engine_keeps_ports(engine, phone))
		return SIPALG_REASON_NO_OUTSIDE;
	return SIPALG_REASON_NOTHING_TO_DO;
}

static bool uses_call_id(const struct sip_message *message)
{
	return message->method != SIP_METHOD_REGISTER && message->method != SIP_METHOD_OPTIONS;
}

static void read_message(struct passage *passage)
{
	switch (sip_message_parse_header(passage->edits.original, passage->packet->body_left, &passage->message)) {
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

/* There is one at most: a message with two is not read (RFC 3261 7.3.1). */
static void fix_content_length(struct passage *passage, ptrdiff_t growth)
{
	const struct sip_message *message = &passage->message;
	if (!growth || text_is_empty(message->content_length))
		return;
	uint64_t length = (uint64_t)((ptrdiff_t)message->body.length + growth);
	edits_replace_number(&passage->edits, message->content_length, SIPALG_PLACE_CONTENT_LENGTH, length);
}

static void find_edits(struct passage *passage)
{
	bool goes_out = passage->packet->direction == SIPALG_OUTBOUND;
	(goes_out ? headers_go_out : headers_come_in)(passage);
	if (passage_is_refused(passage))
		return;
	ptrdiff_t growth_of_headers = passage->edits.growth;
	(goes_out ? media_go_out : media_come_in)(passage);
	if (goes_out && passage->edits.count && is_signed_whole(&passage->message))
		passage_refuse(passage, SIPALG_REASON_SIGNED);
	fix_content_length(passage, passage->edits.growth - growth_of_headers);
	bool is_too_long = passage->packet->source.protocol == SIPALG_PROTOCOL_UDP &&
	                   (ptrdiff_t)passage->packet->length + passage->edits.growth > SIPALG_DATAGRAM_MAX;
	if (passage->edits.overflowed || is_too_long)
		passage_refuse(passage, SIPALG_REASON_TOO_LARGE);
}

/* To a port that is open for media anybody may send: what comes there is nobody's word about a call. */
static bool arrives_as_media(const struct passage *passage)
{
	const struct bindings *bindings = &passage->engine->bindings;
	const sipalg_endpoint *phone = &passage->packet->destination;
	sipalg_address outside;
	if (!passage_find_outside(passage, &phone->address, &outside))
		return false;
	uint32_t slot = passage->via; /* which names the same endpoint, nearly always */
	if (!slot || !bindings_is(bindings, slot, phone, &outside))
		slot = bindings_find_inside(bindings, phone, &outside);
	return slot && bindings->list[slot].state == BINDING_ALIVE && !bindings->list[slot].is_signalling;
}

/* Only of a message that passes as it is meant to: one that does not changes nothing here either. */
static void follow(struct passage *passage)
{
	bool goes_out = passage->packet->direction == SIPALG_OUTBOUND;
	if (!goes_out && arrives_as_media(passage))
		return;
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

/* Media that no call owns: the message repeats one of a call that has ended, or is none of a call at all. It gets the
 * bytes it would get in a call, so that repetitions are alike, but nothing is opened for it. */
static bool is_idle(const struct binding *binding)
{
	return !binding->is_signalling && !binding->owners && !binding->is_open;
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
		if (is_idle(binding)) {
			bindings_put_aside(bindings, slot, passage->now_ns);
			continue;
		}
		bindings_touch(bindings, slot, until_ns);
		if (binding->is_signalling && binding->inside.protocol == SIPALG_PROTOCOL_UDP)
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
	if (passage->packet->body_left && sip_body_may_hold_sdp(&passage->message))
		return SIPALG_REASON_TOO_LARGE;
	if (passage->body.is_sealed)
		return SIPALG_REASON_SIGNED;
	if (passage->is_public)
		return SIPALG_REASON_ALREADY_PUBLIC;
	if (passage->named_count)
		return SIPALG_REASON_OPENED;
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
	engine_count_tables(engine);
}
