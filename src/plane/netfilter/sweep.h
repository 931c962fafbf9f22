/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walks through connection tracking, for what cannot be asked flow by flow: ending the flows of closed bindings
 * whatever their peers, and seeing whether a binding carries traffic. Questions gather while a walk goes on; the next
 * one begins when a second has passed and never takes more than a three-hundredth of the time, so there is no number of
 * flows from which on it would be a burden. It never waits: the kernel hands a listing out piece by piece. */
#ifndef PLANE_NETFILTER_SWEEP_H
#define PLANE_NETFILTER_SWEEP_H

#include "plane/netfilter/conntrack.h"

enum {
	SWEEP_PLACES = 65536,        /* of a table of questions, a power of two */
	SWEEP_QUESTIONS_MAX = 49152, /* more are not asked: flows then end by their own timeout */
	SWEEP_INTERVAL_S = 1,
	SWEEP_SHARE = 300, /* at most one part in so many of the time is spent sweeping */
};

enum sweep_kind {
	SWEEP_STALE = 0, /* end the flows that came to the outside endpoint before the inside one had it */
	SWEEP_CLOSE,     /* end the flows between them */
	SWEEP_TRAFFIC,   /* has there been a packet of late? */
};

/* A question about the flows that show `outside`. */
struct sweep_question {
	sipalg_endpoint inside, outside;
	uint32_t binding;
	uint32_t place; /* in the hash table */
	uint8_t kind;   /* enum sweep_kind */
	bool alive;
};

/* A place of the hash table: most comparisons end here, without a look at the question. */
struct sweep_place {
	uint32_t tag;   /* of the outside endpoint */
	uint32_t index; /* of the question, plus one; 0: empty */
};

/* Questions, and a hash table over their outside endpoints. The last question about one counts. */
struct sweep_list {
	struct sweep_question *questions; /* SWEEP_QUESTIONS_MAX */
	struct sweep_place *places;       /* SWEEP_PLACES */
	uint32_t count;
	bool asks[FAMILY_COUNT]; /* there are questions about endpoints of this family */
};

struct sweep {
	struct netlink netlink;
	struct sweep_list waiting, asked;
	bool running;
	bool ipv6_next;            /* the walk through IPv4's flows is under way, and IPv6's are to follow */
	bool failed;               /* the listing broke off: what was not seen may be there all the same */
	uint32_t stream_timeout_s; /* what a packet sets the timeout of a UDP flow to */
	uint64_t busy_ns;          /* spent on the walk that runs */
	uint64_t next_ns;          /* earliest begin of the next */
	uint64_t walks;
};

SIPALG_MUST_USE
bool sweep_open(struct sweep *sweep);
void sweep_close(struct sweep *sweep);

/* Asks for the flows of a closed binding to be ended, … */
void sweep_end_flows(struct sweep *sweep, const sipalg_command *command);
/* … or whether a binding carries traffic. False: too many questions, there will be no answer. */
SIPALG_MUST_USE
bool sweep_ask_traffic(struct sweep *sweep, const sipalg_command *command);

/* A binding was opened: the flows of the one that had its outside endpoint before are not to be ended any more, but
 * those that were there without any are. */
void sweep_end_stale_flows(struct sweep *sweep, const sipalg_command *command);

/* When a walk may begin; SIPALG_NEVER when nothing is to be asked or one is under way. */
uint64_t sweep_deadline(const struct sweep *sweep);

/* Begins a walk, when it is time. */
void sweep_begin(struct sweep *sweep, uint64_t now_ns);

/* Takes what the kernel has listed. Flows to be ended are given to `conntrack`; when the walk is over, each binding
 * asked about is told to `traffic`. */
void sweep_go_on(struct sweep *sweep, uint64_t now_ns, struct conntrack *conntrack,
                 void (*traffic)(void *context, uint32_t binding, bool alive), void *context);

#endif
