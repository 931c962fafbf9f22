/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Advice at start, and what the kernel is asked about other people's rules. */
#include "cmocka_all.h"

#include "phone.h"
#include "plane/netfilter/elements.h"
#include "plane/netfilter/probe.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>

struct advice {
	const char *what, *rules, *commands;
	const char *line; /* part of the line to be said; NULL: nothing is said */
	bool firewalled;
};

static const struct advice advices[] = {
	{ "no rules", "", NULL, NULL, false },
	{ "no firewall",
	  "table ip nat { chain post { type nat hook postrouting priority 100; oifname \"wan\" masquerade\n }\n }",
	  NULL, NULL, false },
	{ "policy drop", "table inet fw { chain pass { type filter hook forward priority 0; policy drop\n }\n }", NULL,
	  NULL, true },
	{ "a drop at the end",
	  "table ip fw { chain pass { type filter hook forward priority 0; ct state established accept\n counter "
	  "drop\n "
	  "}\n }",
	  NULL, NULL, true },
	{ "a reject at the end", "table inet fw { chain pass { type filter hook forward priority 0; reject\n }\n }",
	  NULL, NULL, true },
	{ "the rule is there",
	  "table inet fw { chain pass { type filter hook forward priority 0; policy drop\n ct status dnat accept\n }\n "
	  "}",
	  NULL, NULL, false },
	{ "the rule is in a chain jumped to",
	  "table inet fw { chain wan { ct status dnat accept\n }\n chain some { jump wan\n }\n"
	  "chain pass { type filter hook forward priority 0; policy drop\n iifname \"wan\" jump some\n }\n }",
	  NULL, NULL, false },
	{ "the rule is in a chain nobody jumps to",
	  "table inet fw { chain wan { ct status dnat accept\n }\n"
	  "chain pass { type filter hook forward priority 0; policy drop\n }\n }",
	  NULL, NULL, true },
	{ "only invalid packets are dropped",
	  "table inet fw { chain pass { type filter hook forward priority 0; ct state invalid drop\n }\n }", NULL, NULL,
	  false },
	{ "something is dropped",
	  "table inet fw { chain pass { type filter hook forward priority 0; iifname \"wan\" ct state new drop\n }\n }",
	  NULL, NULL, true },
	{ "another hook", "table inet fw { chain input { type filter hook input priority 0; policy drop\n }\n }", NULL,
	  NULL, false },
	{ "iptables", "", "iptables -P FORWARD DROP", NULL, true },
	{ "iptables with the rule", "",
	  "iptables -P FORWARD DROP; iptables -I FORWARD -m conntrack --ctstate DNAT -j ACCEPT", NULL, false },
	{ "the kernel's helper",
	  "table ip alg { ct helper h { type \"sip\" protocol udp\n }\n chain pre { type filter hook prerouting "
	  "priority "
	  "-150; udp dport 5060 ct helper set \"h\"\n }\n }",
	  NULL, "nft delete rule ip alg pre handle ", false },
	{ "another helper",
	  "table ip alg { ct helper h { type \"ftp\" protocol tcp\n }\n chain pre { type filter hook prerouting "
	  "priority "
	  "-150; tcp dport 21 ct helper set \"h\"\n }\n }",
	  NULL, NULL, false },
	{ "the kernel's helper by iptables", "", "iptables -t raw -A PREROUTING -p udp --dport 5060 -j CT --helper sip",
	  "nft delete rule ip raw PREROUTING handle ", false },
};

static void test_advice(void **state)
{
	(void)state;
	for (size_t index = 0; index < sizeof(advices) / sizeof(advices[0]); index++) {
		const struct advice *row = &advices[index];
		struct netlink netlink;
		struct listing listing;
		struct world world;

		world_open(&world, row->rules);
		if (row->commands != NULL)
			assert_true(world_command(&world, ROUTER, "%s", row->commands));
		assert_true(world_start(&world));
		world.line_count = 0;
		plane_advise(world.plane);
		if (row->line == NULL && world.line_count != 0)
			fail_msg("%s: said \"%s\"", row->what, world.lines[0]);
		if (row->line != NULL && !world_said(&world, row->line))
			fail_msg("%s: said \"%s\"", row->what, world.line_count == 0 ? "" : world.lines[0]);
		assert_true(netlink_open(&netlink, NETLINK_NETFILTER, 0));
		listing_read(&listing, &netlink);
		if (probe_firewall(&listing, FAMILY_IPV4) != row->firewalled)
			fail_msg("%s: %staken for a firewall", row->what, row->firewalled ? "not " : "");
		listing_free(&listing);
		netlink_close(&netlink);
		world_close(&world);
	}
}

/* ---- Elements that are not what they should be ---- */

struct kernel {
	struct world world;
	struct netlink netlink;
	struct elements elements;
	struct peers peers;
	unsigned int refused;
	size_t found;
};

static void count_refused(void *context, uint32_t binding)
{
	(void)binding;
	((struct kernel *)context)->refused++;
}

static void count_found(void *context, const struct element_found *found)
{
	(void)found;
	((struct kernel *)context)->found++;
}

static void kernel_open(struct kernel *kernel)
{
	const struct ruleset_contents contents = { .queue = 1 };

	memset(kernel, 0, sizeof(*kernel));
	world_open(&kernel->world, "add table inet sipalg"); /* not claimed: others may change it */
	assert_true(netlink_open(&kernel->netlink, NETLINK_NETFILTER, 0));
	assert_int_equal(ruleset_install(&kernel->netlink, &contents), 0);
	assert_true(elements_open(&kernel->elements));
	assert_true(peers_open(&kernel->peers));
}

static void kernel_close(struct kernel *kernel)
{
	peers_close(&kernel->peers);
	elements_close(&kernel->elements);
	netlink_close(&kernel->netlink);
	world_close(&kernel->world);
}

static sipalg_command command_of(enum sipalg_command_kind kind, uint32_t binding, uint16_t inside, uint16_t outside)
{
	return (sipalg_command){
		.kind = kind,
		.binding = binding,
		.admits = SIPALG_ADMITS_ANY,
		.lease_s = 100,
		.inside = { sipalg_address_from_ipv4(0x0a000005), inside, SIPALG_PROTOCOL_UDP, 0 },
		.outside = { sipalg_address_from_ipv4(0xcb007101), outside, SIPALG_PROTOCOL_UDP, 0 },
	};
}

static int commit(struct kernel *kernel)
{
	return elements_commit(&kernel->elements, &kernel->netlink, count_refused, kernel);
}

static size_t elements_in(struct kernel *kernel, enum ruleset_map map)
{
	kernel->found = 0;
	assert_int_equal(elements_read(&kernel->netlink, map, count_found, kernel), 0);
	return kernel->found;
}

static void test_refresh_and_close_of_what_has_gone(void **state)
{
	struct kernel kernel;
	sipalg_command open = command_of(SIPALG_COMMAND_OPEN, 1, 4000, 4000);
	sipalg_command refresh = command_of(SIPALG_COMMAND_REFRESH, 1, 4000, 4000);
	sipalg_command close = command_of(SIPALG_COMMAND_CLOSE, 1, 4000, 4000);

	(void)state;
	kernel_open(&kernel);
	elements_refresh_binding(&kernel.elements, &refresh, &kernel.peers); /* never opened: comes into being */
	assert_int_equal(commit(&kernel), 0);
	assert_int_equal(elements_in(&kernel, RULESET_MAP_OUT), 1);
	elements_close_binding(&kernel.elements, &close, &kernel.peers);
	elements_close_binding(&kernel.elements, &close, &kernel.peers); /* twice */
	elements_open_binding(&kernel.elements, &open);                  /* and opened anew at once */
	elements_refresh_binding(&kernel.elements, &refresh, &kernel.peers);
	assert_int_equal(commit(&kernel), 0);
	assert_int_equal(elements_in(&kernel, RULESET_MAP_OUT), 1);
	assert_int_equal(elements_in(&kernel, RULESET_MAP_IN_ANY), 1);
	assert_int_equal(kernel.refused, 0);
	kernel_close(&kernel);
}

static void test_an_element_in_the_way_is_replaced(void **state)
{
	struct kernel kernel;
	sipalg_command old = command_of(SIPALG_COMMAND_OPEN, 1, 4000, 4000);
	sipalg_command new = command_of(SIPALG_COMMAND_OPEN, 2, 6000, 4000);

	(void)state;
	kernel_open(&kernel);
	elements_open_binding(&kernel.elements, &old);
	assert_int_equal(commit(&kernel), 0);
	elements_open_binding(&kernel.elements, &new);
	assert_int_equal(commit(&kernel), 0);
	assert_int_equal(kernel.elements.failed, 1);
	assert_int_equal(kernel.refused, 0);
	assert_int_equal(elements_in(&kernel, RULESET_MAP_IN_ANY), 1);
	assert_true(
	        world_command(&kernel.world, ROUTER,
	                      "nft list map inet sipalg in_any | grep -q '203.0.113.1 . udp . 4000.*10.0.0.5 . 6000'"));
	kernel_close(&kernel);
}

static void test_open_close_and_refresh_in_one_commit(void **state)
{
	struct kernel kernel;

	(void)state;
	kernel_open(&kernel);
	for (uint16_t index = 0; index < 300; index++) {
		sipalg_command open =
		        command_of(SIPALG_COMMAND_OPEN, index, (uint16_t)(2000 + index), (uint16_t)(2000 + index));
		sipalg_command close = open;

		close.kind = SIPALG_COMMAND_CLOSE;
		elements_open_binding(&kernel.elements, &open);
		elements_refresh_binding(&kernel.elements, &open, &kernel.peers);
		if (index % 3 == 0)
			elements_close_binding(&kernel.elements, &close, &kernel.peers);
	}
	assert_int_equal(commit(&kernel), 0);
	assert_int_equal(kernel.elements.commits, 1);
	assert_int_equal(elements_in(&kernel, RULESET_MAP_OUT), 200);
	assert_int_equal(elements_in(&kernel, RULESET_MAP_IN_ANY), 200);
	kernel_close(&kernel);
}

static void test_without_a_table_the_commit_says_so(void **state)
{
	struct kernel kernel;
	sipalg_command open = command_of(SIPALG_COMMAND_OPEN, 1, 4000, 4000);

	(void)state;
	kernel_open(&kernel);
	assert_int_equal(ruleset_remove(&kernel.netlink), 0);
	elements_open_binding(&kernel.elements, &open);
	assert_int_equal(commit(&kernel), ENOENT);
	assert_int_equal(kernel.refused, 0);
	assert_int_equal(ruleset_remove(&kernel.netlink), 0); /* it is gone already: fine */
	kernel_close(&kernel);
}

/* A kernel that refuses one binding of many: here the set's size is exceeded. */
static void test_a_binding_the_kernel_refuses(void **state)
{
	struct kernel kernel;
	sipalg_command one = command_of(SIPALG_COMMAND_OPEN, 1, 4000, 4000);
	sipalg_command other = command_of(SIPALG_COMMAND_OPEN, 2, 4002, 4002);

	(void)state;
	kernel_open(&kernel);

	assert_true(world_command(&kernel.world, ROUTER,
	                          "nft flush chain inet sipalg prerouting; nft flush chain inet sipalg postrouting; "
	                          "nft delete map inet sipalg in_any; nft add map inet sipalg in_any "
	                          "'{ type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service; "
	                          "flags timeout; size 1; }'"));
	elements_open_binding(&kernel.elements, &one);
	elements_open_binding(&kernel.elements, &other); /* there is room for one only */
	assert_int_equal(commit(&kernel), 0);
	assert_int_equal(kernel.refused, 1);
	assert_int_equal(elements_in(&kernel, RULESET_MAP_IN_ANY), 1);
	assert_int_equal(elements_in(&kernel, RULESET_MAP_OUT), 1); /* nothing is left of the other */
	kernel_close(&kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_advice),
		cmocka_unit_test(test_refresh_and_close_of_what_has_gone),
		cmocka_unit_test(test_an_element_in_the_way_is_replaced),
		cmocka_unit_test(test_open_close_and_refresh_in_one_commit),
		cmocka_unit_test(test_without_a_table_the_commit_says_so),
		cmocka_unit_test(test_a_binding_the_kernel_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
