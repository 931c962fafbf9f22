/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The same message on both sides of a router: by Call-ID, tags, CSeq and branch, and where an ALG changed those, by
 * what else it has in common with a message of late. */
#include "diagnose/state.h"

#include <stdlib.h>

enum { HOPS_MAX = 4 }; /* routers between two places of one capture */

static bool ends_equal(const struct seen *seen, const struct sighting *sighting)
{
	return seen->side == sighting->side && sipalg_endpoint_equal(&seen->from, &sighting->from) &&
	       sipalg_endpoint_equal(&seen->to, &sighting->to);
}

static uint64_t between(uint64_t left_ns, uint64_t right_ns)
{
	return left_ns > right_ns ? left_ns - right_ns : right_ns - left_ns;
}

static bool went_on(const struct seen *seen, const struct sighting *sighting)
{
	return sighting->hop_limit < seen->hop_limit && seen->hop_limit - sighting->hop_limit <= HOPS_MAX;
}

/* Whether this may be the message behind a router, or before it. In one capture a router leaves one end as it was; a
 * proxy changes both, and sends copies under other branches. */
static bool may_have_crossed(const struct seen *seen, const struct sighting *sighting, bool same_branch)
{
	if (between(seen->time_ns, sighting->time_ns) > CROSSING_NS &&
	    between(seen->last_ns, sighting->time_ns) > CROSSING_NS)
		return false;
	if (seen->side != sighting->side)
		return true;
	bool same_from = sipalg_endpoint_equal(&seen->from, &sighting->from);
	bool same_to = sipalg_endpoint_equal(&seen->to, &sighting->to);
	if (same_from && same_to)
		return went_on(seen, sighting);
	return (same_from || same_to) && (same_branch || went_on(seen, sighting));
}

static void swap_seen(struct event *event)
{
	struct seen first = event->seen[0];
	event->seen[0] = event->seen[1];
	event->seen[1] = first;
}

/* The sender's side comes first: hops tell, or else the clock. */
static bool came_later(const struct event *event)
{
	const struct seen *first = &event->seen[0], *second = &event->seen[1];
	if (first->hop_limit != second->hop_limit && between(first->hop_limit, second->hop_limit) <= HOPS_MAX)
		return second->hop_limit < first->hop_limit;
	return first->time_ns <= second->time_ns;
}

static void learn_hosts(struct diagnosis *diagnosis, const struct event *event)
{
	const struct seen *first = &event->seen[0], *second = &event->seen[1];
	if (!sipalg_address_equal(&first->from.address, &second->from.address))
		hosts_learn(&diagnosis->hosts, &first->from.address, first->side, &second->from.address, second->side,
		            &first->to.address);
	else if (!sipalg_address_equal(&first->to.address, &second->to.address))
		hosts_learn(&diagnosis->hosts, &second->to.address, second->side, &first->to.address, first->side,
		            &first->from.address);
}

static void pair_connections(struct diagnosis *diagnosis, const struct event *event)
{
	const struct seen *first = &event->seen[0], *second = &event->seen[1];
	struct flow_ends ends[2] = { { .from = first->from, .to = first->to, .side = first->side },
		                     { .from = second->from, .to = second->to, .side = second->side } };
	if (first->from.protocol == SIPALG_PROTOCOL_TCP)
		connections_pair(&diagnosis->connections, &ends[0], &ends[1], first->time_ns);
}

static void cross(struct diagnosis *diagnosis, uint32_t slot, struct event *event, const struct sighting *sighting)
{
	struct call *call = &diagnosis->calls.slots[slot];
	struct text first = { event->bytes, event->bytes != NULL ? event->length : 0 }, second = sighting->bytes;
	event_add_seen(event, sighting);
	call->crossed = true;
	diagnosis->crossings++;
	bool later = came_later(event);
	if (!later)
		swap_seen(event);
	learn_hosts(diagnosis, event);
	pair_connections(diagnosis, event);
	if (first.start != NULL)
		diagnosis_compare(diagnosis, call, event, later ? first : second, later ? second : first);
	calls_alias(&diagnosis->calls, slot, sighting);
}

/* ---- Under the same Call-ID ---- */

static enum meeting meet_event(struct diagnosis *diagnosis, uint32_t slot, struct event *event,
                               const struct sighting *sighting)
{
	bool same_branch =
	        event->branch ==
	        (sighting->branch.length > 0 ? hash_of_bytes(sighting->branch.start, sighting->branch.length) : 0);
	for (size_t i = 0; i < event->seen_count; i++) {
		struct seen *seen = &event->seen[i];
		if (!ends_equal(seen, sighting) || (event->seen_count == 1 && went_on(seen, sighting)))
			continue;
		if (seen->hop_limit != sighting->hop_limit && event->seen_count == 2 &&
		    ends_equal(&event->seen[1 - i], sighting) && event->seen[1 - i].hop_limit == sighting->hop_limit)
			continue; /* routed without translation: hops tell which place it is */
		if (between(seen->last_ns, sighting->time_ns) < DUPLICATE_NS)
			return MEETING_DUPLICATE;
		seen_repeat(seen, sighting->time_ns);
		return MEETING_REPEATED;
	}
	if (event->seen_count == 2 || !may_have_crossed(&event->seen[0], sighting, same_branch))
		return MEETING_NEW;
	cross(diagnosis, slot, event, sighting);
	return MEETING_CROSSED;
}

static enum meeting meet_in_call(struct diagnosis *diagnosis, uint32_t slot, const struct sighting *sighting,
                                 struct event **found)
{
	struct call *call = &diagnosis->calls.slots[slot];
	for (size_t i = call->count; i > 0; i--) {
		struct event *event = &call->events[i - 1];
		if (event->key != sighting->key)
			continue;
		enum meeting meeting = meet_event(diagnosis, slot, event, sighting);
		if (meeting == MEETING_NEW)
			continue;
		*found = event;
		return meeting;
	}
	return MEETING_NEW;
}

/* ---- Under another one ---- */

static uint64_t hash_of(struct text text)
{
	return text.length == 0 ? 0 : hash_of_bytes(text.start, text.length);
}

static struct pending pending_of(uint32_t call, const struct sighting *sighting)
{
	struct text call_id = sip_message_header(&sighting->message, SIP_HEADER_CALL_ID);
	struct text start = text_first(call_id, text_find(call_id, '@'));
	return (struct pending){ .call = call,
		                 .call_hash = sighting->call,
		                 .key = sighting->key,
		                 .from_tag = hash_of(sighting->from_tag),
		                 .branch = hash_of(sighting->branch),
		                 .body = sighting->body,
		                 .call_start = hash_of(start) };
}

static bool resemble(const struct pending *left, const struct pending *right)
{
	return (left->from_tag != 0 && left->from_tag == right->from_tag) ||
	       (left->branch != 0 && left->branch == right->branch) || (left->body != 0 && left->body == right->body) ||
	       (left->call_start != 0 && left->call_start == right->call_start);
}

static struct event *event_of(const struct diagnosis *diagnosis, const struct pending *pending)
{
	struct call *call = pending->call != 0 ? &diagnosis->calls.slots[pending->call] : NULL;
	if (call == NULL || call->hash == 0 ||
	    (call->hash != pending->call_hash && call->other_hash != pending->call_hash))
		return NULL;
	for (size_t i = call->count; i > 0; i--)
		if (call->events[i - 1].key == pending->key)
			return &call->events[i - 1];
	return NULL;
}

static bool says_the_same(const struct event *event, const struct sip_message *message)
{
	return event->seen_count == 1 && event->status == message->status && event->cseq == message->cseq &&
	       event->method == message->method && (event->status == 0) == message->is_request;
}

static enum meeting meet_pending(struct diagnosis *diagnosis, const struct sighting *sighting, uint32_t *slot,
                                 struct event **found)
{
	struct pending wanted = pending_of(0, sighting);
	for (size_t back = 1; back <= PENDING_MAX; back++) {
		const struct pending *pending =
		        &diagnosis->pending[(diagnosis->pending_next + PENDING_MAX - back) % PENDING_MAX];
		struct event *event = resemble(pending, &wanted) ? event_of(diagnosis, pending) : NULL;
		if (event == NULL || !says_the_same(event, &sighting->message))
			continue;
		bool same_branch = pending->branch == wanted.branch;
		if (!may_have_crossed(&event->seen[0], sighting, same_branch) ||
		    (ends_equal(&event->seen[0], sighting) && !went_on(&event->seen[0], sighting)))
			continue;
		*slot = pending->call;
		*found = event;
		cross(diagnosis, *slot, event, sighting);
		return MEETING_CROSSED;
	}
	return MEETING_NEW;
}

enum meeting diagnosis_meet(struct diagnosis *diagnosis, const struct sighting *sighting, uint32_t *call,
                            struct event **event)
{
	*event = NULL;
	*call = calls_by_hash(&diagnosis->calls, sighting->call);
	enum meeting meeting = *call != 0 ? meet_in_call(diagnosis, *call, sighting, event) : MEETING_NEW;
	uint32_t other = 0;
	if (meeting != MEETING_NEW)
		return meeting;
	meeting = meet_pending(diagnosis, sighting, &other, event);
	if (meeting != MEETING_NEW)
		*call = other;
	return meeting;
}

/* ---- Messages of late ---- */

void diagnosis_remember(struct diagnosis *diagnosis, uint32_t call, const struct event *event,
                        const struct sighting *sighting)
{
	struct pending *pending = &diagnosis->pending[diagnosis->pending_next++ % PENDING_MAX];
	struct event *old = event_of(diagnosis, pending);
	if (old != NULL && old != event)
		event_let_go(old);
	*pending = pending_of(call, sighting);
}
