/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether sound comes from where the session description says that its sender is (RFC 4961). */
#include "diagnose/state.h"

struct source {
	const struct flow *flow;
	const struct announced *told; /* by the same party, for the same address with another port */
};

static const struct announced *find_announced(const struct flows *flows, uint32_t at, const struct flow *flow,
                                              bool exact)
{
	for (; at != 0; at = flows->announced[at].next_of_call) {
		const struct announced *announced = &flows->announced[at];
		bool same_port = announced->end.port == flow->ends.from.port;
		if (announced->side == flow->ends.side && same_port == exact &&
		    sipalg_address_equal(&announced->end.address, &flow->ends.from.address))
			return announced;
	}
	return NULL;
}

/* Some flow of the party comes from the port it told: the phone does right. */
static bool is_right_elsewhere(const struct flows *flows, const struct flow_lists *lists, uint8_t party)
{
	for (uint32_t at = lists->flows; at != 0; at = flows->slots[at].next_of_call) {
		const struct announced *told = find_announced(flows, lists->announced, &flows->slots[at], true);
		if (told != NULL && told->party == party)
			return true;
	}
	return false;
}

/* How many packets went to an address. */
static uint64_t count_to(const struct flows *flows, const struct flow_lists *lists, const struct announced *told)
{
	uint64_t packets = 0;
	for (uint32_t at = lists->flows; at != 0; at = flows->slots[at].next_of_call)
		if (flows->slots[at].ends.side == told->side &&
		    sipalg_endpoint_equal(&flows->slots[at].ends.to, &told->end))
			packets += flows->slots[at].packets;
	return packets;
}

/* What was sent to the told port did not arrive inside, at whatever port the party had told there. */
static bool leads_nowhere(const struct flows *flows, const struct flow_lists *lists, const struct announced *told)
{
	uint64_t inside = 0, outside = count_to(flows, lists, told);
	for (uint32_t at = lists->announced; at != 0; at = flows->announced[at].next_of_call) {
		const struct announced *other = &flows->announced[at];
		if (other->party == told->party && !sipalg_address_equal(&other->end.address, &told->end.address))
			inside += count_to(flows, lists, other);
	}
	return outside > 0 && inside * 10 < outside;
}

/* A router that rewrote the description with one port, and translates the packets to another. Where sound flows all the
 * same, only a strict other end would suffer, which the capture does not show. */
void judge_sources(struct diagnosis *diagnosis, uint32_t slot, struct explained *explained)
{
	const struct flows *flows = &diagnosis->flows;
	const struct flow_lists *lists = &diagnosis->calls.lists[slot];
	struct call *call = &diagnosis->calls.slots[slot];
	char from[ENDPOINT_TEXT_MAX], told_text[ENDPOINT_TEXT_MAX];
	for (uint32_t at = call->crossed ? lists->flows : 0; at != 0; at = flows->slots[at].next_of_call) {
		const struct flow *flow = &flows->slots[at];
		const struct announced *told = find_announced(flows, lists->announced, flow, false);
		const struct host *host = hosts_known(&diagnosis->hosts, &flow->ends.from.address);
		if (told == NULL || host == NULL || !host->is_router || flow->rtp_packets == 0 ||
		    find_announced(flows, lists->announced, flow, true) != NULL ||
		    !is_right_elsewhere(flows, lists, told->party))
			continue;
		struct evidence evidence = evidence_of(call);
		bool nowhere = leads_nowhere(flows, lists, told);
		explained->media = explained->media || nowhere;
		causes_add(&diagnosis->causes, nowhere ? FAULT_SDP_PORT_WRONG : FAULT_MEDIA_SOURCE_PORT,
		           hash_of_address(&told->end.address), nowhere ? CONFIDENCE_CERTAIN : CONFIDENCE_HINT,
		           &evidence, "the description says %s, and sound leaves the router from %s",
		           endpoint_text(&told->end, told_text), endpoint_text(&flow->ends.from, from));
	}
}
