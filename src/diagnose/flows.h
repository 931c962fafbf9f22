/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UDP flows, each direction by itself: when they spoke last, and what of RTP they carried. Session descriptions
 * announce transport addresses; a flow from or to one belongs to the call that announced it last. */
#ifndef DIAGNOSE_FLOWS_H
#define DIAGNOSE_FLOWS_H

#include "base/table.h"
#include "diagnose/limits.h"
#include "sipalg/address.h"

struct text;

struct flow_ends { /* hashed as bytes */
	sipalg_endpoint from, to;
	uint64_t side;
};

struct flow {
	struct flow_ends ends;
	uint64_t first_ns, last_ns;
	uint64_t packets, rtp_packets;
	uint64_t keepalives;
	uint64_t expected; /* RTP packets by their sequence numbers */
	uint32_t ssrc;
	uint16_t sequence;           /* the highest one (RFC 3550 A.1) */
	bool retired;                /* its address belongs to another call now */
	uint32_t newer, older;       /* in the order of use */
	uint32_t call, next_of_call; /* 0: none */
};

struct announced {
	sipalg_endpoint end;
	uint64_t time_ns;
	uint64_t side;
	uint32_t call;
	uint32_t next_of_call;
	uint8_t party, stream, place; /* place: of which sighting of the message */
	bool retired;                 /* another call has announced the same address since */
};

struct flows {
	struct arena arena;
	struct pool pool, announced_pool;
	struct table by_ends, by_from, by_to, by_announced;
	struct flow *slots;
	struct announced *announced;
	uint32_t newest, oldest;
	uint32_t last; /* the slot met last: media come in a row */
	uint64_t media_packets;
};

/* What the calls keep of their flows. */
struct flow_lists {
	uint32_t flows, announced;
};

SIPALG_MUST_USE
bool flows_create(struct flows *flows); /* false: no memory */
void flows_destroy(struct flows *flows);

/* A datagram has been seen. `lists` are the calls', by slot. */
void flows_note(struct flows *flows, struct flow_lists *lists, const struct flow_ends *ends, uint64_t now_ns,
                struct text payload);

/* A session description of a call names an address. */
void flows_announce(struct flows *flows, struct flow_lists *lists, const struct announced *announced, uint64_t now_ns);

/* The call is gone. */
void flows_forget(struct flows *flows, struct flow_lists *lists, uint32_t call);

/* When `from` last sent anything to the host of `to` before now; 0: never seen. */
uint64_t flows_last_ns(const struct flows *flows, size_t side, const sipalg_endpoint *from, const sipalg_address *to);

#endif
