/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the chains of the table say about TCP: which first packets go to the daemon. */
#include "plane/netfilter/match.h"
#include "plane/netfilter/ruleset_writer.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <netinet/in.h>

enum {
	TCP_OFFSET = 12, /* RFC 9293 3.1: four bits of it, then the flags */
	LEARNED_S = 86400,
};

/* Outwards, and where the user's own rules do not send it elsewhere: the phone would be answered from a place that it
 * does not know. */
static void put_leaving(struct ruleset_writer *writer, const struct rule_family *family,
                        const struct ruleset_contents *contents)
{
	static const uint32_t translated = IPS_DST_NAT, none = 0;
	struct nftnl_rule *rule = match_family("leaving", family);

	match_interface(rule, NFT_META_OIFNAME, false);
	match_address(rule, family, family->source, "inside");
	rule_load_conntrack(rule, NFT_CT_STATUS, RULE_REGISTER_0);
	rule_mask(rule, RULE_REGISTER_0, &translated, sizeof(translated));
	rule_compare(rule, RULE_REGISTER_0, NFT_CMP_EQ, &none, sizeof(none));
	match_queue(rule, contents);
	ruleset_put_rule(writer, rule);
}

static void put_opening(struct ruleset_writer *writer)
{
	static const uint16_t encrypted = PLANE_PORT_ENCRYPTED;
	const uint16_t port = htons(encrypted);
	struct nftnl_rule *known = rule_new("opening"), *secret = rule_new("opening");

	rule_load_transport(known, PORT_DESTINATION, 2, RULE_REGISTER_0);
	match_set_goto(writer, known, "ports", "leaving");

	/* To be counted; it always goes on. */
	rule_load_transport(secret, PORT_DESTINATION, 2, RULE_REGISTER_0);
	rule_compare(secret, RULE_REGISTER_0, NFT_CMP_EQ, &port, sizeof(port));
	rule_jump(secret, NFT_GOTO, "leaving");
	ruleset_put_rule(writer, secret);
}

static void load_server(struct nftnl_rule *rule, const struct rule_family *family)
{
	rule_load_address(rule, family, family->destination, RULE_REGISTER_0);
	rule_load_transport(rule, PORT_DESTINATION, 2, RULE_REGISTER_4);
}

static void put_learned(struct ruleset_writer *writer, const struct rule_family *family)
{
	struct nftnl_rule *rule = match_family("opening", family);

	load_server(rule, family);
	match_set_goto(writer, rule, "learned", "leaving");
}

static void put_learning(struct ruleset_writer *writer, const struct rule_family *family)
{
	struct nftnl_rule *rule = match_family("learning", family);

	match_interface(rule, NFT_META_OIFNAME, false);
	match_address(rule, family, family->source, "inside");
	load_server(rule, family);
	rule_remember(rule, "learned", RULE_REGISTER_0, LEARNED_S);
	ruleset_put_rule(writer, rule);
}

/* SIP to a port that nobody named: its server is remembered, and the *next* connection there is taken. It is read from
 * its first byte on, so whoever makes a browser send something that looks like SIP here opens nothing by it. The
 * request has to be the only or last one of what the phone wrote (PSH), in a segment with no options or with the usual
 * timestamps: one comparison tells nearly all other segments apart. */
static void put_looking(struct ruleset_writer *writer, uint8_t words)
{
	const uint16_t pushed = htons((uint16_t)(words << 12 | 0x018)); /* PSH, ACK */
	struct nftnl_rule *rule = rule_new("connections");

	rule_load_transport(rule, TCP_OFFSET, 2, RULE_REGISTER_0);
	rule_compare(rule, RULE_REGISTER_0, NFT_CMP_EQ, &pushed, sizeof(pushed));
	rule_load_transport(rule, words * 4U, 4, RULE_REGISTER_0);
	rule_lookup(rule, "begins", RULE_REGISTER_0, false);
	rule_load_transport(rule, PORT_DESTINATION, 2, RULE_REGISTER_0);
	rule_lookup(rule, "ports", RULE_REGISTER_0, true);
	rule_jump(rule, NFT_GOTO, "learning");
	ruleset_put_rule(writer, rule);
}

void ruleset_put_tcp_rules(struct ruleset_writer *writer, const struct ruleset_contents *contents)
{
	struct nftnl_rule *rule = rule_new("connections");

	match_opening(rule, true);
	rule_jump(rule, NFT_GOTO, "opening");
	ruleset_put_rule(writer, rule);
	put_looking(writer, 5);
	put_looking(writer, 8);
	put_opening(writer);
	for (enum family number = FAMILY_IPV4; number < FAMILY_COUNT; number++) {
		const struct rule_family *family = &rule_families[number];

		put_learned(writer, family);
		put_learning(writer, family);
		put_leaving(writer, family, contents);
	}
}
