/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the plane understands the router's own rules about translation. */
#include "cmocka_all.h"

#include "plane/netfilter/translation.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

#define CHAIN(family, rules)                                                                                           \
	"table " family " t { chain post { type nat hook postrouting priority 100\n" rules "\n }\n }\n"

struct row {
	const char *what, *rules, *commands, *inside;
	enum sipalg_translation translation;
	const char *outside; /* of translation by prefix */
};

static const struct row rows[] = {
	{ "private IPv4, no rule", "", NULL, "10.0.0.0/24", SIPALG_TRANSLATION_PORTS, NULL },
	{ "public IPv4, no rule", "", NULL, "198.51.100.0/24", SIPALG_TRANSLATION_NONE, NULL },
	{ "public IPv4, masquerade", CHAIN("ip", "oifname \"wan\" masquerade"), NULL, "198.51.100.0/24",
	  SIPALG_TRANSLATION_PORTS, NULL },
	{ "public IPv4, masquerade for others", CHAIN("ip", "ip saddr 192.168.0.0/16 oifname \"wan\" masquerade"), NULL,
	  "198.51.100.0/24", SIPALG_TRANSLATION_NONE, NULL },
	{ "public IPv4, perhaps masqueraded", CHAIN("ip", "meta mark 1 masquerade"), NULL, "198.51.100.0/24",
	  SIPALG_TRANSLATION_PORTS, NULL },
	{ "public IPv4, masquerade of a bridge",
	  CHAIN("ip", "ip saddr 172.17.0.0/16 oifname != \"docker0\" masquerade"), NULL, "198.51.100.0/24",
	  SIPALG_TRANSLATION_NONE, NULL },
	{ "public IPv4, masquerade elsewhere", CHAIN("ip", "oifname \"wg0\" masquerade"), NULL, "198.51.100.0/24",
	  SIPALG_TRANSLATION_NONE, NULL },
	{ "public IPv4, spared", CHAIN("inet", "ip saddr 198.51.100.0/24 accept\n oifname \"wan\" masquerade"), NULL,
	  "198.51.100.0/24", SIPALG_TRANSLATION_NONE, NULL },
	{ "IPv4 by prefix", CHAIN("ip", "ip saddr 10.0.0.0/24 oifname \"wan\" snat prefix to 198.51.100.0/24"), NULL,
	  "10.0.0.0/24", SIPALG_TRANSLATION_PREFIX, "198.51.100.0/24" },
	{ "IPv6, no rule", "", NULL, "2001:db8:1::/64", SIPALG_TRANSLATION_NONE, NULL },
	{ "IPv6, IPv4's masquerade", CHAIN("inet", "meta nfproto ipv4 oifname \"wan\" masquerade"), NULL,
	  "2001:db8:1::/64", SIPALG_TRANSLATION_NONE, NULL },
	{ "IPv6, IPv4's masquerade by address", CHAIN("inet", "ip saddr 10.0.0.0/8 masquerade"), NULL, "fd00:1::/64",
	  SIPALG_TRANSLATION_NONE, NULL },
	{ "IPv6, masquerade of both", CHAIN("inet", "oifname \"wan\" masquerade"), NULL, "2001:db8:1::/64",
	  SIPALG_TRANSLATION_PORTS, NULL },
	{ "IPv6, several interfaces", CHAIN("ip6", "oifname { \"wan\", \"wan2\" } masquerade"), NULL, "2001:db8:1::/64",
	  SIPALG_TRANSLATION_PORTS, NULL },
	{ "IPv6, only TCP", CHAIN("ip6", "meta l4proto tcp masquerade"), NULL, "fd00:1::/64", SIPALG_TRANSLATION_NONE,
	  NULL },
	{ "local IPv6, masquerade of local ones", CHAIN("ip6", "ip6 saddr fd00::/8 masquerade"), NULL, "fd00:1::/64",
	  SIPALG_TRANSLATION_PORTS, NULL },
	{ "global IPv6, masquerade of local ones", CHAIN("ip6", "ip6 saddr fc00::/7 masquerade"), NULL,
	  "2001:db8:1::/64", SIPALG_TRANSLATION_NONE, NULL },
	{ "local IPv6, masquerade of a set", CHAIN("ip6", "ip6 saddr { fd00:1::/64, fd00:2::/64 } masquerade"), NULL,
	  "fd00:1::/64", SIPALG_TRANSLATION_PORTS, NULL },
	{ "global IPv6, masquerade of a set", CHAIN("ip6", "ip6 saddr { fd00:1::/64, fd00:2::/64 } masquerade"), NULL,
	  "2001:db8:1::/64", SIPALG_TRANSLATION_NONE, NULL },
	{ "IPv6, snat", CHAIN("ip6", "oifname \"wan\" snat to 2001:db8:ffff::1"), NULL, "fd00:1::/64",
	  SIPALG_TRANSLATION_PORTS, NULL },
	{ "IPv6 by prefix", CHAIN("ip6", "ip6 saddr fd00:1::/64 snat prefix to 2001:db8:2::/64"), NULL, "fd00:1::/64",
	  SIPALG_TRANSLATION_PREFIX, "2001:db8:2::/64" },
	{ "IPv6 by a longer prefix", CHAIN("ip6", "ip6 saddr fd00:1::/48 snat prefix to 2001:db8:2::/48"), NULL,
	  "fd00:1:0:7::/64", SIPALG_TRANSLATION_PREFIX, "2001:db8:2:7::/64" },
	{ "IPv6, a chain that is jumped to",
	  "table ip6 t { chain nat66 { masquerade\n }\n chain post { type nat hook postrouting priority 100\n"
	  "oifname \"wan\" jump nat66\n }\n }\n",
	  NULL, "fd00:1::/64", SIPALG_TRANSLATION_PORTS, NULL },
	{ "IPv6, ip6tables MASQUERADE", "", "ip6tables -t nat -A POSTROUTING -o wan -j MASQUERADE", "fd00:1::/64",
	  SIPALG_TRANSLATION_PORTS, NULL },
	{ "IPv6, ip6tables NETMAP", "",
	  "ip6tables -t nat -A POSTROUTING -s fd00:1::/64 -o wan -j NETMAP --to 2001:db8:5::/64", "fd00:1::/64",
	  SIPALG_TRANSLATION_PREFIX, "2001:db8:5::/64" },
	{ "IPv4, iptables NETMAP", "",
	  "iptables -t nat -A POSTROUTING -s 10.0.0.0/24 -o wan -j NETMAP --to 198.51.100.0/24", "10.0.0.0/24",
	  SIPALG_TRANSLATION_PREFIX, "198.51.100.0/24" },
	{ "IPv6, ip6tables SNPT", "",
	  "ip6tables -t mangle -A POSTROUTING -o wan -j SNPT --src-pfx fd00:1::/48 --dst-pfx 2001:db8:5::/48",
	  "fd00:1:0:9::/64", SIPALG_TRANSLATION_PREFIX_NEUTRAL, "2001:db8:5::/48" },
	{ "public IPv4, iptables MASQUERADE", "", "iptables -t nat -A POSTROUTING -o wan -j MASQUERADE",
	  "198.51.100.0/24", SIPALG_TRANSLATION_PORTS, NULL },
};

static sipalg_prefix prefix_from(const char *text)
{
	sipalg_prefix prefix;

	assert_true(sipalg_prefix_read(text, strlen(text), &prefix));
	return prefix;
}

static sipalg_network find(const struct plane_settings *settings, const char *inside)
{
	static const char wan[][PLANE_LINK_NAME_MAX] = { "wan" };
	sipalg_prefix prefix = prefix_from(inside);
	struct translation_rules rules;
	struct listing listing;
	struct netlink netlink;

	assert_true(netlink_open(&netlink, NETLINK_NETFILTER, 0));
	listing_read(&listing, &netlink);
	translation_find(&listing, wan, 1, &rules);
	listing_free(&listing);
	netlink_close(&netlink);
	return translation_of(&rules, settings, &prefix);
}

static void test_rules_say_how_networks_are_translated(void **state)
{
	static const struct plane_settings settings;

	(void)state;
	for (size_t index = 0; index < sizeof(rows) / sizeof(rows[0]); index++) {
		const struct row *row = &rows[index];
		struct world world;
		sipalg_network network;

		world_open(&world, row->rules);
		if (row->commands != NULL)
			assert_true(world_command(&world, ROUTER, "%s", row->commands));
		network = find(&settings, row->inside);
		if (network.translation != row->translation)
			fail_msg("%s: %d", row->what, (int)network.translation);
		if (row->outside != NULL) {
			sipalg_prefix outside = prefix_from(row->outside);

			if (memcmp(&network.outside, &outside, sizeof(outside)) != 0)
				fail_msg("%s: another prefix, of %u bits", row->what, network.outside.length);
		}
		world_close(&world);
	}
}

static void test_what_the_user_says_wins(void **state)
{
	struct plane_settings settings = { .ipv6 = PLANE_IPV6_ROUTED };
	struct world world;

	(void)state;
	world_open(&world, CHAIN("inet", "oifname \"wan\" masquerade"));
	assert_int_equal(find(&settings, "fd00:1::/64").translation, SIPALG_TRANSLATION_NONE);
	assert_int_equal(find(&settings, "10.0.0.0/24").translation, SIPALG_TRANSLATION_PORTS);
	settings.routed[settings.routed_count++] = prefix_from("10.0.0.0/8");
	assert_int_equal(find(&settings, "10.0.0.0/24").translation, SIPALG_TRANSLATION_NONE);
	settings.moved[settings.moved_count++] = (sipalg_network){ .inside = prefix_from("fd00:1::/48"),
		                                                   .translation = SIPALG_TRANSLATION_PREFIX,
		                                                   .outside = prefix_from("2001:db8:7::/48") };
	assert_int_equal(find(&settings, "fd00:1:0:2::/64").translation, SIPALG_TRANSLATION_PREFIX);
	assert_int_equal(find(&settings, "fd00:9::/64").translation, SIPALG_TRANSLATION_NONE);
	world_close(&world);
	world_open(&world, "");
	settings = (struct plane_settings){ .ipv6 = PLANE_IPV6_NAT66 };
	assert_int_equal(find(&settings, "2001:db8:1::/64").translation, SIPALG_TRANSLATION_PORTS);
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules_say_how_networks_are_translated),
		cmocka_unit_test(test_what_the_user_says_wins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
