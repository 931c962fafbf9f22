/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two ways out: one after the other, and both at once. The second one is to the same provider:
 *
 *     router   wan2 198.51.100.1 ---- eth1 198.51.100.2, 198.51.100.9   provider
 *
 * Flows stay on the WAN on which they began, as every router with two does it: by a mark of connection tracking. */
#include "cmocka_all.h"

#include "phone.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char rules[] = "table ip nat { chain post { type nat hook postrouting priority 100; oifname { \"wan\", "
                            "\"wan2\" } masquerade\n "
                            "}\n }\n"
                            "table ip ways {\n"
                            "chain pre { type filter hook prerouting priority -150\n"
                            "iifname \"wan\" ct mark set 1\n iifname \"wan2\" ct mark set 2\n"
                            "iifname \"lan\" meta mark set ct mark\n }\n"
                            "chain post { type filter hook postrouting priority -150\n"
                            "oifname \"wan\" ct mark set 1\n oifname \"wan2\" ct mark set 2\n }\n }\n";

static char message[WORLD_MESSAGE_MAX], received[WORLD_MESSAGE_MAX], answer[WORLD_MESSAGE_MAX];

struct ways {
	struct world world;
	int phone, server, media, sound;
};

/* Both WANs know the way to the provider's 203.0.113.0/24 and to its 192.0.2.0/24. */
static void ways_open(struct ways *ways)
{
	struct world *world = &ways->world;

	world_open(world, rules);
	assert_true(world_command(world, ROUTER,
	                          "ip link add wan2 type veth peer name eth1 netns /proc/%d/fd/%d && "
	                          "ip addr add 198.51.100.1/24 dev wan2 && ip link set wan2 up && "
	                          "ip rule add fwmark 1/3 lookup 101 && ip rule add fwmark 2/3 lookup 102",
	                          getpid(), world->places[PROVIDER]));
	assert_true(world_command(world, PROVIDER,
	                          "ip addr add 198.51.100.2/24 dev eth1; ip link set eth1 up; "
	                          "ip addr add 192.0.2.2/32 dev lo; ip addr add 192.0.2.9/32 dev lo"));
	assert_true(world_command(world, ROUTER,
	                          "ip route add default via 203.0.113.2 table 101 && "
	                          "ip route add default via 198.51.100.2 table 102"));
	ways->phone = world_socket(world, PHONES, "10.0.0.5", 5060);
	ways->sound = world_socket(world, PHONES, "10.0.0.5", 4000);
	ways->server = world_socket(world, PROVIDER, "192.0.2.2", 5060);
	ways->media = world_socket(world, PROVIDER, "192.0.2.9", 20000);
}

/* What the server sees of a message from the phone: where it came from. */
static sipalg_endpoint deliver(struct ways *ways, size_t length)
{
	sipalg_endpoint from = { 0 };

	world_send(ways->phone, "192.0.2.2", 5060, message, length);
	assert_true(world_receive(&ways->world, ways->server, received, &from) > 0);
	assert_null(strstr(received, "10.0.0.5"));
	return from;
}

static void assert_from(const sipalg_endpoint *from, const char *address)
{
	char text[SIPALG_ADDRESS_TEXT_MAX];

	sipalg_address_write(&from->address, text);
	assert_string_equal(text, address);
	assert_non_null(strstr(received, address));
}

static void respond(struct ways *ways, const sipalg_endpoint *to, const char *media, int expires)
{
	char address[SIPALG_ADDRESS_TEXT_MAX];
	size_t length = provider_response(answer, received, "200 OK", media, 20000, expires);

	sipalg_address_write(&to->address, address);
	world_send(ways->server, address, to->port, answer, length);
	assert_true(world_receive(&ways->world, ways->phone, received, NULL) > 0);
}

/* A call of the phone's; returns its outside media port. */
static uint16_t call(struct ways *ways, const char *name, const char *outside)
{
	sipalg_endpoint from = deliver(ways, phone_invite(message, "10.0.0.5", 5060, 4000, name, 0));
	uint16_t port = message_media_port(received);

	assert_from(&from, outside);
	respond(ways, &from, "192.0.2.9", -1);
	return port;
}

static bool sound_goes_in(struct ways *ways, const char *outside, uint16_t port)
{
	world_send(ways->media, outside, port, "\x80sound", 6);
	return world_receive(&ways->world, ways->sound, received, NULL) == 6;
}

static void assert_sound_goes_out(struct ways *ways, const char *outside, uint16_t port)
{
	sipalg_endpoint from;
	char text[SIPALG_ADDRESS_TEXT_MAX];

	world_send(ways->sound, "192.0.2.9", 20000, "\x80sound", 6);
	assert_int_equal(world_receive(&ways->world, ways->media, received, &from), 6);
	sipalg_address_write(&from.address, text);
	assert_string_equal(text, outside);
	assert_int_equal(from.port, port);
}

static bool server_reaches_phone(struct ways *ways, const sipalg_endpoint *contact)
{
	char text[SIPALG_ADDRESS_TEXT_MAX];
	size_t length;

	sipalg_address_write(&contact->address, text);
	length = provider_request(message, "OPTIONS", text, contact->port);
	world_send(ways->server, text, contact->port, message, length);
	return world_receive(&ways->world, ways->phone, received, NULL) > 0;
}

/* ---- One after the other ---- */

static void test_the_default_route_moves(void **state)
{
	struct ways ways;
	struct plane_view view;

	(void)state;
	ways_open(&ways);
	assert_true(world_start(&ways.world));
	sipalg_endpoint first = deliver(&ways, phone_register(message, "10.0.0.5", 5060, "register"));
	assert_from(&first, "203.0.113.1");
	respond(&ways, &first, NULL, 3600);
	uint16_t port = call(&ways, "one", "203.0.113.1");
	assert_true(sound_goes_in(&ways, "203.0.113.1", port));
	assert_sound_goes_out(&ways, "203.0.113.1", port);

	assert_true(world_command(&ways.world, ROUTER, "ip route replace default via 198.51.100.2"));
	world_run(&ways.world, 200);
	plane_describe(ways.world.plane, &view);
	assert_int_equal(view.wan_count, 2);
	/* What is up goes on where it is. */
	assert_true(sound_goes_in(&ways, "203.0.113.1", port));
	assert_sound_goes_out(&ways, "203.0.113.1", port);
	assert_true(server_reaches_phone(&ways, &first));
	sipalg_endpoint from = deliver(&ways, phone_bye(message, "10.0.0.5", 5060, "two"));
	assert_from(&from, "203.0.113.1");

	/* What begins goes the new way: another server, as the flow to the first one still lives. */
	int other = world_socket(&ways.world, PROVIDER, "192.0.2.9", 5060);
	size_t length = phone_invite(message, "10.0.0.5", 5060, 4002, "three", 0);
	world_send(ways.phone, "192.0.2.9", 5060, message, length);
	assert_true(world_receive(&ways.world, other, received, &from) > 0);
	assert_from(&from, "198.51.100.1");

	/* The first way ends, and with it what was bound to it. */
	assert_true(world_command(&ways.world, ROUTER, "ip link set wan down"));
	world_run(&ways.world, 400);
	plane_describe(ways.world.plane, &view);
	assert_int_equal(view.wan_count, 1);
	assert_false(world_command(&ways.world, ROUTER, "nft list table inet sipalg | grep -q '203.0.113.1 '"));
	assert_true(world_command(&ways.world, ROUTER, "nft list map inet sipalg in_any | grep -q '198.51.100.1 '"));
	from = deliver(&ways, phone_register(message, "10.0.0.5", 5060, "register"));
	assert_from(&from, "198.51.100.1");
	world_close(&ways.world);
}

/* A daemon that is restarted meanwhile knows nothing of where the default route led. */
static void test_a_restart_after_the_default_route_has_moved(void **state)
{
	struct ways ways;
	struct plane_view view;
	static uint8_t snapshot[1 << 20];

	(void)state;
	ways_open(&ways);
	assert_true(world_start(&ways.world));
	uint16_t port = call(&ways, "one", "203.0.113.1");
	assert_true(world_command(&ways.world, ROUTER, "ip route replace default via 198.51.100.2"));
	world_run(&ways.world, 200);
	size_t length = sipalg_engine_save(ways.world.engine, world_now_ns(), snapshot, sizeof(snapshot));
	assert_in_range(length, 1, sizeof(snapshot));
	world_stop(&ways.world);
	assert_true(world_start_from(&ways.world, snapshot, length));
	world_run(&ways.world, 200);
	plane_describe(ways.world.plane, &view);
	assert_int_equal(view.wan_count, 2);
	assert_true(sound_goes_in(&ways, "203.0.113.1", port));
	assert_sound_goes_out(&ways, "203.0.113.1", port);
	world_close(&ways.world);
}

/* A router in the LAN stands in for a while; afterwards the LAN is the LAN. */
static void test_a_router_in_the_lan_stands_in(void **state)
{
	struct ways ways;
	struct plane_view view;

	(void)state;
	ways_open(&ways);
	assert_true(world_start(&ways.world));
	assert_true(world_command(&ways.world, ROUTER, "ip route replace default via 10.0.0.6"));
	world_run(&ways.world, 200);
	assert_true(world_command(&ways.world, ROUTER, "ip route replace default via 203.0.113.2"));
	world_run(&ways.world, 200);
	plane_describe(ways.world.plane, &view);
	assert_int_equal(view.wan_count, 1);
	assert_int_equal(view.inside_count, 1);
	call(&ways, "one", "203.0.113.1");
	world_close(&ways.world);
}

/* ---- Both at once ---- */

/* One phone, two servers, one endpoint, two ways. */
static void test_one_endpoint_by_two_wans(void **state)
{
	struct ways ways;

	(void)state;
	ways_open(&ways);
	strcpy(ways.world.settings.wan[0], "wan");
	strcpy(ways.world.settings.wan[1], "wan2");
	ways.world.settings.wan_count = 2;
	assert_true(world_command(&ways.world, ROUTER, "ip rule add to 192.0.2.9 lookup 102"));
	assert_true(world_start(&ways.world));
	int other = world_socket(&ways.world, PROVIDER, "192.0.2.9", 5060);
	sipalg_endpoint first, second, again;

	first = deliver(&ways, phone_invite(message, "10.0.0.5", 5060, 4000, "one", 0));
	assert_from(&first, "203.0.113.1");
	uint16_t first_media = message_media_port(received);
	respond(&ways, &first, "192.0.2.2", -1);
	size_t length = phone_invite(message, "10.0.0.5", 5060, 4000, "two", 0); /* the same media port */
	world_send(ways.phone, "192.0.2.9", 5060, message, length);
	assert_true(world_receive(&ways.world, other, received, &second) > 0);
	assert_from(&second, "198.51.100.1");
	uint16_t second_media = message_media_port(received);

	assert_int_equal(plane_counters(ways.world.plane)->bindings_refused, 0);
	assert_true(sound_goes_in(&ways, "198.51.100.1", second_media));
	assert_sound_goes_out(&ways, "198.51.100.1", second_media);
	ways.media = world_socket(&ways.world, PROVIDER, "192.0.2.2", 20000); /* of the first server */
	assert_true(sound_goes_in(&ways, "203.0.113.1", first_media));
	/* The first message to either again: nothing has moved. */
	again = deliver(&ways, phone_register(message, "10.0.0.5", 5060, "register"));
	assert_int_equal(again.port, first.port);
	assert_from(&again, "203.0.113.1");
	assert_true(
	        world_command(&ways.world, ROUTER,
	                      "test $(nft list map inet sipalg out | grep -o '10.0.0.5 . udp . 5060' | wc -l) = 2"));
	world_close(&ways.world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_default_route_moves),
		cmocka_unit_test(test_a_restart_after_the_default_route_has_moved),
		cmocka_unit_test(test_a_router_in_the_lan_stands_in),
		cmocka_unit_test(test_one_endpoint_by_two_wans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
