/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reflect/flows.h"

enum {
	RTP_HEADER = 12,
	RTP_VERSION = 2,
	RTP_SEQUENCE = 2,
	RTCP_TYPE_FIRST = 200, /* with RTP's marker bit these look like payload types 72-76: RFC 5761 4 */
	RTCP_TYPE_LAST = 204,
	DROPOUT_MAX = 3000, /* RFC 3550 A.1 */
};

struct flow *flows_find(struct flows *flows, const sipalg_endpoint *source, enum reflect_place place, bool twin)
{
	for (size_t i = 0; i < flows->count; i++) {
		struct flow *flow = &flows->list[i];
		if (flow->place == place && flow->twin == twin && sipalg_endpoint_equal(&flow->source, source))
			return flow;
	}
	return NULL;
}

struct flow *flows_add(struct flows *flows, const sipalg_endpoint *source, enum reflect_place place, bool twin)
{
	if (flows->count == FLOWS_MAX)
		return NULL;
	struct flow *flow = &flows->list[flows->count++];
	*flow = (struct flow){ .source = *source, .place = place, .twin = twin };
	return flow;
}

static bool is_rtp(struct text packet)
{
	if (packet.length < RTP_HEADER || (uint8_t)packet.start[0] >> 6 != RTP_VERSION)
		return false;
	uint8_t type = (uint8_t)packet.start[1];
	return type < RTCP_TYPE_FIRST || type > RTCP_TYPE_LAST;
}

static void count_sequence(struct flow *flow, uint16_t sequence)
{
	uint16_t ahead = (uint16_t)(sequence - flow->highest);
	if (!flow->counts_sequence) {
		flow->counts_sequence = true;
		flow->first = sequence;
		flow->highest = sequence;
	} else if (ahead > 0 && ahead < DROPOUT_MAX) {
		if (sequence < flow->highest)
			flow->cycles++;
		flow->highest = sequence;
	}
	flow->sequenced++;
}

void flow_count(struct flow *flow, struct text packet)
{
	flow->packets++;
	flow->bytes += packet.length;
	flow->news = true;
	if (is_rtp(packet))
		count_sequence(flow, (uint16_t)((uint8_t)packet.start[RTP_SEQUENCE] << 8 |
		                                (uint8_t)packet.start[RTP_SEQUENCE + 1]));
}

uint64_t flow_lost(const struct flow *flow)
{
	uint64_t expected = ((uint64_t)flow->cycles << 16) + flow->highest - flow->first + 1;
	return flow->counts_sequence && expected > flow->sequenced ? expected - flow->sequenced : 0;
}
