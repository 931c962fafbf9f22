/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP connections that do not come about, and streams that arrive otherwise than they were sent. */
#include "diagnose/state.h"

enum { OPENED_MIN = 3 }; /* times a SYN was sent: a second, two more, four more (RFC 6298 2.1) */

/* ---- Connections that do not come about ---- */

static bool is_ours(const struct diagnosis *diagnosis, const sipalg_address *address)
{
	const struct host *host = hosts_known(&diagnosis->hosts, address);
	return is_private_address(address) || (host != NULL && (host->is_router || host->inside > 0));
}

/* The same attempt on the other side of a router, where its sender has another address. */
static const struct connection *find_beyond(const struct diagnosis *diagnosis, const struct connection *connection)
{
	const struct connections *connections = &diagnosis->connections;
	bool two_sides = diagnosis->wishes.sides == 2;
	for (uint32_t slot = 1; slot <= connections->used; slot++) {
		const struct connection *other = &connections->slots[slot];
		uint64_t apart_ns = other->first_ns > connection->first_ns ? other->first_ns - connection->first_ns
		                                                           : connection->first_ns - other->first_ns;
		if (other != connection && other->opened > 0 && apart_ns < CROSSING_NS &&
		    (other->ends.side != connection->ends.side) == two_sides &&
		    sipalg_endpoint_equal(&other->ends.to, &connection->ends.to))
			return other;
	}
	return NULL;
}

/* The other side was being watched, and what comes from there is known to be the inside. */
static bool did_not_cross(const struct diagnosis *diagnosis, const struct connection *connection)
{
	const struct host *from = hosts_known(&diagnosis->hosts, &connection->ends.from.address);
	size_t other = diagnosis->wishes.sides == 2 ? 1U - connection->ends.side : connection->ends.side;
	const struct span_of_time *span = &diagnosis->spans[other];
	return from != NULL && from->inside > from->outside && span->first_ns <= connection->first_ns + CROSSING_NS &&
	       connection->opened_ns <= span->last_ns + CROSSING_NS && find_beyond(diagnosis, connection) == NULL;
}

/* The same server answers the same phone over UDP, to which a phone may turn that has asked for TCP in vain. */
static bool has_udp(const struct diagnosis *diagnosis, const struct flow_ends *ends)
{
	sipalg_endpoint server = ends->to;
	server.protocol = SIPALG_PROTOCOL_UDP;
	return flows_last_ns(&diagnosis->flows, ends->side, &server, &ends->from.address) != 0;
}

static void judge_blocked(struct diagnosis *diagnosis, const struct connection *connection)
{
	struct flow_ends turned = ends_turned(&connection->ends);
	const struct connection *reverse = connections_find(&diagnosis->connections, &turned);
	bool refused = reverse != NULL && reverse->reset_ns != 0;
	char from[ENDPOINT_TEXT_MAX], to[ENDPOINT_TEXT_MAX], why[UNREACHABLE_TEXT_MAX];
	const struct unreachable *unreachable = unreachables_find(&diagnosis->unreachables, &connection->ends.to);
	if (connection->opened == 0 || connection->is_open ||
	    (!refused && unreachable == NULL && connection->opened < OPENED_MIN))
		return;
	bool at_router = did_not_cross(diagnosis, connection);
	bool decides = is_ours(diagnosis, &connection->ends.from.address) && !has_udp(diagnosis, &connection->ends);
	struct evidence evidence = { 0 };
	causes_add(&diagnosis->causes, FAULT_TCP_BLOCKED, hash_of_address(&connection->ends.to.address),
	           at_router ? CONFIDENCE_CERTAIN
	           : decides ? CONFIDENCE_LIKELY
	                     : CONFIDENCE_HINT,
	           &evidence, "%s asked %s for a connection %u times, and %s%s%s",
	           endpoint_text(&connection->ends.from, from), endpoint_text(&connection->ends.to, to),
	           connection->opened, refused ? "was refused" : "got no answer",
	           at_router ? "; nothing of it was seen on the other side" : "", unreachable_text(unreachable, why));
}

/* ---- Streams that arrive otherwise ---- */

/* NULL: none is known, or its place was needed for another. */
static const struct connection *other_of(const struct diagnosis *diagnosis, const struct connection *connection)
{
	const struct connections *connections = &diagnosis->connections;
	const struct connection *other = &connections->slots[connection->other];
	bool paired = connection->other != 0 && &connections->slots[other->other] == connection;
	return paired ? other : NULL;
}

static void judge_broken(struct diagnosis *diagnosis, const struct connection *connection)
{
	const struct connection *other = other_of(diagnosis, connection);
	const char *method = connection->method[0] == '\0' ? "a message" : connection->method;
	bool altered = other != NULL && other->broken_ns == 0 && other->gaps == 0;
	char from[ENDPOINT_TEXT_MAX];
	struct evidence evidence = { 0 };
	if (connection->broken_ns == 0)
		return;
	causes_add(&diagnosis->causes, altered ? FAULT_TCP_CORRUPTED : FAULT_CONTENT_LENGTH_WRONG,
	           hash_of_address(&connection->ends.from.address), altered ? CONFIDENCE_CERTAIN : CONFIDENCE_LIKELY,
	           &evidence, "behind %s from %s the TCP stream goes on with \"%s\", which begins no message%s",
	           strncmp(method, "SIP/", 4) == 0 ? "a response" : method, endpoint_text(&connection->ends.from, from),
	           connection->garbage,
	           altered ? "; on the other side of the router it does not"
	                   : ": Content-Length is wrong, or bytes were lost or put in");
}

/* ---- Messages in more than one segment ---- */

static void judge_split(struct diagnosis *diagnosis)
{
	const struct split_count *count = &diagnosis->split;
	if (count->rewritten == 0 || count->untouched > 0 || count->untouched_split == 0)
		return;
	struct evidence evidence = { .call = count->first.call, .where = count->first.id };
	causes_add(&diagnosis->causes, FAULT_TCP_SPLIT_UNTOUCHED, 0, CONFIDENCE_CERTAIN, &evidence,
	           "%s and %llu more that did not begin and end with a segment left with their inside addresses, while "
	           "%llu others were rewritten",
	           count->first.method, (unsigned long long)count->untouched_split - 1,
	           (unsigned long long)count->rewritten);
}

void judge_connections(struct diagnosis *diagnosis)
{
	for (uint32_t slot = 1; slot <= diagnosis->connections.used; slot++) {
		judge_blocked(diagnosis, &diagnosis->connections.slots[slot]);
		judge_broken(diagnosis, &diagnosis->connections.slots[slot]);
	}
	judge_split(diagnosis);
}
