/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TCP relay: what becomes of the bytes. */
#include "cmocka_all.h"
#include "relay_world.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TEXT_MAX = 4096 };

static struct relay_world world;

static int open_world(void **state)
{
	(void)state;
	relay_world_open(&world, NULL, "127.0.0.1");
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	relay_world_close(&world);
	return 0;
}

/* ---- Framing ---- */

/* A keep-alive, a message, a keep-alive, a message. */
static size_t two_messages(char *text)
{
	size_t length = 4;

	memcpy(text, "\r\n\r\n", 4);
	length += relay_world_message(text + length, TEXT_MAX - length, 1, 10);
	memcpy(text + length, "\r\n\r\n", 4);
	length += 4;
	length += relay_world_message(text + length, TEXT_MAX - length, 2, 0);
	return length;
}

static void test_cut_at_every_byte(void **state)
{
	char text[TEXT_MAX];
	uint8_t expected[TEXT_MAX];
	size_t length = two_messages(text), expected_length = relay_world_edit(text, length, expected);
	struct relay_pair pair = relay_world_pair(&world);

	(void)state;
	for (size_t cut = 1; cut < length; cut++) {
		assert_true(relay_world_send(&world, pair.phone, text, cut));
		relay_world_step(&world, 0); /* the relay sees the first part alone */
		assert_true(relay_world_carry(&world, pair.phone, pair.server, text + cut, length - cut, expected,
		                              expected_length));
	}
	assert_int_equal(world.messages, 2 * (length - 1));
	assert_int_equal(relay_counters(world.relay)->buffered, 0);
	relay_pair_close(&pair);
}

static void test_byte_by_byte(void **state)
{
	char text[TEXT_MAX];
	uint8_t expected[TEXT_MAX], received[TEXT_MAX];
	size_t length = two_messages(text), expected_length = relay_world_edit(text, length, expected);
	struct relay_pair pair = relay_world_pair(&world);

	(void)state;
	for (size_t index = 0; index < length; index++) {
		assert_true(relay_world_send(&world, pair.phone, text + index, 1));
		if (index == 3) /* the keep-alive does not wait for the message */
			assert_int_equal(relay_world_receive(&world, pair.server, received, 4), 4);
	}
	assert_memory_equal(received, "\r\n\r\n", 4);
	assert_int_equal(relay_world_receive(&world, pair.server, received, expected_length - 4), expected_length - 4);
	assert_memory_equal(received, expected + 4, expected_length - 4);
	relay_pair_close(&pair);
}

static void test_both_directions(void **state)
{
	char text[TEXT_MAX];
	uint8_t expected[TEXT_MAX];
	size_t length = relay_world_message(text, sizeof(text), 1, 40),
	       expected_length = relay_world_edit(text, length, expected);
	struct relay_pair pair = relay_world_pair(&world);

	(void)state;
	assert_true(relay_world_carry(&world, pair.phone, pair.server, text, length, expected, expected_length));
	assert_int_equal(world.packet.direction, SIPALG_OUTBOUND);
	assert_true(sipalg_endpoint_equal(&world.packet.source, &world.opened_from));
	assert_true(sipalg_endpoint_equal(&world.packet.destination, &world.server_endpoint));
	assert_int_equal(world.packet.mapping, world.local.port);
	assert_int_equal(sipalg_address_to_ipv4(&world.packet.outside), 0xcb007101);
	assert_true(relay_world_carry(&world, pair.server, pair.phone, text, length, expected, expected_length));
	assert_int_equal(world.packet.direction, SIPALG_INBOUND);
	assert_true(sipalg_endpoint_equal(&world.packet.destination, &world.opened_from));
	assert_true(sipalg_endpoint_equal(&world.packet.source, &world.server_endpoint));
	relay_pair_close(&pair);
}

static void test_opened_from_outside(void **state)
{
	char text[TEXT_MAX];
	size_t length = relay_world_message(text, sizeof(text), 1, 0);
	uint8_t expected[TEXT_MAX];
	size_t expected_length = relay_world_edit(text, length, expected);
	struct relay_pair pair;

	(void)state;
	world.direction = SIPALG_INBOUND;
	pair = relay_world_pair(&world);
	assert_true(relay_world_carry(&world, pair.phone, pair.server, text, length, expected, expected_length));
	assert_int_equal(world.packet.direction, SIPALG_INBOUND);
	assert_true(relay_world_carry(&world, pair.server, pair.phone, text, length, expected, expected_length));
	assert_int_equal(world.packet.direction, SIPALG_OUTBOUND);
	relay_pair_close(&pair);
}

/* Segments as the server sees them would be many if each message were written alone. */
static void test_many_messages_in_one_segment(void **state)
{
	enum { COUNT = 20 };
	static char text[COUNT * TEXT_MAX];
	static uint8_t expected[COUNT * TEXT_MAX], received[COUNT * TEXT_MAX];
	size_t length = 0, expected_length;
	struct relay_pair pair = relay_world_pair(&world);

	(void)state;
	for (unsigned int number = 0; number < COUNT; number++)
		length += relay_world_message(text + length, sizeof(text) - length, number, number);
	assert_in_range(length, 1, 16384); /* one read of the relay */
	expected_length = relay_world_edit(text, length, expected);
	assert_int_equal(send(pair.phone, text, length, 0), length);
	while (world.messages < COUNT)
		relay_world_step(&world, 10);
	assert_int_equal(recv(pair.server, received, sizeof(received), 0), expected_length);
	assert_memory_equal(received, expected, expected_length);
	assert_int_equal(world.messages, COUNT);
	assert_int_equal(relay_counters(world.relay)->rewritten, COUNT);
	relay_pair_close(&pair);
}

static void test_thousands_of_messages(void **state)
{
	enum { COUNT = 3000, SIZE = COUNT * 1200 };
	char *text = malloc(SIZE);
	uint8_t *expected = malloc(SIZE);
	size_t length = 0, expected_length;
	struct relay_pair pair = relay_world_pair(&world);

	(void)state;
	for (unsigned int number = 0; number < COUNT; number++)
		length += relay_world_message(text + length, SIZE - length, number, number % 700);
	expected_length = relay_world_edit(text, length, expected);
	assert_true(relay_world_carry(&world, pair.phone, pair.server, text, length, expected, expected_length));
	assert_int_equal(world.messages, COUNT);
	assert_int_equal(relay_counters(world.relay)->buffered, 0);
	relay_pair_close(&pair);
	free(text);
	free(expected);
}

static void test_message_of_300_kilobytes(void **state)
{
	enum { BODY = 300000, SIZE = BODY + 3 * TEXT_MAX };
	char *text = malloc(SIZE);
	uint8_t *expected = malloc(SIZE);
	size_t large = relay_world_message(text, SIZE, 1, BODY), header = large - BODY,
	       length = large + relay_world_message(text + large, SIZE - large, 2, 5), expected_length;
	struct relay_pair pair = relay_world_pair(&world);

	(void)state;
	expected_length = relay_world_edit(text, header, expected);
	/* The header goes on at once, before its body has come. */
	assert_true(relay_world_carry(&world, pair.phone, pair.server, text, header, expected, expected_length));
	assert_int_equal(world.messages, 1);
	assert_int_equal(world.packet.length, header);
	assert_int_equal(world.packet.body_left, BODY);
	expected_length = relay_world_edit(text + header, length - header, expected);
	assert_true(relay_world_carry(&world, pair.phone, pair.server, text + header, length - header, expected,
	                              expected_length));
	assert_int_equal(world.messages, 2);
	assert_int_equal(relay_counters(world.relay)->buffered, 0);
	relay_pair_close(&pair);
	free(text);
	free(expected);
}

static void test_largest_message_that_is_held(void **state)
{
	enum { SIZE = 2 * SIPALG_MESSAGE_MAX };
	char *text = malloc(SIZE);
	uint8_t *expected = malloc(SIZE);
	size_t length = relay_world_message(text, SIZE, 1, 60000);
	struct relay_pair pair = relay_world_pair(&world);

	(void)state;
	length = relay_world_message(text, SIZE, 1, 60000 + SIPALG_MESSAGE_MAX - length);
	assert_int_equal(length, SIPALG_MESSAGE_MAX);
	for (size_t sent = 0; sent < length - 1; sent += 777)
		assert_true(relay_world_send(&world, pair.phone, text + sent,
		                             length - 1 - sent < 777 ? length - 1 - sent : 777));
	assert_true(relay_world_silent(&world, pair.server));
	assert_true(relay_world_carry(&world, pair.phone, pair.server, text + length - 1, 1, expected,
	                              relay_world_edit(text, length, expected)));
	assert_int_equal(world.packet.body_left, 0);
	relay_pair_close(&pair);
	free(text);
	free(expected);
}

/* ---- Not SIP, or no longer ---- */

static void test_tls_is_spliced(void **state)
{
	static const uint8_t hello[] = { 0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0 }, answer[] = { 0x16, 3, 3, 0, 1, 2 };
	struct relay_pair pair = relay_world_pair(&world);
	struct relay_view view;
	uint32_t cursor = 0;

	(void)state;
	assert_true(relay_world_carry(&world, pair.phone, pair.server, hello, sizeof(hello), hello, sizeof(hello)));
	assert_true(relay_world_carry(&world, pair.server, pair.phone, answer, sizeof(answer), answer, sizeof(answer)));
	assert_true(relay_next_connection(world.relay, &cursor, &view));
	assert_int_equal(view.outbound, SIPALG_STREAM_TLS);
	assert_int_equal(view.state, RELAY_ESTABLISHED);
	assert_int_equal(relay_counters(world.relay)->encrypted, 1);
	assert_int_equal(world.messages, 0);
	relay_pair_close(&pair);
}

/* A browser's POST to port 5060 that carries a REGISTER, and a server that plays along (NAT slipstreaming). */
static void test_http_is_spliced(void **state)
{
	char text[TEXT_MAX];
	size_t length = relay_world_message(text, sizeof(text), 1, 0);
	struct relay_pair pair = relay_world_pair(&world);

	(void)state;
	assert_true(relay_world_carry(&world, pair.phone, pair.server, "POST / HTTP/1.1\r\n\r\n", 19,
	                              "POST / HTTP/1.1\r\n\r\n", 19));
	assert_true(relay_world_carry(&world, pair.phone, pair.server, text, length, text, length));
	assert_true(relay_world_carry(&world, pair.server, pair.phone, text, length, text, length));
	assert_int_equal(world.messages, 0);
	assert_int_equal(relay_counters(world.relay)->foreign, 1);
	relay_pair_close(&pair);
}

static void test_server_that_speaks_first(void **state)
{
	char text[TEXT_MAX];
	size_t length = relay_world_message(text, sizeof(text), 1, 0);
	struct relay_pair pair = relay_world_pair(&world);

	(void)state;
	assert_true(relay_world_send(&world, pair.phone, "INVITE sip", 10)); /* held: it may become SIP */
	assert_true(relay_world_silent(&world, pair.server));
	assert_true(relay_world_carry(&world, pair.server, pair.phone, "220 mail\r\n", 10, "220 mail\r\n", 10));
	assert_true(relay_world_carry(&world, pair.phone, pair.server, text + 10, length - 10, text, length));
	assert_int_equal(world.messages, 0);
	relay_pair_close(&pair);
}

static void test_sip_one_way_and_silence_the_other(void **state)
{
	char text[TEXT_MAX];
	uint8_t expected[TEXT_MAX];
	size_t length = relay_world_message(text, sizeof(text), 1, 0),
	       expected_length = relay_world_edit(text, length, expected);
	struct relay_pair pair = relay_world_pair(&world);

	(void)state;
	for (int count = 0; count < 3; count++)
		assert_true(
		        relay_world_carry(&world, pair.phone, pair.server, text, length, expected, expected_length));
	assert_true(relay_world_carry(&world, pair.server, pair.phone, "\r\n", 2, "\r\n", 2));
	assert_true(relay_world_carry(&world, pair.server, pair.phone, text, length, expected, expected_length));
	assert_int_equal(world.messages, 4);
	relay_pair_close(&pair);
}

/* Who waits for an answer to half a line is not kept waiting; who sends half a message has time. */
static void test_what_stays_unfinished_goes_on(void **state)
{
	char text[TEXT_MAX];
	size_t length = relay_world_message(text, sizeof(text), 1, 0);
	struct relay_pair undecided = relay_world_pair(&world), unfinished = relay_world_pair(&world);

	(void)state;
	assert_true(relay_world_send(&world, undecided.phone, text, 9));
	assert_true(relay_world_send(&world, unfinished.phone, text, length - 5));
	world.skew_ns += 2 * SIPALG_SECOND_NS;
	assert_true(relay_world_silent(&world, undecided.server));
	world.skew_ns += 2 * SIPALG_SECOND_NS;
	assert_true(relay_world_carry(&world, undecided.phone, undecided.server, text + 9, length - 9, text, length));
	assert_true(relay_world_silent(&world, unfinished.server));
	world.skew_ns += 29 * SIPALG_SECOND_NS;
	assert_true(relay_world_carry(&world, unfinished.phone, unfinished.server, text + length - 5, 5, text, length));
	assert_int_equal(relay_counters(world.relay)->given_up, 2);
	assert_int_equal(relay_counters(world.relay)->buffered, 0);
	assert_int_equal(world.messages, 0);
	relay_pair_close(&undecided);
	relay_pair_close(&unfinished);
}

/* There is always something unfinished in a busy stream; it is the single message that must not take long. */
static void test_time_counts_for_each_message(void **state)
{
	char text[TEXT_MAX];
	uint8_t expected[TEXT_MAX];
	size_t length = relay_world_message(text, sizeof(text), 1, 0),
	       expected_length = relay_world_edit(text, length, expected), half = 100;
	struct relay_pair pair = relay_world_pair(&world);

	(void)state;
	assert_true(relay_world_send(&world, pair.phone, text, half));
	for (int count = 0; count < 3; count++) {
		char rest[TEXT_MAX];

		world.skew_ns += 20 * SIPALG_SECOND_NS;
		relay_world_run(&world, 10);
		memcpy(rest, text + half, length - half);
		memcpy(rest + length - half, text, half);
		assert_true(
		        relay_world_carry(&world, pair.phone, pair.server, rest, length, expected, expected_length));
	}
	assert_int_equal(relay_counters(world.relay)->given_up, 0);
	relay_pair_close(&pair);
}

static void test_switched_off_and_on(void **state)
{
	char text[TEXT_MAX];
	uint8_t expected[TEXT_MAX];
	size_t length = relay_world_message(text, sizeof(text), 1, 9),
	       expected_length = relay_world_edit(text, length, expected);
	struct relay_pair pair = relay_world_pair(&world);

	(void)state;
	assert_true(relay_world_carry(&world, pair.phone, pair.server, text, length, expected, expected_length));
	relay_set_parsing(world.relay, false);
	assert_true(relay_world_carry(&world, pair.phone, pair.server, text, length, text, length));
	assert_true(relay_world_send(&world, pair.phone, text, 100));
	relay_set_parsing(world.relay, true);
	assert_true(relay_world_carry(&world, pair.phone, pair.server, text + 100, length - 100, expected,
	                              expected_length));
	assert_int_equal(world.messages, 2);
	relay_pair_close(&pair);
}

static void test_urgent_bytes_keep_their_place(void **state)
{
	char text[TEXT_MAX];
	uint8_t expected[TEXT_MAX];
	size_t length = relay_world_message(text, sizeof(text), 1, 9),
	       expected_length = relay_world_edit(text, length, expected);
	struct relay_pair sip = relay_world_pair(&world), other = relay_world_pair(&world);

	(void)state;
	assert_true(relay_world_carry(&world, other.phone, other.server, "a line\n", 7, "a line\n", 7));
	for (int count = 0; count < 3; count++) {
		assert_int_equal(send(other.phone, "bcd", 3, MSG_OOB), 3);
		assert_true(relay_world_carry(&world, other.phone, other.server, "efg", 3, "bcdefg", 6));
	}
	assert_int_equal(send(sip.phone, text, 100, MSG_OOB), 100);
	assert_true(
	        relay_world_carry(&world, sip.phone, sip.server, text + 100, length - 100, expected, expected_length));
	relay_pair_close(&sip);
	relay_pair_close(&other);
}

static int open_ipv6(void **state)
{
	(void)state;
	relay_world_open(&world, NULL, "::1");
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_cut_at_every_byte),
		TEST(test_byte_by_byte),
		TEST(test_both_directions),
		TEST(test_opened_from_outside),
		TEST(test_many_messages_in_one_segment),
		TEST(test_thousands_of_messages),
		TEST(test_message_of_300_kilobytes),
		TEST(test_largest_message_that_is_held),
		TEST(test_tls_is_spliced),
		TEST(test_http_is_spliced),
		TEST(test_server_that_speaks_first),
		TEST(test_sip_one_way_and_silence_the_other),
		TEST(test_what_stays_unfinished_goes_on),
		TEST(test_time_counts_for_each_message),
		TEST(test_switched_off_and_on),
		TEST(test_urgent_bytes_keep_their_place),
		cmocka_unit_test_setup_teardown(test_cut_at_every_byte, open_ipv6, close_world),
	};

	return cmocka_run_group_tests_name("relay", tests, NULL, NULL);
}
