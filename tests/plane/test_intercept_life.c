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

/* Policy routing costs the router's every packet: it is there while connections are, and a while longer. */
static void test_what_nobody_needs_goes(void **state)
{
	struct world world;

	(void)state;
	strict_open(&world);
	assert_true(world_start(&world));
	int listener = stream_listen(&world, PROVIDER, "203.0.113.2", 5060);
	int phone = stream_connect(&world, PHONES, "10.0.0.5", 0, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	int server = stream_accept(&world, listener, NULL);
	assert_true(strict_talks(&world, phone, server));
	plane_work(world.plane, NULL, 0, world_now_ns() + 300 * SIPALG_SECOND_NS);
	assert_true(strict_is_installed_once(&world));
	close(phone);
	close(server);
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
	strict_open(&world);
	assert_true(world_start(&world));
	int listener = stream_listen(&world, PROVIDER, "203.0.113.2", 5060);
	int phone = stream_connect(&world, PHONES, "10.0.0.5", 0, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	int server = stream_accept(&world, listener, NULL);
	assert_true(strict_talks(&world, phone, server));
	size_t handled = world.handled;

	assert_true(plane_switch(world.plane, world_now_ns(), false));
	assert_true(world_said(&world, "1 TCP connection goes on"));
	assert_true(strict_talks(&world, phone, server));
	assert_int_equal(world.handled, handled); /* no longer read */
	int other = stream_connect(&world, PHONES, "10.0.0.6", 5070, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	int other_server = stream_accept(&world, listener, peer);
	assert_true(other >= 0 && other_server >= 0);
	assert_string_equal(peer, "203.0.113.1 5070"); /* plain NAT */
	assert_int_equal(strict_connections(&world), 1);
	close(phone);
	close(server);
	world_run(&world, 100);
	assert_int_equal(strict_connections(&world), 0);
	assert_true(strict_is_clean(&world));
	assert_true(strict_talks(&world, other, other_server));

	assert_true(plane_switch(world.plane, world_now_ns(), true));
	assert_true(strict_talks(&world, other, other_server)); /* never taken in mid-stream */
	phone = stream_connect(&world, PHONES, "10.0.0.5", 0, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	assert_true(phone >= 0 && stream_accept(&world, listener, NULL) >= 0);
	assert_int_equal(strict_connections(&world), 1);
	assert_true(strict_is_installed_once(&world));
	world_close(&world);
}

static void test_one_host_is_switched_off(void **state)
{
	const sipalg_prefix off = { sipalg_address_from_ipv4(0x0a000005), 128 };
	struct world world;

	(void)state;
	strict_open(&world);
	assert_true(world_start(&world));
	int listener = stream_listen(&world, PROVIDER, "203.0.113.2", 5060);
	int phone = stream_connect(&world, PHONES, "10.0.0.5", 0, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	int server = stream_accept(&world, listener, NULL);

	assert_true(sipalg_engine_set_off(world.engine, &off, 1));
	plane_carry_out(world.plane, world_now_ns());
	assert_true(strict_talks(&world, phone, server));
	assert_int_equal(world.reason, SIPALG_REASON_SWITCHED_OFF);
	int again = stream_connect(&world, PHONES, "10.0.0.5", 0, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	assert_true(again >= 0 && stream_accept(&world, listener, NULL) >= 0);
	assert_int_equal(strict_connections(&world), 1);
	int other = stream_connect(&world, PHONES, "10.0.0.6", 0, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	assert_true(other >= 0 && stream_accept(&world, listener, NULL) >= 0);
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
	char peer[STREAM_NAME_MAX];

	(void)state;
	strict_open(&world);
	connect_in_a_process_that_dies(&world);
	assert_true(strict_is_installed_once(&world)); /* what it left */
	int listener = stream_listen(&world, PROVIDER, "203.0.113.2", 5060);
	int phone = stream_connect(&world, PHONES, "10.0.0.6", 5070, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	int server = stream_accept(&world, listener, peer);
	assert_true(phone >= 0 && server >= 0);
	assert_string_equal(peer, "203.0.113.1 5070");

	assert_true(world_start(&world));
	assert_true(strict_waits(&world));
	assert_true(strict_talks(&world, phone, server)); /* begun without us, left alone */
	int next = stream_connect(&world, PHONES, "10.0.0.6", 0, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	assert_true(next >= 0 && stream_accept(&world, listener, NULL) >= 0);
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
	strict_open(&world);
	assert_true(world_start(&world));
	int listener = stream_listen(&world, PROVIDER, "203.0.113.2", 5060);
	int phone = stream_connect(&world, PHONES, "10.0.0.5", 0, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	int server = stream_accept(&world, listener, NULL);
	assert_true(strict_talks(&world, phone, server));

	assert_true(world_command(&world, ROUTER,
	                          "ip rule flush; ip rule add pref 32766 lookup main; ip route flush table 5060; "
	                          "ip -6 rule flush; ip -6 rule add pref 32766 lookup main"));
	world_run(&world, 2500);
	assert_true(world_said(&world, "put back"));
	assert_true(world_command(&world, ROUTER, "nft delete table inet sipalg_relay 2>/dev/null; true"));
	world_run(&world, 2500);
	assert_true(strict_is_installed_once(&world));
	assert_true(strict_talks(&world, phone, server));
	world_stop(&world);
	assert_true(strict_is_clean(&world));
	world_close(&world);
}

static void test_the_user_has_rules_of_that_kind(void **state)
{
	struct plane_view view;
	struct world world;

	(void)state;
	strict_open(&world);
	assert_true(world_command(&world, ROUTER,
	                          "ip rule add pref 2 fwmark 0x20000000/0x20000000 lookup main; "
	                          "ip -6 rule add pref 5060 lookup 5060"));
	assert_true(world_start(&world));
	plane_describe(world.plane, &view);
	assert_int_equal(view.mark, 0x10000000);
	strict_connect(&world, "10.0.0.5", "203.0.113.2", "203.0.113.1 ");
	assert_true(world_command(&world, ROUTER, "ip rule | grep -q '^3:.*oif lo lookup 5061 proto 150'"));
	world_stop(&world);
	assert_true(world_command(&world, ROUTER, "test $(ip rule | wc -l) = 4"));
	world_close(&world);
}

static void test_without_tcp(void **state)
{
	struct world world;
	char peer[STREAM_NAME_MAX];

	(void)state;
	strict_open(&world);
	world.settings.without_tcp = true;
	assert_true(world_start(&world));
	int listener = stream_listen(&world, PROVIDER, "203.0.113.2", 5060);
	int phone = stream_connect(&world, PHONES, "10.0.0.5", 5070, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	assert_true(phone >= 0 && stream_accept(&world, listener, peer) >= 0);
	assert_string_equal(peer, "203.0.113.1 5070");
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
		cmocka_unit_test(test_the_user_has_rules_of_that_kind),
		cmocka_unit_test(test_without_tcp),
		cmocka_unit_test(test_what_the_user_redirects_is_left),
		cmocka_unit_test(test_the_users_filter_has_its_say),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
