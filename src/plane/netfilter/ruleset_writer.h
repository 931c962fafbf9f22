/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A transaction of the whole table while it is being written: ruleset.c has its frame, chains.c the rules. */
#ifndef PLANE_NETFILTER_RULESET_WRITER_H
#define PLANE_NETFILTER_RULESET_WRITER_H

#include "plane/netfilter/netlink.h"
#include "plane/netfilter/rule.h"
#include "plane/netfilter/ruleset.h"

/* A transaction being written. All of a table fits, so running out of room is a mistake in these files. */
struct ruleset_writer {
	struct netlink_buffer buffer;
	uint32_t sequence;
	const char *table; /* the one written about */
};

struct ruleset_chain {
	const char *name, *type; /* type NULL: a chain to jump to */
	uint32_t hook;
	int32_t priority;
};

/* Begins a transaction about one table. False: no memory. */
SIPALG_MUST_USE
bool ruleset_writer_open(struct ruleset_writer *writer, const char *table);

/* Sends what was written and tells how it went: 0 or an errno value; without `commit` the kernel only tries it. */
int ruleset_writer_close(struct ruleset_writer *writer, struct netlink *netlink, bool commit);

void ruleset_put_table(struct ruleset_writer *writer);
void ruleset_put_chain(struct ruleset_writer *writer, const struct ruleset_chain *chain);
void ruleset_put_no_chain(struct ruleset_writer *writer, const char *name);

/* Every rule goes, of every chain of the table. */
void ruleset_put_no_rules(struct ruleset_writer *writer);

/* Adds the rule at the end of its chain, and frees it. */
void ruleset_put_rule(struct ruleset_writer *writer, struct nftnl_rule *rule);

/* All rules of all chains. */
void ruleset_put_rules(struct ruleset_writer *writer, const struct ruleset_contents *contents);

/* … those of them about TCP, and about what comes from outside and begins a flow. */
void ruleset_put_tcp_rules(struct ruleset_writer *writer, const struct ruleset_contents *contents);
void ruleset_put_arriving_rules(struct ruleset_writer *writer, const struct ruleset_contents *contents);

/* Whether the chain for the latter is needed at all. */
bool ruleset_needs_newcomers(const struct ruleset_contents *contents);

/* Makes the table, if need be, and this socket its owner, where the kernel knows of such things (Linux 6.9). */
void ruleset_claim_table(struct netlink *netlink, const char *table);

bool ruleset_table_exists(struct netlink *netlink, const char *table);

/* Removes a table; 0 also when there was none. */
int ruleset_remove_table(struct netlink *netlink, const char *table);

#endif
