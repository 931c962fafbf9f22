/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/probe.h"
#include "plane/netfilter/number.h"

#include <libnftnl/chain.h>
#include <libnftnl/expr.h>
#include <libnftnl/object.h>
#include <libnftnl/rule.h>
#include <netinet/in.h>
#include <linux/netfilter.h> /* after netinet: both would define the same */
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/xt_CT.h>
#include <linux/netfilter/xt_conntrack.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_BYTES = 512 };

#define HELPER_SYSCTL "/proc/sys/net/netfilter/nf_conntrack_helper"

/* The whole ruleset, as far as it is looked at. */
struct listing {
	struct nftnl_chain_list *chains;
	struct nftnl_rule_list *rules;
	struct nftnl_obj_list *objects;
};

struct probe {
	struct listing listing;
	const struct ruleset_contents *contents;
	void (*say)(void *context, const char *line);
	void *context;
};

/* ---- Reading ---- */

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
	_Alignas(struct nlmsghdr) uint8_t bytes[128];
	struct netlink_buffer buffer = { .bytes = bytes, .capacity = sizeof(bytes) };

	return netlink_ask(netlink,
	                   netlink_begin_netfilter(&buffer, sizeof(bytes), (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type),
	                                           NLM_F_DUMP, 0, NFPROTO_UNSPEC, 0),
	                   take, context);
}

static bool listing_read(struct listing *listing, struct netlink *netlink)
{
	listing->chains = nftnl_chain_list_alloc();
	listing->rules = nftnl_rule_list_alloc();
	listing->objects = nftnl_obj_list_alloc();
	if (listing->chains == NULL || listing->rules == NULL || listing->objects == NULL)
		return false;
	(void)list(netlink, NFT_MSG_GETOBJ, take_object, listing->objects); /* before 4.10 there are none */
	return list(netlink, NFT_MSG_GETCHAIN, take_chain, listing->chains) == 0 &&
	       list(netlink, NFT_MSG_GETRULE, take_rule, listing->rules) == 0;
}

static void listing_free(struct listing *listing)
{
	if (listing->chains != NULL)
		nftnl_chain_list_free(listing->chains);
	if (listing->rules != NULL)
		nftnl_rule_list_free(listing->rules);
	if (listing->objects != NULL)
		nftnl_obj_list_free(listing->objects);
}

static const char *family_word(uint32_t family)
{
	switch (family) {
	case NFPROTO_IPV4:
		return "ip";
	case NFPROTO_INET:
		return "inet";
	case NFPROTO_IPV6:
		return "ip6";
	default:
		return "netdev";
	}
}

/* ---- What a rule does ---- */

/* What of a rule matters here. */
struct rule_facts {
	bool conditional; /* it looks at something before it decides */
	bool accepts, drops;
	bool sees_dnat;        /* it looks at whether a flow's destination was translated */
	const char *helper;    /* name of a helper object it attaches */
	const char *xt_helper; /* … or of a helper itself */
	const char *flow_table;
};

static void look_at_match(struct nftnl_expr *expr, struct rule_facts *facts)
{
	uint32_t length = 0;
	const struct xt_conntrack_mtinfo3 *info = nftnl_expr_get(expr, NFTNL_EXPR_MT_INFO, &length);
	const char *name = nftnl_expr_get_str(expr, NFTNL_EXPR_MT_NAME);

	if (strcmp(name, "comment") == 0)
		return;
	facts->conditional = true;
	if (strcmp(name, "conntrack") == 0 && info != NULL && length >= sizeof(*info) &&
	    (info->match_flags & XT_CONNTRACK_STATE) != 0 && (info->state_mask & XT_CONNTRACK_STATE_DNAT) != 0)
		facts->sees_dnat = true;
}

static void look_at_target(struct nftnl_expr *expr, struct rule_facts *facts)
{
	uint32_t length = 0;
	const void *info = nftnl_expr_get(expr, NFTNL_EXPR_TG_INFO, &length);
	const char *name = nftnl_expr_get_str(expr, NFTNL_EXPR_TG_NAME);
	const struct xt_ct_target_info *target = info;

	if (strcmp(name, "REJECT") == 0)
		facts->drops = true;
	else if (strcmp(name, "CT") == 0 && info != NULL && length >= sizeof(*target))
		facts->xt_helper = target->helper;
}

static void look_at_verdict(struct nftnl_expr *expr, struct rule_facts *facts)
{
	if (!nftnl_expr_is_set(expr, NFTNL_EXPR_IMM_VERDICT)) /* it only loads a value */
		return;
	facts->accepts |= nftnl_expr_get_u32(expr, NFTNL_EXPR_IMM_VERDICT) == NF_ACCEPT;
	facts->drops |= nftnl_expr_get_u32(expr, NFTNL_EXPR_IMM_VERDICT) == NF_DROP;
}

static int look_at_expression(struct nftnl_expr *expr, void *context)
{
	struct rule_facts *facts = context;
	const char *name = nftnl_expr_get_str(expr, NFTNL_EXPR_NAME);

	if (strcmp(name, "immediate") == 0)
		look_at_verdict(expr, facts);
	else if (strcmp(name, "reject") == 0)
		facts->drops = true;
	else if (strcmp(name, "match") == 0)
		look_at_match(expr, facts);
	else if (strcmp(name, "target") == 0)
		look_at_target(expr, facts);
	else if (strcmp(name, "flow_offload") == 0)
		facts->flow_table = nftnl_expr_get_str(expr, NFTNL_EXPR_FLOW_TABLE_NAME);
	else if (strcmp(name, "objref") == 0 && nftnl_expr_is_set(expr, NFTNL_EXPR_OBJREF_IMM_NAME) &&
	         nftnl_expr_get_u32(expr, NFTNL_EXPR_OBJREF_IMM_TYPE) == NFT_OBJECT_CT_HELPER)
		facts->helper = nftnl_expr_get_str(expr, NFTNL_EXPR_OBJREF_IMM_NAME);
	else if (strcmp(name, "counter") != 0 && strcmp(name, "log") != 0)
		facts->conditional = true;
	if (strcmp(name, "ct") == 0 && nftnl_expr_is_set(expr, NFTNL_EXPR_CT_KEY) &&
	    nftnl_expr_get_u32(expr, NFTNL_EXPR_CT_KEY) == NFT_CT_STATUS)
		facts->sees_dnat = true;
	return 0;
}

static struct rule_facts rule_look(struct nftnl_rule *rule)
{
	struct rule_facts facts = { 0 };

	nftnl_expr_foreach(rule, look_at_expression, &facts);
	return facts;
}

static bool same_table(const struct nftnl_rule *rule, uint32_t family, const char *table)
{
	return nftnl_rule_get_u32(rule, NFTNL_RULE_FAMILY) == family &&
	       strcmp(nftnl_rule_get_str(rule, NFTNL_RULE_TABLE), table) == 0;
}

/* ---- Pinholes ---- */

struct chain_question {
	uint32_t family;
	const char *table, *chain;
	bool accepts_dnat; /* somewhere in the table, be it in a chain that is jumped to */
	bool ends_in_drop;
};

static int ask_rule(struct nftnl_rule *rule, void *context)
{
	struct chain_question *question = context;
	struct rule_facts facts;

	if (!same_table(rule, question->family, question->table))
		return 0;
	facts = rule_look(rule);
	question->accepts_dnat |= facts.sees_dnat && facts.accepts;
	if (strcmp(nftnl_rule_get_str(rule, NFTNL_RULE_CHAIN), question->chain) == 0)
		question->ends_in_drop = facts.drops && !facts.conditional;
	return 0;
}

static int probe_chain(struct nftnl_chain *chain, void *context)
{
	struct probe *probe = context;
	struct chain_question question = { .family = nftnl_chain_get_u32(chain, NFTNL_CHAIN_FAMILY),
		                           .table = nftnl_chain_get_str(chain, NFTNL_CHAIN_TABLE),
		                           .chain = nftnl_chain_get_str(chain, NFTNL_CHAIN_NAME) };
	char line[LINE_MAX_BYTES];

	if ((question.family != NFPROTO_IPV4 && question.family != NFPROTO_INET) ||
	    !nftnl_chain_is_set(chain, NFTNL_CHAIN_HOOKNUM) ||
	    nftnl_chain_get_u32(chain, NFTNL_CHAIN_HOOKNUM) != NF_INET_FORWARD)
		return 0;
	nftnl_rule_list_foreach(probe->listing.rules, ask_rule, &question);
	if (question.accepts_dnat ||
	    (nftnl_chain_get_u32(chain, NFTNL_CHAIN_POLICY) != NF_DROP && !question.ends_in_drop))
		return 0;
	if (question.family == NFPROTO_IPV4 && strcmp(question.chain, "FORWARD") == 0)
		snprintf(line, sizeof(line),
		         "the firewall may drop calls and media that come from outside; to let those of "
		         "phones in: iptables -I FORWARD -m conntrack --ctstate DNAT -j ACCEPT");
	else
		snprintf(line, sizeof(line),
		         "the firewall may drop calls and media that come from outside; to let those of "
		         "phones in: nft insert rule %s %s %s ct status dnat accept",
		         family_word(question.family), question.table, question.chain);
	probe->say(probe->context, line);
	return 0;
}

/* ---- The kernel's own helper, and flow tables ---- */

struct object_question {
	uint32_t family;
	const char *table, *name;
	bool is_sip;
};

static int ask_object(struct nftnl_obj *object, void *context)
{
	struct object_question *question = context;

	if (nftnl_obj_get_u32(object, NFTNL_OBJ_TYPE) == NFT_OBJECT_CT_HELPER &&
	    nftnl_obj_get_u32(object, NFTNL_OBJ_FAMILY) == question->family &&
	    strcmp(nftnl_obj_get_str(object, NFTNL_OBJ_TABLE), question->table) == 0 &&
	    strcmp(nftnl_obj_get_str(object, NFTNL_OBJ_NAME), question->name) == 0)
		question->is_sip = strcmp(nftnl_obj_get_str(object, NFTNL_OBJ_CT_HELPER_NAME), "sip") == 0;
	return 0;
}

static bool helper_is_sip(const struct probe *probe, struct nftnl_rule *rule, const struct rule_facts *facts)
{
	struct object_question question = { .family = nftnl_rule_get_u32(rule, NFTNL_RULE_FAMILY),
		                            .table = nftnl_rule_get_str(rule, NFTNL_RULE_TABLE),
		                            .name = facts->helper };

	if (facts->xt_helper != NULL)
		return strcmp(facts->xt_helper, "sip") == 0;
	if (facts->helper != NULL)
		nftnl_obj_list_foreach(probe->listing.objects, ask_object, &question);
	return question.is_sip;
}

static int probe_rule(struct nftnl_rule *rule, void *context)
{
	struct probe *probe = context;
	struct rule_facts facts = rule_look(rule);
	const char *family = family_word(nftnl_rule_get_u32(rule, NFTNL_RULE_FAMILY));
	const char *table = nftnl_rule_get_str(rule, NFTNL_RULE_TABLE);
	const char *chain = nftnl_rule_get_str(rule, NFTNL_RULE_CHAIN);
	unsigned long long handle = nftnl_rule_get_u64(rule, NFTNL_RULE_HANDLE);
	char line[LINE_MAX_BYTES];

	if (helper_is_sip(probe, rule, &facts)) {
		snprintf(line, sizeof(line),
		         "the kernel's own SIP helper is attached too and would change messages a second "
		         "time; to remove it: nft delete rule %s %s %s handle %llu",
		         family, table, chain, handle);
		probe->say(probe->context, line);
	}
	if (facts.flow_table != NULL) {
		unsigned int port = probe->contents->port_count > 0 ? probe->contents->ports[0] : SIPALG_PORT_SIP;

		snprintf(line, sizeof(line),
		         "flow table %s carries SIP past the gateway; leave it out in rule %llu of chain "
		         "%s %s %s: th dport != %u th sport != %u flow add @%s",
		         facts.flow_table, handle, family, table, chain, port, port, facts.flow_table);
		probe->say(probe->context, line);
	}
	return 0;
}

void probe_rules(struct netlink *netlink, const struct ruleset_contents *contents,
                 void (*say)(void *context, const char *line), void *context)
{
	struct probe probe = { .contents = contents, .say = say, .context = context };

	if (say == NULL)
		return;
	if (listing_read(&probe.listing, netlink)) {
		nftnl_chain_list_foreach(probe.listing.chains, probe_chain, &probe);
		nftnl_rule_list_foreach(probe.listing.rules, probe_rule, &probe);
	} else {
		say(context, "cannot read the router's rules to see whether they agree with the gateway");
	}
	listing_free(&probe.listing);
	/* Up to Linux 5.19 every flow to port 5060 gets the helper when this is on and its module is loaded. */
	if (number_from_file(HELPER_SYSCTL, 0) == 1)
		say(context,
		    "the kernel's own SIP helper is attached to every flow to port 5060; to stop that: sysctl -w "
		    "net.netfilter.nf_conntrack_helper=0");
}

/* ---- Whether there is a firewall at all ---- */

/* Rules of iptables that are not nftables' can be seen only as being there. */
#define LEGACY_TABLES "/proc/self/net/ip_tables_names"

struct firewall_question {
	struct listing listing;
	bool drops;
};

struct table_question {
	uint32_t family;
	const char *table;
	bool drops;
};

static int ask_rule_about_drops(struct nftnl_rule *rule, void *context)
{
	struct table_question *question = context;

	if (same_table(rule, question->family, question->table))
		question->drops |= rule_look(rule).drops;
	return 0;
}

static int ask_chain_about_drops(struct nftnl_chain *chain, void *context)
{
	struct firewall_question *firewall = context;
	struct table_question question = { .family = nftnl_chain_get_u32(chain, NFTNL_CHAIN_FAMILY),
		                           .table = nftnl_chain_get_str(chain, NFTNL_CHAIN_TABLE) };

	if ((question.family != NFPROTO_IPV4 && question.family != NFPROTO_INET) ||
	    !nftnl_chain_is_set(chain, NFTNL_CHAIN_HOOKNUM) ||
	    nftnl_chain_get_u32(chain, NFTNL_CHAIN_HOOKNUM) != NF_INET_FORWARD)
		return 0;
	nftnl_rule_list_foreach(firewall->listing.rules, ask_rule_about_drops, &question);
	firewall->drops |= question.drops || nftnl_chain_get_u32(chain, NFTNL_CHAIN_POLICY) == NF_DROP;
	return 0;
}

static bool legacy_is_there(void)
{
	char name[32];
	FILE *file = fopen(LEGACY_TABLES, "re");
	bool there = file != NULL && fgets(name, sizeof(name), file) != NULL;

	if (file != NULL)
		fclose(file);
	return there;
}

bool probe_firewall(struct netlink *netlink)
{
	struct firewall_question firewall = { 0 };

	if (listing_read(&firewall.listing, netlink))
		nftnl_chain_list_foreach(firewall.listing.chains, ask_chain_about_drops, &firewall);
	else
		firewall.drops = true;
	listing_free(&firewall.listing);
	return firewall.drops || legacy_is_there();
}
