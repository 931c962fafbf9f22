/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting, dying, taking over, and a router that changes underneath. */
#include "cmocka_all.h"

#include "phone.h"
#include "plane/netfilter/queue.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char masquerade[] =
        "table ip nat { chain post { type nat hook postrouting priority 100; oifname \"wan\" masquerade\n }\n }\n";

static char message[WORLD_MESSAGE_MAX], received[WORLD_MESSAGE_MAX];

static bool table_is_there(struct world *world)
{
	return world_command(world, ROUTER, "nft list table inet sipalg >/dev/null 2>&1");
}

/* Sends an INVITE and returns the media port that arrived; 0: nothing arrived, or nothing outside. */
static uint16_t invite(struct world *world, int phone, int server, const char *address, const char *call,
                       sipalg_endpoint *from)
{
	size_t length = phone_invite(message, address, 5060, 4000, call, 0);

	world_send(phone, "203.0.113.2", 5060, message, length);
	if (world_receive(world, server, received, from) < 0 || strstr(received, address) != NULL)
		return 0;
	return message_media_port(received);
}

/* ---- Ends ---- */

static void test_nothing_is_left_behind(void **state)
{
	struct world world;

	(void)state;
	world_open(&world, masquerade);
	assert_true(
	        world_command(&world, ROUTER, "nft list ruleset | sed s/handle.*// > /tmp/plane_before_%d", getpid()));
	assert_true(world_start(&world));
	assert_true(table_is_there(&world));
	world_stop(&world);
	assert_true(world_command(&world, ROUTER,
	                          "nft list ruleset | sed s/handle.*// | cmp - /tmp/plane_before_%d; s=$?; "
	                          "rm /tmp/plane_before_%d; exit $s",
	                          getpid(), getpid()));
	world_close(&world);
}

static uint16_t invite_in_a_process_that_dies(struct world *world)
{
	int answer[2];
	uint16_t port = 0;

	assert_int_equal(pipe(answer), 0);
	pid_t child = fork();
	if (child == 0) {
		if (world_start(world)) {
			int phone = world_socket(world, PHONES, "10.0.0.5", 5060);
			int server = world_socket(world, PROVIDER, "203.0.113.2", 5060);

			port = invite(world, phone, server, "10.0.0.5", "dies", NULL);
			world_run(world, 50);
		}
		(void)!write(answer[1], &port, sizeof(port));
		raise(SIGKILL);
	}
	close(answer[1]);
	assert_int_equal(read(answer[0], &port, sizeof(port)), sizeof(port));
	close(answer[0]);
	waitpid(child, NULL, 0);
	return port;
}

static void test_a_killed_process_leaves_calls_alone_and_the_next_takes_over(void **state)
{
	struct world world;

	(void)state;
	world_open(&world, masquerade);
	world.settings.servers[0] = (sipalg_prefix){ sipalg_address_from_ipv4(0xcb007109), 128 };
	world.settings.server_count = 1;
	uint16_t port = invite_in_a_process_that_dies(&world);
	assert_int_not_equal(port, 0);

	int phone = world_socket(&world, PHONES, "10.0.0.5", 5060);
	int media = world_socket(&world, PHONES, "10.0.0.5", 4000);
	int server = world_socket(&world, PROVIDER, "203.0.113.2", 5060);
	int server_media = world_socket(&world, PROVIDER, "203.0.113.2", 9000);
	int trusted = world_socket(&world, PROVIDER, "203.0.113.9", 5060);
	world_send(server_media, "203.0.113.1", port, "\x80", 1); /* nobody runs: the kernel goes on by itself */
	assert_true(world_receive(&world, media, received, NULL) > 0);
	world_send(phone, "203.0.113.2", 5060, "OPTIONS sip:b SIP/2.0\r\n\r\n", 25);
	assert_true(world_receive(&world, server, received, NULL) > 0);

	assert_true(world_start(&world));
	assert_true(plane_counters(world.plane)->restored >= 3); /* signalling, RTP, RTCP */
	assert_int_equal(plane_counters(world.plane)->bindings_refused, 0);
	assert_true(world_said(&world, "took over"));
	assert_int_equal(invite(&world, phone, server, "10.0.0.5", "again", NULL), port);
	assert_true(world_command(&world, ROUTER, "conntrack -F 2>/dev/null"));
	world_send(server_media, "203.0.113.1", port, "\x80", 1);
	assert_true(world_receive(&world, media, received, NULL) > 0);
	world_send(trusted, "203.0.113.1", 5060, "\x80", 1); /* its signalling is signalling still */
	assert_true(world_receive(&world, phone, received, NULL) > 0);
	assert_int_equal(plane_counters(world.plane)->commits_failed, 0);
	world_close(&world);
}

static void test_a_table_of_another_make_gives_way(void **state)
{
	struct world world;

	(void)state;
	world_open(&world, masquerade);
	assert_true(world_command(&world, ROUTER,
	                          "nft -f - <<'END'\ntable inet sipalg {\n"
	                          "map out { type ipv4_addr : ipv4_addr; }\n"
	                          "chain forward { type filter hook forward priority 7; drop\n }\n}\nEND\n"));
	assert_true(world_start(&world));
	int phone = world_socket(&world, PHONES, "10.0.0.5", 5060);
	int server = world_socket(&world, PROVIDER, "203.0.113.2", 5060);
	assert_int_not_equal(invite(&world, phone, server, "10.0.0.5", "one", NULL), 0);
	world_close(&world);
}

/* ---- Others on the same router ---- */

static void test_a_second_instance_says_so(void **state)
{
	const struct plane_observer silent = { 0 };
	struct world world, second = { 0 };

	(void)state;
	world_open(&world, masquerade);
	assert_true(world_start(&world));
	world_create_engine(&second);
	assert_null(plane_open(&second.settings, &silent, second.engine, world_now_ns()));
	assert_true(table_is_there(&world)); /* and the first one's table stays */
	world_stop(&second);
	world_close(&world);
}

/* The table has an owner, whom a flush does not concern. */
static void test_a_flush_passes_the_table_over(void **state)
{
	struct world world;

	(void)state;
	world_open(&world, masquerade);
	assert_true(world_start(&world));
	int phone = world_socket(&world, PHONES, "10.0.0.5", 5060);
	int media = world_socket(&world, PHONES, "10.0.0.5", 4000);
	int server = world_socket(&world, PROVIDER, "203.0.113.2", 5060);
	int server_media = world_socket(&world, PROVIDER, "203.0.113.2", 9000);
	uint16_t port = invite(&world, phone, server, "10.0.0.5", "one", NULL);

	assert_true(world_command(&world, ROUTER, "nft flush ruleset && conntrack -F 2>/dev/null"));
	world_send(server_media, "203.0.113.1", port, "\x80", 1);
	assert_true(world_receive(&world, media, received, NULL) > 0);
	assert_false(world_said(&world, "put back"));
	assert_int_not_equal(invite(&world, phone, server, "10.0.0.5", "two", NULL), 0);
	world_close(&world);
	assert_false(world_said(&world, "cannot"));
}

/* A table that is not claimed is as on kernels before 6.9. */
static const char unclaimed[] = "nft add table inet sipalg";

static void test_somebody_flushes_the_ruleset(void **state)
{
	struct world world;

	(void)state;
	world_open(&world, masquerade);
	assert_true(world_command(&world, ROUTER, unclaimed));
	assert_true(world_start(&world));
	int phone = world_socket(&world, PHONES, "10.0.0.5", 5060);
	int media = world_socket(&world, PHONES, "10.0.0.5", 4000);
	int server = world_socket(&world, PROVIDER, "203.0.113.2", 5060);
	int server_media = world_socket(&world, PROVIDER, "203.0.113.2", 9000);
	uint16_t port = invite(&world, phone, server, "10.0.0.5", "one", NULL);

	assert_true(world_command(&world, ROUTER, "nft flush ruleset"));
	for (int tries = 0; tries < 40 && !table_is_there(&world); tries++)
		world_run(&world, 100);
	assert_true(table_is_there(&world));
	assert_true(world_said(&world, "put back"));
	assert_true(world_command(&world, ROUTER, "conntrack -F 2>/dev/null"));
	world_send(server_media, "203.0.113.1", port, "\x80", 1);
	assert_true(world_receive(&world, media, received, NULL) > 0);
	world_close(&world);
}

/* The same just before there is something to commit. */
static void test_a_commit_finds_the_table_gone(void **state)
{
	struct world world;
	sipalg_prefix phone_off = { sipalg_address_from_ipv4(0x0a000006), 128 };

	(void)state;
	world_open(&world, masquerade);
	assert_true(world_command(&world, ROUTER, unclaimed));
	assert_true(world_start(&world));
	int phone = world_socket(&world, PHONES, "10.0.0.5", 5060),
	    other = world_socket(&world, PHONES, "10.0.0.6", 5060);
	int media = world_socket(&world, PHONES, "10.0.0.5", 4000);
	int server = world_socket(&world, PROVIDER, "203.0.113.2", 5060);
	int server_media = world_socket(&world, PROVIDER, "203.0.113.2", 9000);
	uint16_t port = invite(&world, phone, server, "10.0.0.5", "one", NULL);
	assert_int_not_equal(invite(&world, other, server, "10.0.0.6", "other", NULL), 0);

	assert_true(world_command(&world, ROUTER, "nft delete table inet sipalg"));
	assert_true(sipalg_engine_set_off(world.engine, &phone_off, 1)); /* closes the other's bindings */
	plane_carry_out(world.plane, world_now_ns());
	world_run(&world, 200);
	assert_true(table_is_there(&world));
	world_send(server_media, "203.0.113.1", port, "\x80", 1);
	assert_true(world_receive(&world, media, received, NULL) > 0);
	world_close(&world);
}

static void test_a_service_of_the_router_keeps_its_port(void **state)
{
	struct world world;
	sipalg_endpoint from;

	(void)state;
	world_open(&world, masquerade);
	int service = world_socket(&world, ROUTER, "0.0.0.0", 5060);
	world.settings.reserved[0] = (struct plane_port_range){ 4000, 4010 };
	world.settings.reserved_count = 1;
	assert_true(world_start(&world));
	int phone = world_socket(&world, PHONES, "10.0.0.5", 5060);
	int server = world_socket(&world, PROVIDER, "203.0.113.2", 5060);

	uint16_t port = invite(&world, phone, server, "10.0.0.5", "one", &from);
	assert_int_not_equal(port, 0);
	assert_true(port < 4000 || port > 4010); /* reserved by the user */
	assert_int_not_equal(from.port, 5060);
	world_send(server, "203.0.113.1", 5060, "OPTIONS sip:r SIP/2.0\r\n\r\n", 25);
	assert_true(world_receive(&world, service, received, NULL) > 0);
	world_close(&world);
}

/* ---- Flows that were there before ---- */

static void test_a_flow_keeps_the_mapping_it_has(void **state)
{
	struct world world;
	sipalg_endpoint before, after;
	char contact[64];

	(void)state;
	world_open(&world, "table ip nat { chain post { type nat hook postrouting priority 100; "
	                   "oifname \"wan\" udp sport 5060 masquerade to :40000-40100\n }\n }\n");
	int phone = world_socket(&world, PHONES, "10.0.0.5", 5060);
	int server = world_socket(&world, PROVIDER, "203.0.113.2", 5060);
	world_send(phone, "203.0.113.2", 5060, "\r\n\r\n", 4);
	assert_true(world_receive(&world, server, received, &before) > 0);
	assert_int_not_equal(before.port, 5060);

	assert_true(world_start(&world));
	assert_int_not_equal(invite(&world, phone, server, "10.0.0.5", "one", &after), 0);
	assert_int_equal(after.port, before.port);
	snprintf(contact, sizeof(contact), "<sip:alice@203.0.113.1:%u>", before.port);
	assert_non_null(strstr(received, contact));
	world_close(&world);
}

/* Another host talks to the server from the port the phone would get: two flows cannot look alike. */
static void test_an_occupied_port_is_passed_over(void **state)
{
	struct world world;
	sipalg_endpoint from;

	(void)state;
	world_open(&world, masquerade);
	int other = world_socket(&world, PHONES, "10.0.0.6", 5060);
	int phone = world_socket(&world, PHONES, "10.0.0.5", 5060);
	int server = world_socket(&world, PROVIDER, "203.0.113.2", 5060);
	world_send(other, "203.0.113.2", 5060, "\r\n\r\n", 4);
	assert_true(world_receive(&world, server, received, &from) > 0);
	assert_int_equal(from.port, 5060);

	assert_true(world_start(&world));
	assert_int_not_equal(invite(&world, phone, server, "10.0.0.5", "one", &from), 0);
	assert_int_not_equal(from.port, 5060);
	world_send(server, "203.0.113.1", 5060, "\r\n", 2); /* the other one is still heard */
	assert_true(world_receive(&world, other, received, NULL) > 0);
	world_close(&world);
}

/* ---- Interfaces ---- */

static void test_addresses_are_followed(void **state)
{
	struct world world;
	struct plane_view view;

	(void)state;
	world_open(&world, masquerade);
	assert_true(world_start(&world));
	plane_describe(world.plane, &view);
	assert_int_equal(view.inside_count, 1);
	assert_true(world_command(&world, ROUTER,
	                          "ip addr add 192.168.7.1/24 dev lan; ip addr add 203.0.113.77/24 dev "
	                          "wan; ip addr del 203.0.113.1/24 dev wan; ip addr add 203.0.113.77/24 "
	                          "dev wan 2>/dev/null; true"));
	assert_true(world_command(&world, PHONES, "ip addr add 192.168.7.5/24 dev eth0"));
	world_run(&world, 300); /* the default route has gone with the address */
	plane_describe(world.plane, &view);
	assert_int_equal(view.wan_count, 1);
	assert_int_equal(view.inside_count, 2);
	assert_int_equal(sipalg_address_to_ipv4(&view.outside), 0xcb00714d);
	assert_true(world_said(&world, "203.0.113.77"));

	assert_true(world_command(&world, PHONES, "ip route replace default via 192.168.7.1 src 192.168.7.5"));
	int phone = world_socket(&world, PHONES, "192.168.7.5", 5060);
	int server = world_socket(&world, PROVIDER, "203.0.113.2", 5060);
	assert_true(world_command(&world, ROUTER, "ip route replace default via 203.0.113.2"));
	assert_int_not_equal(invite(&world, phone, server, "192.168.7.5", "one", NULL), 0);
	assert_non_null(strstr(received, "203.0.113.77"));
	world_close(&world);
}

/* Its interface outside is named. */
static void start_with_wan(struct world *world)
{
	world_open(world, masquerade);
	strcpy(world->settings.wan[0], "wan");
	world->settings.wan_count = 1;
	assert_true(world_start(world));
}

/* A phone repeats its INVITE all the while, and the line comes back. */
static void test_the_first_message_meets_the_new_address(void **state)
{
	struct world world;

	(void)state;
	start_with_wan(&world);
	int phone = world_socket(&world, PHONES, "10.0.0.5", 5060);
	int server = world_socket(&world, PROVIDER, "203.0.113.2", 5060);
	assert_true(world_command(&world, ROUTER, "ip addr flush dev wan"));
	world_run(&world, 300);
	for (int address = 70; address < 72; address++) {
		assert_true(world_command(&world, ROUTER, "ip addr flush dev wan; ip addr add 203.0.113.%d/24 dev wan",
		                          address));
		received[0] = '\0';
		for (int sent = 0; sent < 3 && received[0] == '\0'; sent++) /* rules that change drop what waits */
			(void)invite(&world, phone, server, "10.0.0.5", address == 70 ? "one" : "two", NULL);
		assert_non_null(strstr(received, address == 70 ? "203.0.113.70" : "203.0.113.71"));
		world_run(&world, 100);
	}
	world_close(&world);
}

static void test_a_vanished_interface_comes_back(void **state)
{
	struct world world;

	(void)state;
	start_with_wan(&world);
	assert_true(world_command(&world, ROUTER, "ip link set wan down; ip link set wan name away"));
	world_run(&world, 300);
	assert_true(world_said(&world, "interface wan is not there"));
	assert_true(world_command(&world, ROUTER,
	                          "ip link set away name wan; ip link set wan up; ip route add default via "
	                          "203.0.113.2"));
	world_run(&world, 300);
	int phone = world_socket(&world, PHONES, "10.0.0.5", 5060);
	int server = world_socket(&world, PROVIDER, "203.0.113.2", 5060);
	assert_int_not_equal(invite(&world, phone, server, "10.0.0.5", "one", NULL), 0);
	world_close(&world);
}

/* ---- What is wrong is said ---- */

static void test_a_missing_interface_is_said(void **state)
{
	struct world world;

	(void)state;
	world_open(&world, masquerade);
	strcpy(world.settings.wan[0], "ppp9");
	world.settings.wan_count = 1;
	assert_false(world_start(&world));
	assert_true(world_said(&world, "there is no interface ppp9"));
	world.settings.wan_count = 0;
	assert_true(world_command(&world, ROUTER, "ip route del default"));
	assert_false(world_start(&world));
	assert_true(world_said(&world, "no default route"));
	assert_false(table_is_there(&world));
	world_close(&world);
}

static void test_missing_rights_are_said(void **state)
{
	struct world world;
	int status;

	(void)state;
	world_open(&world, masquerade);
	pid_t child = fork();
	if (child == 0) {
		if (setuid(65534) != 0)
			_exit(0); /* in a user namespace there is nobody else to be */
		_exit(!world_start_here(&world) && world_said(&world, "CAP_NET_ADMIN") ? 0 : 1);
	}
	waitpid(child, &status, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	world_close(&world);
}

/* Another program listens on the queue that is tried first. */
static void test_a_queue_of_somebody_else_is_left(void **state)
{
	struct world world;
	struct plane_view view;
	struct queue other;

	(void)state;
	world_open(&world, masquerade);
	assert_int_equal(queue_open(&other, PLANE_QUEUE_DEFAULT, 0), 0);
	assert_true(world_start(&world));
	plane_describe(world.plane, &view);
	assert_int_equal(view.queue, PLANE_QUEUE_DEFAULT + 1);
	int phone = world_socket(&world, PHONES, "10.0.0.5", 5060);
	int server = world_socket(&world, PROVIDER, "203.0.113.2", 5060);
	assert_int_not_equal(invite(&world, phone, server, "10.0.0.5", "one", NULL), 0);
	world_stop(&world);
	world.settings.queue = PLANE_QUEUE_DEFAULT;
	assert_false(world_start(&world));
	assert_true(world_said(&world, "--queue"));
	queue_close(&other);
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_left_behind),
		cmocka_unit_test(test_a_killed_process_leaves_calls_alone_and_the_next_takes_over),
		cmocka_unit_test(test_a_table_of_another_make_gives_way),
		cmocka_unit_test(test_a_second_instance_says_so),
		cmocka_unit_test(test_a_flush_passes_the_table_over),
		cmocka_unit_test(test_somebody_flushes_the_ruleset),
		cmocka_unit_test(test_a_commit_finds_the_table_gone),
		cmocka_unit_test(test_a_service_of_the_router_keeps_its_port),
		cmocka_unit_test(test_a_flow_keeps_the_mapping_it_has),
		cmocka_unit_test(test_an_occupied_port_is_passed_over),
		cmocka_unit_test(test_addresses_are_followed),
		cmocka_unit_test(test_the_first_message_meets_the_new_address),
		cmocka_unit_test(test_a_vanished_interface_comes_back),
		cmocka_unit_test(test_a_missing_interface_is_said),
		cmocka_unit_test(test_missing_rights_are_said),
		cmocka_unit_test(test_a_queue_of_somebody_else_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
