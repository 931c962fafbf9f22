/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/divert.h"
#include "plane/netfilter/match.h"
#include "plane/netfilter/ruleset_writer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter_ipv4.h>

#define DIVERT_NAME "sipalg_relay"

enum {
	PRIORITY_DIVERT = NF_IP_PRI_NAT_DST + 1,
};

static const struct ruleset_chain chains[] = {
	{ "divert", "filter", NF_INET_PRE_ROUTING, PRIORITY_DIVERT },
	{ "sending", "nat", NF_INET_LOCAL_OUT, RULESET_PRIORITY_NAT },
	{ "leaving", "nat", NF_INET_POST_ROUTING, RULESET_PRIORITY_NAT },
};

/* What we sent to ourselves; `name` is the key of the interface that is lo here. */
static void match_returned(struct nftnl_rule *rule, uint32_t name, uint32_t mark)
{
	static const char loopback[PLANE_LINK_NAME_MAX] = "lo";
	static const uint32_t none = 0;

	rule_load_meta(rule, name, RULE_REGISTER_0);
	rule_compare(rule, RULE_REGISTER_0, NFT_CMP_EQ, loopback, sizeof(loopback));
	rule_load_meta(rule, NFT_META_MARK, RULE_REGISTER_0);
	rule_mask(rule, RULE_REGISTER_0, &mark, sizeof(mark));
	rule_compare(rule, RULE_REGISTER_0, NFT_CMP_NEQ, &none, sizeof(none));
	match_protocol(rule, IPPROTO_TCP);
}

static void put_taking(struct ruleset_writer *writer, const struct rule_family *family, uint32_t mark, uint16_t port)
{
	static const uint8_t loopback[FAMILY_COUNT][16] = { { 127, 0, 0, 1 }, { [15] = 1 } };
	const uint16_t network_port = htons(port);
	struct nftnl_rule *rule = match_family("divert", family);

	match_returned(rule, NFT_META_IIFNAME, mark);
	match_opening(rule, true);
	rule_load_value(rule, loopback[family - rule_families], family->length, RULE_REGISTER_0);
	rule_load_value(rule, &network_port, sizeof(network_port), RULE_REGISTER_4);
	rule_take(rule, family, RULE_REGISTER_0, RULE_REGISTER_4);
	rule_accept(rule);
	ruleset_put_rule(writer, rule);
}

static void mark_ours(struct nftnl_rule *rule, uint32_t mark)
{
	static const uint8_t yes = 1;

	rule_load_socket(rule, NFT_SOCKET_TRANSPARENT, RULE_REGISTER_0);
	rule_compare(rule, RULE_REGISTER_0, NFT_CMP_EQ, &yes, sizeof(yes));
	rule_load_meta(rule, NFT_META_MARK, RULE_REGISTER_0);
	rule_set_bits(rule, RULE_REGISTER_0, mark);
	rule_store_mark(rule, RULE_REGISTER_0);
	rule_accept(rule);
}

/* A packet that opens a connection always goes by the queue: only `tproxy` knows what to do when our end of the last
 * connection of the same ports is in TIME-WAIT. Of ICMP it is the errors that
 * matter (a path that carries less): they name the socket's packets. */
static void put_marking(struct ruleset_writer *writer, uint32_t mark)
{
	static const uint8_t errors[] = { IPPROTO_ICMP, IPPROTO_ICMPV6 };
	struct nftnl_rule *rule = rule_new("divert");

	match_protocol(rule, IPPROTO_TCP);
	match_opening(rule, false);
	mark_ours(rule, mark);
	ruleset_put_rule(writer, rule);
	for (size_t index = 0; index < sizeof(errors); index++) {
		rule = rule_new("divert");
		match_protocol(rule, errors[index]);
		mark_ours(rule, mark);
		ruleset_put_rule(writer, rule);
	}
}

static void put_keeping(struct ruleset_writer *writer, const struct rule_family *family, uint32_t mark)
{
	struct nftnl_rule *destination = match_family("sending", family), *source = match_family("leaving", family);

	match_returned(destination, NFT_META_OIFNAME, mark);
	rule_load_address(destination, family, family->destination, RULE_REGISTER_0);
	rule_load_transport(destination, PORT_DESTINATION, 2, RULE_REGISTER_4);
	rule_nat(destination, family, NFT_NAT_DNAT, RULE_REGISTER_0);
	ruleset_put_rule(writer, destination);

	match_returned(source, NFT_META_OIFNAME, mark);
	rule_load_address(source, family, family->source, RULE_REGISTER_0);
	rule_load_transport(source, PORT_SOURCE, 2, RULE_REGISTER_4);
	rule_nat(source, family, NFT_NAT_SNAT, RULE_REGISTER_0);
	ruleset_put_rule(writer, source);
}

static int write_table(struct netlink *netlink, uint32_t mark, uint16_t port, bool commit)
{
	struct ruleset_writer writer;

	ruleset_claim_table(netlink, DIVERT_NAME);
	if (!ruleset_writer_open(&writer, DIVERT_NAME))
		return ENOMEM;
	ruleset_put_table(&writer);
	for (size_t index = 0; index < sizeof(chains) / sizeof(chains[0]); index++)
		ruleset_put_chain(&writer, &chains[index]);
	ruleset_put_no_rules(&writer);
	match_no_datagrams(&writer, "divert");
	for (size_t index = 0; index < FAMILY_COUNT; index++) {
		put_taking(&writer, &rule_families[index], mark, port);
		put_keeping(&writer, &rule_families[index], mark);
	}
	put_marking(&writer, mark);
	return ruleset_writer_close(&writer, netlink, commit);
}

int divert_install(struct netlink *netlink, uint32_t mark, uint16_t port)
{
	return write_table(netlink, mark, port, true);
}

int divert_try(struct netlink *netlink)
{
	return write_table(netlink, 1, 1, false);
}

bool divert_exists(struct netlink *netlink)
{
	return ruleset_table_exists(netlink, DIVERT_NAME);
}

int divert_remove(struct netlink *netlink)
{
	return ruleset_remove_table(netlink, DIVERT_NAME);
}
