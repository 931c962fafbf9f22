/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls through the kernel: signalling, media both ways, holes as large and as long as the call. */
#include "cmocka_all.h"

#include "phone.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MASQUERADE "table ip nat { chain post { type nat hook postrouting priority %s; oifname \"wan\" %s\n }\n }\n"

static char message[WORLD_MESSAGE_MAX], received[WORLD_MESSAGE_MAX];

/* One phone of the world with its sockets, and what became of its call. */
struct caller {
	const char *address, *call;
	int signalling, media;
	uint16_t outside_media;
	sipalg_endpoint outside; /* where the server saw its signalling come from */
	char invite[4096];       /* as it arrived */
};

struct provider {
	int server, server_media, media_server;
};

static struct caller caller_open(struct world *world, const char *address, const char *call)
{
	return (struct caller){ .address = address,
		                .call = call,
		                .signalling = world_socket(world, PHONES, address, 5060),
		                .media = world_socket(world, PHONES, address, 4000) };
}

static struct provider provider_open(struct world *world)
{
	return (struct provider){ world_socket(world, PROVIDER, "203.0.113.2", 5060),
		                  world_socket(world, PROVIDER, "203.0.113.2", 9000),
		                  world_socket(world, PROVIDER, "203.0.113.9", 9000) };
}

/* INVITE arrives with outside addresses only. */
static void invite(struct world *world, struct caller *caller, const struct provider *provider)
{
	size_t length = phone_invite(message, caller->address, 5060, 4000, caller->call, 0);

	world_send(caller->signalling, "203.0.113.2", 5060, message, length);
	assert_true(world_receive(world, provider->server, received, &caller->outside) > 0);
	assert_null(strstr(received, "10.0.0."));
	snprintf(caller->invite, sizeof(caller->invite), "%.4095s", received);
	caller->outside_media = message_media_port(received);
	assert_int_not_equal(caller->outside_media, 0);
}

static void answer(struct world *world, const struct caller *caller, const struct provider *provider,
                   const char *media_address)
{
	size_t length = provider_response(message, caller->invite, "200 OK", media_address, 9000, 0);

	world_send(provider->server, "203.0.113.1", caller->outside.port, message, length);
	assert_true(world_receive(world, caller->signalling, received, NULL) > 0);
	assert_non_null(strstr(received, caller->address)); /* its own Via, as it wrote it */
}

static void assert_media_in(struct world *world, const struct caller *caller, int from)
{
	world_send(from, "203.0.113.1", caller->outside_media, "\x80in", 3);
	assert_int_equal(world_receive(world, caller->media, received, NULL), 3);
}

static void assert_no_media_in(struct world *world, const struct caller *caller, int from)
{
	world_send(from, "203.0.113.1", caller->outside_media, "\x80in", 3);
	assert_true(world_silent(world, caller->media));
}

/* What the phone sends comes from the very port it announced. */
static void assert_media_out(struct world *world, const struct caller *caller, int to, const char *address)
{
	sipalg_endpoint from;

	world_send(caller->media, address, 9000, "\x80out", 4);
	assert_int_equal(world_receive(world, to, received, &from), 4);
	assert_int_equal(from.port, caller->outside_media);
}

static void hang_up(struct world *world, const struct caller *caller, const struct provider *provider)
{
	size_t length = phone_bye(message, caller->address, 5060, caller->call);

	world_send(caller->signalling, "203.0.113.2", 5060, message, length);
	assert_true(world_receive(world, provider->server, received, NULL) > 0);
	length = provider_response(message, received, "200 OK", NULL, 0, 0);
	world_send(provider->server, "203.0.113.1", caller->outside.port, message, length);
	assert_true(world_receive(world, caller->signalling, received, NULL) > 0);
}

static void play_two_calls(const char *rules)
{
	struct world world;

	world_open(&world, rules);
	assert_true(world_start(&world));
	struct provider provider = provider_open(&world);
	struct caller one = caller_open(&world, "10.0.0.5", "one"), other = caller_open(&world, "10.0.0.6", "other");

	invite(&world, &one, &provider);
	assert_media_in(&world, &one, provider.media_server); /* early, from an address no message named */
	answer(&world, &one, &provider, "203.0.113.2");
	invite(&world, &other, &provider);
	answer(&world, &other, &provider, "203.0.113.2");
	assert_int_not_equal(one.outside_media, other.outside_media);
	assert_int_equal(other.outside_media % 2, 0);
	assert_media_out(&world, &one, provider.server_media, "203.0.113.2");
	assert_media_out(&world, &other, provider.server_media, "203.0.113.2");
	assert_media_in(&world, &one, provider.server_media);
	assert_media_in(&world, &other, provider.server_media);
	world_stop(&world);
	world_close(&world);
}

static void test_beside_masquerade_of_any_priority(void **state)
{
	static const char *const priorities[] = { "100", "-150", "-199", "200" };
	char rules[512];

	(void)state;
	for (size_t index = 0; index < sizeof(priorities) / sizeof(priorities[0]); index++) {
		snprintf(rules, sizeof(rules), MASQUERADE, priorities[index], "masquerade");
		play_two_calls(rules);
	}
}

static void test_beside_snat(void **state)
{
	char rules[512];

	(void)state;
	snprintf(rules, sizeof(rules), MASQUERADE, "100", "snat to 203.0.113.1");
	play_two_calls(rules);
	snprintf(rules, sizeof(rules), MASQUERADE, "-150", "masquerade random");
	play_two_calls(rules);
}

static void test_beside_iptables(void **state)
{
	struct world world;

	(void)state;
	world_open(&world, "");
	assert_true(world_command(&world, ROUTER, "iptables -t nat -A POSTROUTING -o wan -j MASQUERADE"));
	assert_true(world_start(&world));
	struct provider provider = provider_open(&world);
	struct caller one = caller_open(&world, "10.0.0.5", "one");

	invite(&world, &one, &provider);
	answer(&world, &one, &provider, "203.0.113.2");
	assert_media_in(&world, &one, provider.media_server);
	assert_media_out(&world, &one, provider.server_media, "203.0.113.2");
	world_close(&world);
}

static const char closed_firewall[] =
        "table inet filter { chain forward { type filter hook forward priority 0; policy drop\n"
        "ct state established,related accept\n ct status dnat accept\n iifname \"lan\" oifname \"wan\" accept\n }\n }\n"
        "table ip nat { chain post { type nat hook postrouting priority 100; oifname \"wan\" masquerade\n }\n }\n";

static void test_behind_a_firewall_that_lets_translated_flows_in(void **state)
{
	(void)state;
	play_two_calls(closed_firewall);
}

static const char established_firewall[] =
        "table inet filter { chain forward { type filter hook forward priority 0; policy drop\n"
        "ct state established,related accept\n iifname \"lan\" oifname \"wan\" accept\n }\n }\n"
        "table ip nat { chain post { type nat hook postrouting priority 100; oifname \"wan\" masquerade\n }\n }\n";

/* The media flow is entered when both addresses are known, so it is established before its first packet. */
static void test_answered_media_passes_an_established_only_firewall(void **state)
{
	struct world world;

	(void)state;
	world_open(&world, established_firewall);
	assert_true(world_start(&world));
	struct provider provider = provider_open(&world);
	struct caller one = caller_open(&world, "10.0.0.5", "one");

	invite(&world, &one, &provider);
	answer(&world, &one, &provider, "203.0.113.9");
	assert_media_in(&world, &one, provider.media_server);
	assert_media_in(&world, &one, provider.server_media); /* nobody announced that one: it is let in */
	assert_media_out(&world, &one, provider.media_server, "203.0.113.9");
	assert_true(plane_counters(world.plane)->let_in > 0);
	world_close(&world);
}

static void test_holes_close_with_the_call(void **state)
{
	char rules[512];
	struct world world;

	(void)state;
	snprintf(rules, sizeof(rules), MASQUERADE, "100", "masquerade");
	world_open(&world, rules);
	assert_true(world_start(&world));
	struct provider provider = provider_open(&world);
	struct caller one = caller_open(&world, "10.0.0.5", "one"), other = caller_open(&world, "10.0.0.6", "other");

	invite(&world, &one, &provider);
	assert_media_in(&world, &one, provider.media_server);
	answer(&world, &one, &provider, "203.0.113.2");
	assert_media_in(&world, &one, provider.server_media);
	assert_media_out(&world, &one, provider.server_media, "203.0.113.2");
	invite(&world, &other, &provider);
	answer(&world, &other, &provider, "203.0.113.2");
	hang_up(&world, &one, &provider);
	world_run(&world, 300);
	assert_no_media_in(&world, &one, provider.server_media); /* the flow that was known */
	uint64_t sweeps = plane_counters(world.plane)->sweeps;   /* one may be under way for what was opened */
	for (int tries = 0; tries < 50 && plane_counters(world.plane)->sweeps < sweeps + 2; tries++)
		world_run(&world, 100);
	world_run(&world, 100);
	assert_no_media_in(&world, &one, provider.media_server); /* and the one that was not */
	assert_media_in(&world, &other, provider.server_media);  /* but not the other call's */
	world_close(&world);
}

/* The media server sent to that port when nobody wanted it, so that there is a flow that ends at the router. */
static void play_media_after_an_older_flow(const char *rules, const char *answered, int sweeps)
{
	struct world world;

	world_open(&world, rules);
	assert_true(world_start(&world));
	struct provider provider = provider_open(&world);
	struct caller one = caller_open(&world, "10.0.0.5", "one");

	one.outside_media = 4000;
	assert_no_media_in(&world, &one, provider.media_server);
	invite(&world, &one, &provider);
	assert_int_equal(one.outside_media, 4000);
	answer(&world, &one, &provider, answered);
	for (int tries = 0; tries < 30 && plane_counters(world.plane)->sweeps < (uint64_t)sweeps; tries++)
		world_run(&world, 100);
	world_run(&world, 100);
	assert_media_in(&world, &one, provider.media_server);
	world_close(&world);
}

static void test_media_is_not_held_up_by_an_older_flow(void **state)
{
	char rules[512];

	(void)state;
	snprintf(rules, sizeof(rules), MASQUERADE, "100", "masquerade");
	play_media_after_an_older_flow(rules, "203.0.113.9", 1);
	play_media_after_an_older_flow(rules, "203.0.113.2", 1);                /* of nobody the answer names */
	play_media_after_an_older_flow(established_firewall, "203.0.113.9", 0); /* entered, so at once */
}

/* The phone used its media port before, when it was not known as one, and got another port outside. */
static void test_media_leaves_from_the_announced_port_in_spite_of_an_older_flow(void **state)
{
	struct world world;
	sipalg_endpoint before;

	(void)state;
	world_open(&world, "table inet filter { chain forward { type filter hook forward priority 0; policy drop\n"
	                   "ct state established,related accept\n iifname \"lan\" oifname \"wan\" accept\n }\n }\n"
	                   "table ip nat { chain post { type nat hook postrouting priority 100; "
	                   "oifname \"wan\" ip protocol udp masquerade to :40000-40100\n }\n }\n");
	assert_true(world_start(&world));
	struct provider provider = provider_open(&world);
	struct caller one = caller_open(&world, "10.0.0.5", "one");

	world_send(one.media, "203.0.113.9", 9000, "\x80", 1);
	assert_true(world_receive(&world, provider.media_server, received, &before) > 0);
	invite(&world, &one, &provider);
	assert_int_not_equal(before.port, one.outside_media);
	answer(&world, &one, &provider, "203.0.113.9");
	assert_media_out(&world, &one, provider.media_server, "203.0.113.9");
	assert_media_in(&world, &one, provider.media_server);
	world_close(&world);
}

/* While there was plain NAT only, `address` spoke with the media server from port 4002, and so it was seen. The call of
 * 10.0.0.5 gets that port for its 4000, and its media come from the same server. Returns the old socket. */
static int call_at_a_port_in_use(struct world *world, const char *rules, const char *address, struct caller *one,
                                 struct provider *provider)
{
	sipalg_endpoint before;

	world_open(world, rules);
	world->settings.reserved[0] = (struct plane_port_range){ 4000, 4000 };
	world->settings.reserved_count = 1;
	assert_true(world_start(world));
	*provider = provider_open(world);
	*one = caller_open(world, "10.0.0.5", "one");
	int former = world_socket(world, PHONES, address, 4002);

	world_send(former, "203.0.113.9", 9000, "\x80", 1);
	assert_true(world_receive(world, provider->media_server, received, &before) > 0);
	assert_int_equal(before.port, 4002);
	invite(world, one, provider);
	assert_int_equal(one->outside_media, 4002);
	world_send(former, "203.0.113.9", 9000, "\x80", 1);
	assert_true(world_receive(world, provider->media_server, received, NULL) > 0);
	answer(world, one, provider, "203.0.113.9");
	return former;
}

/* Media that have moved to another port of the phone are not held up by what flowed to the former one. */
static void play_media_that_have_moved(const char *rules)
{
	struct world world;
	struct caller one;
	struct provider provider;

	(void)call_at_a_port_in_use(&world, rules, "10.0.0.5", &one, &provider);
	assert_media_in(&world, &one, provider.media_server);
	assert_media_out(&world, &one, provider.media_server, "203.0.113.9");
	world_close(&world);
}

/* Another host's flow may be a call, and is not cut for one that came later. */
static void play_media_beside_another_hosts(const char *rules)
{
	struct world world;
	struct caller one;
	struct provider provider;
	sipalg_endpoint from;
	int others = call_at_a_port_in_use(&world, rules, "10.0.0.6", &one, &provider);

	world_run(&world, 1500); /* the sweep for what was opened */
	assert_true(plane_counters(world.plane)->sweeps > 0);
	assert_no_media_in(&world, &one, provider.media_server);
	assert_int_equal(world_receive(&world, others, received, NULL), 3);
	world_send(others, "203.0.113.9", 9000, "\x80", 1);
	assert_true(world_receive(&world, provider.media_server, received, &from) > 0);
	assert_int_equal(from.port, 4002);
	assert_media_in(&world, &one, provider.server_media);
	world_close(&world);
}

static void test_media_move_to_another_port_of_the_phone(void **state)
{
	char rules[512];

	(void)state;
	snprintf(rules, sizeof(rules), MASQUERADE, "100", "masquerade");
	play_media_that_have_moved(rules);
	play_media_that_have_moved(established_firewall);
}

static void test_another_hosts_flow_is_left_alone(void **state)
{
	char rules[512];

	(void)state;
	snprintf(rules, sizeof(rules), MASQUERADE, "100", "masquerade");
	play_media_beside_another_hosts(rules);
	play_media_beside_another_hosts(established_firewall);
}

/* Both ends of a call inside, each told the other's outside address. */
static void test_media_by_way_of_the_outside_address(void **state)
{
	char rules[512];
	struct world world;
	sipalg_endpoint from;

	(void)state;
	snprintf(rules, sizeof(rules), MASQUERADE, "100", "masquerade");
	world_open(&world, rules);
	assert_true(world_start(&world));
	struct provider provider = provider_open(&world);
	struct caller one = caller_open(&world, "10.0.0.5", "one"), other = caller_open(&world, "10.0.0.6", "other");

	invite(&world, &one, &provider);
	invite(&world, &other, &provider);
	world_send(one.media, "203.0.113.1", other.outside_media, "\x80to", 3);
	assert_int_equal(world_receive(&world, other.media, received, &from), 3);
	assert_int_equal(sipalg_address_to_ipv4(&from.address), 0xcb007101);
	assert_int_equal(from.port, one.outside_media);
	world_send(other.media, "203.0.113.1", one.outside_media,
	           "\x80"
	           "fro",
	           4);
	assert_int_equal(world_receive(&world, one.media, received, &from), 4);
	assert_int_equal(from.port, other.outside_media);
	world_close(&world);
}

static void register_phone(struct world *world, struct caller *caller, const struct provider *provider)
{
	size_t length = phone_register(message, caller->address, 5060, "r");

	world_send(caller->signalling, "203.0.113.2", 5060, message, length);
	assert_true(world_receive(world, provider->server, received, &caller->outside) > 0);
	length = provider_response(message, received, "200 OK", NULL, 0, 3600);
	world_send(provider->server, "203.0.113.1", caller->outside.port, message, length);
	assert_true(world_receive(world, caller->signalling, received, NULL) > 0);
}

static bool rings(struct world *world, const struct caller *caller, int server)
{
	size_t length = provider_request(message, "INVITE", "203.0.113.1", caller->outside.port);

	world_send(server, "203.0.113.1", caller->outside.port, message, length);
	return !world_silent(world, caller->signalling);
}

/* The flow of the REGISTER is long gone; the binding is not. */
static void test_registered_phone_is_reached_without_keepalives(void **state)
{
	char rules[512];
	struct world world;

	(void)state;
	snprintf(rules, sizeof(rules), MASQUERADE, "100", "masquerade");
	world_open(&world, rules);
	world.settings.servers[0] = (sipalg_prefix){ sipalg_address_from_ipv4(0xcb007109), 128 };
	world.settings.server_count = 1;
	assert_true(world_start(&world));
	struct provider provider = provider_open(&world);
	struct caller one = caller_open(&world, "10.0.0.5", "one");
	int trusted = world_socket(&world, PROVIDER, "203.0.113.9", 5060);

	register_phone(&world, &one, &provider);
	assert_true(world_command(&world, ROUTER, "conntrack -F 2>/dev/null"));
	assert_true(rings(&world, &one, provider.server));
	assert_true(rings(&world, &one, trusted));
	assert_true(world_command(&world, PROVIDER, "ip addr add 203.0.113.66/24 dev eth0"));
	int scanner = world_socket(&world, PROVIDER, "203.0.113.66", 5060);
	assert_false(rings(&world, &one, scanner));
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_beside_masquerade_of_any_priority),
		cmocka_unit_test(test_beside_snat),
		cmocka_unit_test(test_beside_iptables),
		cmocka_unit_test(test_behind_a_firewall_that_lets_translated_flows_in),
		cmocka_unit_test(test_answered_media_passes_an_established_only_firewall),
		cmocka_unit_test(test_holes_close_with_the_call),
		cmocka_unit_test(test_media_is_not_held_up_by_an_older_flow),
		cmocka_unit_test(test_media_leaves_from_the_announced_port_in_spite_of_an_older_flow),
		cmocka_unit_test(test_media_move_to_another_port_of_the_phone),
		cmocka_unit_test(test_another_hosts_flow_is_left_alone),
		cmocka_unit_test(test_media_by_way_of_the_outside_address),
		cmocka_unit_test(test_registered_phone_is_reached_without_keepalives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
