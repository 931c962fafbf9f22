/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rules of our tables ask of a packet: each goes on when it is so. All use the registers from the first on. */
#ifndef PLANE_NETFILTER_MATCH_H
#define PLANE_NETFILTER_MATCH_H

#include "plane/netfilter/rule.h"
#include "plane/netfilter/ruleset_writer.h"

enum {
	PORT_SOURCE = 0, /* offsets of RFC 768 and RFC 9293 3.1 */
	PORT_DESTINATION = 2,
};

/* A rule for packets of one family. */
struct nftnl_rule *match_family(const char *chain, const struct rule_family *family);

void match_protocol(struct nftnl_rule *rule, uint8_t protocol);

/* The interface is one to the outside, or none such when `absent`. `key`: NFT_META_IIFNAME or NFT_META_OIFNAME. */
void match_interface(struct nftnl_rule *rule, uint32_t key, bool absent);

/* The address at this offset of the header is in the set. */
void match_address(struct nftnl_rule *rule, const struct rule_family *family, uint32_t offset, const char *set);

/* Of TCP: it opens a connection (or does anything else). */
void match_opening(struct nftnl_rule *rule, bool opens);

/* address . protocol . port, from `reg` on */
void match_load_endpoint(struct nftnl_rule *rule, const struct rule_family *family, uint32_t address, uint32_t port,
                         uint32_t reg);

/* Ends a rule: when what it has loaded is in the set, the packet goes on in the chain. */
void match_set_goto(struct ruleset_writer *writer, struct nftnl_rule *rule, const char *set, const char *chain);

/* The packet goes to the daemon. */
void match_queue(struct nftnl_rule *rule, const struct ruleset_contents *contents);

#endif
