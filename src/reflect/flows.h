/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Media that comes in: counted by source, not reported packet by packet. */
#ifndef REFLECT_FLOWS_H
#define REFLECT_FLOWS_H

#include "base/text.h"
#include "reflect/limits.h"
#include "reflect/protocol.h"
#include "sipalg/address.h"

struct flow {
	sipalg_endpoint source;
	enum reflect_place place;
	bool twin;
	bool news; /* something came since it was told */
	bool counts_sequence;
	uint16_t highest; /* RTP's sequence numbers, RFC 3550 A.1 */
	uint32_t cycles, first;
	uint64_t packets, bytes, sequenced;
};

struct flows {
	struct flow list[FLOWS_MAX];
	size_t count;
};

/* The source's, NULL when there is none. */
struct flow *flows_find(struct flows *flows, const sipalg_endpoint *source, enum reflect_place place, bool twin);

/* A new one; NULL: there are as many as there may be. */
struct flow *flows_add(struct flows *flows, const sipalg_endpoint *source, enum reflect_place place, bool twin);

void flow_count(struct flow *flow, struct text packet);

/* Packets that should have come by RTP's sequence numbers, less those that did (RFC 3550 A.3). */
uint64_t flow_lost(const struct flow *flow);

#endif
