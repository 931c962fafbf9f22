/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside networks that come and go while the gateway runs. */
#include "cmocka_all.h"

#include "phone.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char rules[] =
        "table ip nat { chain post { type nat hook postrouting priority 100; oifname \"wan\" masquerade\n }\n }\n"
        "table ip6 nat { chain post { type nat hook postrouting priority 100; oifname \"wan\" masquerade\n }\n }\n";

static char message[WORLD_MESSAGE_MAX], received[WORLD_MESSAGE_MAX];

static size_t inside_count(struct world *world)
{
	struct plane_view view;

	plane_describe(world->plane, &view);
	return view.inside_count;
}

/* A call from an address inside; returns the reason that the engine gave. */
static enum sipalg_reason call(struct world *world, const char *address, const char *server, const char *outside)
{
	int phone = world_socket(world, PHONES, address, 5060), provider = world_socket(world, PROVIDER, server, 5060);
	size_t length = phone_invite(message, address, 5060, 4000, "call", 0);

	world->reason = SIPALG_REASON_COUNT;
	world_send(phone, server, 5060, message, length);
	assert_true(world_receive(world, provider, received, NULL) > 0);
	if (world->reason == SIPALG_REASON_EDITED) {
		assert_null(strstr(received, address));
		assert_non_null(strstr(received, outside));
	}
	close(phone);
	close(provider);
	return world->reason;
}

static bool is_bound(struct world *world, const char *address)
{
	return world_command(world, ROUTER, "nft list map inet sipalg out | grep -q '%s '", address);
}

/* A network of each family on an interface that was there. */
static void test_a_prefix_comes_and_goes(void **state)
{
	static const struct {
		const char *router, *phone, *server, *outside, *bound;
	} rows[] = {
		{ "192.168.7.1/24", "192.168.7.5", "203.0.113.2", "203.0.113.1", "192.168.7.5" },
		{ "fd00:7::1/64", "fd00:7::5", "2001:db8:ffff::2", "2001:db8:ffff::1", "fd00:7::5" },
	};

	(void)state;
	for (size_t index = 0; index < 2; index++) {
		struct world world;

		world_open(&world, rules);
		world_add_ipv6(&world);
		assert_true(world_start(&world));
		size_t count = inside_count(&world);
		assert_true(world_command(&world, PHONES, "ip addr add %s/%d dev eth0 %s", rows[index].phone,
		                          index == 0 ? 24 : 64, index == 0 ? "" : "nodad"));
		assert_true(world_command(&world, ROUTER, "ip addr add %s dev lan", rows[index].router));
		world_run(&world, 300);
		assert_int_equal(inside_count(&world), count + 1);
		assert_int_equal(call(&world, rows[index].phone, rows[index].server, rows[index].outside),
		                 SIPALG_REASON_EDITED);
		assert_true(is_bound(&world, rows[index].bound));

		/* Gone: it may come back, and what is bound with it. */
		assert_true(world_command(&world, ROUTER, "ip addr del %s dev lan", rows[index].router));
		uint16_t port = message_media_port(received);
		world_run(&world, 300);
		assert_int_equal(inside_count(&world), count);
		assert_true(is_bound(&world, rows[index].bound));
		assert_true(world_command(&world, ROUTER, "ip addr add %s dev lan", rows[index].router));
		world_run(&world, 300);
		assert_int_equal(call(&world, rows[index].phone, rows[index].server, rows[index].outside),
		                 SIPALG_REASON_EDITED);
		assert_int_equal(message_media_port(received), port);
		world_close(&world);
	}
}

/* A network for guests, with an interface of its own. Calls of the others go on. */
static void test_an_interface_comes_and_goes(void **state)
{
	struct world world;

	(void)state;
	world_open(&world, rules);
	world_add_ipv6(&world);
	assert_true(world_start(&world));
	size_t count = inside_count(&world);
	assert_int_equal(call(&world, "10.0.0.5", "203.0.113.2", "203.0.113.1"), SIPALG_REASON_EDITED);
	assert_true(world_command(&world, ROUTER,
	                          "ip link add guests type veth peer name eth1 netns /proc/%d/fd/%d && "
	                          "ip addr add 172.16.0.1/24 dev guests && ip link set guests up",
	                          getpid(), world.places[PHONES]));
	assert_true(
	        world_command(&world, PHONES,
	                      "ip addr add 172.16.0.5/24 dev eth1; ip link set eth1 up; "
	                      "ip rule add from 172.16.0.5 lookup 99; ip route add default via 172.16.0.1 table 99"));
	world_run(&world, 300);
	assert_int_equal(inside_count(&world), count + 1);
	assert_int_equal(call(&world, "172.16.0.5", "203.0.113.2", "203.0.113.1"), SIPALG_REASON_EDITED);
	assert_true(is_bound(&world, "172.16.0.5"));
	assert_true(world_command(&world, ROUTER, "ip link del guests"));
	world_run(&world, 300);
	assert_int_equal(inside_count(&world), count);
	assert_true(is_bound(&world, "10.0.0.5"));
	assert_int_equal(call(&world, "10.0.0.6", "203.0.113.2", "203.0.113.1"), SIPALG_REASON_EDITED);
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_prefix_comes_and_goes),
		cmocka_unit_test(test_an_interface_comes_and_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
