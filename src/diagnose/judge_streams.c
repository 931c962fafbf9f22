/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a call went over TCP: messages that vanish from a connection that stands, and connections that are cut. */
#include "diagnose/state.h"

/* How long an answer may take: Timer B and F (RFC 3261 17.1.1.2, 17.1.2.2). */
#define ANSWER_NS (32 * SECOND_NS)

#define AFTERMATH_NS (5 * SECOND_NS)

struct sides {
	const struct connection *here, *back,
	        *beyond; /* back: its other direction; beyond: on the router's other side */
};

static struct sides sides_of(const struct diagnosis *diagnosis, const struct seen *seen)
{
	const struct connections *connections = &diagnosis->connections;
	struct flow_ends ends = { .from = seen->from, .to = seen->to, .side = seen->side }, turned = ends_turned(&ends);
	struct sides sides = { .here = connections_find(connections, &ends),
		               .back = connections_find(connections, &turned) };
	if (sides.here == NULL || sides.here->other == 0)
		return sides;
	const struct connection *beyond = &connections->slots[sides.here->other];
	sides.beyond = &connections->slots[beyond->other] == sides.here ? beyond : NULL;
	return sides;
}

/* ---- Messages that vanish ---- */

/* What was seen here is on its way to the router, not from it. */
static bool is_before_router(const struct diagnosis *diagnosis, const struct sides *sides)
{
	const struct flow_ends *here = &sides->here->ends, *beyond = &sides->beyond->ends;
	const struct host *from = hosts_known(&diagnosis->hosts, &here->from.address);
	const struct host *to = hosts_known(&diagnosis->hosts, &here->to.address);
	if (!sipalg_address_equal(&here->from.address, &beyond->from.address))
		return from != NULL && from->inside > from->outside;
	return !sipalg_address_equal(&here->to.address, &beyond->to.address) && to != NULL && to->is_router &&
	       to->outside > to->inside;
}

static bool vanished_at_router(const struct diagnosis *diagnosis, const struct event *event, const struct sides *sides)
{
	return sides->beyond != NULL && event->seen_count == 1 && sides->here->gaps == 0 && sides->beyond->gaps == 0 &&
	       sides->here->crossed_ns > event->seen[0].time_ns && is_before_router(diagnosis, sides);
}

/* Others are answered on the same connection, later ones too. */
static bool is_unheard(const struct diagnosis *diagnosis, const struct event *event, const struct sides *sides)
{
	return event_is_request(event) && !event->answered && event->method != SIP_METHOD_ACK &&
	       diagnosis->last_ns > event->seen[0].time_ns + ANSWER_NS && sides->here->gaps == 0 &&
	       sides->back != NULL && sides->back->gaps == 0 && sides->back->message_ns > event->seen[0].time_ns;
}

static void judge_vanished(struct diagnosis *diagnosis, const struct call *call, struct event *event,
                           const struct sides *sides, struct explained *explained)
{
	bool at_router = vanished_at_router(diagnosis, event, sides);
	char from[ENDPOINT_TEXT_MAX], to[ENDPOINT_TEXT_MAX];
	if (!at_router && !is_unheard(diagnosis, event, sides))
		return;
	event->mark = MARK_LOST;
	event->remark = at_router ? "did not cross the router" : "never answered";
	struct evidence evidence = evidence_of(call);
	explained->found = true;
	causes_add(&diagnosis->causes, FAULT_TCP_MESSAGE_LOST, hash_of_address(&event->seen[0].from.address),
	           at_router ? CONFIDENCE_CERTAIN : CONFIDENCE_LIKELY, &evidence, "%s%s from %s to %s over TCP %s",
	           event_is_request(event) ? "" : "the answer to ", event->method_name,
	           endpoint_text(&event->seen[0].from, from), endpoint_text(&event->seen[0].to, to),
	           at_router ? "was never seen on the other side, while what came after it was"
	                     : "was never answered, while others on the same connection were");
}

/* ---- Connections that are cut ---- */

static uint64_t reset_of(const struct diagnosis *diagnosis, const struct connection *connection)
{
	struct flow_ends turned = ends_turned(&connection->ends);
	const struct connection *back = connections_find(&diagnosis->connections, &turned);
	return connection->reset_ns != 0 || back == NULL ? connection->reset_ns : back->reset_ns;
}

/* Some request of the call was answered afterwards: another connection has taken its place. */
static bool goes_on(const struct call *call, uint64_t since_ns)
{
	for (size_t i = 0; i < call->count; i++)
		if (event_is_request(&call->events[i]) && call->events[i].answered &&
		    call->events[i].seen[0].time_ns > since_ns)
			return true;
	return false;
}

static void judge_cut(struct diagnosis *diagnosis, struct call *call, struct event *event, const struct sides *sides,
                      struct explained *explained)
{
	uint64_t reset_ns = reset_of(diagnosis, sides->here);
	bool while_up = call->up_ns != 0 && reset_ns > call->up_ns && (call->over_ns == 0 || reset_ns < call->over_ns);
	char from[ENDPOINT_TEXT_MAX], to[ENDPOINT_TEXT_MAX];
	if (!while_up || diagnosis->last_ns < reset_ns + AFTERMATH_NS || goes_on(call, reset_ns))
		return;
	bool by_router = sides->beyond != NULL && reset_of(diagnosis, sides->beyond) == 0;
	struct evidence evidence = evidence_of(call);
	event->mark = MARK_BAD;
	event->remark = "its connection is cut later";
	explained->found = true;
	causes_add(
	        &diagnosis->causes, FAULT_TCP_CUT, hash_of_address(&event->seen[0].from.address),
	        by_router ? CONFIDENCE_CERTAIN : CONFIDENCE_LIKELY, &evidence,
	        "the connection of %s to %s was reset %.0f s after the call was answered, and nothing in the call was "
	        "answered since%s",
	        endpoint_text(&event->seen[0].from, from), endpoint_text(&event->seen[0].to, to),
	        (double)(reset_ns - call->up_ns) / (double)SECOND_NS,
	        by_router ? "; on the other side of the router it stands" : "");
}

void judge_streams(struct diagnosis *diagnosis, struct call *call, struct explained *explained)
{
	for (size_t i = 0; i < call->count; i++) {
		struct event *event = &call->events[i];
		struct sides sides = { 0 };
		if (event->seen[0].from.protocol == SIPALG_PROTOCOL_TCP)
			sides = sides_of(diagnosis, &event->seen[0]);
		if (sides.here == NULL)
			continue;
		judge_vanished(diagnosis, call, event, &sides, explained);
		if (event->method == SIP_METHOD_INVITE && event_is_request(event))
			judge_cut(diagnosis, call, event, &sides, explained);
	}
}
