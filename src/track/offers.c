/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Offer and answer: which media a leg owns from when to when, and how both ends of them are joined (RFC 3264). */
#include "track/calls.h"

void calls_leg_give_up_media(struct calls *calls, uint64_t now_ns, uint32_t slot, uint8_t entry)
{
	struct leg *leg = &calls->legs[slot];
	bindings_disown(calls->bindings, leg->media[entry].binding, now_ns);
	leg->media[entry] = leg->media[--leg->media_count];
}

void leg_begin_offer(struct leg *leg, uint32_t cseq, bool in_request)
{
	if (in_request && leg->offer_is_open && leg->offer_cseq == cseq)
		return;
	leg->offer += !leg->offer_is_challenged;
	leg->offer_is_challenged = false;
	leg->offer_cseq = cseq;
	leg->offer_is_open = in_request;
}

bool calls_leg_names_media(struct calls *calls, uint32_t slot, uint32_t binding, uint8_t line, bool is_rtcp)
{
	struct leg *leg = &calls->legs[slot];
	for (uint8_t i = 0; i < leg->media_count; i++)
		if (leg->media[i].binding == binding) {
			leg->media[i].last_offer = leg->offer;
			leg->media[i].line = line;
			leg->media[i].is_rtcp = is_rtcp;
			return true;
		}
	if (leg->media_count == SIPALG_LEG_MEDIA_MAX)
		return false;
	leg->media[leg->media_count++] = (struct leg_media){ .binding = binding,
		                                             .first_offer = leg->offer,
		                                             .last_offer = leg->offer,
		                                             .line = line,
		                                             .is_rtcp = is_rtcp };
	bindings_own(calls->bindings, binding, leg->deadline_ns);
	return true;
}

void calls_leg_offer_accepted(struct calls *calls, uint64_t now_ns, uint32_t slot, uint32_t cseq)
{
	struct leg *leg = &calls->legs[slot];
	if (leg->offer_cseq != cseq)
		return;
	leg->offer_is_open = false;
	for (uint8_t i = leg->media_count; i-- > 0;)
		if (leg->media[i].last_offer != leg->offer)
			calls_leg_give_up_media(calls, now_ns, slot, i);
}

void leg_offer_challenged(struct leg *leg, uint32_t cseq)
{
	if (leg->offer_is_open && leg->offer_cseq == cseq)
		leg->offer_is_challenged = true;
}

void calls_leg_offer_refused(struct calls *calls, uint64_t now_ns, uint32_t slot, uint32_t cseq)
{
	struct leg *leg = &calls->legs[slot];
	if (!leg->offer_is_open || leg->offer_cseq != cseq)
		return;
	leg->offer_is_open = false;
	for (uint8_t i = leg->media_count; i-- > 0;)
		if (leg->media[i].first_offer == leg->offer)
			calls_leg_give_up_media(calls, now_ns, slot, i);
}

/* ---- Both ends ---- */

struct remote_media *call_remote_media(struct call *call, uint64_t tag, bool is_request)
{
	for (size_t i = 0; i < CALL_REMOTE_COUNT; i++)
		if (call->remotes[i].tag == tag)
			return &call->remotes[i];
	struct remote_media *remote = &call->remotes[is_request ? CALL_REMOTE_CALLER : CALL_REMOTE_CALLED];
	remote_media_begin(remote, tag);
	return remote;
}

static void join_one(struct calls *calls, uint64_t now_ns, struct leg_media *media, const struct remote_media *remote)
{
	const struct binding *binding = &calls->bindings->list[media->binding];
	sipalg_endpoint peer;
	if (!remote_media_get(remote, media->line, media->is_rtcp, &peer) ||
	    sipalg_address_is_ipv4(&peer.address) != sipalg_address_is_ipv4(&binding->inside.address))
		return;
	uint32_t mark = (uint32_t)endpoint_hash(&calls->bindings->endpoint_key, &peer) | 1;
	if (media->flow_mark == mark)
		return;
	media->flow_mark = mark;
	if (!binding->admits_any)
		bindings_admit(calls->bindings, media->binding, now_ns, &peer.address);
	bindings_settle(calls->bindings, media->binding, now_ns);
	sipalg_command *command = bindings_command(calls->bindings, media->binding, SIPALG_COMMAND_ENTER_FLOW);
	command->peer = peer;
	command->lease_s = SIPALG_UNANSWERED_S;
}

void calls_leg_join_media(struct calls *calls, uint64_t now_ns, uint32_t slot, uint64_t remote_tag)
{
	struct leg *leg = &calls->legs[slot];
	const struct call *call = &calls->list[leg->call];
	for (size_t i = 0; i < CALL_REMOTE_COUNT; i++) {
		if (call->remotes[i].tag != remote_tag)
			continue;
		for (uint8_t at = 0; at < leg->media_count; at++)
			if (leg->media[at].last_offer == leg->offer)
				join_one(calls, now_ns, &leg->media[at], &call->remotes[i]);
	}
}
