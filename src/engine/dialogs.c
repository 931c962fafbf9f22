/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a message means for the calls it belongs to: which leg, what has happened to it, what its media are now. */
#include "engine/engine.h"

#include "base/check.h"

#include "sip/tag.h"

static uint64_t tag_of(const struct passage *passage, enum sip_header_kind kind)
{
	struct text tag;
	if (!sip_tag_find(sip_message_header(&passage->message, kind), &tag))
		return 0;
	return hash_text(&passage->engine->key, tag) | 1;
}

/* Once, for whoever needs them first. */
static void read_tags(struct passage *passage)
{
	if (passage->has_tags)
		return;
	passage->has_tags = true;
	passage->from_tag = tag_of(passage, SIP_HEADER_FROM);
	passage->to_tag = tag_of(passage, SIP_HEADER_TO);
}

static bool concerns_calls(const struct passage *passage)
{
	switch (passage->message.method) {
	case SIP_METHOD_INVITE:
	case SIP_METHOD_ACK:
	case SIP_METHOD_BYE:
	case SIP_METHOD_CANCEL:
	case SIP_METHOD_PRACK:
	case SIP_METHOD_UPDATE:
		return true;
	case SIP_METHOD_INFO:
		return passage->has_sdp;
	case SIP_METHOD_OTHER:
	case SIP_METHOD_REGISTER:
	case SIP_METHOD_OPTIONS:
	case SIP_METHOD_SUBSCRIBE:
	case SIP_METHOD_NOTIFY:
	case SIP_METHOD_REFER:
	case SIP_METHOD_MESSAGE:
	case SIP_METHOD_PUBLISH:
		break;
	}
	return false;
}

static uint32_t cseq_of(const struct passage *passage)
{
	return (uint32_t)passage->message.cseq;
}

/* ---- Finding and making ---- */

const struct leg *dialogs_leg_of_sender(struct passage *passage)
{
	const struct calls *calls = &passage->engine->calls;
	uint32_t call = calls_find(calls, passage->call_id);
	if (!call)
		return NULL;
	read_tags(passage);
	uint32_t slot = calls_find_leg(calls, call, passage->message.is_request ? passage->from_tag : passage->to_tag,
	                               &passage->packet->source.address);
	return slot ? &calls->legs[slot] : NULL;
}

static uint32_t find_leg(struct passage *passage, uint64_t inside_tag)
{
	const struct calls *calls = &passage->engine->calls;
	const sipalg_packet *packet = passage->packet;
	const sipalg_endpoint *phone = packet->direction == SIPALG_OUTBOUND ? &packet->source : &packet->destination;
	return inside_tag ? calls_find_leg(calls, calls_find(calls, passage->call_id), inside_tag, &phone->address) : 0;
}

static uint32_t add_leg(struct passage *passage, uint64_t inside_tag, enum leg_state state)
{
	struct calls *calls = &passage->engine->calls;
	bool has_room = calls->leg_pool.used < calls->leg_pool.capacity || calls->ended_legs.count;
	uint32_t call = has_room ? calls_take(calls, passage->now_ns, passage->call_id, passage->call_id_text) : 0;
	uint32_t leg =
	        call ? calls_add_leg(calls, passage->now_ns, call, inside_tag, &passage->packet->source.address, state)
	             : 0;
	if (!leg)
		passage_refuse(passage, SIPALG_REASON_CALLS_FULL);
	return leg;
}

/* ---- What responses say ---- */

/* Final responses after which the caller tries again with the same Call-ID and tag. */
static bool is_challenge(uint16_t status)
{
	static const uint16_t retried[] = { 401, 407, 413, 415, 416, 420, 421, 422, 494 };
	if (status / 100 == 3)
		return true;
	for (size_t i = 0; i < sizeof(retried) / sizeof(retried[0]); i++)
		if (retried[i] == status)
			return true;
	return false;
}

/* The number a value begins with: "1800;refresher=uac". 0: none. */
static uint32_t leading_number(struct text value)
{
	uint64_t number;
	value = text_first(value, text_find(value, ';'));
	return text_read_number(text_trim(value), UINT32_MAX, &number) ? (uint32_t)number : 0;
}

static void read_session_timer(struct passage *passage, struct leg *leg)
{
	leg->session_s = leading_number(sip_message_header(&passage->message, SIP_HEADER_SESSION_EXPIRES));
}

/* Each side counts its requests by itself (RFC 3261 12.2.1.1): what the inside party answers is not about an offer of
 * its own that is open, though the CSeq be the same. */
static bool is_about_other_offer(struct passage *passage, uint32_t slot)
{
	return passage->packet->direction == SIPALG_OUTBOUND && leg_at(passage, slot)->offer_is_open;
}

static void hear_offer_accepted(struct passage *passage, uint32_t slot)
{
	if (!is_about_other_offer(passage, slot))
		calls_leg_offer_accepted(&passage->engine->calls, passage->now_ns, slot, cseq_of(passage));
}

static void hear_offer_failed(struct passage *passage, uint32_t slot)
{
	if (is_about_other_offer(passage, slot))
		return;
	if (is_challenge(passage->message.status))
		leg_offer_challenged(leg_at(passage, slot), cseq_of(passage));
	else
		calls_leg_offer_refused(&passage->engine->calls, passage->now_ns, slot, cseq_of(passage));
}

/* ---- The Contact of a call that is up ---- */

static bool may_change_contact(enum sip_method method)
{
	return method == SIP_METHOD_INVITE || method == SIP_METHOD_UPDATE;
}

bool dialogs_change_call(struct passage *passage)
{
	const struct sip_message *message = &passage->message;
	return message->is_request && may_change_contact(message->method) && dialogs_leg_of_sender(passage) &&
	       passage->to_tag;
}

static void hear_invite_response(struct passage *passage, uint32_t slot, uint64_t remote_tag)
{
	struct calls *calls = &passage->engine->calls;
	uint16_t status = passage->message.status;
	if (status < 200) {
		calls_leg_event(calls, passage->now_ns, slot, status == 100 ? LEG_PROCEEDED : LEG_RANG);
	} else if (status < 300) {
		leg_confirm_dialog(leg_at(passage, slot), remote_tag);
		read_session_timer(passage, leg_at(passage, slot));
		hear_offer_accepted(passage, slot);
		target_accepted(passage, slot);
		calls_leg_event(calls, passage->now_ns, slot, LEG_ANSWERED);
	} else {
		hear_offer_failed(passage, slot);
		if (!is_challenge(status)) /* else the same is offered again */
			target_refused(passage, slot);
		calls_leg_event(calls, passage->now_ns, slot, is_challenge(status) ? LEG_CHALLENGED : LEG_REFUSED);
	}
}

/* PRACK and UPDATE carry offers and answers of their own (RFC 6337); UPDATE refreshes the session too (RFC 4028). */
static void hear_update_response(struct passage *passage, uint32_t slot)
{
	struct calls *calls = &passage->engine->calls;
	uint16_t status = passage->message.status;
	struct leg *leg = leg_at(passage, slot);
	if (status >= 300) {
		hear_offer_failed(passage, slot);
		if (!is_challenge(status)) /* else the same is offered again */
			target_refused(passage, slot);
	} else if (status >= 200) {
		hear_offer_accepted(passage, slot);
		target_accepted(passage, slot);
		if (leg->state != LEG_CONFIRMED)
			return;
		if (passage->message.method == SIP_METHOD_UPDATE)
			read_session_timer(passage, leg);
		calls_leg_event(calls, passage->now_ns, slot, LEG_ANSWERED);
	}
}

static void hear_bye_response(struct passage *passage, uint32_t slot, uint64_t remote_tag)
{
	uint16_t status = passage->message.status;
	bool phone_stays = passage->packet->direction == SIPALG_OUTBOUND && status >= 300 && status != 481;
	if (status < 200 || status == 401 || status == 407 || phone_stays)
		return;
	if (leg_end_dialog(leg_at(passage, slot), remote_tag))
		calls_leg_event(&passage->engine->calls, passage->now_ns, slot, LEG_GONE);
}

/* With a dialog the far end may send requests, and over TCP it may open a connection for them: to the Contact that the
 * phone has given it there, and only it may. */
static void open_ways(struct passage *passage, const struct leg *leg)
{
	const struct binding *bindings = passage->engine->bindings.list;
	uint16_t status = passage->message.status;
	if (status <= 100 || status >= 300 || !passage->to_tag)
		return;
	for (int way = LEG_BY_CONTACT; way <= LEG_BY_ROUTE; way++)
		if (leg->ways[way] && bindings[leg->ways[way]].inside.protocol == SIPALG_PROTOCOL_TCP)
			passage_open_to_peer(passage, leg->ways[way]);
}

static void hear_response(struct passage *passage, uint32_t slot, uint64_t remote_tag)
{
	enum sip_method method = passage->message.method;
	if (may_change_contact(method))
		open_ways(passage, leg_at(passage, slot));
	if (method == SIP_METHOD_INVITE)
		hear_invite_response(passage, slot, remote_tag);
	else if (method == SIP_METHOD_PRACK || method == SIP_METHOD_UPDATE)
		hear_update_response(passage, slot);
	else if (method == SIP_METHOD_BYE)
		hear_bye_response(passage, slot, remote_tag);
}

/* Only the caller may end an early dialog by BYE (RFC 3261 15): when the called party does, it has answered, and the
 * 2xx went by unseen. */
static void hear_bye(struct passage *passage, uint32_t slot, uint64_t remote_tag)
{
	bool caller_is_inside = leg_at(passage, slot)->invite_cseq != 0;
	bool comes_from_inside = passage->packet->direction == SIPALG_OUTBOUND;
	if (caller_is_inside != comes_from_inside && leg_at(passage, slot)->state != LEG_CONFIRMED)
		calls_leg_event(&passage->engine->calls, passage->now_ns, slot, LEG_ANSWERED);
	if (leg_hang_up_dialog(leg_at(passage, slot), remote_tag))
		calls_leg_event(&passage->engine->calls, passage->now_ns, slot, LEG_HUNG_UP);
}

/* ---- Outbound: the inside party speaks ---- */

static bool names_before(const struct passage *passage, const struct leg *leg, size_t index)
{
	uint32_t binding = passage->media[index].binding;
	for (uint8_t i = 0; leg && i < leg->media_count; i++)
		if (leg->media[i].binding == binding)
			return true;
	for (size_t i = 0; i < index; i++)
		if (passage->media[i].binding == binding)
			return true;
	return false;
}

/* True when the leg, or one that is yet to come, has room for all media that the message names. */
static bool have_room(struct passage *passage)
{
	uint32_t slot = find_leg(passage, passage->message.is_request ? passage->from_tag : passage->to_tag);
	const struct leg *leg = slot ? leg_at(passage, slot) : NULL;
	size_t count = leg ? leg->media_count : 0;
	for (size_t i = 0; i < passage->media_count; i++)
		count += !names_before(passage, leg, i);
	return count <= SIPALG_LEG_MEDIA_MAX;
}

static void take_over_media(struct passage *passage, uint32_t slot)
{
	struct leg *leg = leg_at(passage, slot);
	leg_begin_offer(leg, cseq_of(passage), passage->message.is_request);
	leg->is_held = passage->is_held;
	if (leg->origin == LEG_ORIGIN_UNKNOWN)
		leg->origin = (uint8_t)passage->origin;
	for (size_t i = 0; i < passage->media_count; i++) {
		const struct passing_media *media = &passage->media[i];
		bool has_room = calls_leg_names_media(&passage->engine->calls, slot, media->binding, media->line,
		                                      media->is_rtcp);
		check(has_room);
	}
}

/* The leg takes over the media its party names here (a failure's SDP only tells what it could do), and the places where
 * it wants to be reached: its Contact, and the Record-Route of the proxy in front of it. */
static void take_over(struct passage *passage, uint32_t slot)
{
	struct leg *leg = leg_at(passage, slot);
	if (leg->state == LEG_ENDED)
		return;
	if (passage->has_sdp && passage->message.status < 300)
		take_over_media(passage, slot);
	for (size_t i = 0; i < passage->contact_count; i++)
		if (passage->contacts[i].binding) {
			target_take_over(passage, slot, &passage->contacts[i]);
			break;
		}
	if (passage->route)
		leg_reach(passage, slot, LEG_BY_ROUTE, passage->route);
	if (passage->via && passage->message.method == SIP_METHOD_INVITE)
		leg_reach(passage, slot, LEG_BY_VIA, passage->via == leg->ways[LEG_BY_CONTACT] ? 0 : passage->via);
}

static uint32_t begin_invite(struct passage *passage, uint32_t slot)
{
	if (!slot)
		slot = add_leg(passage, passage->from_tag, passage->to_tag ? LEG_CONFIRMED : LEG_TRYING);
	else if (cseq_of(passage) > leg_at(passage, slot)->invite_cseq)
		calls_leg_event(&passage->engine->calls, passage->now_ns, slot, LEG_INVITED);
	if (!slot)
		return 0;
	struct leg *leg = leg_at(passage, slot);
	if (cseq_of(passage) > leg->invite_cseq)
		leg->invite_cseq = cseq_of(passage);
	leg->expires_s = leading_number(sip_message_header(&passage->message, SIP_HEADER_EXPIRES));
	if (passage->to_tag)
		leg_confirm_dialog(leg, passage->to_tag);
	return slot;
}

static void follow_outbound_request(struct passage *passage)
{
	struct calls *calls = &passage->engine->calls;
	enum sip_method method = passage->message.method;
	uint32_t known = find_leg(passage, passage->from_tag), slot = known;
	if (method == SIP_METHOD_INVITE)
		slot = begin_invite(passage, slot);
	else if (!slot && passage->media_count && passage->to_tag) /* a call from before the gateway was there */
		slot = add_leg(passage, passage->from_tag, LEG_CONFIRMED);
	if (!slot)
		return;
	leg_speaks_to(leg_at(passage, slot), &passage->packet->destination.address);
	take_over(passage, slot);
	if (!known && leg_at(passage, slot)->state == LEG_CONFIRMED)
		calls_leg_event(calls, passage->now_ns, slot,
		                LEG_INVITED); /* with media, it lives as long as they flow */
	if ((method == SIP_METHOD_ACK || method == SIP_METHOD_PRACK) && passage->has_sdp)
		calls_leg_join_media(calls, passage->now_ns, slot, passage->to_tag);
	else if (method == SIP_METHOD_CANCEL)
		calls_leg_hurry(calls, passage->now_ns, slot);
	else if (method == SIP_METHOD_BYE)
		hear_bye(passage, slot, passage->to_tag);
}

/* An inside party that answers an INVITE has a leg from its first response with a tag on. */
static uint32_t begin_answer(struct passage *passage)
{
	uint16_t status = passage->message.status;
	if (passage->message.method != SIP_METHOD_INVITE || status <= 100 || status >= 300 || !passage->to_tag)
		return 0;
	uint32_t slot = add_leg(passage, passage->to_tag, LEG_EARLY);
	if (slot)
		leg_speaks_to(leg_at(passage, slot), &passage->packet->destination.address);
	return slot;
}

static void follow_outbound_response(struct passage *passage)
{
	uint32_t slot = find_leg(passage, passage->to_tag);
	if (!slot)
		slot = begin_answer(passage);
	if (!slot)
		return;
	take_over(passage, slot);
	hear_response(passage, slot, passage->from_tag);
	if (passage->has_sdp)
		calls_leg_join_media(&passage->engine->calls, passage->now_ns, slot, passage->from_tag);
}

void dialogs_follow_outbound(struct passage *passage)
{
	if (!concerns_calls(passage))
		return;
	read_tags(passage);
	if (passage->media_count > 0 && !have_room(passage))
		passage_refuse(passage, SIPALG_REASON_TOO_LARGE);
	else if (passage->message.is_request)
		follow_outbound_request(passage);
	else
		follow_outbound_response(passage);
}

/* ---- Inbound: the outside party speaks ---- */

/* Nothing of a stream that another phone behind this router takes part in: both are inside. */
static bool is_remote(const struct passage *passage, const struct sdp_address *connection)
{
	return connection && connection->host.is_address && !passage_is_outside(passage, &connection->host) &&
	       !passage_is_inside(passage, &connection->host);
}

static void add_remote(const struct passage *passage, struct remote_media *remote, const struct sdp_media *media)
{
	const struct sdp_address *connection = sdp_connection_of(&passage->sdp, media);
	if (!media->port || !is_remote(passage, connection)) {
		remote_media_add(remote, NULL, NULL);
		return;
	}
	sipalg_endpoint rtp = { .address = connection->host.address, .port = media->port };
	sipalg_endpoint rtcp = { .address = rtp.address, .port = (uint16_t)(media->port + 1) };
	if (!text_is_empty(media->rtcp.port_text)) {
		rtcp.port = media->rtcp.port;
		if (media->rtcp.address.host.is_address)
			rtcp.address = media->rtcp.address.host.address;
	}
	if (media->rtcp_mux)
		rtcp.port = media->port;
	remote_media_add(remote, &rtp, &rtcp);
}

static void store_remote(struct passage *passage, struct call *call)
{
	bool is_request = passage->message.is_request;
	uint64_t tag = is_request ? passage->from_tag : passage->to_tag;
	struct remote_media *remote = call_remote_media(call, tag, is_request);
	remote_media_begin(remote, tag);
	call->is_direct = passage->is_direct;
	for (size_t i = 0; i < passage->sdp.media_count; i++)
		add_remote(passage, remote, &passage->sdp.media[i]);
}

/* An INVITE from outside leaves where its media are wanted, for the answer; a full table costs no more than that. */
static void keep_remote(struct passage *passage)
{
	struct calls *calls = &passage->engine->calls;
	if (!passage->has_sdp)
		return;
	uint32_t call = calls_find(calls, passage->call_id);
	if (!call && passage->message.is_request && passage->message.method == SIP_METHOD_INVITE)
		call = calls_take(calls, passage->now_ns, passage->call_id, passage->call_id_text);
	if (call && calls_hear(calls, call, &passage->packet->source.address))
		store_remote(passage, &calls->list[call]);
}

void dialogs_follow_inbound(struct passage *passage)
{
	if (!concerns_calls(passage))
		return;
	read_tags(passage);
	keep_remote(passage);
	bool is_request = passage->message.is_request;
	enum sip_method method = passage->message.method;
	uint64_t remote_tag = is_request ? passage->from_tag : passage->to_tag;
	uint32_t slot = find_leg(passage, is_request ? passage->to_tag : passage->from_tag);
	if (!slot || !leg_hears(leg_at(passage, slot), &passage->packet->source.address))
		return; /* who knows a call's names may still be nobody that takes part in it */
	if (passage->has_sdp)
		leg_at(passage, slot)->is_held = passage->is_held;
	if (!is_request)
		hear_response(passage, slot, remote_tag);
	else if (method == SIP_METHOD_BYE)
		hear_bye(passage, slot, remote_tag);
	if (passage->has_sdp && (!is_request || method == SIP_METHOD_ACK || method == SIP_METHOD_PRACK))
		calls_leg_join_media(&passage->engine->calls, passage->now_ns, slot, remote_tag);
}
