/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether sound flowed both ways in a call that was up, and if not, where it stopped. */
#include "diagnose/state.h"

#include <stdio.h>

enum {
	PACKETS_MIN = 75, /* a second and a half of sound, before its absence the other way means anything */
	UP_MIN_S = 1,
};

/* What flowed towards each party, by the place where it was seen. */
struct counted {
	uint64_t packets[PARTY_COUNT][WHERE_OUTSIDE + 1];
	uint64_t astray[PARTY_COUNT];
	uint64_t total[PARTY_COUNT]; /* at the place where most were seen: one that crosses a router is seen twice */
};

static const struct announced *find_announced(const struct diagnosis *diagnosis, uint32_t slot, uint64_t side,
                                              const sipalg_endpoint *end)
{
	const struct flows *flows = &diagnosis->flows;
	for (uint32_t at = diagnosis->calls.lists[slot].announced; at != 0; at = flows->announced[at].next_of_call)
		if (flows->announced[at].side == side && sipalg_endpoint_equal(&flows->announced[at].end, end))
			return &flows->announced[at];
	return NULL;
}

/* Whom a flow is for: who announced its target, or else whoever did not announce its source. */
static bool flow_target(const struct diagnosis *diagnosis, uint32_t slot, const struct flow *flow, enum party *party)
{
	const struct announced *to = find_announced(diagnosis, slot, flow->ends.side, &flow->ends.to);
	const struct announced *from = find_announced(diagnosis, slot, flow->ends.side, &flow->ends.from);
	if (to != NULL)
		*party = (enum party)to->party;
	else if (from != NULL)
		*party = party_other((enum party)from->party);
	return to != NULL || from != NULL;
}

/* ---- What was agreed on ---- */

struct agreed {
	const struct event *by[PARTY_COUNT]; /* whose description says where the party wants its media */
	bool wanted[PARTY_COUNT];            /* towards the party, by both descriptions */
};

static const struct stream_told *first_stream(const struct event *event)
{
	const struct description *description = event != NULL ? event->seen[event->seen_count - 1].description : NULL;
	return description != NULL && description->count > 0 ? &description->streams[0] : NULL;
}

static bool receives(enum sdp_direction direction)
{
	return direction == SDP_SENDRECV || direction == SDP_RECVONLY;
}

static bool sends(enum sdp_direction direction)
{
	return direction == SDP_SENDRECV || direction == SDP_SENDONLY;
}

/* The first descriptions of both: what is agreed on later, holding and resuming, is no reason for silence before.
 * False: there is none, or sound in no direction was meant to be. */
static bool find_agreed(struct call *call, struct agreed *agreed)
{
	*agreed = (struct agreed){ 0 };
	for (size_t i = 0; i < call->count; i++) {
		const struct event *event = &call->events[i];
		if (agreed->by[event->by] == NULL && first_stream(event) != NULL)
			agreed->by[event->by] = event;
	}
	const struct stream_told *caller = first_stream(agreed->by[PARTY_CALLER]);
	const struct stream_told *callee = first_stream(agreed->by[PARTY_CALLEE]);
	if (caller == NULL || callee == NULL || caller->end.port == 0 || callee->end.port == 0)
		return false;
	agreed->wanted[PARTY_CALLER] = receives(caller->direction) && sends(callee->direction);
	agreed->wanted[PARTY_CALLEE] = receives(callee->direction) && sends(caller->direction);
	return agreed->wanted[PARTY_CALLER] || agreed->wanted[PARTY_CALLEE];
}

/* ---- What flowed ---- */

/* Sent to the private address itself, where nobody has it. */
static bool is_astray(const struct agreed *agreed, enum party party, const struct flow *flow, enum where where)
{
	const struct stream_told *stream = first_stream(agreed->by[party]);
	return where != WHERE_INSIDE && tells_private(agreed->by[party], &stream->end) &&
	       sipalg_endpoint_equal(&flow->ends.to, &stream->end);
}

static void count_flows(const struct diagnosis *diagnosis, uint32_t slot, const struct agreed *agreed,
                        struct counted *counted)
{
	const struct flows *flows = &diagnosis->flows;
	*counted = (struct counted){ 0 };
	for (uint32_t at = diagnosis->calls.lists[slot].flows; at != 0; at = flows->slots[at].next_of_call) {
		const struct flow *flow = &flows->slots[at];
		enum party party;
		if (!flow_target(diagnosis, slot, flow, &party))
			continue;
		enum where where = hosts_where(&diagnosis->hosts, flow->ends.side, &flow->ends.from.address,
		                               &flow->ends.to.address);
		if (is_astray(agreed, party, flow, where)) {
			counted->astray[party] += flow->packets;
			continue;
		}
		counted->packets[party][where] += flow->packets;
		if (counted->packets[party][where] > counted->total[party])
			counted->total[party] = counted->packets[party][where];
	}
}

/* ---- One direction ---- */

struct silence {
	struct call *call;
	const struct counted *counted;
	const struct agreed *agreed;
	enum party party; /* who hears nothing */
};

static const char *name_of(const struct call *call, enum party party)
{
	return party == PARTY_CALLER ? call->caller : call->callee;
}

static bool blame_description(struct diagnosis *diagnosis, const struct silence *silence, enum confidence confidence)
{
	const struct event *event = silence->agreed->by[silence->party];
	const struct stream_told *stream = first_stream(event);
	char told[ENDPOINT_TEXT_MAX], from[ENDPOINT_TEXT_MAX];
	if (!tells_private(event, &stream->end))
		return false;
	const struct seen *outside = &event->seen[event->seen_count - 1];
	struct evidence evidence = evidence_of(silence->call);
	causes_add(&diagnosis->causes, FAULT_PRIVATE_SDP, hash_of_address(&stream->end.address), confidence, &evidence,
	           "%s asks for sound at %s, and comes from %s: %llu packets went %s, %llu the other way",
	           name_of(silence->call, silence->party), endpoint_text(&stream->end, told),
	           endpoint_text(&outside->from, from), (unsigned long long)silence->counted->astray[silence->party],
	           silence->counted->astray[silence->party] > 0 ? "there and are lost" : "to it",
	           (unsigned long long)silence->counted->total[party_other(silence->party)]);
	return true;
}

/* Which party is behind the router. */
static bool is_inside(const struct diagnosis *diagnosis, const struct event *event)
{
	return hosts_is_inside(&diagnosis->hosts, &event->seen[0].from.address);
}

/* Packets for the party were seen on one side of the router only. */
static bool stopped_at_router(const struct counted *counted, enum party party, bool inside)
{
	const uint64_t *packets = counted->packets[party];
	uint64_t before = packets[inside ? WHERE_OUTSIDE : WHERE_INSIDE];
	uint64_t behind = packets[inside ? WHERE_INSIDE : WHERE_OUTSIDE];
	return before >= PACKETS_MIN && behind * 10 < before;
}

static void blame_network(struct diagnosis *diagnosis, const struct silence *silence, bool at_router)
{
	const struct event *event = silence->agreed->by[silence->party];
	const struct stream_told *stream = first_stream(event);
	bool inside =
	        is_inside(diagnosis, event) || !is_inside(diagnosis, silence->agreed->by[party_other(silence->party)]);
	char told[ENDPOINT_TEXT_MAX], why[UNREACHABLE_TEXT_MAX];
	struct evidence evidence = evidence_of(silence->call);
	causes_add(&diagnosis->causes, inside ? FAULT_MEDIA_BLOCKED_IN : FAULT_MEDIA_BLOCKED_OUT,
	           hash_of_address(&event->seen[0].from.address), at_router ? CONFIDENCE_CERTAIN : CONFIDENCE_LIKELY,
	           &evidence, "%s hears nothing: %llu packets were seen on the way to %s, %llu the other way%s%s",
	           name_of(silence->call, silence->party), (unsigned long long)silence->counted->total[silence->party],
	           endpoint_text(&stream->end, told),
	           (unsigned long long)silence->counted->total[party_other(silence->party)],
	           at_router ? "; they do not cross the router" : "",
	           unreachable_text(unreachables_find(&diagnosis->unreachables, &stream->end), why));
}

static bool judge_direction(struct diagnosis *diagnosis, const struct silence *silence, struct explained *explained)
{
	const struct counted *counted = silence->counted;
	enum party party = silence->party;
	bool inside = is_inside(diagnosis, silence->agreed->by[party]);
	bool at_router = silence->call->crossed && stopped_at_router(counted, party, inside);
	bool one_way = counted->total[party] == 0 &&
	               counted->total[party_other(party)] + counted->astray[party] >= PACKETS_MIN;
	if (!silence->agreed->wanted[party] || (!at_router && !one_way))
		return false;
	explained->unmended[party] = blame_description(diagnosis, silence, CONFIDENCE_CERTAIN);
	if (!explained->unmended[party])
		blame_network(diagnosis, silence, at_router);
	return true;
}

/* No packet either way: unless the capture holds other calls' sound, a filter may have left it out. */
static bool judge_nothing(struct diagnosis *diagnosis, struct silence *silence)
{
	enum confidence confidence = diagnosis->flows.media_packets > 0 ? CONFIDENCE_LIKELY : CONFIDENCE_HINT;
	bool blamed = false;
	for (enum party party = PARTY_CALLER; party < PARTY_COUNT; party++) {
		silence->party = party;
		blamed = blame_description(diagnosis, silence, confidence) || blamed;
	}
	return blamed && confidence != CONFIDENCE_HINT;
}

void judge_media(struct diagnosis *diagnosis, uint32_t slot, struct explained *explained)
{
	struct call *call = &diagnosis->calls.slots[slot];
	struct counted counted;
	struct agreed agreed;
	uint64_t end_ns = call->over_ns != 0 ? call->over_ns : diagnosis->last_ns;
	if (!call->is_call || call->up_ns == 0 || end_ns < call->up_ns + UP_MIN_S * SECOND_NS ||
	    !find_agreed(call, &agreed))
		return;
	count_flows(diagnosis, slot, &agreed, &counted);
	struct silence silence = { call, &counted, &agreed, PARTY_CALLER };
	if (diagnosis->calls.lists[slot].flows == 0) {
		explained->media = judge_nothing(diagnosis, &silence);
	} else {
		explained->media = judge_direction(diagnosis, &silence, explained);
		silence.party = PARTY_CALLEE;
		explained->media = judge_direction(diagnosis, &silence, explained) || explained->media;
	}
	explained->found = explained->found || explained->media;
}
