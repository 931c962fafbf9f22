/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/translation.h"
#include "plane/netfilter/links.h"
#include "plane/netfilter/ruleset.h"

#include <libnftnl/expr.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <linux/netfilter.h> /* after netinet: both would define the same */
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv6/ip6t_NPT.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <stdio.h>
#include <string.h>

enum {
	CHAINS_MAX = 64,    /* chains that one base chain jumps to, in all; the rest is not looked at */
	REGISTERS_MAX = 24, /* numbers of registers, NFT_REG_… and NFT_REG32_… */
	MAPPED_BITS = 96,
	ADDRESS_BITS = 128,
};

/* ---- One rule ---- */

/* What the last load has put into a register to be compared. */
enum loaded {
	LOADED_OTHER = 0,
	LOADED_FAMILY,
	LOADED_ETHERTYPE,
	LOADED_PROTOCOL,
	LOADED_INTERFACE,
	LOADED_SOURCE,
};

/* A rule while its expressions are looked at one after the other. */
struct reading {
	const char (*wan)[PLANE_LINK_NAME_MAX];
	size_t wan_count;
	struct translation_rule rule;
	bool elsewhere;  /* it is not for UDP that leaves by the WAN */
	bool translates; /* it ends in a translation, … */
	bool ends;       /* … or in leaving the packet alone */
	const char *jumps;
	enum loaded loaded;
	enum family source_family;
	uint32_t source_bits; /* of LOADED_SOURCE */
	struct {
		uint8_t bytes[16];
		uint32_t length;
	} values[REGISTERS_MAX];
};

static void only_family(struct reading *reading, bool ipv4)
{
	reading->rule.families[ipv4 ? FAMILY_IPV6 : FAMILY_IPV4] = false;
}

static void look_at_meta(struct nftnl_expr *expr, struct reading *reading)
{
	reading->loaded = LOADED_OTHER;
	switch (nftnl_expr_get_u32(expr, NFTNL_EXPR_META_KEY)) {
	case NFT_META_NFPROTO:
		reading->loaded = LOADED_FAMILY;
		break;
	case NFT_META_PROTOCOL:
		reading->loaded = LOADED_ETHERTYPE;
		break;
	case NFT_META_L4PROTO:
		reading->loaded = LOADED_PROTOCOL;
		break;
	case NFT_META_OIFNAME:
		reading->loaded = LOADED_INTERFACE;
		break;
	default:
		break;
	}
}

static void look_at_payload(struct nftnl_expr *expr, struct reading *reading)
{
	uint32_t offset = nftnl_expr_get_u32(expr, NFTNL_EXPR_PAYLOAD_OFFSET);
	bool network = nftnl_expr_get_u32(expr, NFTNL_EXPR_PAYLOAD_BASE) == NFT_PAYLOAD_NETWORK_HEADER;
	bool ipv4 = reading->rule.families[FAMILY_IPV4] && !reading->rule.families[FAMILY_IPV6];
	bool ipv6 = reading->rule.families[FAMILY_IPV6] && !reading->rule.families[FAMILY_IPV4];

	reading->loaded = LOADED_OTHER;
	reading->source_bits = 8 * nftnl_expr_get_u32(expr, NFTNL_EXPR_PAYLOAD_LEN);
	if (network && ipv4 && offset == offsetof(struct iphdr, saddr)) {
		reading->loaded = LOADED_SOURCE;
		reading->source_family = FAMILY_IPV4;
	} else if (network && ipv6 && offset == offsetof(struct ip6_hdr, ip6_src)) {
		reading->loaded = LOADED_SOURCE;
		reading->source_family = FAMILY_IPV6;
	} else if (network && ipv4 && offset == offsetof(struct iphdr, protocol)) {
		reading->loaded = LOADED_PROTOCOL;
	}
}

/* Only the first bits count: how many. */
static void look_at_bitwise(struct nftnl_expr *expr, struct reading *reading)
{
	uint32_t length = 0, bits = 0;
	const uint8_t *mask = nftnl_expr_get(expr, NFTNL_EXPR_BITWISE_MASK, &length);

	if (reading->loaded != LOADED_SOURCE || mask == NULL) {
		reading->loaded = LOADED_OTHER;
		return;
	}
	while (bits < 8 * length && (mask[bits / 8] & 0x80 >> bits % 8) != 0)
		bits++;
	reading->source_bits = bits;
}

static sipalg_prefix prefix_from(enum family family, const void *bytes, uint32_t length, uint32_t bits)
{
	sipalg_prefix prefix = { 0 };
	size_t at = family == FAMILY_IPV4 ? MAPPED_BITS / 8 : 0;

	if (family == FAMILY_IPV4)
		prefix.address = sipalg_address_from_ipv4(0);
	memcpy(prefix.address.bytes + at, bytes, length < 16 - at ? length : 16 - at);
	prefix.length = (uint8_t)(8 * at + (bits < ADDRESS_BITS - 8 * at ? bits : ADDRESS_BITS - 8 * at));
	return prefix;
}

/* "ppp*" is a name cut short, without its zero. */
static bool leaves_by_wan(const struct reading *reading, const char *name, uint32_t length)
{
	for (size_t index = 0; index < reading->wan_count; index++)
		if (length <= PLANE_LINK_NAME_MAX && memcmp(reading->wan[index], name, length) == 0)
			return true;
	return false;
}

static void look_at_equal(struct reading *reading, const uint8_t *data, uint32_t length)
{
	switch (reading->loaded) {
	case LOADED_FAMILY:
		only_family(reading, data[0] == NFPROTO_IPV4);
		break;
	case LOADED_ETHERTYPE:
		only_family(reading, length >= 2 && (data[0] << 8 | data[1]) == ETH_P_IP);
		break;
	case LOADED_PROTOCOL:
		reading->elsewhere |= data[0] != IPPROTO_UDP;
		break;
	case LOADED_INTERFACE:
		reading->elsewhere |= !leaves_by_wan(reading, (const char *)data, length);
		break;
	case LOADED_SOURCE:
		reading->rule.source = prefix_from(reading->source_family, data, length, reading->source_bits);
		break;
	case LOADED_OTHER:
		reading->rule.certain = false;
		break;
	}
}

static void look_at_compare(struct nftnl_expr *expr, struct reading *reading)
{
	uint32_t length = 0;
	const uint8_t *data = nftnl_expr_get(expr, NFTNL_EXPR_CMP_DATA, &length);

	if (data != NULL && length > 0 && nftnl_expr_get_u32(expr, NFTNL_EXPR_CMP_OP) == NFT_CMP_EQ)
		look_at_equal(reading, data, length);
	else if (reading->loaded != LOADED_INTERFACE) /* of "not the LAN" the WAN is one */
		reading->rule.certain = false;
}

static void look_at_immediate(struct nftnl_expr *expr, struct reading *reading)
{
	uint32_t reg = nftnl_expr_get_u32(expr, NFTNL_EXPR_IMM_DREG), length = 0, verdict;
	const void *data = nftnl_expr_get(expr, NFTNL_EXPR_IMM_DATA, &length);

	if (nftnl_expr_is_set(expr, NFTNL_EXPR_IMM_VERDICT)) {
		verdict = nftnl_expr_get_u32(expr, NFTNL_EXPR_IMM_VERDICT);
		reading->ends = verdict == NF_ACCEPT || verdict == (uint32_t)NFT_RETURN;
		if (nftnl_expr_is_set(expr, NFTNL_EXPR_IMM_CHAIN))
			reading->jumps = nftnl_expr_get_str(expr, NFTNL_EXPR_IMM_CHAIN);
	} else if (data != NULL && reg < REGISTERS_MAX && length <= sizeof(reading->values[0].bytes)) {
		memcpy(reading->values[reg].bytes, data, length);
		reading->values[reg].length = length;
	}
}

/* A prefix is told as its first and its last address. */
static void translate_prefix(struct reading *reading, enum family family, const uint8_t *first, const uint8_t *last,
                             uint32_t length)
{
	uint32_t bits = 0;

	while (bits < 8 * length && ((first[bits / 8] ^ last[bits / 8]) & 0x80 >> bits % 8) == 0)
		bits++;
	reading->rule.translation = SIPALG_TRANSLATION_PREFIX;
	reading->rule.outside = prefix_from(family, first, length, bits);
}

static void look_at_nat(struct nftnl_expr *expr, struct reading *reading)
{
	uint32_t family = nftnl_expr_get_u32(expr, NFTNL_EXPR_NAT_FAMILY);
	uint32_t flags =
	        nftnl_expr_is_set(expr, NFTNL_EXPR_NAT_FLAGS) ? nftnl_expr_get_u32(expr, NFTNL_EXPR_NAT_FLAGS) : 0;
	uint32_t first = nftnl_expr_get_u32(expr, NFTNL_EXPR_NAT_REG_ADDR_MIN);
	uint32_t last = nftnl_expr_get_u32(expr, NFTNL_EXPR_NAT_REG_ADDR_MAX);

	if (nftnl_expr_get_u32(expr, NFTNL_EXPR_NAT_TYPE) != NFT_NAT_SNAT)
		return;
	reading->translates = true;
	if (family == NFPROTO_IPV4 || family == NFPROTO_IPV6)
		only_family(reading, family == NFPROTO_IPV4);
	/* Where a map says which prefix, it cannot be told here; sharing the router's address works all the same. */
	if ((flags & NF_NAT_RANGE_NETMAP) != 0 && first < REGISTERS_MAX && last < REGISTERS_MAX &&
	    reading->values[first].length >= 4 && reading->values[last].length == reading->values[first].length)
		translate_prefix(reading, family == NFPROTO_IPV4 ? FAMILY_IPV4 : FAMILY_IPV6,
		                 reading->values[first].bytes, reading->values[last].bytes,
		                 reading->values[first].length);
}

static void look_at_netmap(struct reading *reading, const void *info, uint32_t length)
{
	const struct nf_nat_ipv4_multi_range_compat *ipv4 = info;
	const struct nf_nat_range *ipv6 = info;

	if (reading->rule.families[FAMILY_IPV6] && length >= sizeof(*ipv6))
		translate_prefix(reading, FAMILY_IPV6, (const uint8_t *)&ipv6->min_addr,
		                 (const uint8_t *)&ipv6->max_addr, 16);
	else if (reading->rule.families[FAMILY_IPV4] && length >= sizeof(*ipv4))
		translate_prefix(reading, FAMILY_IPV4, (const uint8_t *)&ipv4->range[0].min_ip,
		                 (const uint8_t *)&ipv4->range[0].max_ip, 4);
}

static void look_at_npt(struct reading *reading, const struct ip6t_npt_tginfo *info)
{
	reading->rule.source = prefix_from(FAMILY_IPV6, &info->src_pfx, 16, info->src_pfx_len);
	reading->rule.outside = prefix_from(FAMILY_IPV6, &info->dst_pfx, 16, info->dst_pfx_len);
	reading->rule.translation = SIPALG_TRANSLATION_PREFIX_NEUTRAL;
	reading->translates = true;
}

static void look_at_target(struct nftnl_expr *expr, struct reading *reading)
{
	uint32_t length = 0;
	const void *info = nftnl_expr_get(expr, NFTNL_EXPR_TG_INFO, &length);
	const char *name = nftnl_expr_get_str(expr, NFTNL_EXPR_TG_NAME);

	reading->ends = strcmp(name, "ACCEPT") == 0 || strcmp(name, "RETURN") == 0;
	if (strcmp(name, "MASQUERADE") == 0 || strcmp(name, "SNAT") == 0 || strcmp(name, "NETMAP") == 0)
		reading->translates = true;
	if (strcmp(name, "NETMAP") == 0 && info != NULL)
		look_at_netmap(reading, info, length);
	else if (strcmp(name, "SNPT") == 0 && info != NULL && length >= sizeof(struct ip6t_npt_tginfo))
		look_at_npt(reading, info);
}

static int look_at_expression(struct nftnl_expr *expr, void *context)
{
	struct reading *reading = context;
	const char *name = nftnl_expr_get_str(expr, NFTNL_EXPR_NAME);

	if (strcmp(name, "meta") == 0)
		look_at_meta(expr, reading);
	else if (strcmp(name, "payload") == 0)
		look_at_payload(expr, reading);
	else if (strcmp(name, "bitwise") == 0)
		look_at_bitwise(expr, reading);
	else if (strcmp(name, "cmp") == 0)
		look_at_compare(expr, reading);
	else if (strcmp(name, "immediate") == 0)
		look_at_immediate(expr, reading);
	else if (strcmp(name, "nat") == 0)
		look_at_nat(expr, reading);
	else if (strcmp(name, "masq") == 0)
		reading->translates = true;
	else if (strcmp(name, "target") == 0)
		look_at_target(expr, reading);
	else if (strcmp(name, "counter") != 0 && strcmp(name, "log") != 0 &&
	         !(strcmp(name, "lookup") == 0 &&
	           reading->loaded == LOADED_INTERFACE)) /* the WAN is likely in the set */
		reading->rule.certain = false;
	return 0;
}

/* ---- All rules ---- */

/* One base chain and those it jumps to. */
struct walk {
	const struct listing *listing;
	struct translation_rules *rules;
	const char (*wan)[PLANE_LINK_NAME_MAX];
	size_t wan_count;
	uint32_t family;
	bool is_nat; /* where the first rule that says something settles it */
	const char *table;
	const char *chains[CHAINS_MAX];
	size_t chain_count, at;
};

static void visit_later(struct walk *walk, const char *chain)
{
	for (size_t index = 0; index < walk->chain_count; index++)
		if (strcmp(walk->chains[index], chain) == 0)
			return;
	if (walk->chain_count < CHAINS_MAX)
		walk->chains[walk->chain_count++] = chain;
}

static void keep_rule(struct walk *walk, const struct translation_rule *rule)
{
	if (walk->rules->count < TRANSLATION_RULES_MAX)
		walk->rules->rules[walk->rules->count++] = *rule;
	else
		walk->rules->unknown[FAMILY_IPV4] = walk->rules->unknown[FAMILY_IPV6] = true;
}

static int walk_rule(struct nftnl_rule *nftables_rule, void *context)
{
	struct walk *walk = context;
	struct reading reading = { .wan = walk->wan, .wan_count = walk->wan_count };

	if (!listing_rule_is_of(nftables_rule, walk->family, walk->table, walk->chains[walk->at]))
		return 0;
	reading.rule.certain = true;
	reading.rule.families[FAMILY_IPV4] = walk->family != NFPROTO_IPV6;
	reading.rule.families[FAMILY_IPV6] = walk->family != NFPROTO_IPV4;
	nftnl_expr_foreach(nftables_rule, look_at_expression, &reading);
	if (reading.jumps != NULL)
		visit_later(walk, reading.jumps);
	else if (reading.translates && !reading.elsewhere)
		keep_rule(walk, &reading.rule);
	else if (reading.ends && !reading.elsewhere && reading.rule.certain && walk->is_nat && walk->at == 0) {
		reading.rule.translation = SIPALG_TRANSLATION_NONE; /* these are spared what comes below */
		keep_rule(walk, &reading.rule);
	}
	return 0;
}

static int walk_chain(struct nftnl_chain *chain, void *context)
{
	struct walk *walk = context;

	walk->family = nftnl_chain_get_u32(chain, NFTNL_CHAIN_FAMILY);
	walk->table = nftnl_chain_get_str(chain, NFTNL_CHAIN_TABLE);
	walk->chain_count = walk->at = 0;
	if ((walk->family != NFPROTO_IPV4 && walk->family != NFPROTO_IPV6 && walk->family != NFPROTO_INET) ||
	    !nftnl_chain_is_set(chain, NFTNL_CHAIN_HOOKNUM) ||
	    nftnl_chain_get_u32(chain, NFTNL_CHAIN_HOOKNUM) != NF_INET_POST_ROUTING ||
	    strncmp(walk->table, RULESET_NAME, strlen(RULESET_NAME)) == 0) /* the gateway's own */
		return 0;
	walk->is_nat = strcmp(nftnl_chain_get_str(chain, NFTNL_CHAIN_TYPE), "nat") == 0;
	visit_later(walk, nftnl_chain_get_str(chain, NFTNL_CHAIN_NAME));
	for (; walk->at < walk->chain_count; walk->at++)
		nftnl_rule_list_foreach(walk->listing->rules, walk_rule, walk);
	return 0;
}

/* Rules of the older iptables can be seen only as being there. */
static bool legacy_translates(const char *path)
{
	FILE *file = fopen(path, "re");
	bool found = false;
	char name[32];

	while (file != NULL && fgets(name, sizeof(name), file) != NULL)
		found |= strcmp(name, "nat\n") == 0;
	if (file != NULL)
		fclose(file);
	return found;
}

void translation_find(const struct listing *listing, const char (*wan)[PLANE_LINK_NAME_MAX], size_t wan_count,
                      struct translation_rules *rules)
{
	struct walk walk = { .listing = listing, .rules = rules, .wan = wan, .wan_count = wan_count };

	memset(rules, 0, sizeof(*rules));
	rules->unknown[FAMILY_IPV4] = !listing->whole || legacy_translates("/proc/self/net/ip_tables_names");
	rules->unknown[FAMILY_IPV6] = !listing->whole || legacy_translates("/proc/self/net/ip6_tables_names");
	if (listing->whole)
		nftnl_chain_list_foreach(listing->chains, walk_chain, &walk);
}

/* ---- One network ---- */

/* A rule that may be for other packets only, or for a part of the network, is taken to be for private networks, which
 * need it, and for IPv4's, where sharing addresses is the rule. */
static bool rule_is_for(const struct translation_rule *rule, const sipalg_prefix *inside)
{
	enum family family = family_of(&inside->address);
	bool in_doubt = family == FAMILY_IPV4 || address_is_private(&inside->address);

	if (!rule->families[family] || (!rule->certain && !in_doubt))
		return false;
	if (rule->source.length == 0)
		return true;
	if (rule->source.length > inside->length)
		return in_doubt && sipalg_prefix_contains(inside, &rule->source.address);
	return sipalg_prefix_contains(&rule->source, &inside->address);
}

/* The network's own part of a prefix that is translated into another: the bits between both lengths stay. */
static bool move_prefix(const sipalg_prefix *inside, const sipalg_prefix *into, sipalg_prefix *moved)
{
	if (into->length > inside->length)
		return false;
	*moved = *inside;
	for (unsigned int bit = 0; bit < into->length; bit++) {
		uint8_t mask = (uint8_t)(0x80 >> bit % 8);

		moved->address.bytes[bit / 8] =
		        (uint8_t)((moved->address.bytes[bit / 8] & ~mask) | (into->address.bytes[bit / 8] & mask));
	}
	return true;
}

static sipalg_network network_by_rule(const struct translation_rule *rule, const sipalg_prefix *inside)
{
	sipalg_network network = { .inside = *inside, .translation = rule->translation };

	if (rule->translation ==
	    SIPALG_TRANSLATION_PREFIX_NEUTRAL) { /* what changes depends on the prefix as a whole */
		network.inside = rule->source;
		network.outside = rule->outside;
	} else if (rule->translation == SIPALG_TRANSLATION_PREFIX &&
	           !move_prefix(inside, &rule->outside, &network.outside)) {
		network.translation = SIPALG_TRANSLATION_PORTS;
	}
	return network;
}

static sipalg_network network_by_rules(const struct translation_rules *rules, const sipalg_prefix *inside)
{
	enum family family = family_of(&inside->address);
	bool is_private = address_is_private(&inside->address);
	sipalg_network network = { .inside = *inside };

	for (size_t index = 0; index < rules->count; index++)
		if (rule_is_for(&rules->rules[index], inside))
			return network_by_rule(&rules->rules[index], inside);
	if (family == FAMILY_IPV6)
		network.translation =
		        rules->unknown[family] && is_private ? SIPALG_TRANSLATION_PORTS : SIPALG_TRANSLATION_NONE;
	else if (!is_private && !rules->unknown[family])
		network.translation = SIPALG_TRANSLATION_NONE;
	return network;
}

sipalg_network translation_of(const struct translation_rules *rules, const struct plane_settings *settings,
                              const sipalg_prefix *inside)
{
	sipalg_network network = { .inside = *inside, .translation = SIPALG_TRANSLATION_NONE };

	for (size_t index = 0; index < settings->moved_count; index++)
		if (sipalg_prefix_contains(&settings->moved[index].inside, &inside->address))
			return network_by_rule(
			        &(struct translation_rule){ .source = settings->moved[index].inside,
			                                    .translation = settings->moved[index].translation,
			                                    .outside = settings->moved[index].outside },
			        inside);
	for (size_t index = 0; index < settings->routed_count; index++)
		if (sipalg_prefix_contains(&settings->routed[index], &inside->address))
			return network;
	if (family_of(&inside->address) == FAMILY_IPV4 || settings->ipv6 == PLANE_IPV6_AUTO)
		return network_by_rules(rules, inside);
	if (settings->ipv6 == PLANE_IPV6_NAT66)
		network.translation = SIPALG_TRANSLATION_PORTS;
	return network;
}
