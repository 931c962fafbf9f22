/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a whole call shows: Contacts that nobody reaches, ACK and BYE astray, missed session timers, requests that are
 * refused again and again or never answered. */
#include "diagnose/state.h"

#include <stdio.h>

enum {
	REPEATS_MIN = 3,   /* of an answer or request, before it counts as not heard */
	UNHEARD_MIN = 4,   /* times a request was sent: T1 doubles to 3.5 s by then (RFC 3261 17.1.1.2) */
	REFUSALS_MIN = 5,  /* in a row, of one kind */
	BY_TIMEOUT_S = 20, /* between answer and BYE when no ACK came: 64*T1 is 32 s */
};

static const char *party_name(const struct call *call, enum party party)
{
	return party == PARTY_CALLER ? call->caller : call->callee;
}

static double seconds(uint64_t ns)
{
	return (double)ns / (double)SECOND_NS;
}

/* ---- ACK ---- */

static struct event *find_answer(struct call *call)
{
	for (size_t i = 0; i < call->count; i++)
		if (call->events[i].method == SIP_METHOD_INVITE && call->events[i].status / 100 == 2)
			return &call->events[i];
	return NULL;
}

static struct event *find_by(struct call *call, enum sip_method method, enum party party, uint32_t cseq)
{
	for (size_t i = 0; i < call->count; i++) {
		struct event *event = &call->events[i];
		if (event_is_request(event) && event->method == method && event->by == party &&
		    (cseq == 0 || event->cseq == cseq))
			return event;
	}
	return NULL;
}

struct astray {
	struct event *answer, *ack, *bye;
	uint32_t times;   /* the answer was sent */
	uint64_t for_ns;  /* from its first to its last time */
	uint64_t held_ns; /* until the answering side gave up; 0: it was not seen */
};

/* The answer was repeated as it is when no ACK comes: an ACK that comes ends that (RFC 3261 13.3.1.4). */
static bool ack_went_astray(struct call *call, struct astray *astray)
{
	struct event *answer = find_answer(call);
	if (answer == NULL)
		return false;
	*astray = (struct astray){ .answer = answer, .times = answer->seen[0].times };
	astray->for_ns = answer->seen[0].last_ns - answer->seen[0].time_ns;
	astray->ack = find_by(call, SIP_METHOD_ACK, party_other(answer->by), answer->cseq);
	astray->bye = find_by(call, SIP_METHOD_BYE, answer->by, 0);
	if (astray->bye != NULL)
		astray->held_ns = astray->bye->seen[0].time_ns - answer->seen[0].time_ns;
	return astray->times > REPEATS_MIN && astray->for_ns > 2 * SECOND_NS;
}

/* Repeated for as long as RFC 3261 says, though the ACKs that followed crossed: then they came too late, or not at all.
 */
static void describe_astray(const struct astray *astray, const struct call *call, char out[240])
{
	char to[ENDPOINT_TEXT_MAX];
	int length = snprintf(out, 240, "the answer to INVITE was sent %u times in %.0f s, and ", astray->times,
	                      seconds(astray->for_ns));
	if (astray->ack == NULL)
		length += snprintf(out + length, 240 - (size_t)length, "no ACK was seen");
	else
		length +=
		        snprintf(out + length, 240 - (size_t)length, "the ACK went to %s%s",
		                 endpoint_text(&astray->ack->seen[0].to, to),
		                 call->crossed && astray->ack->seen_count == 1 ? " and did not cross the router" : "");
	if (astray->held_ns > BY_TIMEOUT_S * SECOND_NS && astray->held_ns < 2 * BY_TIMEOUT_S * SECOND_NS)
		snprintf(out + length, 240 - (size_t)length, "; %.24s ended the call after %.0f s",
		         party_name(call, astray->answer->by), seconds(astray->held_ns));
}

/* ---- Private Contacts that left the network ---- */

/* Where a message shows a private Contact though its sender is behind a router, as the outside sees it. */
static const struct seen *find_leak(const struct event *event)
{
	const struct seen *outside = &event->seen[event->seen_count - 1];
	return tells_private(event, &outside->contact) ? outside : NULL;
}

static struct event *leak_by(struct call *call, enum party party)
{
	for (size_t i = 0; i < call->count; i++) {
		struct event *event = &call->events[i];
		if (event->by == party && find_leak(event) != NULL &&
		    (event->method == SIP_METHOD_INVITE || event->method == SIP_METHOD_REGISTER))
			return event;
	}
	return NULL;
}

/* A request of the other side that went to the private address, or never came where it should. */
static bool suffers(struct call *call, enum party party, const struct seen *leak, char out[240])
{
	char to[ENDPOINT_TEXT_MAX];
	struct astray astray;
	for (size_t i = 0; i < call->count; i++) {
		struct event *event = &call->events[i];
		if (event_is_request(event) && event->by != party && !event->answered &&
		    event->method != SIP_METHOD_ACK &&
		    sipalg_address_equal(&event->seen[0].to.address, &leak->contact.address)) {
			snprintf(out, 240, "%s is sent to %s, and not answered", event->method_name,
			         endpoint_text(&event->seen[0].to, to));
			return true;
		}
	}
	if (!ack_went_astray(call, &astray) || astray.answer->by != party)
		return false;
	describe_astray(&astray, call, out);
	return true;
}

void judge_contacts(struct diagnosis *diagnosis, struct call *call, struct explained *explained)
{
	for (enum party party = PARTY_CALLER; party < PARTY_COUNT; party++) {
		struct event *event = leak_by(call, party);
		const struct seen *leak = event != NULL ? find_leak(event) : NULL;
		char contact[ENDPOINT_TEXT_MAX], from[ENDPOINT_TEXT_MAX], what[240];
		if (leak == NULL || !suffers(call, party, leak, what))
			continue;
		struct evidence evidence = evidence_of(call);
		explained->contact = explained->found = true;
		event->mark = MARK_BAD;
		event->remark = "private Contact";
		causes_add(&diagnosis->causes, FAULT_PRIVATE_CONTACT, hash_of_address(&leak->contact.address),
		           CONFIDENCE_CERTAIN, &evidence, "%s says that it is at %s, and comes from %s: %s",
		           party_name(call, party), endpoint_text(&leak->contact, contact),
		           endpoint_text(&leak->from, from), what);
	}
}

static bool was_reached(const struct call *call, enum party party)
{
	for (size_t i = 0; i < call->count; i++) {
		const struct event *event = &call->events[i];
		if (event_is_request(event) && event->by != party && event->in_dialog && event->answered)
			return true;
	}
	return false;
}

void judge_unmended(struct diagnosis *diagnosis, struct call *call, struct explained *explained)
{
	for (enum party party = PARTY_CALLER; party < PARTY_COUNT; party++) {
		struct event *event = explained->unmended[party] ? leak_by(call, party) : NULL;
		char contact[ENDPOINT_TEXT_MAX], from[ENDPOINT_TEXT_MAX];
		if (event == NULL || was_reached(call, party))
			continue;
		const struct seen *leak = find_leak(event);
		struct evidence evidence = evidence_of(call);
		event->mark = MARK_BAD;
		event->remark = "private Contact";
		causes_add(&diagnosis->causes, FAULT_PRIVATE_CONTACT, hash_of_address(&leak->contact.address),
		           CONFIDENCE_LIKELY, &evidence,
		           "%s says that it is at %s, and comes from %s; the other side does not "
		           "mend private addresses, for it does not mend those of sound",
		           party_name(call, party), endpoint_text(&leak->contact, contact),
		           endpoint_text(&leak->from, from));
	}
}

/* ---- ACK, BYE, session timers ---- */

static void judge_ack(struct diagnosis *diagnosis, struct call *call, struct explained *explained)
{
	struct astray astray;
	char what[240], contact[ENDPOINT_TEXT_MAX];
	if (!ack_went_astray(call, &astray))
		return;
	astray.answer->mark = MARK_BAD;
	astray.answer->remark = "repeated: no ACK came";
	if (astray.ack != NULL && call->crossed && astray.ack->seen_count == 1)
		astray.ack->mark = MARK_LOST;
	if (explained->contact || explained->answers)
		return;
	const struct seen *seen = &astray.answer->seen[astray.answer->seen_count - 1];
	struct evidence evidence = evidence_of(call);
	bool sure = astray.ack == NULL || (call->crossed && astray.ack->seen_count == 1) || astray.held_ns > 0;
	describe_astray(&astray, call, what);
	explained->found = true;
	causes_add(&diagnosis->causes, FAULT_ACK_ASTRAY, hash_of_address(&seen->from.address),
	           sure ? CONFIDENCE_CERTAIN : CONFIDENCE_LIKELY, &evidence, "%s; the answer's Contact is %s", what,
	           endpoint_is_given(&seen->contact) ? endpoint_text(&seen->contact, contact) : "a name");
}

/* The request went to the Contact under which the router made the other party known outside, and not to where that
 * party is. */
static bool contact_leads_nowhere(const struct call *call, const struct event *request, bool *other_port)
{
	const struct seen *reached = request->seen_count == 2 ? &request->seen[1] : NULL;
	for (size_t i = 0; i < call->count && call->crossed; i++) {
		const struct event *event = &call->events[i];
		const struct seen *inside = &event->seen[0], *outside = &event->seen[1];
		if (event->by == request->by || event->seen_count < 2 || !endpoint_is_given(&inside->contact) ||
		    sipalg_endpoint_equal(&inside->contact, &outside->contact) ||
		    !sipalg_endpoint_equal(&outside->contact, &request->seen[0].to))
			continue;
		*other_port = reached != NULL || outside->contact.port != outside->from.port;
		return reached == NULL || !sipalg_endpoint_equal(&reached->to, &inside->contact);
	}
	return false;
}

/* An answer that gave up waiting for its ACK sends BYE too, which may go astray for the same reason. */
static void judge_bye(struct diagnosis *diagnosis, struct call *call, const struct explained *explained)
{
	for (size_t i = 0; i < call->count; i++) {
		struct event *event = &call->events[i];
		char to[ENDPOINT_TEXT_MAX], why[UNREACHABLE_TEXT_MAX];
		if (!event_is_request(event) || event->method != SIP_METHOD_BYE || event->answered ||
		    event->seen[0].times < UNHEARD_MIN)
			continue;
		event->mark = MARK_LOST;
		event->remark = "never answered";
		if (explained->contact)
			continue;
		struct evidence evidence = evidence_of(call);
		bool other_port = false, nowhere = contact_leads_nowhere(call, event, &other_port);
		causes_add(&diagnosis->causes,
		           !nowhere     ? FAULT_BYE_ASTRAY
		           : other_port ? FAULT_CONTACT_PORT_WRONG
		                        : FAULT_CONTACT_UNREACHABLE,
		           hash_of_address(&event->seen[0].to.address), CONFIDENCE_CERTAIN, &evidence,
		           "BYE from %s to %s was sent %u times and never answered%s%s", party_name(call, event->by),
		           endpoint_text(&event->seen[0].to, to), event->seen[0].times,
		           call->crossed && event->seen_count == 1 ? "; it did not cross the router" : "",
		           unreachable_text(unreachables_find(&diagnosis->unreachables, &event->seen[0].to), why));
	}
}

static bool refreshes(const struct event *event)
{
	return event_is_request(event) && event->in_dialog &&
	       (event->method == SIP_METHOD_INVITE || event->method == SIP_METHOD_UPDATE);
}

/* The time from which Session-Expires counts: the last refresh that was answered with a 2xx (RFC 4028 10). */
struct session {
	uint64_t since_ns;
	uint32_t seconds;
	const struct event *unheard; /* a refresh that got no answer */
};

static struct session session_of(struct call *call)
{
	struct session session = { 0 };
	for (size_t i = 0; i < call->count; i++) {
		const struct event *event = &call->events[i];
		if (event->session_s > 0) {
			session = (struct session){ event->seen[0].time_ns, event->session_s, NULL };
		} else if (session.seconds > 0 && refreshes(event) && !event->answered &&
		           event->seen[0].times >= REPEATS_MIN) {
			session.unheard = event;
		}
	}
	return session;
}

/* Without a refresh the call is ended a third of the interval, 32 s at most, before it is over (RFC 4028 10), or then.
 */
static void judge_session(struct diagnosis *diagnosis, struct call *call, struct explained *explained)
{
	struct session session = session_of(call);
	const struct event *bye = find_by(call, SIP_METHOD_BYE, PARTY_CALLER, 0);
	if (bye == NULL)
		bye = find_by(call, SIP_METHOD_BYE, PARTY_CALLEE, 0);
	if (bye == NULL || session.seconds == 0)
		return;
	uint64_t early_s = session.seconds / 3 < 32 ? session.seconds / 3 : 32;
	uint64_t after_ns = bye->seen[0].time_ns - session.since_ns;
	if (after_ns + (early_s + 3) * SECOND_NS < session.seconds * SECOND_NS ||
	    after_ns > (session.seconds + 40) * SECOND_NS)
		return;
	struct evidence evidence = evidence_of(call);
	explained->found = true;
	causes_add(&diagnosis->causes, FAULT_SESSION_TIMER_MISSED, 0,
	           session.unheard != NULL ? CONFIDENCE_CERTAIN : CONFIDENCE_LIKELY, &evidence,
	           "Session-Expires was %u s; %s ended the call after %.0f s, and %s%s%s", session.seconds,
	           party_name(call, bye->by), seconds(after_ns),
	           session.unheard != NULL ? "the refresh (" : "no refresh was seen",
	           session.unheard != NULL ? session.unheard->method_name : "",
	           session.unheard != NULL ? ") had got no answer" : "");
}

void judge_dialog(struct diagnosis *diagnosis, struct call *call, struct explained *explained)
{
	if (!call->is_call)
		return;
	judge_ack(diagnosis, call, explained);
	judge_bye(diagnosis, call, explained);
	judge_session(diagnosis, call, explained);
}
