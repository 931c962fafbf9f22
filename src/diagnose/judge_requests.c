/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests that nobody answers, those that are refused again and again, and those that a router swallows. */
#include "diagnose/state.h"

#include <stdio.h>

enum {
	UNHEARD_MIN = 4, /* times a request was sent: T1 doubles to 3.5 s by then (RFC 3261 17.1.1.2) */
	REFUSALS_MIN = 5,
	LARGE_MIN = 1300,   /* bytes, from which a datagram may need fragments (RFC 3261 18.1.1) */
	SILENCE_MIN_S = 15, /* no router forgets a binding sooner (RFC 4787 4.3 wants 120 s) */
};

static const char *party_name(const struct call *call, enum party party)
{
	return party == PARTY_CALLER ? call->caller : call->callee;
}

/* ---- Registered, and not reached ---- */

/* The registration that the request was for, at one of the places where it was seen. */
static struct registration *registration_of(const struct diagnosis *diagnosis, const struct event *event)
{
	for (size_t i = event->seen_count; i > 0; i--) {
		const struct seen *seen = &event->seen[i - 1];
		struct registration_key key = { .from = seen->to, .side = seen->side };
		struct registration *registration = registrations_find(&diagnosis->registrations, &key);
		if (registration != NULL)
			return registration;
	}
	return NULL;
}

static void note_failure(struct registration *registration, const struct call *call, const struct event *event)
{
	uint64_t time_ns = event->seen[0].time_ns;
	registration->lost_inside = registration->lost_inside || (call->crossed && event->seen_count == 1);
	if (registration->failed++ > 0 && registration->failure.time_ns <= time_ns)
		return;
	registration->failure = (struct attempt){ time_ns, event->silence_ns };
	registration->where_hash = call->hash;
	snprintf(registration->where, sizeof registration->where, "%s", call->id);
	snprintf(registration->method, sizeof registration->method, "%s", event->method_name);
}

/* True when the request was one to a phone that had been silent. */
static bool judge_reach(struct diagnosis *diagnosis, const struct call *call, struct event *event)
{
	struct registration *registration = event->silence_ns > 0 ? registration_of(diagnosis, event) : NULL;
	if (registration == NULL)
		return false;
	if (event->answered) {
		if (event->seen[0].time_ns > registration->reached_ns)
			registration->reached_ns = event->seen[0].time_ns;
		if (event->silence_ns > registration->shorter_ns)
			registration->shorter_ns = event->silence_ns;
		return false;
	}
	if (event->seen[0].times < UNHEARD_MIN || event->silence_ns < SILENCE_MIN_S * SECOND_NS)
		return false;
	event->mark = MARK_LOST;
	event->remark = "no answer after silence";
	note_failure(registration, call, event);
	return true;
}

/* A router that forgets does so each time: a phone that was reached after a longer silence has another trouble. */
static void judge_registration(struct diagnosis *diagnosis, const struct registration *registration)
{
	const struct attempt *failure = &registration->failure;
	bool reached_later = registration->reached_ns > failure->time_ns;
	bool reached_sooner = registration->shorter_ns > 0 && registration->shorter_ns < failure->silence_ns;
	char from[ENDPOINT_TEXT_MAX];
	if (registration->failed == 0 || registration->shorter_ns >= failure->silence_ns)
		return;
	struct evidence evidence = { .call = registration->where_hash, .where = registration->where };
	causes_add(
	        &diagnosis->causes, FAULT_REGISTRATION_OUTLIVED, hash_of_address(&registration->key.from.address),
	        reached_later || registration->lost_inside || reached_sooner ? CONFIDENCE_CERTAIN : CONFIDENCE_LIKELY,
	        &evidence, "%s is registered from %s for %u s; %s came after %.0f s of silence and got no answer%s%s",
	        registration->name, endpoint_text(&registration->key.from, from), registration->granted_s,
	        registration->method, (double)failure->silence_ns / (double)SECOND_NS,
	        registration->lost_inside ? ", since it did not cross the router" : "",
	        reached_later ? "; when the phone had sent something again it was reached" : "");
}

void judge_registrations(struct diagnosis *diagnosis)
{
	for (uint32_t slot = 1; slot <= diagnosis->registrations.pool.touched; slot++)
		judge_registration(diagnosis, &diagnosis->registrations.slots[slot]);
}

/* ---- Never answered ---- */

/* Somebody who never answers that sender need not be alive. */
static bool has_answered(const struct diagnosis *diagnosis, const struct seen *seen)
{
	return flows_last_ns(&diagnosis->flows, seen->side, &seen->to, &seen->from.address) != 0;
}

static void judge_unheard(struct diagnosis *diagnosis, struct call *call, struct event *event,
                          struct explained *explained)
{
	const struct seen *seen = &event->seen[0];
	const struct unreachable *unreachable = unreachables_find(&diagnosis->unreachables, &seen->to);
	bool lost = call->crossed && event->seen_count == 1;
	bool large = event->length >= LARGE_MIN || unreachable_is_size(unreachable);
	char from[ENDPOINT_TEXT_MAX], to[ENDPOINT_TEXT_MAX], why[UNREACHABLE_TEXT_MAX];
	if (event->answered || seen->times < UNHEARD_MIN || event->method == SIP_METHOD_ACK ||
	    event->method == SIP_METHOD_BYE || seen->from.protocol != SIPALG_PROTOCOL_UDP)
		return;
	bool crossings = diagnosis->crossings > 0 && event->seen_count == 1;
	if (!has_answered(diagnosis, seen) && !lost && !crossings)
		return;
	event->mark = MARK_LOST;
	event->remark = "never answered";
	if (judge_reach(diagnosis, call, event) || explained->contact || explained->answers)
		return;
	struct evidence evidence = evidence_of(call);
	explained->found = true;
	causes_add(&diagnosis->causes, large ? FAULT_LARGE_MESSAGE_LOST : FAULT_MESSAGE_DROPPED,
	           hash_of_address(&seen->from.address), lost || crossings ? CONFIDENCE_CERTAIN : CONFIDENCE_LIKELY,
	           &evidence,
	           "%s of %zu bytes from %s to %s was sent %u times and never answered, while others were%s%s",
	           event->method_name, event->length, endpoint_text(&seen->from, from), endpoint_text(&seen->to, to),
	           seen->times, lost || crossings ? "; it was never seen on the other side" : "",
	           unreachable_text(unreachable, why));
}

/* ---- Refused again and again ---- */

static bool is_refused(const struct event *event)
{
	return event_is_request(event) && event->final_status >= 400 && event->final_status < 500;
}

/* A challenge is no refusal, unless what answers it is challenged again (RFC 3261 22.1). */
static void judge_refusals(struct diagnosis *diagnosis, const struct call *call, struct explained *explained)
{
	uint32_t in_row = 0;
	const struct event *last = NULL;
	for (size_t i = 0; i < call->count; i++) {
		const struct event *event = &call->events[i];
		if (!event_is_request(event) || event->final_status == 0)
			continue;
		bool same = last != NULL && event->method == last->method && event->final_status == last->final_status;
		in_row = is_refused(event) ? (same ? in_row + 1 : 1) : 0;
		last = event;
		if (in_row < REFUSALS_MIN)
			continue;
		struct evidence evidence = evidence_of(call);
		explained->found = true;
		causes_add(&diagnosis->causes, FAULT_REFUSED_REPEATEDLY,
		           hash_of_bytes(call->caller, sizeof call->caller), CONFIDENCE_CERTAIN, &evidence,
		           "%s from %s is answered %u each time, %u times in a row", event->method_name,
		           party_name(call, event->by), event->final_status, in_row);
	}
}

/* ---- All of them ---- */

void judge_requests(struct diagnosis *diagnosis, struct call *call, struct explained *explained)
{
	for (size_t i = 0; i < call->count; i++) {
		struct event *event = &call->events[i];
		if (event_is_request(event)) {
			(void)(event->answered && judge_reach(diagnosis, call, event));
			judge_unheard(diagnosis, call, event, explained);
		}
	}
	judge_refusals(diagnosis, call, explained);
}
