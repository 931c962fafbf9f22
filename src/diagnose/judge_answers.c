/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers that do not come where they should, and those that nobody asked could have sent. */
#include "diagnose/state.h"

#include <stdio.h>

enum {
	UNHEARD_MIN = 4, /* times a request was sent: T1 doubles to 3.5 s by then (RFC 3261 17.1.1.2) */
	MIDWAY_MIN = 2,  /* requests answered midway: a capture may lack the packets of one */
};

static bool is_udp(const struct event *event)
{
	return event->seen[0].from.protocol == SIPALG_PROTOCOL_UDP;
}

/* ---- rport was asked for (RFC 3581 4), and the answer comes to the port in Via ---- */

/* The server itself sent it there, so no router did. */
static bool server_chose_port(const struct event *request, const struct event *response)
{
	const struct seen *asked = &request->seen[request->seen_count - 1], *answer = &response->seen[0];
	return request->seen_count == 2 && response->seen_count == 2 && answer->to.port != asked->from.port;
}

static void judge_forced(struct diagnosis *diagnosis, struct call *call, struct event *response,
                         const struct event *request, struct explained *explained)
{
	const struct seen *sent = &request->seen[0], *came = &response->seen[response->seen_count - 1];
	char from[ENDPOINT_TEXT_MAX];
	if (!request->has_rport || sent->side != came->side ||
	    !sipalg_address_equal(&sent->from.address, &came->to.address) || sent->from.port == came->to.port ||
	    server_chose_port(request, response))
		return;
	bool outside = response->seen_count == 1 && !is_private_address(&sent->from.address);
	struct evidence evidence = evidence_of(call);
	response->mark = MARK_BAD;
	response->remark = "to another port than asked for";
	explained->found = true;
	explained->answers = explained->answers || !outside;
	causes_add(&diagnosis->causes, FAULT_RESPONSE_PORT_FORCED, hash_of_address(&sent->from.address),
	           response->seen_count == 2 ? CONFIDENCE_CERTAIN
	           : outside                 ? CONFIDENCE_HINT
	                                     : CONFIDENCE_LIKELY,
	           &evidence, "%s was sent from %s with rport, and the answer (%u) came to port %u",
	           request->method_name, endpoint_text(&sent->from, from), response->status, came->to.port);
}

/* ---- No rport, and Via has a private address ---- */

/* Without rport answers go to where the request came from, but to the port in Via (RFC 3261 18.2.2), which is another
 * one behind NAT; a server that does not even look where a request came from sends them to the private address. Whether
 * a provider mends either shows only in where the answer goes. */
static bool went_astray(const struct diagnosis *diagnosis, const struct event *request, const struct seen *answer)
{
	const struct seen *asked = &request->seen[request->seen_count - 1];
	if (answer->side != asked->side)
		return false;
	if (sipalg_address_equal(&answer->to.address, &asked->from.address))
		return answer->to.port == asked->via.port && asked->via.port != asked->from.port;
	return sipalg_address_equal(&answer->to.address, &asked->via.address) &&
	       hosts_where(&diagnosis->hosts, answer->side, &answer->from.address, &answer->to.address) != WHERE_INSIDE;
}

static void judge_private(struct diagnosis *diagnosis, struct call *call, struct event *response,
                          const struct event *request, struct explained *explained)
{
	const struct seen *asked = &request->seen[request->seen_count - 1], *answer = &response->seen[0];
	bool suffers = asked->times >= UNHEARD_MIN && response->seen_count == 1;
	char via[ENDPOINT_TEXT_MAX], from[ENDPOINT_TEXT_MAX], to[ENDPOINT_TEXT_MAX];
	if (request->has_rport || !suffers || !tells_private(request, &asked->via) ||
	    !went_astray(diagnosis, request, answer))
		return;
	struct evidence evidence = evidence_of(call);
	response->mark = MARK_LOST;
	response->remark = "to where Via says";
	explained->found = explained->answers = true;
	causes_add(&diagnosis->causes, FAULT_PRIVATE_VIA, hash_of_address(&asked->from.address),
	           call->crossed ? CONFIDENCE_CERTAIN : CONFIDENCE_LIKELY, &evidence,
	           "%s from %s asks for answers at %s, without rport: the answer (%u) went to %s, and the request was "
	           "sent %u times",
	           request->method_name, endpoint_text(&asked->from, from), endpoint_text(&asked->via, via),
	           response->status, endpoint_text(&answer->to, to), asked->times);
}

/* ---- The right place, and it does not get there ---- */

static void judge_swallowed(struct diagnosis *diagnosis, struct call *call, struct event *response,
                            const struct event *request, struct explained *explained)
{
	const struct seen *asked = &request->seen[request->seen_count - 1], *answer = &response->seen[0];
	char to[ENDPOINT_TEXT_MAX];
	if (request->seen_count < 2 || response->seen_count == 2 || asked->times < UNHEARD_MIN ||
	    answer->side != asked->side || !sipalg_endpoint_equal(&answer->to, &asked->from))
		return;
	struct evidence evidence = evidence_of(call);
	response->mark = MARK_LOST;
	response->remark = "did not cross the router";
	explained->found = explained->answers = true;
	causes_add(&diagnosis->causes, FAULT_MESSAGE_DROPPED, hash_of_address(&asked->from.address), CONFIDENCE_CERTAIN,
	           &evidence,
	           "the answer (%u) to %s came to %s and was never seen inside; the request was sent %u times",
	           response->status, request->method_name, endpoint_text(&answer->to, to), asked->times);
}

/* ---- Answered by somebody on the way ---- */

/* Another capture that was running then, a while before and behind. */
static bool was_watched(const struct diagnosis *diagnosis, const struct event *request, const struct event *response)
{
	size_t other = diagnosis->wishes.sides == 2 ? 1U - request->seen[0].side : 0;
	const struct span_of_time *span = &diagnosis->spans[other];
	return span->first_ns + CROSSING_NS < request->seen[0].time_ns &&
	       response->seen[0].time_ns + CROSSING_NS < span->last_ns;
}

/* Neither the request nor its answer was seen outside, where others to the same server were. */
static void judge_midway(struct diagnosis *diagnosis, struct call *call, struct event *response,
                         const struct event *request, struct explained *explained)
{
	const struct seen *asked = &request->seen[0], *answer = &response->seen[0];
	const struct host *server = hosts_known(&diagnosis->hosts, &asked->to.address);
	const struct host *phone = hosts_known(&diagnosis->hosts, &asked->from.address);
	char to[ENDPOINT_TEXT_MAX];
	if (request->seen_count == 2 || response->seen_count == 2 || server == NULL || !server->is_far ||
	    phone == NULL || phone->inside <= phone->outside || asked->side != answer->side ||
	    !sipalg_endpoint_equal(&asked->from, &answer->to) || !was_watched(diagnosis, request, response))
		return;
	struct evidence evidence = evidence_of(call);
	bool sure = ++diagnosis->answered_midway >= MIDWAY_MIN;
	response->mark = MARK_BAD;
	response->remark = "answered midway";
	explained->found = explained->found || sure;
	causes_add(&diagnosis->causes, FAULT_SIP_ANSWERED_MIDWAY, hash_of_address(&asked->to.address),
	           sure ? CONFIDENCE_LIKELY : CONFIDENCE_HINT, &evidence,
	           "%s to %s was answered (%u), and neither it nor the answer was seen on the other side, while others "
	           "were",
	           request->method_name, endpoint_text(&asked->to, to), response->status);
}

/* ---- All of them ---- */

void judge_answers(struct diagnosis *diagnosis, struct call *call, struct explained *explained)
{
	for (size_t i = 0; i < call->count; i++) {
		struct event *response = &call->events[i];
		const struct event *request = find_request(call, response);
		if (request == NULL || !is_udp(request))
			continue;
		judge_forced(diagnosis, call, response, request, explained);
		judge_private(diagnosis, call, response, request, explained);
		judge_swallowed(diagnosis, call, response, request, explained);
		judge_midway(diagnosis, call, response, request, explained);
	}
}
