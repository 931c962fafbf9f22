/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/routes.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

enum {
	MESSAGE_MAX = 512, /* bytes; rules take a fifth of it */
	FOREIGN_MAX = 256, /* other people's rules that are looked at */
	OURS_MAX = 64,     /* rules of ours removed at a time */
	REMOVALS_MAX = 16,
	PRIORITY_LAST = 30000,
	TABLES_TRIED_MAX = 64,
	MARK_HIGHEST =
	        29,      /* bits: the highest are those that tools least use for themselves; 30 and 31 are taken for */
	MARK_LOWEST = 8, /* signs and by VRFs' marks */
};

static const char loopback[] = "lo";

/* ---- Other people's rules ---- */

struct rule_seen {
	uint32_t priority, mark, mask, table;
	uint8_t protocol;
};

/* What the rules of both families say. */
struct rules_seen {
	struct rule_seen foreign[FOREIGN_MAX];
	size_t count;
};

static struct rule_seen rule_read(const struct nlmsghdr *message)
{
	const struct fib_rule_hdr *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *attribute = NULL;
	struct rule_seen rule = { .table = header->table, .mask = UINT32_MAX };

	while ((attribute = netlink_next(message, sizeof(*header), attribute)) != NULL) {
		switch (mnl_attr_get_type(attribute)) {
		case FRA_PRIORITY:
			rule.priority = mnl_attr_get_u32(attribute);
			break;
		case FRA_FWMARK:
			rule.mark = mnl_attr_get_u32(attribute);
			break;
		case FRA_FWMASK:
			rule.mask = mnl_attr_get_u32(attribute);
			break;
		case FRA_TABLE:
			rule.table = mnl_attr_get_u32(attribute);
			break;
		case FRA_PROTOCOL:
			rule.protocol = mnl_attr_get_u8(attribute);
			break;
		default:
			break;
		}
	}
	return rule;
}

static int take_foreign(const struct nlmsghdr *message, void *context)
{
	struct rules_seen *seen = context;
	struct rule_seen rule = rule_read(message);

	if (message->nlmsg_type == RTM_NEWRULE && rule.protocol != ROUTES_PROTOCOL && seen->count < FOREIGN_MAX)
		seen->foreign[seen->count++] = rule;
	return MNL_CB_OK;
}

static int read_rules(struct routes *routes, uint8_t family, mnl_cb_t take, void *context)
{
	_Alignas(struct nlmsghdr) uint8_t bytes[MESSAGE_MAX] = { 0 };
	struct nlmsghdr *message = mnl_nlmsg_put_header(bytes);
	struct fib_rule_hdr *header = mnl_nlmsg_put_extra_header(message, sizeof(*header));

	message->nlmsg_type = RTM_GETRULE;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header->family = family;
	return netlink_ask(&routes->netlink, message, take, context);
}

/* A rule without a mask compares the whole mark: it knows the bits of its own value only. */
static bool mark_is_used(const struct rules_seen *seen, uint32_t bit)
{
	for (size_t index = 0; index < seen->count; index++) {
		const struct rule_seen *rule = &seen->foreign[index];

		if (rule->mark != 0 && ((rule->mask == UINT32_MAX ? rule->mark : rule->mask) & bit) != 0)
			return true;
	}
	return false;
}

static bool table_is_used(const struct rules_seen *seen, uint32_t table)
{
	for (size_t index = 0; index < seen->count; index++)
		if (seen->foreign[index].table == table)
			return true;
	return false;
}

static bool priorities_are_used(const struct rules_seen *seen, uint32_t first)
{
	for (size_t index = 0; index < seen->count; index++)
		if (seen->foreign[index].priority - first < ROUTES_RULES)
			return true;
	return false;
}

static bool choose_mark(struct routes *routes, const struct rules_seen *seen, uint32_t wanted)
{
	routes->mark = wanted;
	for (int bit = MARK_HIGHEST; routes->mark == 0 && bit >= MARK_LOWEST; bit--)
		if (!mark_is_used(seen, UINT32_C(1) << bit))
			routes->mark = UINT32_C(1) << bit;
	return routes->mark != 0;
}

/* The rules come as early as they can: a packet for a socket of ours is nobody else's. */
static bool choose(struct routes *routes, const struct rules_seen *seen, uint32_t mark)
{
	routes->table = ROUTES_TABLE_FIRST;
	while (table_is_used(seen, routes->table) && routes->table < ROUTES_TABLE_FIRST + TABLES_TRIED_MAX)
		routes->table++;
	routes->priority = 1;
	while (priorities_are_used(seen, routes->priority) && routes->priority < PRIORITY_LAST)
		routes->priority++;
	return routes->table < ROUTES_TABLE_FIRST + TABLES_TRIED_MAX && routes->priority < PRIORITY_LAST &&
	       choose_mark(routes, seen, mark);
}

int routes_open(struct routes *routes, uint32_t mark)
{
	struct rules_seen seen = { .count = 0 };
	int error;

	*routes = (struct routes){ 0 };
	if (!netlink_open(&routes->netlink, NETLINK_ROUTE, 0))
		return errno;
	routes_remove(routes);
	error = read_rules(routes, AF_INET, take_foreign, &seen);
	routes->ipv6 = read_rules(routes, AF_INET6, take_foreign, &seen) == 0;
	if (error == 0 && !choose(routes, &seen, mark))
		error = EBUSY;
	if (error != 0)
		routes_close(routes);
	return error;
}

void routes_close(struct routes *routes)
{
	netlink_close(&routes->netlink);
}

/* ---- Installing ---- */

static struct nlmsghdr *rule_begin(uint8_t *bytes, const struct routes *routes, uint8_t family, uint32_t place)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(bytes);
	struct fib_rule_hdr *header = mnl_nlmsg_put_extra_header(message, sizeof(*header));

	message->nlmsg_type = RTM_NEWRULE;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL;
	header->family = family;
	mnl_attr_put_u32(message, FRA_PRIORITY, routes->priority + place);
	mnl_attr_put_u8(message, FRA_PROTOCOL, ROUTES_PROTOCOL);
	return message;
}

static void put_action(struct nlmsghdr *message, const struct routes *routes, uint8_t action, const char *interface,
                       uint16_t interface_type)
{
	struct fib_rule_hdr *header = mnl_nlmsg_get_payload(message);

	header->action = action;
	if (action == FR_ACT_TO_TBL)
		mnl_attr_put_u32(message, FRA_TABLE, routes->table);
	if (action == FR_ACT_GOTO)
		mnl_attr_put_u32(message, FRA_GOTO, routes->priority + ROUTES_RULES - 1);
	if (action != FR_ACT_NOP) {
		mnl_attr_put_u32(message, FRA_FWMARK, routes->mark);
		mnl_attr_put_u32(message, FRA_FWMASK, routes->mark);
	}
	if (interface != NULL)
		mnl_attr_put_strz(message, interface_type, interface);
}

/* What is there already is fine. */
static int ask_to_add(struct routes *routes, struct nlmsghdr *message, size_t *added)
{
	int error = netlink_ask(&routes->netlink, message, NULL, NULL);

	if (error == 0)
		++*added;
	return error == EEXIST ? 0 : error;
}

static int add_rule(struct routes *routes, uint8_t family, uint32_t place, size_t *added)
{
	static const struct {
		uint8_t action;
		const char *interface;
		uint16_t interface_type;
	} rows[ROUTES_RULES] = {
		{ FR_ACT_TO_TBL, loopback, FRA_OIFNAME },
		{ FR_ACT_GOTO, loopback, FRA_IIFNAME },
		{ FR_ACT_TO_TBL, NULL, 0 },
		{ FR_ACT_NOP, NULL, 0 },
	};
	_Alignas(struct nlmsghdr) uint8_t bytes[MESSAGE_MAX] = { 0 };
	struct nlmsghdr *message = rule_begin(bytes, routes, family, place);

	put_action(message, routes, rows[place].action, rows[place].interface, rows[place].interface_type);
	return ask_to_add(routes, message, added);
}

static struct nlmsghdr *route_begin(uint8_t *bytes, uint16_t type, uint8_t family, uint32_t table)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(bytes);
	struct rtmsg *header = mnl_nlmsg_put_extra_header(message, sizeof(*header));

	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST;
	header->rtm_family = family;
	header->rtm_table = RT_TABLE_UNSPEC;
	header->rtm_protocol = ROUTES_PROTOCOL;
	header->rtm_scope = RT_SCOPE_HOST;
	header->rtm_type = RTN_LOCAL;
	mnl_attr_put_u32(message, RTA_TABLE, table);
	mnl_attr_put_u32(message, RTA_OIF, if_nametoindex(loopback));
	return message;
}

static int add_route(struct routes *routes, uint8_t family, size_t *added)
{
	_Alignas(struct nlmsghdr) uint8_t bytes[MESSAGE_MAX] = { 0 };
	struct nlmsghdr *message = route_begin(bytes, RTM_NEWROUTE, family, routes->table);

	message->nlmsg_flags |= NLM_F_CREATE | NLM_F_EXCL;
	return ask_to_add(routes, message, added);
}

static int install_family(struct routes *routes, uint8_t family, size_t *added)
{
	int error = add_route(routes, family, added);

	for (uint32_t place = ROUTES_RULES; error == 0 && place > 0; place--)
		error = add_rule(routes, family, place - 1, added); /* the goto's target first */
	return error;
}

int routes_install(struct routes *routes, size_t *added)
{
	int error;

	*added = 0;
	error = install_family(routes, AF_INET, added);
	/* A router may have IPv6 in its kernel and switched off. */
	if (error == 0 && routes->ipv6 && install_family(routes, AF_INET6, added) != 0)
		routes->ipv6 = false;
	return error;
}

/* ---- Removing ---- */

/* Rules of ours as the kernel listed them. */
struct rules_ours {
	_Alignas(struct nlmsghdr) uint8_t messages[OURS_MAX][MESSAGE_MAX];
	uint32_t tables[OURS_MAX];
	size_t count;
};

static int take_ours(const struct nlmsghdr *message, void *context)
{
	struct rules_ours *ours = context;
	struct rule_seen rule = rule_read(message);

	if (message->nlmsg_type != RTM_NEWRULE || rule.protocol != ROUTES_PROTOCOL || ours->count == OURS_MAX ||
	    message->nlmsg_len > MESSAGE_MAX)
		return MNL_CB_OK;
	memcpy(ours->messages[ours->count], message, message->nlmsg_len);
	ours->tables[ours->count++] = rule.table;
	return MNL_CB_OK;
}

static void remove_route(struct routes *routes, uint8_t family, uint32_t table)
{
	_Alignas(struct nlmsghdr) uint8_t bytes[MESSAGE_MAX] = { 0 };

	(void)netlink_ask(&routes->netlink, route_begin(bytes, RTM_DELROUTE, family, table), NULL, NULL);
}

/* A rule is named for removal by saying again what it is. */
static void remove_ours(struct routes *routes, uint8_t family, struct rules_ours *ours)
{
	for (size_t index = 0; index < ours->count; index++) {
		struct nlmsghdr *message = (struct nlmsghdr *)ours->messages[index];

		message->nlmsg_type = RTM_DELRULE;
		message->nlmsg_flags = NLM_F_REQUEST;
		message->nlmsg_pid = 0;
		(void)netlink_ask(&routes->netlink, message, NULL, NULL);
		if (ours->tables[index] != 0)
			remove_route(routes, family, ours->tables[index]);
	}
}

static void remove_family(struct routes *routes, uint8_t family)
{
	struct rules_ours ours;

	for (int round = 0; round < REMOVALS_MAX; round++) {
		ours.count = 0;
		if (read_rules(routes, family, take_ours, &ours) != 0 || ours.count == 0)
			break;
		remove_ours(routes, family, &ours);
	}
	/* When somebody has flushed the rules, they no longer tell the table. */
	remove_route(routes, family, routes->table != 0 ? routes->table : ROUTES_TABLE_FIRST);
}

void routes_remove(struct routes *routes)
{
	remove_family(routes, AF_INET);
	remove_family(routes, AF_INET6);
}
