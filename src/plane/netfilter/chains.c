/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the chains of the table say. */
#include "plane/netfilter/match.h"
#include "plane/netfilter/ruleset_writer.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>
#include <stdlib.h>

enum {
	UDP_LENGTH = 4, /* offsets of RFC 768 */
	UDP_PAYLOAD = 8,
	RTP_VERSION_BIT = 0x80, /* RFC 3550 5.1: version 2; no SIP message begins with it */
	KEEPALIVE_MAX = 4,      /* RFC 5626 3.5.1 and 4.4.1: CRLF CRLF and CRLF */
};

static void translate_in(struct nftnl_rule *rule, const struct rule_family *family, const char *map)
{
	match_load_endpoint(rule, family, family->destination, PORT_DESTINATION, RULE_REGISTER_0);
	rule_map(rule, map, RULE_REGISTER_0);
	rule_nat(rule, family, NFT_NAT_DNAT, RULE_REGISTER_0);
}

/* The map's key ends with the address that is in registers 6 to 9. */
static void translate_out(struct nftnl_rule *rule, const struct rule_family *family)
{
	match_load_endpoint(rule, family, family->source, PORT_SOURCE, RULE_REGISTER_0);
	rule_map(rule, "out", RULE_REGISTER_0);
	rule_nat(rule, family, NFT_NAT_SNAT, RULE_REGISTER_0);
}

/* Media from anybody, signalling from the servers the phone spoke to, from those the user trusts, and from inside
 * (RFC 4787 REQ-9: hairpinning). */
static void put_prerouting(struct ruleset_writer *writer, const struct rule_family *family)
{
	struct nftnl_rule *any = match_family("prerouting", family), *peer = match_family("prerouting", family);
	struct nftnl_rule *server = match_family("prerouting", family), *hairpin = match_family("prerouting", family);

	translate_in(any, family, "in_any");
	ruleset_put_rule(writer, any);

	rule_load_address(peer, family, family->source, RULE_REGISTER_0);
	match_load_endpoint(peer, family, family->destination, PORT_DESTINATION, RULE_REGISTER_4);
	rule_map(peer, "in_peer", RULE_REGISTER_0);
	rule_nat(peer, family, NFT_NAT_DNAT, RULE_REGISTER_0);
	ruleset_put_rule(writer, peer);

	match_address(server, family, family->source, "servers");
	translate_in(server, family, "in_server");
	ruleset_put_rule(writer, server);

	match_address(hairpin, family, family->source, "inside");
	match_interface(hairpin, NFT_META_IIFNAME, true);
	translate_in(hairpin, family, "in_server");
	ruleset_put_rule(writer, hairpin);
}

static void put_leaving_rule(struct ruleset_writer *writer, const struct rule_family *family, const char *wan,
                             const sipalg_address *address)
{
	struct nftnl_rule *rule = match_family("postrouting", family);

	rule_load_meta(rule, NFT_META_OIFNAME, RULE_REGISTER_0);
	rule_compare(rule, RULE_REGISTER_0, NFT_CMP_EQ, wan, PLANE_LINK_NAME_MAX);
	rule_load_value(rule, address, sizeof(*address), RULE_REGISTER_6);
	translate_out(rule, family);
	ruleset_put_rule(writer, rule);
}

/* What leaves by a WAN: under our address there, or under the host's own, whichever the WAN. (nft cannot show a rule
 * that looks the address up and goes on with it.) */
static void put_leaving(struct ruleset_writer *writer, enum family number, const struct ruleset_contents *contents)
{
	static const sipalg_address any = { { 0 } };
	const struct rule_family *family = &rule_families[number];
	struct nftnl_rule *own = match_family("postrouting", family);

	for (size_t index = 0; index < contents->wan_count; index++)
		if (!sipalg_address_is_none(&contents->wan_address[number][index]))
			put_leaving_rule(writer, family, contents->wan[index], &contents->wan_address[number][index]);
	match_interface(own, NFT_META_OIFNAME, false);
	rule_load_value(own, &any, sizeof(any), RULE_REGISTER_6);
	translate_out(own, family);
	ruleset_put_rule(writer, own);
}

/* What one inside host sends to another by way of our outside address. */
static void put_hairpin(struct ruleset_writer *writer, const struct rule_family *family)
{
	static const uint32_t translated = IPS_DST_NAT, none = 0;
	struct nftnl_rule *hairpin = match_family("postrouting", family);

	rule_load_conntrack(hairpin, NFT_CT_STATUS, RULE_REGISTER_0);
	rule_mask(hairpin, RULE_REGISTER_0, &translated, sizeof(translated));
	rule_compare(hairpin, RULE_REGISTER_0, NFT_CMP_NEQ, &none, sizeof(none));
	match_interface(hairpin, NFT_META_OIFNAME, true);
	match_address(hairpin, family, family->source, "inside");
	rule_load_original_destination(hairpin, family, RULE_REGISTER_6);
	rule_lookup(hairpin, "outside", RULE_REGISTER_6, false);
	translate_out(hairpin, family);
	ruleset_put_rule(writer, hairpin);
}

static void put_protocol(struct ruleset_writer *writer, uint8_t protocol, const char *chain)
{
	struct nftnl_rule *rule = rule_new("forward");

	match_protocol(rule, protocol);
	rule_jump(rule, NFT_GOTO, chain);
	ruleset_put_rule(writer, rule);
}

/* Every forwarded packet comes here: media leave at once. (Byte operations on one register are those that nft's
 * interpreter does without a call.) */
static void put_forward(struct ruleset_writer *writer, bool tcp)
{
	static const uint8_t version = RTP_VERSION_BIT, none = 0;
	struct nftnl_rule *media = rule_new("forward");

	match_protocol(media, IPPROTO_UDP);
	rule_load_transport(media, UDP_PAYLOAD, 1, RULE_REGISTER_0);
	rule_mask(media, RULE_REGISTER_0, &version, sizeof(version));
	rule_compare(media, RULE_REGISTER_0, NFT_CMP_NEQ, &none, sizeof(none));
	rule_accept(media);
	ruleset_put_rule(writer, media);
	put_protocol(writer, IPPROTO_UDP, "signalling");
	if (tcp)
		put_protocol(writer, IPPROTO_TCP, "connections");
}

static struct nftnl_rule *first_byte(uint8_t from, uint8_t to)
{
	struct nftnl_rule *rule = rule_new("signalling");

	rule_load_transport(rule, UDP_PAYLOAD, 1, RULE_REGISTER_0);
	rule_compare(rule, RULE_REGISTER_0, NFT_CMP_GTE, &from, sizeof(from));
	rule_compare(rule, RULE_REGISTER_0, NFT_CMP_LTE, &to, sizeof(to));
	return rule;
}

static void put_port_rule(struct ruleset_writer *writer, uint32_t offset)
{
	struct nftnl_rule *rule = first_byte('!', '~'); /* any start line begins with a token (RFC 3261 25.1) */

	rule_load_transport(rule, offset, 2, RULE_REGISTER_0);
	match_set_goto(writer, rule, "ports", "crossing");
}

/* What is SIP, here only of UDP datagrams that hold a byte at least. Loading more than there is ends a rule. */
static void put_signalling(struct ruleset_writer *writer)
{
	const uint16_t keepalive = htons(UDP_PAYLOAD + KEEPALIVE_MAX);
	struct nftnl_rule *start = rule_new("signalling");
	struct nftnl_rule *lines = first_byte('\n', '\r'); /* empty lines before the start line (RFC 3261 7.5) */

	rule_load_transport(start, UDP_PAYLOAD, 4, RULE_REGISTER_0);
	match_set_goto(writer, start, "starts", "crossing");

	rule_load_transport(lines, UDP_LENGTH, 2, RULE_REGISTER_0);
	rule_compare(lines, RULE_REGISTER_0, NFT_CMP_GT, &keepalive, sizeof(keepalive));
	rule_jump(lines, NFT_GOTO, "crossing");
	ruleset_put_rule(writer, lines);

	put_port_rule(writer, PORT_DESTINATION);
	put_port_rule(writer, PORT_SOURCE);
}

static void put_crossing_rule(struct ruleset_writer *writer, const struct rule_family *family, uint32_t interface,
                              uint32_t address, const struct ruleset_contents *contents)
{
	struct nftnl_rule *rule = match_family("crossing", family);

	match_interface(rule, interface, false);
	match_address(rule, family, address, "inside");
	match_queue(rule, contents);
	ruleset_put_rule(writer, rule);
}

void ruleset_put_rules(struct ruleset_writer *writer, const struct ruleset_contents *contents)
{
	for (enum family number = FAMILY_IPV4; number < FAMILY_COUNT; number++) {
		const struct rule_family *family = &rule_families[number];

		put_prerouting(writer, family);
		put_leaving(writer, number, contents);
		put_hairpin(writer, family);
		put_crossing_rule(writer, family, NFT_META_OIFNAME, family->source, contents);
		put_crossing_rule(writer, family, NFT_META_IIFNAME, family->destination, contents);
	}
	put_forward(writer, contents->tcp);
	put_signalling(writer);
	ruleset_put_arriving_rules(writer, contents);
	if (contents->tcp)
		ruleset_put_tcp_rules(writer, contents);
}
