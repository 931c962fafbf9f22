/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the chains of the table say about what comes from outside and begins a flow: it may be for a firewall to let in,
 * or for the relay. */
#include "plane/netfilter/match.h"
#include "plane/netfilter/ruleset_writer.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <netinet/in.h>

/* Every packet that arrives meets this rule, and all but first ones leave the chain by it. */
static void put_newcomers(struct ruleset_writer *writer)
{
	static const uint32_t new = NF_CT_STATE_BIT(IP_CT_NEW), none = 0;
	struct nftnl_rule *rule = rule_new("newcomers");

	rule_load_conntrack(rule, NFT_CT_STATE, RULE_REGISTER_0);
	rule_mask(rule, RULE_REGISTER_0, &new, sizeof(new));
	rule_compare(rule, RULE_REGISTER_0, NFT_CMP_NEQ, &none, sizeof(none));
	match_interface(rule, NFT_META_IIFNAME, false);
	rule_jump(rule, NFT_GOTO, "arriving");
	ruleset_put_rule(writer, rule);
}

static void put_kind(struct ruleset_writer *writer, uint8_t protocol, const char *chain)
{
	struct nftnl_rule *rule = rule_new("arriving");

	match_protocol(rule, protocol);
	if (protocol == IPPROTO_TCP)
		match_opening(rule, true);
	rule_jump(rule, NFT_GOTO, chain);
	ruleset_put_rule(writer, rule);
}

/* From anybody. (That the maps hold values does not matter here.) */
static void put_anybody(struct ruleset_writer *writer, const struct rule_family *family,
                        const struct ruleset_contents *contents)
{
	struct nftnl_rule *rule = match_family("let_in", family);

	match_load_endpoint(rule, family, family->destination, PORT_DESTINATION, RULE_REGISTER_0);
	rule_map(rule, "in_any", RULE_REGISTER_0);
	match_queue(rule, contents);
	ruleset_put_rule(writer, rule);
}

/* From peers and servers: the same that `prerouting` would translate. */
static void put_admitted(struct ruleset_writer *writer, const char *chain, const struct rule_family *family,
                         const struct ruleset_contents *contents)
{
	struct nftnl_rule *peer = match_family(chain, family), *server = match_family(chain, family);

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

/* A firewall is in the way of hosts that there are. */
static bool needs_let_in(const struct ruleset_contents *contents, enum family family)
{
	for (size_t index = 0; contents->let_in[family] && index < contents->inside_count; index++)
		if (family_of(&contents->inside[index].address) == family)
			return true;
	return false;
}

static bool may_connect(const struct ruleset_contents *contents)
{
	return contents->tcp && contents->connectable;
}

bool ruleset_needs_newcomers(const struct ruleset_contents *contents)
{
	return may_connect(contents) || needs_let_in(contents, FAMILY_IPV4) || needs_let_in(contents, FAMILY_IPV6);
}

/* A connection from outside to a registered Contact goes to the relay; the packet is dropped before a flow that leads
 * inside has been confirmed. */
void ruleset_put_arriving_rules(struct ruleset_writer *writer, const struct ruleset_contents *contents)
{
	if (!ruleset_needs_newcomers(contents))
		return;
	put_newcomers(writer);
	put_kind(writer, IPPROTO_UDP, "let_in");
	if (may_connect(contents))
		put_kind(writer, IPPROTO_TCP, "connecting");
	for (enum family number = FAMILY_IPV4; number < FAMILY_COUNT; number++) {
		if (needs_let_in(contents, number)) {
			put_anybody(writer, &rule_families[number], contents);
			put_admitted(writer, "let_in", &rule_families[number], contents);
		}
		if (may_connect(contents))
			put_admitted(writer, "connecting", &rule_families[number], contents);
	}
}
