/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/listing.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string.h>

static int take_chain(const struct nlmsghdr *message, void *context)
{
	struct nftnl_chain *chain = nftnl_chain_alloc();

	if (chain != NULL && nftnl_chain_nlmsg_parse(message, chain) == 0)
		nftnl_chain_list_add_tail(chain, context);
	else if (chain != NULL)
		nftnl_chain_free(chain);
	return MNL_CB_OK;
}

static int take_rule(const struct nlmsghdr *message, void *context)
{
	struct nftnl_rule *rule = nftnl_rule_alloc();

	if (rule != NULL && nftnl_rule_nlmsg_parse(message, rule) == 0)
		nftnl_rule_list_add_tail(rule, context);
	else if (rule != NULL)
		nftnl_rule_free(rule);
	return MNL_CB_OK;
}

static int take_object(const struct nlmsghdr *message, void *context)
{
	struct nftnl_obj *object = nftnl_obj_alloc();

	if (object != NULL && nftnl_obj_nlmsg_parse(message, object) == 0)
		nftnl_obj_list_add_tail(object, context);
	else if (object != NULL)
		nftnl_obj_free(object);
	return MNL_CB_OK;
}

static int list(struct netlink *netlink, uint16_t type, mnl_cb_t take, void *context)
{
	_Alignas(struct nlmsghdr) uint8_t bytes[128] = { 0 };
	struct netlink_buffer buffer = { .bytes = bytes, .capacity = sizeof(bytes) };

	return netlink_ask(netlink,
	                   netlink_begin_netfilter(&buffer, sizeof(bytes), (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type),
	                                           NLM_F_DUMP, 0, NFPROTO_UNSPEC, 0),
	                   take, context);
}

void listing_read(struct listing *listing, struct netlink *netlink)
{
	listing->whole = false;
	listing->chains = nftnl_chain_list_alloc();
	listing->rules = nftnl_rule_list_alloc();
	listing->objects = nftnl_obj_list_alloc();
	if (listing->chains == NULL || listing->rules == NULL || listing->objects == NULL)
		return;
	(void)list(netlink, NFT_MSG_GETOBJ, take_object, listing->objects); /* before 4.10 there are none */
	listing->whole = list(netlink, NFT_MSG_GETCHAIN, take_chain, listing->chains) == 0 &&
	                 list(netlink, NFT_MSG_GETRULE, take_rule, listing->rules) == 0;
}

void listing_free(struct listing *listing)
{
	if (listing->chains != NULL)
		nftnl_chain_list_free(listing->chains);
	if (listing->rules != NULL)
		nftnl_rule_list_free(listing->rules);
	if (listing->objects != NULL)
		nftnl_obj_list_free(listing->objects);
}

bool listing_rule_is_of(const struct nftnl_rule *rule, uint32_t family, const char *table, const char *chain)
{
	return nftnl_rule_get_u32(rule, NFTNL_RULE_FAMILY) == family &&
	       strcmp(nftnl_rule_get_str(rule, NFTNL_RULE_TABLE), table) == 0 &&
	       strcmp(nftnl_rule_get_str(rule, NFTNL_RULE_CHAIN), chain) == 0;
}
