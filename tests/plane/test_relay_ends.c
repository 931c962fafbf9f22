/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TCP relay: how connections begin and end, and how many there may be. */
#include "cmocka_all.h"
#include "relay_world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TEXT_MAX = 4096, STEPS_MAX = 40 /* of relay_world_run(), which makes one in 5 ms when nothing happens */ };

static struct relay_world world;
static char text[TEXT_MAX];
static uint8_t expected[TEXT_MAX];
static size_t length, expected_length;

static int open_with(const struct relay_settings *settings)
{
	relay_world_open(&world, settings, "127.0.0.1");
	length = relay_world_message(text, sizeof(text), 1, 20);
	expected_length = relay_world_edit(text, length, expected);
	return 0;
}

static int open_world(void **state)
{
	(void)state;
	return open_with(NULL);
}

static int open_small(void **state)
{
	const struct relay_settings settings = { .connections_max = 3,
		                                 .host_connections_max = 100,
		                                 .buffers_max = 1 << 20 };

	(void)state;
	return open_with(&settings);
}

static int open_narrow(void **state)
{
	const struct relay_settings settings = { .connections_max = 100,
		                                 .host_connections_max = 2,
		                                 .buffers_max = 1 << 20 };

	(void)state;
	return open_with(&settings);
}

static int close_world(void **state)
{
	(void)state;
	relay_world_close(&world);
	return 0;
}

static bool carries(int from, int to)
{
	return relay_world_carry(&world, from, to, text, length, expected, expected_length);
}

static unsigned int connections(void)
{
	return relay_counters(world.relay)->connections;
}

static enum relay_state state_now(void)
{
	struct relay_view view = { 0 };
	uint32_t cursor = 0;

	return relay_next_connection(world.relay, &cursor, &view) ? view.state : RELAY_NONE;
}

/* Whoever has nothing to do does not run. */
static void assert_idle(void)
{
	size_t turns = world.turns;

	relay_world_run(&world, RELAY_SILENCE_MS);
	assert_in_range(world.turns - turns, 0, STEPS_MAX);
}

/* ---- Ends ---- */

static void half_close(int first, int second)
{
	uint8_t bytes[TEXT_MAX];

	assert_true(carries(second, first));
	assert_int_equal(send(first, text, length, 0), length);
	assert_int_equal(shutdown(first, SHUT_WR), 0);
	assert_int_equal(relay_world_receive(&world, second, bytes, sizeof(bytes)), expected_length);
	assert_memory_equal(bytes, expected, expected_length);
	assert_int_equal(relay_world_end(&world, second), 0);
	assert_int_equal(state_now(), RELAY_HALF_CLOSED);
	assert_idle();
	for (int count = 0; count < 3; count++)
		assert_true(carries(second, first));
	assert_int_equal(connections(), 1);
	assert_int_equal(shutdown(second, SHUT_WR), 0);
	assert_int_equal(relay_world_end(&world, first), 0);
	relay_world_run(&world, 20);
	assert_int_equal(connections(), 0);
}

static void test_phone_half_closes(void **state)
{
	struct relay_pair pair = relay_world_pair(&world);

	(void)state;
	half_close(pair.phone, pair.server);
	relay_pair_close(&pair);
}

static void test_server_half_closes(void **state)
{
	struct relay_pair pair = relay_world_pair(&world);

	(void)state;
	half_close(pair.server, pair.phone);
	relay_pair_close(&pair);
}

static void test_end_of_a_stream_that_is_not_sip(void **state)
{
	struct relay_pair pair = relay_world_pair(&world);
	char bytes[64];

	(void)state;
	assert_true(relay_world_carry(&world, pair.phone, pair.server, "GET /\r\n", 7, "GET /\r\n", 7));
	assert_true(relay_world_send(&world, pair.phone, "last", 4));
	assert_int_equal(shutdown(pair.phone, SHUT_WR), 0);
	assert_int_equal(relay_world_receive(&world, pair.server, bytes, sizeof(bytes)), 4);
	assert_true(relay_world_carry(&world, pair.server, pair.phone, "page", 4, "page", 4));
	assert_idle();
	close(pair.server);
	assert_int_equal(relay_world_end(&world, pair.phone), 0);
	close(pair.phone);
}

/* Half a message is all there will be: it arrives as it is. */
static void test_end_within_a_message(void **state)
{
	struct relay_pair pair = relay_world_pair(&world);
	char bytes[TEXT_MAX];

	(void)state;
	assert_true(relay_world_send(&world, pair.phone, text, 120));
	assert_int_equal(shutdown(pair.phone, SHUT_WR), 0);
	assert_int_equal(relay_world_receive(&world, pair.server, bytes, sizeof(bytes)), 120);
	assert_memory_equal(bytes, text, 120);
	assert_int_equal(relay_world_end(&world, pair.server), 0);
	assert_int_equal(world.messages, 0);
	relay_pair_close(&pair);
}

static void test_resets_pass_both_ways(void **state)
{
	struct relay_pair pair = relay_world_pair(&world);

	(void)state;
	assert_true(carries(pair.phone, pair.server));
	relay_world_reset(&pair.phone);
	assert_int_equal(relay_world_end(&world, pair.server), ECONNRESET);
	close(pair.server);
	pair = relay_world_pair(&world);
	assert_true(carries(pair.phone, pair.server));
	relay_world_reset(&pair.server);
	assert_int_equal(relay_world_end(&world, pair.phone), ECONNRESET);
	close(pair.phone);
	assert_int_equal(connections(), 0);
	assert_int_equal(relay_counters(world.relay)->resets, 2);
}

/* What a server says before it slams the door is heard. */
static void test_bytes_before_a_reset_arrive(void **state)
{
	struct relay_pair pair = relay_world_pair(&world);
	uint8_t bytes[TEXT_MAX];

	(void)state;
	assert_true(carries(pair.phone, pair.server));
	assert_int_equal(send(pair.server, text, length, 0), length);
	relay_world_reset(&pair.server);
	relay_world_run(&world, 20);
	assert_int_equal(recv(pair.phone, bytes, sizeof(bytes), 0), expected_length);
	assert_memory_equal(bytes, expected, expected_length);
	assert_int_equal(relay_world_end(&world, pair.phone), ECONNRESET);
	close(pair.phone);
}

static void test_reset_after_half_close(void **state)
{
	struct relay_pair pair = relay_world_pair(&world);

	(void)state;
	assert_int_equal(shutdown(pair.phone, SHUT_WR), 0);
	assert_int_equal(relay_world_end(&world, pair.server), 0);
	relay_world_reset(&pair.phone);
	relay_world_run(&world, 20);
	assert_int_equal(send(pair.server, text, length, MSG_NOSIGNAL), -1);
	assert_int_equal(connections(), 0);
	close(pair.server);
}

/* ---- Beginnings ---- */

static void test_server_that_refuses(void **state)
{
	int phone;

	(void)state;
	close(world.server);
	phone = relay_world_phone(&world);
	assert_int_equal(relay_world_end(&world, phone), ECONNRESET);
	assert_int_equal(relay_counters(world.relay)->unreachable, 1);
	assert_int_equal(world.connected, 0);
	assert_int_equal(connections(), 0);
	close(phone);
}

static void test_no_way_to_the_server(void **state)
{
	int phone;

	(void)state;
	world.server_endpoint.address = sipalg_address_from_ipv4(0xc0000201);
	phone = relay_world_phone(&world);
	assert_int_equal(relay_world_end(&world, phone), ECONNRESET);
	assert_int_equal(relay_counters(world.relay)->unreachable, 1);
	close(phone);
}

/* Packets to 192.0.2.1 go in circles until somebody has that address. */
static void test_server_that_takes_its_time(void **state)
{
	uint8_t bytes[TEXT_MAX];
	int phone, server;

	(void)state;
	assert_int_equal(system("ip route add 192.0.2.0/24 dev lo"), 0);
	world.server_endpoint.address = sipalg_address_from_ipv4(0xc0000201);
	phone = relay_world_phone(&world);
	relay_world_run(&world, 20);
	assert_int_equal(state_now(), RELAY_CONNECTING);
	assert_true(relay_world_send(&world, phone, text, length)); /* waits */
	assert_idle();
	assert_int_equal(world.messages, 0);
	close(world.server);
	assert_int_equal(system("ip addr add 192.0.2.1/32 dev lo"), 0);
	world.server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons(world.server_endpoint.port) };
	assert_int_equal(bind(world.server, (struct sockaddr *)&name, sizeof(name)), 0);
	assert_int_equal(listen(world.server, 10), 0);
	server = relay_world_server(&world); /* with the next SYN, a second later */
	assert_int_equal(relay_world_receive(&world, server, bytes, expected_length), expected_length);
	assert_memory_equal(bytes, expected, expected_length);
	close(phone);
	close(server);
}

static void test_phone_that_does_not_wait(void **state)
{
	int phone;

	(void)state;
	assert_int_equal(system("ip route add 192.0.2.0/24 dev lo"), 0);
	world.server_endpoint.address = sipalg_address_from_ipv4(0xc0000201);
	phone = relay_world_phone(&world);
	relay_world_run(&world, 20);
	assert_int_equal(connections(), 1);
	relay_world_reset(&phone);
	relay_world_run(&world, 20);
	assert_int_equal(connections(), 0);
}

static void test_refused_by_the_hook(void **state)
{
	int phone;

	(void)state;
	world.refuse = true;
	phone = relay_world_phone(&world);
	assert_int_equal(relay_world_end(&world, phone), ECONNRESET);
	assert_int_equal(relay_counters(world.relay)->refused, 1);
	close(phone);
	world.refuse = false;
	struct relay_pair pair = relay_world_pair(&world);
	assert_true(carries(pair.phone, pair.server));
	relay_pair_close(&pair);
}

/* ---- Limits ---- */

static void fill_up(struct relay_pair *pairs, size_t count)
{
	int phone;

	for (size_t index = 0; index < count; index++)
		pairs[index] = relay_world_pair(&world);
	phone = relay_world_phone(&world);
	assert_int_equal(relay_world_end(&world, phone), ECONNRESET);
	close(phone);
	for (size_t index = 0; index < count; index++)
		assert_true(carries(pairs[index].phone, pairs[index].server));
	relay_pair_close(&pairs[0]);
	relay_world_run(&world, 20);
	pairs[0] = relay_world_pair(&world); /* there is room again */
	for (size_t index = 0; index < count; index++)
		relay_pair_close(&pairs[index]);
}

static void test_limit_in_all(void **state)
{
	struct relay_pair pairs[3];

	(void)state;
	fill_up(pairs, 3);
	assert_int_equal(relay_counters(world.relay)->refused_full, 1);
	assert_int_equal(relay_counters(world.relay)->connections_max, 3);
}

static void test_limit_of_a_host(void **state)
{
	struct relay_pair pairs[2];

	(void)state;
	fill_up(pairs, 2);
	assert_int_equal(relay_counters(world.relay)->refused_host, 1);
}

static void limit_descriptors(rlim_t most)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = most == 0 ? limit.rlim_max : most;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* Who opens while there is no descriptor waits, and is served when there is one. */
static void test_descriptors_run_out(void **state)
{
	int phones[5], servers[5], probe = dup(0);

	(void)state;
	for (int index = 0; index < 5; index++)
		phones[index] = relay_world_phone(&world);
	limit_descriptors((rlim_t)probe + 1);
	assert_idle();
	assert_int_equal(connections(), 0);
	assert_in_range(relay_counters(world.relay)->accept_pauses, 1, 2);
	limit_descriptors(0);
	for (int index = 0; index < 5; index++) {
		servers[index] = relay_world_server(&world);
		assert_true(servers[index] >= 0);
	}
	assert_int_equal(connections(), 5);
	for (int index = 0; index < 5; index++) {
		close(phones[index]);
		close(servers[index]);
	}
	close(probe);
}

/* A stream that should be spliced is copied when no pipe can be made. */
static void test_no_descriptor_for_a_pipe(void **state)
{
	struct relay_pair pair = relay_world_pair(&world);
	int probe = dup(0);

	(void)state;
	limit_descriptors((rlim_t)probe + 1);
	for (int count = 0; count < 3; count++)
		assert_true(relay_world_carry(&world, pair.phone, pair.server, "GET /\r\n", 7, "GET /\r\n", 7));
	limit_descriptors(0);
	assert_true(relay_world_carry(&world, pair.phone, pair.server, "GET /\r\n", 7, "GET /\r\n", 7));
	close(probe);
	relay_pair_close(&pair);
}

/* ---- The relay's own end, and the network's ---- */

static void test_closing_resets_both(void **state)
{
	struct relay_pair pair = relay_world_pair(&world);
	uint8_t byte;

	(void)state;
	assert_true(carries(pair.phone, pair.server));
	relay_close(world.relay);
	world.relay = NULL;
	assert_int_equal(recv(pair.phone, &byte, 1, 0), -1);
	assert_int_equal(errno, ECONNRESET);
	assert_int_equal(recv(pair.server, &byte, 1, 0), -1);
	assert_int_equal(errno, ECONNRESET);
	relay_pair_close(&pair);
}

static void test_outside_address_is_gone(void **state)
{
	const sipalg_address another = sipalg_address_from_ipv4(0xcb007102),
	                     ours = sipalg_address_from_ipv4(0xcb007101);
	struct relay_pair pair = relay_world_pair(&world);

	(void)state;
	assert_true(carries(pair.phone, pair.server));
	relay_forget_outside(world.relay, &another);
	assert_true(carries(pair.phone, pair.server));
	relay_forget_outside(world.relay, &ours);
	assert_int_equal(relay_world_end(&world, pair.phone), ECONNRESET);
	assert_int_equal(connections(), 0);
	relay_pair_close(&pair);
}

/* Both of the relay's sockets look after peers that die; the test's own do not. */
static void test_dead_peers_are_found(void **state)
{
	struct relay_pair pair = relay_world_pair(&world);
	int found = 0;

	(void)state;
	for (int descriptor = 3; descriptor < 64; descriptor++) {
		struct tcp_info info = { 0 };
		int value = 0;
		socklen_t size = sizeof(value), info_size = sizeof(info);

		if (getsockopt(descriptor, SOL_TCP, TCP_INFO, &info, &info_size) != 0 ||
		    info.tcpi_state != TCP_ESTABLISHED ||
		    getsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &value, &size) != 0 || value == 0)
			continue;
		assert_int_equal(getsockopt(descriptor, SOL_TCP, TCP_KEEPIDLE, &value, &size), 0);
		assert_int_equal(value, 900);
		found++;
	}
	assert_int_equal(found, 2);
	relay_pair_close(&pair);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_phone_half_closes),
		TEST(test_server_half_closes),
		TEST(test_end_of_a_stream_that_is_not_sip),
		TEST(test_end_within_a_message),
		TEST(test_resets_pass_both_ways),
		TEST(test_bytes_before_a_reset_arrive),
		TEST(test_reset_after_half_close),
		TEST(test_server_that_refuses),
		TEST(test_no_way_to_the_server),
		TEST(test_server_that_takes_its_time),
		TEST(test_phone_that_does_not_wait),
		TEST(test_refused_by_the_hook),
		cmocka_unit_test_setup_teardown(test_limit_in_all, open_small, close_world),
		cmocka_unit_test_setup_teardown(test_limit_of_a_host, open_narrow, close_world),
		TEST(test_descriptors_run_out),
		TEST(test_no_descriptor_for_a_pipe),
		TEST(test_closing_resets_both),
		TEST(test_outside_address_is_gone),
		TEST(test_dead_peers_are_found),
	};

	return cmocka_run_group_tests_name("relay ends", tests, NULL, NULL);
}
