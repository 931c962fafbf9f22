/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/rule.h"
#include "plane/netfilter/ruleset.h"

#include <libnftnl/expr.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter/xt_NFQUEUE.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

const struct rule_family rule_families[FAMILY_COUNT] = {
	[FAMILY_IPV4] = { NFPROTO_IPV4, 4, offsetof(struct iphdr, saddr), offsetof(struct iphdr, daddr) },
	[FAMILY_IPV6] = { NFPROTO_IPV6, 16, offsetof(struct ip6_hdr, ip6_src), offsetof(struct ip6_hdr, ip6_dst) },
};

enum {
	ADDRESS_REGISTERS = 4,
	MAPPED_REGISTERS = 3, /* … of which IPv4's begins so late */
};

struct nftnl_rule *rule_new(const char *chain)
{
	struct nftnl_rule *rule = nftnl_rule_alloc();

	if (rule == NULL)
		abort();
	nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, chain);
	nftnl_rule_set_u32(rule, NFTNL_RULE_FAMILY, NFPROTO_INET);
	return rule;
}

static struct nftnl_expr *expression(struct nftnl_rule *rule, const char *name)
{
	struct nftnl_expr *expr = nftnl_expr_alloc(name);

	if (expr == NULL)
		abort();
	nftnl_rule_add_expr(rule, expr);
	return expr;
}

void rule_load_meta(struct nftnl_rule *rule, uint32_t key, uint32_t reg)
{
	struct nftnl_expr *expr = expression(rule, "meta");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_META_DREG, reg);
}

static void load_payload(struct nftnl_rule *rule, uint32_t base, uint32_t offset, uint32_t length, uint32_t reg)
{
	struct nftnl_expr *expr = expression(rule, "payload");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_BASE, base);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_LEN, length);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_DREG, reg);
}

/* Where in the four registers of an address the family's own bytes begin. */
uint32_t rule_first_register(const struct rule_family *family, uint32_t reg)
{
	return family->number == NFPROTO_IPV4 ? reg + MAPPED_REGISTERS : reg;
}

/* What stands before the bytes of an IPv4 address. */
static void load_mapping(struct nftnl_rule *rule, const struct rule_family *family, uint32_t reg)
{
	static const uint8_t mapped[MAPPED_REGISTERS * sizeof(uint32_t)] = { [10] = 0xff, [11] = 0xff };

	if (family->number == NFPROTO_IPV4)
		rule_load_value(rule, mapped, sizeof(mapped), reg);
}

void rule_load_address(struct nftnl_rule *rule, const struct rule_family *family, uint32_t offset, uint32_t reg)
{
	load_mapping(rule, family, reg);
	load_payload(rule, NFT_PAYLOAD_NETWORK_HEADER, offset, family->length, rule_first_register(family, reg));
}

void rule_load_transport(struct nftnl_rule *rule, uint32_t offset, uint32_t length, uint32_t reg)
{
	load_payload(rule, NFT_PAYLOAD_TRANSPORT_HEADER, offset, length, reg);
}

void rule_load_value(struct nftnl_rule *rule, const void *value, uint32_t length, uint32_t reg)
{
	struct nftnl_expr *expr = expression(rule, "immediate");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_DREG, reg);
	nftnl_expr_set(expr, NFTNL_EXPR_IMM_DATA, value, length);
}

void rule_load_socket(struct nftnl_rule *rule, uint32_t key, uint32_t reg)
{
	struct nftnl_expr *expr = expression(rule, "socket");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_SOCKET_KEY, key);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_SOCKET_DREG, reg);
}

void rule_store_priority(struct nftnl_rule *rule, uint32_t reg)
{
	struct nftnl_expr *expr = expression(rule, "meta");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_META_KEY, NFT_META_PRIORITY);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_META_SREG, reg);
}

/* Checksums that the address is part of go with it. */
void rule_store_address(struct nftnl_rule *rule, const struct rule_family *family, uint32_t offset, uint32_t reg)
{
	bool ipv4 = family->number == NFPROTO_IPV4;
	struct nftnl_expr *expr = expression(rule, "payload");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_LEN, family->length);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_SREG, reg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_CSUM_TYPE, ipv4 ? NFT_PAYLOAD_CSUM_INET : NFT_PAYLOAD_CSUM_NONE);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_CSUM_OFFSET, ipv4 ? offsetof(struct iphdr, check) : 0);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_FLAGS, NFT_PAYLOAD_L4CSUM_PSEUDOHDR);
}

static struct nftnl_expr *load_conntrack(struct nftnl_rule *rule, uint32_t key, uint32_t reg)
{
	struct nftnl_expr *expr = expression(rule, "ct");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_CT_KEY, key);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_CT_DREG, reg);
	return expr;
}

void rule_load_conntrack(struct nftnl_rule *rule, uint32_t key, uint32_t reg)
{
	(void)load_conntrack(rule, key, reg);
}

static void load_original(struct nftnl_rule *rule, const struct rule_family *family, uint32_t key, uint32_t reg)
{
	load_mapping(rule, family, reg);
	nftnl_expr_set_u8(load_conntrack(rule, key, rule_first_register(family, reg)), NFTNL_EXPR_CT_DIR,
	                  IP_CT_DIR_ORIGINAL);
}

void rule_load_original_destination(struct nftnl_rule *rule, const struct rule_family *family, uint32_t reg)
{
	load_original(rule, family, family->number == NFPROTO_IPV4 ? NFT_CT_DST_IP : NFT_CT_DST_IP6, reg);
}

void rule_load_original_source(struct nftnl_rule *rule, const struct rule_family *family, uint32_t reg)
{
	load_original(rule, family, family->number == NFPROTO_IPV4 ? NFT_CT_SRC_IP : NFT_CT_SRC_IP6, reg);
}

void rule_mask(struct nftnl_rule *rule, uint32_t reg, const void *mask, uint32_t length)
{
	static const uint8_t zero[16];
	struct nftnl_expr *expr = expression(rule, "bitwise");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_SREG, reg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_DREG, reg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_LEN, length);
	nftnl_expr_set(expr, NFTNL_EXPR_BITWISE_MASK, mask, length);
	nftnl_expr_set(expr, NFTNL_EXPR_BITWISE_XOR, zero, length);
}

void rule_compare(struct nftnl_rule *rule, uint32_t reg, uint32_t operator, const void * data, uint32_t length)
{
	struct nftnl_expr *expr = expression(rule, "cmp");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_CMP_SREG, reg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_CMP_OP, operator);
	nftnl_expr_set(expr, NFTNL_EXPR_CMP_DATA, data, length);
}

void rule_lookup(struct nftnl_rule *rule, const char *set, uint32_t reg, bool absent)
{
	struct nftnl_expr *expr = expression(rule, "lookup");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_SREG, reg);
	nftnl_expr_set_str(expr, NFTNL_EXPR_LOOKUP_SET, set);
	if (absent)
		nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
}

void rule_remember(struct nftnl_rule *rule, const char *set, uint32_t reg, uint32_t lifetime_s)
{
	struct nftnl_expr *expr = expression(rule, "dynset");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_DYNSET_SREG_KEY, reg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_DYNSET_OP, NFT_DYNSET_OP_UPDATE);
	nftnl_expr_set_u64(expr, NFTNL_EXPR_DYNSET_TIMEOUT, UINT64_C(1000) * lifetime_s);
	nftnl_expr_set_str(expr, NFTNL_EXPR_DYNSET_SET_NAME, set);
}

void rule_map(struct nftnl_rule *rule, const char *map, uint32_t reg)
{
	struct nftnl_expr *expr = expression(rule, "lookup");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_SREG, reg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_DREG, reg);
	nftnl_expr_set_str(expr, NFTNL_EXPR_LOOKUP_SET, map);
}

void rule_nat(struct nftnl_rule *rule, const struct rule_family *family, uint32_t type, uint32_t reg)
{
	struct nftnl_expr *expr = expression(rule, "nat");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_NAT_TYPE, type);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_NAT_FAMILY, family->number);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_NAT_REG_ADDR_MIN, rule_first_register(family, reg));
	nftnl_expr_set_u32(expr, NFTNL_EXPR_NAT_REG_PROTO_MIN, reg + ADDRESS_REGISTERS);
}

void rule_take(struct nftnl_rule *rule, const struct rule_family *family, uint32_t address_reg, uint32_t port_reg)
{
	struct nftnl_expr *expr = expression(rule, "tproxy");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_TPROXY_FAMILY, family->number);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_TPROXY_REG_ADDR, address_reg);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_TPROXY_REG_PORT, port_reg);
}

void rule_accept(struct nftnl_rule *rule)
{
	struct nftnl_expr *expr = expression(rule, "immediate");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_VERDICT, NF_ACCEPT);
}

void rule_jump(struct nftnl_rule *rule, int verdict, const char *chain)
{
	struct nftnl_expr *expr = expression(rule, "immediate");

	nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_VERDICT, (uint32_t)verdict);
	nftnl_expr_set_str(expr, NFTNL_EXPR_IMM_CHAIN, chain);
}

void rule_count(struct nftnl_rule *rule)
{
	expression(rule, "counter");
}

void rule_queue_native(struct nftnl_rule *rule, uint16_t queue)
{
	struct nftnl_expr *expr = expression(rule, "queue");

	nftnl_expr_set_u16(expr, NFTNL_EXPR_QUEUE_NUM, queue);
	nftnl_expr_set_u16(expr, NFTNL_EXPR_QUEUE_TOTAL, 1);
	nftnl_expr_set_u16(expr, NFTNL_EXPR_QUEUE_FLAGS, NFT_QUEUE_FLAG_BYPASS);
}

void rule_queue_target(struct nftnl_rule *rule, uint16_t queue)
{
	struct nftnl_expr *expr = expression(rule, "target");
	size_t size = (sizeof(struct xt_NFQ_info_v3) + 7) & ~(size_t)7; /* XT_ALIGN, which the kernel checks */
	struct xt_NFQ_info_v3 *info = calloc(1, size);

	if (info == NULL)
		abort();
	info->queuenum = queue;
	info->queues_total = 1;
	info->flags = NFQ_FLAG_BYPASS;
	nftnl_expr_set(expr, NFTNL_EXPR_TG_NAME, "NFQUEUE", sizeof("NFQUEUE"));
	nftnl_expr_set_u32(expr, NFTNL_EXPR_TG_REV, 3);
	/* libnftnl up to 1.2 keeps the pointer, later ones copy. */
	nftnl_expr_set(expr, NFTNL_EXPR_TG_INFO, info, (uint32_t)size);
	uint32_t length;
	if (nftnl_expr_get(expr, NFTNL_EXPR_TG_INFO, &length) != info)
		free(info);
}
