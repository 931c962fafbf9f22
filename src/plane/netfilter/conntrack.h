/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Single flows in connection tracking: which mapping one has, entering one, holding one, deleting one. */
#ifndef PLANE_NETFILTER_CONNTRACK_H
#define PLANE_NETFILTER_CONNTRACK_H

#include "plane/netfilter/family.h"
#include "plane/netfilter/netlink.h"
#include "sipalg/engine.h"

/* One direction of a flow as connection tracking names it. */
struct tuple {
	sipalg_endpoint source, destination;
};

/* A flow: what its first packet looked like, and what its answers look like. */
struct flow {
	struct tuple original, reply;
	uint32_t timeout_s;
	bool answered; /* packets have been seen in both directions, or it was entered as if */
};

enum {
	CONNTRACK_MESSAGE_MAX = 512, /* bytes of the longest request */
	CONNTRACK_PENDING_MAX = 512, /* requests that wait for conntrack_flush() */
};

/* A flow to be entered. */
struct conntrack_entering {
	uint32_t sequence;
	sipalg_endpoint inside, outside, peer;
	uint32_t lease_s;
};

struct conntrack {
	struct netlink asking;
	struct netlink entering; /* its refusals are looked at */
	struct netlink telling;  /* what is to be deleted or held may have ended by itself: that is as good */
	struct netlink_buffer entries, tellings;
	struct conntrack_entering entered_last[CONNTRACK_PENDING_MAX];
	size_t entry_count, telling_count;
	int find_error; /* errno value of the last conntrack_find() that found nothing */
	uint64_t entered, deleted;
};

SIPALG_MUST_USE
bool conntrack_open(struct conntrack *conntrack);
void conntrack_close(struct conntrack *conntrack);

/* Reads the flow of a message of ctnetlink. False: it lacks a part. */
SIPALG_MUST_USE
bool flow_read(const struct nlmsghdr *message, struct flow *flow);

/* The outside endpoint that a flow between inside and outside shows to the outside, whichever side began it. */
const sipalg_endpoint *flow_outside(const struct flow *flow, const sipalg_endpoint *inside);

/* Looks for the flow one of whose directions is this. False: there is none. */
SIPALG_MUST_USE
bool conntrack_find(struct conntrack *conntrack, const struct tuple *tuple, struct flow *flow);

/* Whether the last conntrack_find() failed because the kernel cannot answer at all. */
bool conntrack_is_missing(const struct conntrack *conntrack);

/* Whether a flow keeps a new binding's endpoint: it goes to the router itself, or to another port of the same host, as
 * when media have moved while there was plain NAT only. Another host's is left alone: it may be a call. */
bool conntrack_is_in_the_way(const struct flow *flow, const sipalg_endpoint *inside, const sipalg_endpoint *outside);

/* These gather; conntrack_flush() sends everything by one system call. Without `creates` a flow is not entered unless
 * one that was in its way has been deleted. */
void conntrack_enter(struct conntrack *conntrack, const sipalg_command *command, bool creates);
void conntrack_hold(struct conntrack *conntrack, const sipalg_command *command);
void conntrack_delete(struct conntrack *conntrack, const struct tuple *tuple);
void conntrack_flush(struct conntrack *conntrack);

/* Writes a request to list all flows of UDP of a family into `buffer`, which has room for
 * CONNTRACK_MESSAGE_MAX bytes. */
void conntrack_list(struct netlink_buffer *buffer, enum family family, uint32_t sequence);

#endif
