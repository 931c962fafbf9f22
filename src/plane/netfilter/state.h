/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plane's parts and what they share: for plane.c, passage.c, commands.c and restore.c only. */
#ifndef PLANE_NETFILTER_STATE_H
#define PLANE_NETFILTER_STATE_H

#include "plane/netfilter/conntrack.h"
#include "plane/netfilter/elements.h"
#include "plane/netfilter/intercept.h"
#include "plane/netfilter/letin.h"
#include "plane/netfilter/links.h"
#include "plane/netfilter/peers.h"
#include "plane/netfilter/plane.h"
#include "plane/netfilter/ports.h"
#include "plane/netfilter/queue.h"
#include "plane/netfilter/sweep.h"
#include "plane/netfilter/translation.h"
#include "plane/netfilter/ruleset.h"

enum {
	PLANE_OPENED_MAX = 1024,    /* bindings opened by the messages of one batch that are told apart */
	PLANE_ORIGIN_NONE = 0xffff, /* a command that no message caused */
	PLANE_CLOSING_MS = 100,     /* closings wait so long for others to share their transaction */
	PLANE_LOOK_MS = 50,         /* news about interfaces come in bunches */
	PLANE_CHECK_S = 2,          /* how often to see whether somebody flushed our table */
	PLANE_BATCHES_MAX = 8,      /* batches of messages before anything else gets its turn */
	PLANE_ADVANCES_MAX = 64,    /* rounds of sipalg_engine_advance() before messages get their turn */
	PLANE_FORESEE_MAX = 8,      /* occupied ports passed over for one message */
	PLANE_LINE_MAX = 512,       /* bytes of a line for the operator */
};

/* A binding opened for a message of the batch at hand. */
struct plane_opened {
	uint32_t binding;
	uint16_t origin; /* place of the message in the batch */
};

/* The inside networks, and how they are translated. */
struct plane_networks {
	sipalg_network list[SIPALG_PREFIXES_MAX];
	size_t count;
};

struct plane {
	struct plane_settings settings;
	struct plane_observer observer;
	sipalg_engine *engine;
	int lock;
	bool on;

	struct netlink nftables;
	struct ruleset_contents contents;
	struct links links;
	struct links_state state;
	struct plane_networks networks, said_networks; /* now, and when the operator was last told */
	struct translation_rules translations;
	sipalg_address outsides[PLANE_LINKS_MAX * FAMILY_COUNT]; /* those that bindings may have; none: a free place */
	struct queue queue;
	struct elements elements;
	struct peers peers;
	struct conntrack conntrack;
	struct letin letin;
	struct sweep sweep;
	struct ports ports;
	struct intercept intercept;

	uint32_t connectable; /* bindings of TCP */
	uint32_t generation;  /* of the whole ruleset when it was last looked at; 0: it has to be looked at */
	uint64_t own_changes; /* of it by this process, until then */

	struct plane_opened opened[PLANE_OPENED_MAX];
	size_t opened_count;
	bool withdrawn[QUEUE_BATCH_MAX];

	uint64_t now_ns;    /* of the last plane_work() */
	uint64_t commit_ns; /* when closings have waited long enough */
	uint64_t look_ns;   /* when to look at the interfaces */
	uint64_t looked_ns; /* when that was done last */
	uint64_t check_ns;  /* when to look whether the table is there */
	struct plane_counters counters;
};

__attribute__((format(printf, 2, 3))) void plane_say(const struct plane *plane, const char *format, ...);

/* ---- interfaces.c ---- */

/* Looks at the interfaces and lets the engine and the table know what has changed. Returns 0 or an errno value. */
int interfaces_look(struct plane *plane);

/* The same while running: the operator is told, and what an address that is gone had bound ends. */
void interfaces_look_again(struct plane *plane, uint64_t now_ns);

/* Whether packets may still come to this outside address: it is one of ours, or may be again. */
bool interfaces_outside_lives(const struct plane *plane, const sipalg_address *address);

/* Tells the engine which networks are inside and how they are translated: when either may have changed. */
void interfaces_tell_networks(struct plane *plane);

/* Tells the operator what of it is new. */
void interfaces_say_networks(struct plane *plane);

/* ---- rules.c ---- */

/* Looks what the user's rules mean for ours. Returns whether those change by it. */
bool rules_look(struct plane *plane);

/* The same while running, and whether our table is still there. Nothing is looked at but a number, unless somebody else
 * has changed the rules. */
void rules_check(struct plane *plane, uint64_t now_ns);

/* ---- commands.c ---- */

/* Why there are commands. */
struct plane_cause {
	uint16_t origin;             /* the message's place in the batch, or PLANE_ORIGIN_NONE */
	const sipalg_packet *packet; /* NULL: none */
	bool has_flow;
	sipalg_endpoint mapped; /* when has_flow: what the message's source looks like from outside at present */
};

/* Takes all commands of the engine. */
void commands_gather(struct plane *plane, uint64_t now_ns, const struct plane_cause *cause);

/* Commits what may not wait or has waited, and sends what connection tracking is to be told. */
void commands_commit(struct plane *plane, uint64_t now_ns);

/* ---- passage.c ---- */

/* Handles messages until none waits or others should get their turn. */
void passage_work(struct plane *plane, uint64_t now_ns);

/* ---- restore.c ---- */

/* Gives the engine the bindings that a predecessor's table holds. */
void restore_bindings(struct plane *plane, uint64_t now_ns);

/* Opens what the engine knows from a snapshot and the kernel does not have; ends what is bound to an outside address
 * that is no longer this network's. */
void restore_rest(struct plane *plane, uint64_t now_ns);

/* Puts the table in force, with all bindings of the engine. Returns 0 or an errno value. */
int restore_table(struct plane *plane, uint64_t now_ns);

#endif
