/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP through `sipalg translate`: what is written is read again, and is what a gateway that keeps the connection would
 * have sent. */
#include "../report/cmocka_all.h"

#include "connection.h"

#include <stdlib.h>

/* A message in so many segments is one again; those that only acknowledge its parts tell nothing. */
static void test_split(void **state)
{
	(void)state;
	for (size_t cut = 1; cut < 400; cut += 7) {
		char captured[2048], edited[2048];
		struct world *world = world_begin("10.0.0.5:40000", "198.51.100.7:5060");
		struct text message = invite(captured, 1, phone_address);
		connect_both(world);
		for (size_t at = 0; at < message.length; at += cut) {
			put(world, 0, ACK, text_first(text_from(message, at), cut));
			acknowledge(world, 1);
		}
		message = ringing(captured, 1, phone_address);
		put(world, 1, ACK, message);
		acknowledge(world, 0);
		close_both(world);
		add(&world->expected[0], invite(edited, 1, outside_address));
		add(&world->expected[1], ringing(edited, 1, outside_address));
		translate(world);
		read_back(world);
		expect_streams(world);
		expect_numbers(world);
		assert_int_equal(world->messages_read, 2);
		assert_int_equal(world->counts.messages, 2);
		assert_int_equal(count_flags(world, FIN), 2);
		assert_int_equal(world->written_count, 3 + 2 + 2 + 3);
		world_end(world);
	}
}

/* What comes again comes again as it was the first time, keep-alives of both kinds stay, and numbers stay right. */
static void test_again(void **state)
{
	(void)state;
	char captured[2048], edited[2048];
	struct world *world = world_begin("10.0.0.5:40000", "198.51.100.7:5060");
	struct text message = invite(captured, 1, phone_address), wanted = invite(edited, 1, outside_address);
	uint32_t change = (uint32_t)(wanted.length - message.length), first = world->next[0] + 1;
	connect_both(world);
	put(world, 0, ACK, message);
	acknowledge(world, 1);
	put_at(world, 0, first, ACK, message); /* 5 */
	put_at(world, 0, first, ACK, text_first(message, 30));
	put_at(world, 0, first + 300, ACK, text_from(message, 300));
	acknowledge(world, 1);
	put(world, 0, ACK, TEXT("\r\n\r\n")); /* 9 */
	put(world, 1, ACK, TEXT("\r\n"));
	put_at(world, 0, world->next[0] - 1, ACK, TEXT("")); /* 11 */
	acknowledge(world, 1);
	put_at(world, 0, world->next[0] - 1, ACK, TEXT("x")); /* 13 */
	acknowledge(world, 1);
	put(world, 1, RST | ACK, TEXT(""));
	add(&world->expected[0], wanted);
	add(&world->expected[0], TEXT("\r\n\r\n"));
	add(&world->expected[1], TEXT("\r\n"));
	translate(world);
	read_back(world);
	expect_streams(world);
	const struct written *written = world->written;
	assert_int_equal(world->written_count, 16);
	assert_int_equal(written[4].acknowledged, first + wanted.length);
	assert_int_equal(written[5].sequence, first);
	assert_int_equal(written[5].length, wanted.length);
	assert_int_equal(written[6].length, 30);
	assert_int_equal(written[7].sequence + written[7].length, first + wanted.length);
	assert_int_equal(written[9].sequence, first + wanted.length);
	assert_int_equal(written[11].sequence, world->next[0] - 1 + change);
	assert_int_equal(written[11].length, 0);
	assert_int_equal(written[13].sequence, world->next[0] - 1 + change);
	assert_int_equal(written[13].length, 1);
	assert_int_equal(written[15].flags, RST | ACK);
	world_end(world);
}

/* An acknowledgement of what is not the last. */
static void test_older(void **state)
{
	(void)state;
	char captured[2048], edited[2048];
	struct world *world = world_begin("10.0.0.5:40000", "198.51.100.7:5060");
	struct text message = invite(captured, 1, phone_address), wanted = invite(edited, 1, outside_address);
	connect_both(world);
	uint32_t first = put(world, 0, ACK, message), end = first + 3 * (uint32_t)message.length;
	put(world, 0, ACK, message);
	put(world, 0, ACK, message);
	for (uint32_t i = 1; i <= 3; i++) {
		world->next[0] = first + i * (uint32_t)message.length;
		acknowledge(world, 1);
	}
	assert_int_equal(world->next[0], end);
	acknowledge(world, 1); /* twice the same is twice the same */
	put_at(world, 0, first + (uint32_t)message.length, ACK, message);
	translate(world);
	read_back(world);
	assert_int_equal(world->written_count, 3 + 3 + 4 + 1);
	for (uint32_t i = 1; i <= 3; i++)
		assert_int_equal(world->written[5 + i].acknowledged, first + i * (uint32_t)wanted.length);
	assert_int_equal(world->written[10].sequence, first + (uint32_t)wanted.length);
	assert_int_equal(world->written[10].length, wanted.length);
	world_end(world);
}

/* What was lost is told by SACK: its edges are numbers, too. */
static void test_sack(void **state)
{
	(void)state;
	char captured[2048], edited[2048];
	struct world *world = world_begin("10.0.0.5:40000", "198.51.100.7:5060");
	struct text message = invite(captured, 1, phone_address), wanted = invite(edited, 1, outside_address);
	connect_both(world);
	uint32_t first = put(world, 0, ACK, message), edge = first + (uint32_t)message.length;
	const uint8_t option[12] = { 1,
		                     1,
		                     5,
		                     10,
		                     (uint8_t)(first >> 24),
		                     (uint8_t)(first >> 16),
		                     (uint8_t)(first >> 8),
		                     (uint8_t)first,
		                     (uint8_t)(edge >> 24),
		                     (uint8_t)(edge >> 16),
		                     (uint8_t)(edge >> 8),
		                     (uint8_t)edge };
	world->composer.tcp_options = (struct text){ (const char *)option, sizeof option };
	acknowledge(world, 1);
	translate(world);
	read_back(world);
	const uint8_t *seen = (const uint8_t *)world->written[4].options;
	assert_memory_equal(seen, option, 8);
	edge = first + (uint32_t)wanted.length;
	assert_int_equal((uint32_t)seen[8] << 24 | (uint32_t)seen[9] << 16 | (uint32_t)seen[10] << 8 | seen[11], edge);
	world_end(world);
}

/* Segments that overtake each other are in order again; an end before a message is whole lets go of its bytes. */
static void test_order(void **state)
{
	(void)state;
	char captured[2048], edited[2048];
	struct world *world = world_begin("10.0.0.5:40000", "198.51.100.7:5060");
	struct text message = invite(captured, 1, phone_address), half = text_first(message, 200);
	connect_both(world);
	uint32_t first = world->next[0];
	put_at(world, 0, first + 200, ACK, text_from(message, 200));
	put_at(world, 0, first, ACK, half);
	world->next[0] = first + (uint32_t)message.length;
	acknowledge(world, 1);
	put(world, 0, ACK, half);
	acknowledge(world, 1);
	close_both(world);
	add(&world->expected[0], invite(edited, 1, outside_address));
	add(&world->expected[0], half);
	translate(world);
	read_back(world);
	expect_streams(world);
	expect_numbers(world);
	assert_int_equal(world->counts.messages, 1);
	world_end(world);
}

/* What is not SIP passes as it came, segment by segment; SIP that stops being SIP does from there. */
static void test_foreign(void **state)
{
	(void)state;
	char captured[2048], edited[2048];
	struct world *world = world_begin("10.0.0.5:40000", "198.51.100.7:5060");
	connect_both(world);
	put(world, 0, ACK, TEXT("GET / HTTP/1.1\r\n\r\nINVITE sip:a@10.0.0.5 SIP/2.0\r\n\r\n"));
	put(world, 0, ACK, TEXT("more"));
	put(world, 1, ACK, TEXT("\x16\x03\x01\x02\x00\x01"));
	put(world, 1, ACK, TEXT("more"));
	acknowledge(world, 0);
	close_both(world);
	translate(world);
	read_back(world);
	assert_int_equal(world->written_count, 3 + 4 + 1 + 3);
	assert_int_equal(world->written[4].length, 4);
	assert_int_equal(world->counts.messages, 0);
	expect_numbers(world);
	world_end(world);

	world = world_begin("10.0.0.5:40000", "198.51.100.7:5060");
	connect_both(world);
	put(world, 0, ACK, invite(captured, 1, phone_address));
	put(world, 0, ACK, TEXT("NONSENSE\r\n\r\n"));
	put(world, 0, ACK, TEXT("no more\r\n\r\n"));
	acknowledge(world, 1);
	close_both(world);
	add(&world->expected[0], invite(edited, 1, outside_address));
	add(&world->expected[0], TEXT("NONSENSE\r\n\r\nno more\r\n\r\n"));
	translate(world);
	read_back(world);
	expect_streams(world);
	expect_numbers(world);
	world_end(world);
}

/* A capture that begins in the middle of a connection. */
static void test_midway(void **state)
{
	(void)state;
	char captured[2048], edited[2048];
	struct world *world = world_begin("10.0.0.5:40000", "198.51.100.7:5060");
	put(world, 0, ACK, invite(captured, 1, phone_address));
	acknowledge(world, 1);
	put(world, 1, ACK, ringing(captured, 1, phone_address));
	put(world, 0, ACK, invite(captured, 2, phone_address));
	acknowledge(world, 1);
	add(&world->expected[0], invite(edited, 1, outside_address));
	add(&world->expected[0], invite(edited, 2, outside_address));
	add(&world->expected[1], ringing(edited, 1, outside_address));
	translate(world);
	read_back(world);
	expect_streams(world);
	expect_numbers(world);
	assert_int_equal(world->written_count, 5);
	world_end(world);
}

/* From outside, behind plain NAT: whose connection it is, its first message says. */
static void test_outside(void **state)
{
	(void)state;
	char captured[2048], edited[2048];
	struct world *world = world_begin("203.0.113.1:40007", "198.51.100.7:5060");
	connect_both(world);
	put(world, 0, ACK, invite(captured, 1, phone_address));
	acknowledge(world, 1);
	put(world, 1, ACK, ringing(captured, 1, phone_address));
	acknowledge(world, 0);
	close_both(world);
	add(&world->expected[0], invite(edited, 1, phone_address));
	add(&world->expected[1], ringing(edited, 1, phone_address));
	translate(world);
	assert_int_equal(world->seen_from, SEEN_FROM_OUTSIDE);
	assert_int_equal(world->counts.unknown_host, 3);
	read_back(world);
	assert_int_equal(world->written[0].phone_port, 40007);
	expect_streams(world);
	expect_numbers(world);
	world_end(world);
}

static uint32_t chance(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % below;
}

/* Whatever is put for whatever: where a message begins here, its other form begins there, and between none goes back.
 */
static void test_numbers(void **state)
{
	(void)state;
	static const char *const forms[][2] = { { "abcdef", "abcdef" }, { "aXb", "aYYYYb" }, { "aXXXXb", "aYb" },
		                                { "abX", "abYYYY" },    { "abXXXX", "abY" }, { "XX", "YYYY" },
		                                { "XXXX", "YY" },       { "aXbXc", "aYbYc" } };
	for (uint32_t seed = 1; seed < 200; seed++) {
		struct flow flow = { 0 };
		uint32_t random = seed, begins[2][21], at[2] = { UINT32_MAX - 20, UINT32_MAX - 20 };
		flow_begin(&flow, at[0]);
		for (int i = 0; i < 20; i++) {
			const char *const *form = forms[chance(&random, 8)];
			for (int side = 0; side < 2; side++) {
				begins[side][i] = at[side];
				at[side] += (uint32_t)strlen(form[side]); /* never one byte: that is a keep-alive */
				begins[side][i + 1] = at[side];
			}
			flow_pass(&flow, begins[0][i], (struct text){ form[0], strlen(form[0]) },
			          (struct text){ form[1], strlen(form[1]) });
		}
		assert_int_equal(flow_there(&flow, at[0] - 1), at[1] - 1);
		for (int i = 0; i <= 20; i++)
			assert_int_equal(flow_there(&flow, begins[0][i]), begins[1][i]);
		for (uint32_t here = begins[0][0]; here != at[0]; here++)
			assert_true(flow_distance(flow_there(&flow, here), flow_there(&flow, here + 1)) >= 0);
		free(flow.kept);
	}
}

/* Any conversation, however it was cut, lost and sent again: the streams are what the engine wrote. */
static void converse(struct world *world, uint32_t seed)
{
	static struct bytes said;
	char text[2048];
	for (int number = 1; number < 40; number++) {
		int from = chance(&seed, 3) == 0 && number > 1;
		said.length = 0;
		for (int i = (int)chance(&seed, 3); i >= 0; i--) {
			add(&said, from == 0 ? invite(text, number * 10 + i, phone_address) : TEXT("\r\n"));
			add(&world->expected[from],
			    from == 0 ? invite(text, number * 10 + i, outside_address) : TEXT("\r\n"));
			if (from == 0 && chance(&seed, 4) == 0) {
				add(&said, TEXT("\r\n\r\n"));
				add(&world->expected[0], TEXT("\r\n\r\n"));
			}
		}
		uint32_t start = world->next[from];
		for (size_t at = 0; at < said.length;) {
			size_t length = chance(&seed, 4) == 0 ? 1 + chance(&seed, 20) : 100 + chance(&seed, 1300);
			struct text part = text_first(text_from((struct text){ said.bytes, said.length }, at), length);
			put(world, from, ACK, part);
			at += part.length;
			if (chance(&seed, 3) == 0)
				acknowledge(world, 1 - from);
			if (chance(&seed, 4) == 0) { /* some of it once more */
				size_t again = chance(&seed, (uint32_t)at), most = at - again;
				put_at(world, from, start + (uint32_t)again, ACK,
				       (struct text){ said.bytes + again, 1 + chance(&seed, (uint32_t)most) });
			}
		}
		acknowledge(world, 1 - from);
	}
}

static void test_any(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 30; seed++) {
		struct world *world = world_begin("10.0.0.5:40000", "198.51.100.7:5060");
		connect_both(world);
		converse(world, seed);
		close_both(world);
		translate(world);
		read_back(world);
		world->counts.left_out = 0; /* what was changed to nothing */
		expect_streams(world);
		expect_numbers(world);
		world_end(world);
	}
}

/* More connections than there is room for, each with a message that is never whole: memory stays what it is. */
static void test_crowd(void **state)
{
	(void)state;
	char captured[2048];
	struct world *world = world_begin("10.0.0.5:1024", "198.51.100.7:5060");
	for (int i = 0; i < STREAMS_MAX; i++) {
		world->ends[0].port = (uint16_t)(1024 + i % 50000);
		world->ends[0].address.bytes[15] = (uint8_t)(i / 50000);
		connect_both(world);
		put(world, 0, ACK, text_first(invite(captured, 1, phone_address), 300));
	}
	translate(world);
	assert_int_equal(world->counts.written, 3 * STREAMS_MAX);
	world_end(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),   cmocka_unit_test(test_again),   cmocka_unit_test(test_sack),
		cmocka_unit_test(test_older),   cmocka_unit_test(test_numbers), cmocka_unit_test(test_order),
		cmocka_unit_test(test_foreign), cmocka_unit_test(test_outside), cmocka_unit_test(test_midway),
		cmocka_unit_test(test_any),     cmocka_unit_test(test_crowd),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
