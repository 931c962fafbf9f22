/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The router's whole ruleset, read once for all who look at it. */
#ifndef PLANE_NETFILTER_LISTING_H
#define PLANE_NETFILTER_LISTING_H

#include "plane/netfilter/netlink.h"

#include <libnftnl/chain.h>
#include <libnftnl/object.h>
#include <libnftnl/rule.h>

struct listing {
	struct nftnl_chain_list *chains;
	struct nftnl_rule_list *rules;
	struct nftnl_obj_list *objects;
	bool whole; /* false: it could not be read, or not all of it */
};

void listing_read(struct listing *listing, struct netlink *netlink);
void listing_free(struct listing *listing);

bool listing_rule_is_of(const struct nftnl_rule *rule, uint32_t family, const char *table, const char *chain);

#endif
