/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIP over TCP: switched off, killed, undone by others, and left without a trace. */
#include "cmocka_all.h"

#include "stream.h"
#include "strict.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static char received[WORLD_MESSAGE_MAX];

static void test_nothing_is_left_behind(void **state)
{
	struct world world;

	(void)state;
	strict_open(&world);
	assert_true(strict_is_clean(&world));
	assert_true(world_start(&world));
	assert_true(strict_waits(&world));
	strict_connect(&world, "10.0.0.5", "203.0.113.2", "203.0.113.1 ");
	assert_true(strict_is_installed_once(&world));
	world_stop(&world);
	assert_true(strict_is_clean(&world));
	world_close(&world);
}

/* What is in the kernel for connections is there while they are, and a while longer. */
static void test_what_nobody_needs_goes(void **state)
{
	struct world world;

	(void)state;
	strict_start(&world);
	struct strict_line line = strict_dial(&world, "10.0.0.5", 0);
	assert_true(strict_talks(&world, line.phone, line.server));
	plane_work(world.plane, NULL, 0, world_now_ns() + 300 * SIPALG_SECOND_NS);
	assert_true(strict_is_installed_once(&world));
	close(line.phone);
	close(line.server);
	world_run(&world, 100);
	assert_int_equal(strict_connections(&world), 0);
	assert_true(strict_is_installed_once(&world));
	plane_work(world.plane, NULL, 0, world_now_ns() + 600 * SIPALG_SECOND_NS);
	assert_true(strict_waits(&world));
	world_close(&world);
}

static void test_off_lets_connections_go_on(void **state)
{
	struct world world;
	char peer[STREAM_NAME_MAX];

	(void)state;
	strict_start(&world);
	struct strict_line line = strict_dial(&world, "10.0.0.5", 0);
	assert_true(strict_talks(&world, line.phone, line.server));
	size_t handled = world.handled;

	assert_true(plane_switch(world.plane, world_now_ns(), false));
	assert_true(world_said(&world, "1 TCP connection goes on"));
	assert_true(strict_talks(&world, line.phone, line.server));
	assert_int_equal(world.handled, handled); /* no longer read */
	int other = stream_connect(&world, PHONES, "10.0.0.6", 5070, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	int other_server = stream_accept(&world, line.listener, peer);
	assert_true(other >= 0 && other_server >= 0);
	assert_string_equal(peer, "203.0.113.1 5070"); /* plain NAT */
	assert_int_equal(strict_connections(&world), 1);
	close(line.phone);
	close(line.server);
	world_run(&world, 100);
	assert_int_equal(strict_connections(&world), 0);
	assert_true(strict_is_clean(&world));
	assert_true(strict_talks(&world, other, other_server));

	assert_true(plane_switch(world.plane, world_now_ns(), true));
	assert_true(strict_talks(&world, other, other_server)); /* never taken in mid-stream */
	line.phone = stream_connect(&world, PHONES, "10.0.0.5", 0, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	assert_true(line.phone >= 0 && stream_accept(&world, line.listener, NULL) >= 0);
	assert_int_equal(strict_connections(&world), 1);
	assert_true(strict_is_installed_once(&world));
	world_close(&world);
}

static void test_one_host_is_switched_off(void **state)
{
	const sipalg_prefix off = { sipalg_address_from_ipv4(0x0a000005), 128 };
	struct world world;

	(void)state;
	strict_start(&world);
	struct strict_line line = strict_dial(&world, "10.0.0.5", 0);

	assert_true(sipalg_engine_set_off(world.engine, &off, 1));
	plane_carry_out(world.plane, world_now_ns());
	assert_true(strict_talks(&world, line.phone, line.server));
	assert_int_equal(world.reason, SIPALG_REASON_SWITCHED_OFF);
	int again = stream_connect(&world, PHONES, "10.0.0.5", 0, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	assert_true(again >= 0 && stream_accept(&world, line.listener, NULL) >= 0);
	assert_int_equal(strict_connections(&world), 1);
	int other = stream_connect(&world, PHONES, "10.0.0.6", 0, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	assert_true(other >= 0 && stream_accept(&world, line.listener, NULL) >= 0);
	assert_int_equal(strict_connections(&world), 2);
	world_close(&world);
}

/* A connection read by a process that is then killed. */
static void connect_in_a_process_that_dies(struct world *world)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		bool fine = world_start(world);
		int listener = stream_listen(world, PROVIDER, "203.0.113.2", 5060);
		int phone = stream_connect(world, PHONES, "10.0.0.5", 0, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
		int server = stream_accept(world, listener, NULL);

		if (fine && phone >= 0 && server >= 0 && strict_connections(world) == 1 &&
		    strict_talks(world, phone, server))
			raise(SIGKILL);
		_exit(1);
	}
	waitpid(child, &status, 0);
	assert_true(WIFSIGNALED(status));
}

static void test_a_killed_process_is_in_nobodys_way(void **state)
{
	struct world world;

	(void)state;
	strict_open(&world);
	connect_in_a_process_that_dies(&world);
	assert_true(strict_is_installed_once(&world)); /* what it left */
	struct strict_line line = strict_dial(&world, "10.0.0.6", 5070);
	assert_string_equal(line.peer, "203.0.113.1 5070");

	assert_true(world_start(&world));
	assert_true(strict_waits(&world));
	assert_true(strict_talks(&world, line.phone, line.server)); /* begun without us, left alone */
	int next = stream_connect(&world, PHONES, "10.0.0.6", 0, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	assert_true(next >= 0 && stream_accept(&world, line.listener, NULL) >= 0);
	assert_int_equal(strict_connections(&world), 1);
	assert_true(strict_is_installed_once(&world));
	world_stop(&world);
	assert_true(world_said(&world, "1 TCP connection ends with it"));
	assert_int_equal(stream_receive(&world, next, received), STREAM_RESET);
	assert_true(strict_is_clean(&world));
	world_close(&world);
}

static void test_what_somebody_removes_is_put_back(void **state)
{
	struct world world;

	(void)state;
	strict_start(&world);
	/* A table that is not claimed is as on kernels before 6.9. */
	assert_true(world_command(&world, ROUTER, "nft add table inet sipalg_relay"));
	struct strict_line line = strict_dial(&world, "10.0.0.5", 0);
	assert_true(strict_talks(&world, line.phone, line.server));

	assert_true(world_command(&world, ROUTER, "nft delete table inet sipalg_relay"));
	world_run(&world, 2500);
	assert_true(world_said(&world, "put back"));
	assert_true(strict_is_installed_once(&world));
	assert_true(strict_talks(&world, line.phone, line.server));
	world_stop(&world);
	assert_true(strict_is_clean(&world));
	world_close(&world);
}

/* A router that looks strictly where packets come from, and whose own answers would leave another way than those of
 * its phones: what is sent to a phone is forwarded, and would not be delivered here. */
static void test_what_could_not_be_delivered_is_left(void **state)
{
	struct world world;
	char peer[STREAM_NAME_MAX];

	(void)state;
	strict_open(&world);
	assert_true(world_command(&world, ROUTER, "ip rule add from 10.0.0.1 to 203.0.113.2 blackhole"));
	assert_true(world_start(&world));
	int listener = stream_listen(&world, PROVIDER, "203.0.113.2", 5060);
	for (uint16_t port = 5070; port < 5073; port++) {
		int phone = stream_connect(&world, PHONES, "10.0.0.5", port, "203.0.113.2", 5060, WORLD_PATIENCE_MS);

		assert_true(phone >= 0 && stream_accept(&world, listener, peer) >= 0);
		assert_memory_equal(peer, "203.0.113.1 507", 15); /* plain NAT */
	}
	assert_int_equal(strict_connections(&world), 0);
	assert_int_equal(world_times_said(&world, "by this router's routes"), 1);
	assert_true(world_command(&world, ROUTER, "ip rule del from 10.0.0.1 to 203.0.113.2 blackhole"));
	assert_true(strict_waits(&world));
	close(listener);
	strict_connect(&world, "10.0.0.5", "203.0.113.2", "203.0.113.1 ");
	world_close(&world);
}

/* Packets for the relay are delivered by an address of the router's, which may go. */
static void test_the_routers_address_changes(void **state)
{
	struct world world;

	(void)state;
	strict_start(&world);
	struct strict_line line = strict_dial(&world, "10.0.0.5", 0);
	assert_true(strict_talks(&world, line.phone, line.server));
	assert_true(world_command(&world, ROUTER,
	                          "ip addr add 10.0.0.77/24 dev lan; ip addr del 10.0.0.1/24 dev lan; "
	                          "ip addr add 10.0.0.77/24 dev lan 2>/dev/null; "
	                          "ip addr show dev lan | grep -q 10.0.0.77"));
	assert_true(world_command(&world, PHONES, "ip route replace default via 10.0.0.77"));
	world_run(&world, 200);
	assert_true(strict_talks(&world, line.phone, line.server));
	world_close(&world);
}

static void test_without_tcp(void **state)
{
	struct world world;

	(void)state;
	strict_open(&world);
	world.settings.without_tcp = true;
	assert_true(world_start(&world));
	struct strict_line line = strict_dial(&world, "10.0.0.5", 5070);
	assert_string_equal(line.peer, "203.0.113.1 5070");
	assert_null(plane_relay_counters(world.plane));
	world_close(&world);
}

/* The user's own `dnat`: the phone would not know who answers it. */
static void test_what_the_user_redirects_is_left(void **state)
{
	struct world world;
	char peer[STREAM_NAME_MAX];

	(void)state;
	strict_open(&world);
	assert_true(world_command(&world, ROUTER,
	                          "nft 'add chain ip nat pre { type nat hook prerouting priority -100; }'; "
	                          "nft add rule ip nat pre ip daddr 203.0.113.77 dnat to 203.0.113.2"));
	assert_true(world_start(&world));
	int listener = stream_listen(&world, PROVIDER, "203.0.113.2", 5060);
	int phone = stream_connect(&world, PHONES, "10.0.0.5", 5070, "203.0.113.77", 5060, WORLD_PATIENCE_MS);
	int server = stream_accept(&world, listener, peer);
	assert_true(phone >= 0 && server >= 0);
	assert_true(strict_talks(&world, phone, server));
	assert_int_equal(strict_connections(&world), 0);
	world_close(&world);
}

static void test_the_users_filter_has_its_say(void **state)
{
	struct world world;

	(void)state;
	strict_open(&world);
	assert_true(world_command(&world, ROUTER, "nft insert rule inet firewall forward ip saddr 10.0.0.6 drop"));
	assert_true(world_start(&world));
	int listener = stream_listen(&world, PROVIDER, "203.0.113.2", 5060);
	assert_int_equal(stream_connect(&world, PHONES, "10.0.0.6", 0, "203.0.113.2", 5060, 300), -1);
	assert_int_equal(plane_counters(world.plane)->connections_taken, 0);
	close(listener);
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_left_behind),
		cmocka_unit_test(test_what_nobody_needs_goes),
		cmocka_unit_test(test_off_lets_connections_go_on),
		cmocka_unit_test(test_one_host_is_switched_off),
		cmocka_unit_test(test_a_killed_process_is_in_nobodys_way),
		cmocka_unit_test(test_what_somebody_removes_is_put_back),
		cmocka_unit_test(test_what_could_not_be_delivered_is_left),
		cmocka_unit_test(test_the_routers_address_changes),
		cmocka_unit_test(test_without_tcp),
		cmocka_unit_test(test_what_the_user_redirects_is_left),
		cmocka_unit_test(test_the_users_filter_has_its_say),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
