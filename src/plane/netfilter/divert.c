/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/divert.h"
#include "plane/netfilter/match.h"
#include "plane/netfilter/ruleset_writer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter_ipv4.h>

#define DIVERT_NAME "sipalg_relay"

enum {
	PRIORITY_DIVERT = NF_IP_PRI_NAT_DST + 1,
};

static const struct ruleset_chain chains[] = {
	{ "divert", "filter", NF_INET_PRE_ROUTING, PRIORITY_DIVERT },
	{ "delivering", "filter", NF_INET_LOCAL_IN, NF_IP_PRI_RAW },
	{ "sending", "nat", NF_INET_LOCAL_OUT, RULESET_PRIORITY_NAT },
	{ "leaving", "nat", NF_INET_POST_ROUTING, RULESET_PRIORITY_NAT },
};

static void match_loopback(struct nftnl_rule *rule, uint32_t name, uint32_t operator)
{
	static const char loopback[PLANE_LINK_NAME_MAX] = "lo";

	rule_load_meta(rule, name, RULE_REGISTER_0);
	rule_compare(rule, RULE_REGISTER_0, operator, loopback, sizeof(loopback));
}

/* What we sent to ourselves; `name` is the key of the interface that is lo here. */
static void match_returned(struct nftnl_rule *rule, uint32_t name)
{
	static const uint32_t sign = DIVERT_SIGN;

	match_protocol(rule, IPPROTO_TCP);
	match_loopback(rule, name, NFT_CMP_EQ);
	rule_load_meta(rule, NFT_META_PRIORITY, RULE_REGISTER_0);
	rule_compare(rule, RULE_REGISTER_0, NFT_CMP_EQ, &sign, sizeof(sign));
}

static void match_ours(struct nftnl_rule *rule)
{
	static const uint8_t yes = 1;

	rule_load_socket(rule, NFT_SOCKET_TRANSPARENT, RULE_REGISTER_0);
	rule_compare(rule, RULE_REGISTER_0, NFT_CMP_EQ, &yes, sizeof(yes));
}

/* What is for us gets an address of ours to be routed by. */
static void come_home(struct nftnl_rule *rule, const struct rule_family *family, const void *home)
{
	rule_load_value(rule, home, family->length, RULE_REGISTER_0);
	rule_store_address(rule, family, family->destination, RULE_REGISTER_0);
	rule_accept(rule);
}

/* The bytes of an address as they stand in a header. */
static const void *in_header(const sipalg_address *address, const struct rule_family *family)
{
	return address->bytes + sizeof(address->bytes) - family->length;
}

/* A packet that opens a connection always goes by the queue: only `tproxy` knows what to do when our end of the last
 * connection of the same ports is in TIME-WAIT. (For the others it would be of no use where a bridge calls these hooks:
 * behind a bridge the kernel forgets a socket that was found.) */
static void put_marking(struct ruleset_writer *writer, const struct rule_family *family, const sipalg_address *home)
{
	static const uint32_t sign = DIVERT_SIGN;
	struct nftnl_rule *rule = match_family("divert", family);

	match_protocol(rule, IPPROTO_TCP);
	match_opening(rule, false);
	match_ours(rule);
	rule_load_value(rule, &sign, sizeof(sign), RULE_REGISTER_0);
	rule_store_priority(rule, RULE_REGISTER_0);
	come_home(rule, family, in_header(home, family));
	ruleset_put_rule(writer, rule);
}

/* Routed here, the packet gets its own destination back, by which its socket is found: where its flow went, or came
 * from. */
static void put_delivering(struct ruleset_writer *writer, const struct rule_family *family, uint8_t direction)
{
	static const uint32_t sign = DIVERT_SIGN;
	struct nftnl_rule *rule = match_family("delivering", family);

	rule_load_meta(rule, NFT_META_PRIORITY, RULE_REGISTER_0);
	rule_compare(rule, RULE_REGISTER_0, NFT_CMP_EQ, &sign, sizeof(sign));
	match_loopback(rule, NFT_META_IIFNAME, NFT_CMP_NEQ);
	rule_load_conntrack(rule, NFT_CT_DIRECTION, RULE_REGISTER_0);
	rule_compare(rule, RULE_REGISTER_0, NFT_CMP_EQ, &direction, sizeof(direction));
	if (direction == IP_CT_DIR_ORIGINAL)
		rule_load_original_destination(rule, family, RULE_REGISTER_0);
	else
		rule_load_original_source(rule, family, RULE_REGISTER_0);
	rule_store_address(rule, family, family->destination, rule_first_register(family, RULE_REGISTER_0));
	rule_accept(rule);
	ruleset_put_rule(writer, rule);
}

/* Of ICMP it is the errors that matter (a path that carries less): they name the socket's packets, in what they
 * quote. */
static void put_errors(struct ruleset_writer *writer, const struct rule_family *family, const sipalg_address *home)
{
	struct nftnl_rule *rule = match_family("divert", family);

	match_protocol(rule, family->number == NFPROTO_IPV4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	match_ours(rule);
	come_home(rule, family, in_header(home, family));
	ruleset_put_rule(writer, rule);
}

static void put_taking(struct ruleset_writer *writer, const struct rule_family *family, uint16_t port)
{
	static const uint8_t loopback[FAMILY_COUNT][16] = { { 127, 0, 0, 1 }, { [15] = 1 } };
	const uint16_t network_port = htons(port);
	struct nftnl_rule *rule = match_family("divert", family);

	match_returned(rule, NFT_META_IIFNAME);
	match_opening(rule, true);
	rule_load_value(rule, loopback[family - rule_families], family->length, RULE_REGISTER_0);
	rule_load_value(rule, &network_port, sizeof(network_port), RULE_REGISTER_4);
	rule_take(rule, family, RULE_REGISTER_0, RULE_REGISTER_4);
	rule_accept(rule);
	ruleset_put_rule(writer, rule);
}

/* A phone that uses one port only opens its next connection while our end of the last one is in TIME-WAIT. The kernel
 * finds that socket for the packet, and then does not forward it: it has to be taken here. The user's filter has let
 * the same endpoints pass a minute ago at most. */
static void put_again(struct ruleset_writer *writer, const struct ruleset_contents *contents)
{
	struct nftnl_rule *rule = rule_new("divert");

	match_protocol(rule, IPPROTO_TCP);
	match_opening(rule, true);
	match_loopback(rule, NFT_META_IIFNAME, NFT_CMP_NEQ);
	match_ours(rule);
	match_queue(rule, contents);
	ruleset_put_rule(writer, rule);
}

static void put_keeping(struct ruleset_writer *writer, const struct rule_family *family)
{
	struct nftnl_rule *destination = match_family("sending", family), *source = match_family("leaving", family);

	match_returned(destination, NFT_META_OIFNAME);
	rule_load_address(destination, family, family->destination, RULE_REGISTER_0);
	rule_load_transport(destination, PORT_DESTINATION, 2, RULE_REGISTER_4);
	rule_nat(destination, family, NFT_NAT_DNAT, RULE_REGISTER_0);
	ruleset_put_rule(writer, destination);

	match_returned(source, NFT_META_OIFNAME);
	rule_load_address(source, family, family->source, RULE_REGISTER_0);
	rule_load_transport(source, PORT_SOURCE, 2, RULE_REGISTER_4);
	rule_nat(source, family, NFT_NAT_SNAT, RULE_REGISTER_0);
	ruleset_put_rule(writer, source);
}

/* Every packet that arrives comes here: media leave by the first rule. */
static void put_no_datagrams(struct ruleset_writer *writer)
{
	struct nftnl_rule *rule = rule_new("divert");

	match_protocol(rule, IPPROTO_UDP);
	rule_accept(rule);
	ruleset_put_rule(writer, rule);
}

static void put_rules(struct ruleset_writer *writer, const struct divert *divert)
{
	put_no_datagrams(writer);
	for (size_t index = 0; index < FAMILY_COUNT; index++) {
		const struct rule_family *family = &rule_families[index];

		if (sipalg_address_is_none(&divert->home[index]))
			continue;
		put_marking(writer, family, &divert->home[index]);
		put_delivering(writer, family, IP_CT_DIR_ORIGINAL);
		put_delivering(writer, family, IP_CT_DIR_REPLY);
		put_errors(writer, family, &divert->home[index]);
		put_taking(writer, family, divert->port);
		put_keeping(writer, family);
	}
	put_again(writer, divert->contents);
}

static int write_table(struct netlink *netlink, const struct divert *divert, bool commit)
{
	struct ruleset_writer writer;

	ruleset_claim_table(netlink, DIVERT_NAME);
	if (!ruleset_writer_open(&writer, DIVERT_NAME))
		return ENOMEM;
	ruleset_put_table(&writer);
	for (size_t index = 0; index < sizeof(chains) / sizeof(chains[0]); index++)
		ruleset_put_chain(&writer, &chains[index]);
	ruleset_put_no_rules(&writer);
	put_rules(&writer, divert);
	return ruleset_writer_close(&writer, netlink, commit);
}

int divert_install(struct netlink *netlink, const struct divert *divert)
{
	return write_table(netlink, divert, true);
}

int divert_try(struct netlink *netlink, const struct ruleset_contents *contents)
{
	const struct divert divert = {
		.contents = contents,
		.home = { [FAMILY_IPV4] = { { [10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1 } },
		          [FAMILY_IPV6] = { { [15] = 1 } } },
		.port = 1,
	};

	return write_table(netlink, &divert, false);
}

bool divert_exists(struct netlink *netlink)
{
	return ruleset_table_exists(netlink, DIVERT_NAME);
}

int divert_remove(struct netlink *netlink)
{
	return ruleset_remove_table(netlink, DIVERT_NAME);
}
