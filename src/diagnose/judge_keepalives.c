/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keep-alives that go into the router and do not come out. */
#include "diagnose/state.h"

enum {
	KEEPALIVES_MIN = 3, /* as many may be lost, or not be captured */
	SERVERS_MAX = 64,
};

/* What came to a server out of the router. */
struct arrived {
	sipalg_endpoint server;
	uint64_t packets, keepalives;
};

struct servers {
	struct arrived list[SERVERS_MAX];
	size_t count;
};

static struct arrived count_arrived(const struct diagnosis *diagnosis, const sipalg_endpoint *server)
{
	const struct flows *flows = &diagnosis->flows;
	struct arrived arrived = { .server = *server };
	for (uint32_t slot = flows->newest; slot != 0; slot = flows->slots[slot].older) {
		const struct flow *flow = &flows->slots[slot];
		if (!sipalg_endpoint_equal(&flow->ends.to, server))
			continue;
		const struct host *from = hosts_known(&diagnosis->hosts, &flow->ends.from.address);
		if (from == NULL || !from->is_router)
			continue;
		arrived.packets += flow->packets;
		arrived.keepalives += flow->keepalives;
	}
	return arrived;
}

/* NULL: there are too many. */
static const struct arrived *find_arrived(const struct diagnosis *diagnosis, struct servers *servers,
                                          const sipalg_endpoint *server)
{
	for (size_t i = 0; i < servers->count; i++)
		if (sipalg_endpoint_equal(&servers->list[i].server, server))
			return &servers->list[i];
	if (servers->count == SERVERS_MAX)
		return NULL;
	servers->list[servers->count] = count_arrived(diagnosis, server);
	return &servers->list[servers->count++];
}

/* From a phone behind the router to a server before it, while both sides were being watched. */
static bool should_cross(const struct diagnosis *diagnosis, const struct flow *flow)
{
	const struct host *from = hosts_known(&diagnosis->hosts, &flow->ends.from.address);
	const struct host *to = hosts_known(&diagnosis->hosts, &flow->ends.to.address);
	const struct span_of_time *other =
	        &diagnosis->spans[diagnosis->wishes.sides == 2 ? 1U - flow->ends.side : flow->ends.side];
	return from != NULL && to != NULL && from->inside > from->outside && to->is_far &&
	       other->first_ns <= flow->first_ns + CROSSING_NS && flow->last_ns <= other->last_ns + CROSSING_NS;
}

static void judge_flow(struct diagnosis *diagnosis, struct servers *servers, const struct flow *flow)
{
	char from[ENDPOINT_TEXT_MAX], to[ENDPOINT_TEXT_MAX];
	struct evidence evidence = { 0 };
	if (flow->keepalives < KEEPALIVES_MIN || flow->keepalives == flow->packets || !should_cross(diagnosis, flow))
		return;
	const struct arrived *arrived = find_arrived(diagnosis, servers, &flow->ends.to);
	if (arrived == NULL || arrived->packets == 0 || arrived->keepalives > 0)
		return;
	causes_add(&diagnosis->causes, FAULT_KEEPALIVE_DROPPED, hash_of_address(&flow->ends.from.address),
	           CONFIDENCE_CERTAIN, &evidence,
	           "%llu keep-alives from %s to %s went into the router, and none came out, though SIP did",
	           (unsigned long long)flow->keepalives, endpoint_text(&flow->ends.from, from),
	           endpoint_text(&flow->ends.to, to));
}

void judge_keepalives(struct diagnosis *diagnosis)
{
	const struct flows *flows = &diagnosis->flows;
	struct servers servers = { .count = 0 };
	for (uint32_t slot = flows->newest; slot != 0; slot = flows->slots[slot].older)
		judge_flow(diagnosis, &servers, &flows->slots[slot]);
}
