/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/probe.h"
#include "plane/netfilter/number.h"

#include <libnftnl/expr.h>
#include <netinet/in.h>
#include <linux/netfilter.h> /* after netinet: both would define the same */
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/xt_CT.h>
#include <linux/netfilter/xt_conntrack.h>
#include <stdio.h>
#include <string.h>

enum {
	LINE_MAX_BYTES = 512,
	CHAINS_MAX = 64, /* chains that one base chain jumps to, in all; the rest is not looked at */
};

#define HELPER_SYSCTL "/proc/sys/net/netfilter/nf_conntrack_helper"

struct probe {
	const struct listing *listing;
	const struct ruleset_contents *contents;
	void (*say)(void *context, const char *line);
	void *context;
};

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
	bool accepts, drops;
	bool sees_dnat;        /* it looks at whether a flow's destination was translated */
	bool sees_state;       /* it looks at a flow's state … */
	bool only_invalid;     /* … to see whether it has none */
	const char *jumps;     /* to this chain */
	const char *helper;    /* name of a helper object it attaches */
	const char *xt_helper; /* … or of a helper itself */
	const char *flow_table;
};

static void look_at_match(struct nftnl_expr *expr, struct rule_facts *facts)
{
	uint32_t length = 0;
	const struct xt_conntrack_mtinfo3 *info = nftnl_expr_get(expr, NFTNL_EXPR_MT_INFO, &length);
	const char *name = nftnl_expr_get_str(expr, NFTNL_EXPR_MT_NAME);

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
	if (nftnl_expr_is_set(expr, NFTNL_EXPR_IMM_CHAIN))
		facts->jumps = nftnl_expr_get_str(expr, NFTNL_EXPR_IMM_CHAIN);
}

static void look_at_conntrack(struct nftnl_expr *expr, struct rule_facts *facts)
{
	uint32_t key =
	        nftnl_expr_is_set(expr, NFTNL_EXPR_CT_KEY) ? nftnl_expr_get_u32(expr, NFTNL_EXPR_CT_KEY) : NFT_CT_MARK;

	facts->sees_dnat |= key == NFT_CT_STATUS;
	facts->sees_state |= key == NFT_CT_STATE;
}

static void look_at_mask(struct nftnl_expr *expr, struct rule_facts *facts)
{
	uint32_t length = 0;
	const uint32_t *mask = nftnl_expr_get(expr, NFTNL_EXPR_BITWISE_MASK, &length);

	facts->only_invalid = facts->sees_state && length == sizeof(*mask) && *mask == NF_CT_STATE_INVALID_BIT;
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
	if (strcmp(name, "ct") == 0)
		look_at_conntrack(expr, facts);
	else if (strcmp(name, "bitwise") == 0)
		look_at_mask(expr, facts);
	return 0;
}

static struct rule_facts rule_look(struct nftnl_rule *rule)
{
	struct rule_facts facts = { 0 };

	nftnl_expr_foreach(rule, look_at_expression, &facts);
	return facts;
}

/* ---- Firewalls ---- */

/* What becomes of a flow that begins outside in one base chain and those it jumps to. */
struct chain_question {
	uint32_t family;
	const char *table;
	const char *chains[CHAINS_MAX]; /* looked at, or to be; the base chain is the first */
	size_t chain_count;
	size_t at; /* the one looked at now */
	bool accepts_dnat;
	bool may_drop; /* some rule drops something, or the policy everything */
};

static void visit_later(struct chain_question *question, const char *chain)
{
	for (size_t index = 0; index < question->chain_count; index++)
		if (strcmp(question->chains[index], chain) == 0)
			return;
	if (question->chain_count < CHAINS_MAX)
		question->chains[question->chain_count++] = chain;
}

static int ask_rule(struct nftnl_rule *rule, void *context)
{
	struct chain_question *question = context;
	struct rule_facts facts;

	if (!listing_rule_is_of(rule, question->family, question->table, question->chains[question->at]))
		return 0;
	facts = rule_look(rule);
	question->accepts_dnat |= facts.sees_dnat && facts.accepts;
	question->may_drop |= facts.drops && !facts.only_invalid;
	if (facts.jumps != NULL)
		visit_later(question, facts.jumps);
	return 0;
}

/* False: not a chain that a call from outside passes. */
static bool ask_chain(const struct listing *listing, struct nftnl_chain *chain, enum family family,
                      struct chain_question *question)
{
	*question = (struct chain_question){ .family = nftnl_chain_get_u32(chain, NFTNL_CHAIN_FAMILY),
		                             .table = nftnl_chain_get_str(chain, NFTNL_CHAIN_TABLE) };
	if ((question->family != family_number(family) && question->family != NFPROTO_INET) ||
	    !nftnl_chain_is_set(chain, NFTNL_CHAIN_HOOKNUM) ||
	    nftnl_chain_get_u32(chain, NFTNL_CHAIN_HOOKNUM) != NF_INET_FORWARD)
		return false;
	visit_later(question, nftnl_chain_get_str(chain, NFTNL_CHAIN_NAME));
	for (; question->at < question->chain_count; question->at++)
		nftnl_rule_list_foreach(listing->rules, ask_rule, question);
	question->may_drop |= nftnl_chain_get_u32(chain, NFTNL_CHAIN_POLICY) == NF_DROP;
	return true;
}

struct firewall_question {
	const struct listing *listing;
	enum family family;
	bool stands_in_the_way;
};

/* A rule that accepts what has been translated helps those only that are: IPv4's. */
static int probe_firewall_chain(struct nftnl_chain *chain, void *context)
{
	struct firewall_question *firewall = context;
	struct chain_question question;

	if (ask_chain(firewall->listing, chain, firewall->family, &question))
		firewall->stands_in_the_way |=
		        question.may_drop && !(question.accepts_dnat && firewall->family == FAMILY_IPV4);
	return 0;
}

/* Rules of the older iptables can be seen only as being there. */
static bool legacy_is_there(enum family family)
{
	static const char *const paths[FAMILY_COUNT] = { "/proc/self/net/ip_tables_names",
		                                         "/proc/self/net/ip6_tables_names" };
	char name[32];
	FILE *file = fopen(paths[family], "re");
	bool there = file != NULL && fgets(name, sizeof(name), file) != NULL;

	if (file != NULL)
		fclose(file);
	return there;
}

bool probe_firewall(const struct listing *listing, enum family family)
{
	struct firewall_question firewall = { .listing = listing, .family = family };

	if (!listing->whole || legacy_is_there(family))
		return true;
	nftnl_chain_list_foreach(listing->chains, probe_firewall_chain, &firewall);
	return firewall.stands_in_the_way;
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
		nftnl_obj_list_foreach(probe->listing->objects, ask_object, &question);
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

void probe_rules(const struct listing *listing, const struct ruleset_contents *contents,
                 void (*say)(void *context, const char *line), void *context)
{
	struct probe probe = { .listing = listing, .contents = contents, .say = say, .context = context };

	if (say == NULL)
		return;
	if (listing->whole)
		nftnl_rule_list_foreach(listing->rules, probe_rule, &probe);
	else
		say(context, "cannot read the router's rules to see whether they agree with the gateway");
	/* Up to Linux 5.19 every flow to port 5060 gets the helper when this is on and its module is loaded. */
	if (number_from_file(HELPER_SYSCTL, 0) == 1)
		say(context,
		    "the kernel's own SIP helper is attached to every flow to port 5060; to stop that: sysctl -w "
		    "net.netfilter.nf_conntrack_helper=0");
}
