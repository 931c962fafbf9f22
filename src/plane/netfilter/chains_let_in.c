/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the chains of the table say about flows that a firewall would not let in. */
#include "plane/netfilter/match.h"
#include "plane/netfilter/ruleset_writer.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <netinet/in.h>

/* What comes from outside and belongs to no flow that has been answered. All other packets meet this rule only. */
static void put_newcomers(struct ruleset_writer *writer)
{
	static const uint32_t new = NF_CT_STATE_BIT(IP_CT_NEW), none = 0;
	struct nftnl_rule *rule = rule_new("newcomers");

	rule_load_conntrack(rule, NFT_CT_STATE, RULE_REGISTER_0);
	rule_mask(rule, RULE_REGISTER_0, &new, sizeof(new));
	rule_compare(rule, RULE_REGISTER_0, NFT_CMP_NEQ, &none, sizeof(none));
	match_protocol(rule, IPPROTO_UDP);
	match_interface(rule, NFT_META_IIFNAME, false);
	rule_jump(rule, NFT_JUMP, "let_in");
	ruleset_put_rule(writer, rule);
}

/* The same that `prerouting` would translate. (That the maps hold values does not matter here.) */
static void put_let_in(struct ruleset_writer *writer, const struct rule_family *family,
                       const struct ruleset_contents *contents)
{
	struct nftnl_rule *any = match_family("let_in", family), *peer = match_family("let_in", family);
	struct nftnl_rule *server = match_family("let_in", family);

	match_load_endpoint(any, family, family->destination, PORT_DESTINATION, RULE_REGISTER_0);
	rule_map(any, "in_any", RULE_REGISTER_0);
	match_queue(any, contents);
	ruleset_put_rule(writer, any);

	rule_load_address(peer, family, family->source, RULE_REGISTER_0);
	match_load_endpoint(peer, family, family->destination, PORT_DESTINATION, RULE_REGISTER_4);
	rule_map(peer, "in_peer", RULE_REGISTER_0);
	match_queue(peer, contents);
	ruleset_put_rule(writer, peer);

	match_address(server, family, family->source, "servers");
	match_load_endpoint(server, family, family->destination, PORT_DESTINATION, RULE_REGISTER_0);
	rule_map(server, "in_server", RULE_REGISTER_0);
	match_queue(server, contents);
	ruleset_put_rule(writer, server);
}

void ruleset_put_let_in_rules(struct ruleset_writer *writer, const struct ruleset_contents *contents)
{
	bool any = false;

	for (enum family number = FAMILY_IPV4; number < FAMILY_COUNT; number++) {
		any |= contents->let_in[number];
		if (contents->let_in[number])
			put_let_in(writer, &rule_families[number], contents);
	}
	if (any)
		put_newcomers(writer);
}
