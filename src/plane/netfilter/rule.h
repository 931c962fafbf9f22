/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules of our table, written expression by expression as nft would compile them. */
#ifndef PLANE_NETFILTER_RULE_H
#define PLANE_NETFILTER_RULE_H

#include "plane/netfilter/family.h"

#include <libnftnl/rule.h>
#include <netinet/in.h>
#include <linux/netfilter.h> /* after netinet: both would define the same */
#include <linux/netfilter/nf_tables.h>
#include <stdbool.h>
#include <stdint.h>

/* Registers of 4 bytes (NFT_REG32_00 …), which keys and their answers lie in from the first one on. */
enum {
	RULE_REGISTER_0 = NFT_REG32_00,
	RULE_REGISTER_1,
	RULE_REGISTER_2,
	RULE_REGISTER_3,
	RULE_REGISTER_4,
	RULE_REGISTER_5,
	RULE_REGISTER_6,
};

/* One of the two families. In keys and values both have addresses of 16 bytes, IPv4's in its mapped form (RFC 4291
 * 2.5.5.2), so that one map serves both; only where an address meets a packet do they differ. */
struct rule_family {
	uint8_t number; /* NFPROTO_… */
	uint8_t length; /* bytes of an address in a header, … */
	uint8_t source; /* … where the source's begins … */
	uint8_t destination;
};

extern const struct rule_family rule_families[FAMILY_COUNT];

/* A rule of `chain`. All of these end the program when memory is short: they run at start only. */
struct nftnl_rule *rule_new(const char *chain);

void rule_load_meta(struct nftnl_rule *rule, uint32_t key, uint32_t reg);
/* Registers `reg` to `reg` + 3: the address at this offset of the header. */
void rule_load_address(struct nftnl_rule *rule, const struct rule_family *family, uint32_t offset, uint32_t reg);
/* … or the one that connection tracking knows, in the direction in which the flow began. */
void rule_load_original_destination(struct nftnl_rule *rule, const struct rule_family *family, uint32_t reg);
void rule_load_original_source(struct nftnl_rule *rule, const struct rule_family *family, uint32_t reg);
/* Where in the four registers of an address the family's own bytes begin. */
uint32_t rule_first_register(const struct rule_family *family, uint32_t reg);
void rule_store_priority(struct nftnl_rule *rule, uint32_t reg);
/* The bytes that begin in `reg`, as many as an address of the family has, become the address at this offset. */
void rule_store_address(struct nftnl_rule *rule, const struct rule_family *family, uint32_t offset, uint32_t reg);
void rule_load_transport(struct nftnl_rule *rule, uint32_t offset, uint32_t length, uint32_t reg);
void rule_load_value(struct nftnl_rule *rule, const void *value, uint32_t length, uint32_t reg);
/* NFT_SOCKET_…: what the socket says that the packet is for; the rule ends when there is none. */
void rule_load_socket(struct nftnl_rule *rule, uint32_t key, uint32_t reg);
void rule_load_conntrack(struct nftnl_rule *rule, uint32_t key, uint32_t reg);
void rule_mask(struct nftnl_rule *rule, uint32_t reg, const void *mask, uint32_t length);
void rule_compare(struct nftnl_rule *rule, uint32_t reg, uint32_t operator, const void * data, uint32_t length);

/* Goes on when the key that begins in `reg` is in the set (or is not, when `absent`). */
void rule_lookup(struct nftnl_rule *rule, const char *set, uint32_t reg, bool absent);
/* The key is put into the set, or begins a new lifetime there; goes on when there was room. */
void rule_remember(struct nftnl_rule *rule, const char *set, uint32_t reg, uint32_t lifetime_s);
/* Goes on when the key is in the map; the value replaces the key. */
void rule_map(struct nftnl_rule *rule, const char *map, uint32_t reg);

/* NAT to the address that begins in `reg` and the port behind it. `type`: NFT_NAT_SNAT or NFT_NAT_DNAT. */
void rule_nat(struct nftnl_rule *rule, const struct rule_family *family, uint32_t type, uint32_t reg);
/* `tproxy`: the packet is for the socket that listens at this address and port, else the rule ends. */
void rule_take(struct nftnl_rule *rule, const struct rule_family *family, uint32_t address_reg, uint32_t port_reg);
void rule_accept(struct nftnl_rule *rule);
void rule_jump(struct nftnl_rule *rule, int verdict, const char *chain);
void rule_count(struct nftnl_rule *rule);

/* Queues, or lets pass when nobody listens: by nft's own statement, or by the xt target. */
void rule_queue_native(struct nftnl_rule *rule, uint16_t queue);
void rule_queue_target(struct nftnl_rule *rule, uint16_t queue);

#endif
