/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A transaction of the whole table while it is being written: ruleset.c has its frame, chains.c the rules. */
#ifndef PLANE_NETFILTER_RULESET_WRITER_H
#define PLANE_NETFILTER_RULESET_WRITER_H

#include "plane/netfilter/netlink.h"
#include "plane/netfilter/rule.h"
#include "plane/netfilter/ruleset.h"

/* A transaction being written. All of a table fits, so running out of room is a mistake in this file. */
struct ruleset_writer {
	struct netlink_buffer buffer;
	uint32_t sequence;
};

/* Adds the rule at the end of its chain, and frees it. */
void ruleset_put_rule(struct ruleset_writer *writer, struct nftnl_rule *rule);

/* All rules of all chains. */
void ruleset_put_rules(struct ruleset_writer *writer, const struct ruleset_contents *contents);

#endif
