/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/match.h"

enum {
	TCP_FLAGS = 13, /* RFC 9293 3.1 */
	FLAG_FIN = 0x01,
	FLAG_SYN = 0x02,
	FLAG_RST = 0x04,
	FLAG_ACK = 0x10,
};

struct nftnl_rule *match_family(const char *chain, const struct rule_family *family)
{
	struct nftnl_rule *rule = rule_new(chain);

	rule_load_meta(rule, NFT_META_NFPROTO, RULE_REGISTER_0);
	rule_compare(rule, RULE_REGISTER_0, NFT_CMP_EQ, &family->number, sizeof(family->number));
	return rule;
}

void match_protocol(struct nftnl_rule *rule, uint8_t protocol)
{
	rule_load_meta(rule, NFT_META_L4PROTO, RULE_REGISTER_0);
	rule_compare(rule, RULE_REGISTER_0, NFT_CMP_EQ, &protocol, sizeof(protocol));
}

void match_interface(struct nftnl_rule *rule, uint32_t key, bool absent)
{
	rule_load_meta(rule, key, RULE_REGISTER_0);
	rule_lookup(rule, "wan", RULE_REGISTER_0, absent);
}

void match_address(struct nftnl_rule *rule, const struct rule_family *family, uint32_t offset, const char *set)
{
	rule_load_address(rule, family, offset, RULE_REGISTER_0);
	rule_lookup(rule, set, RULE_REGISTER_0, false);
}

void match_opening(struct nftnl_rule *rule, bool opens)
{
	static const uint8_t flags = FLAG_SYN | FLAG_ACK | FLAG_RST | FLAG_FIN, opening = FLAG_SYN;

	rule_load_transport(rule, TCP_FLAGS, 1, RULE_REGISTER_0);
	rule_mask(rule, RULE_REGISTER_0, &flags, sizeof(flags));
	rule_compare(rule, RULE_REGISTER_0, opens ? NFT_CMP_EQ : NFT_CMP_NEQ, &opening, sizeof(opening));
}

void match_load_endpoint(struct nftnl_rule *rule, const struct rule_family *family, uint32_t address, uint32_t port,
                         uint32_t reg)
{
	rule_load_address(rule, family, address, reg);
	rule_load_meta(rule, NFT_META_L4PROTO, reg + 4);
	rule_load_transport(rule, port, 2, reg + 5);
}

void match_queue(struct nftnl_rule *rule, const struct ruleset_contents *contents)
{
	if (contents->native_queue)
		rule_queue_native(rule, contents->queue);
	else
		rule_queue_target(rule, contents->queue);
}

void match_set_goto(struct ruleset_writer *writer, struct nftnl_rule *rule, const char *set, const char *chain)
{
	rule_lookup(rule, set, RULE_REGISTER_0, false);
	rule_jump(rule, NFT_GOTO, chain);
	ruleset_put_rule(writer, rule);
}
