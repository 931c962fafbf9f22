/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What needs no socket: tokens, digests, budgets, the ports a message names, media that are counted. */
#include "reflect/budget.h"
#include "reflect/digest.h"
#include "reflect/flows.h"
#include "reflect/limits.h"
#include "reflect/named.h"
#include "reflect/token.h"
#include "reflect/visitors.h"

#include "../programs/cmocka_all.h"

#include <sodium.h>
#include <stdio.h>

enum { S = 1000000000 };

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct text text_of(const char *string)
{
	return (struct text){ string, strlen(string) };
}

static sipalg_address address_of(const char *text)
{
	sipalg_address address = { 0 };
	assert_true(sipalg_address_read(text, strlen(text), &address));
	return address;
}

/* ---- Tokens ---- */

static void token_is_found_wherever_it_stands(void **state)
{
	(void)state;
	char token[REFLECT_TOKEN_LENGTH + 1], message[256];
	struct text found;
	size_t from = 0;
	token_make(token);
	snprintf(message, sizeof message, "Call-ID: qzsaqzsa qzsa-qzsa%s@x\r\n", token);
	/* What only looks like one comes first. */
	assert_true(token_next(text_of(message), &from, &found));
	assert_false(text_equal(found, text_of(token)));
	assert_true(token_next(text_of(message), &from, &found));
	assert_true(text_equal(found, text_of(token)));
	assert_false(token_next(text_of(message), &from, &found));
}

static void token_is_not_found_when_it_is_cut_or_changed(void **state)
{
	(void)state;
	static const char *const others[] = { "",
		                              "q",
		                              "qzsa",
		                              "qzsaabcdefghijklmno",
		                              "QZSAabcdefghijklmnop",
		                              "qzsaabcdefghijklmno1",
		                              "qzsaabcdefgh-ijklmno" };
	for (size_t i = 0; i < COUNT(others); i++) {
		struct text found;
		size_t from = 0;
		assert_false(token_next(text_of(others[i]), &from, &found));
	}
}

static void tokens_differ(void **state)
{
	(void)state;
	char left[REFLECT_TOKEN_LENGTH + 1], right[REFLECT_TOKEN_LENGTH + 1];
	token_make(left);
	token_make(right);
	assert_int_equal(strlen(left), REFLECT_TOKEN_LENGTH);
	assert_string_not_equal(left, right);
}

/* ---- Digests ---- */

static void digests_are_those_of_the_lines(void **state)
{
	(void)state;
	static const char *const parts[] = { "A\r\n\r\nbody\nmore", "A\r\n", "\r\n", "body\nmore" };
	uint8_t digests[DIGESTS_LENGTH_MAX], expected[DIGEST_LENGTH];
	assert_int_equal(digest_message(text_of(parts[0]), digests), COUNT(parts) * DIGEST_LENGTH);
	for (size_t i = 0; i < COUNT(parts); i++) {
		crypto_hash_sha256(expected, (const unsigned char *)parts[i], strlen(parts[i]));
		assert_memory_equal(digests + i * DIGEST_LENGTH, expected, DIGEST_LENGTH);
	}
}

static void digests_of_many_lines_have_an_end(void **state)
{
	(void)state;
	static char lines[65536];
	uint8_t digests[DIGESTS_LENGTH_MAX];
	memset(lines, 'x', sizeof lines);
	for (size_t i = 1; i < sizeof lines; i += 2)
		lines[i] = '\n';
	assert_int_equal(digest_message((struct text){ lines, sizeof lines }, digests), DIGESTS_LENGTH_MAX);
	assert_int_equal(digest_message((struct text){ lines, 0 }, digests), DIGEST_LENGTH);
}

/* ---- Budgets ---- */

static void budget_gives_its_burst_and_then_its_rate(void **state)
{
	(void)state;
	struct budget budget = budget_make(100, 60 * 10, 0);
	assert_true(budget_take(&budget, 100, 0));
	assert_false(budget_take(&budget, 1, 0));
	assert_false(budget_take(&budget, 11, S));
	assert_true(budget_take(&budget, 10, S));
	assert_false(budget_take(&budget, 101, (uint64_t)S * 3600));
	assert_true(budget_take(&budget, 100, (uint64_t)S * 3600));
}

/* Being asked often must not round the time away, nor give more than the rate. */
static void budget_keeps_what_is_less_than_one(void **state)
{
	(void)state;
	struct budget budget = budget_make(20, 30, 0);
	unsigned taken = 0;
	assert_true(budget_take(&budget, 20, 0));
	for (uint64_t now_ns = 0; now_ns <= 60 * (uint64_t)S; now_ns += 1000003)
		taken += budget_take(&budget, 1, now_ns);
	assert_in_range(taken, 29, 30);
}

static void budget_does_not_overflow(void **state)
{
	(void)state;
	struct budget budget = budget_make(UINT64_C(1) << 32, (UINT64_C(1) << 32) * 60, 0);
	assert_true(budget_take(&budget, UINT64_C(1) << 32, 0));
	assert_true(budget_take(&budget, UINT64_C(1) << 32, UINT64_MAX - 1));
	assert_false(budget_take(&budget, 1, 0)); /* a clock that went back gives nothing */
}

/* ---- Ports that a message names ---- */

static const struct named_case {
	const char *address, *message;
	size_t count;
	uint16_t ports[4];
} named_cases[] = {
	{ "203.0.113.1", "Contact: <sip:a@203.0.113.1:5062>\r\n", 1, { 5062 } },
	{ "203.0.113.1", "Via: SIP/2.0/UDP 203.0.113.1:1024;branch=x, 203.0.113.1:65535", 2, { 1024, 65535 } },
	{ "203.0.113.1", "Contact: <sip:a@203.0.113.1>", 0, { 0 } },
	{ "203.0.113.1", "Contact: <sip:a@192.168.1.2:5062>", 0, { 0 } },
	{ "203.0.113.1", "sip:1203.0.113.1:5062 sip:203.0.113.12:5062 sip:7.203.0.113.1:5062", 0, { 0 } },
	{ "203.0.113.1", "sip:203.0.113.1:80 sip:203.0.113.1:99999 sip:203.0.113.1:x", 0, { 0 } },
	{ "203.0.113.1", "sip:203.0.113.1:5062 sip:203.0.113.1:5062", 1, { 5062 } },
	{ "203.0.113.1",
	  "c=IN IP4 203.0.113.1\r\nm=audio 12000 RTP/AVP 0\r\na=rtcp:12005\r\n",
	  3,
	  { 12000, 12001, 12005 } },
	{ "203.0.113.1", "c=IN IP4 203.0.113.12\r\nm=audio 12000 RTP/AVP 0\r\n", 0, { 0 } },
	{ "203.0.113.1", "m=audio 12000/2 RTP/AVP 0\nc=IN IP4 203.0.113.1\n", 2, { 12000, 12001 } },
	{ "203.0.113.1",
	  "a=candidate:1 1 UDP 1 203.0.113.1 12000 typ srflx raddr 192.168.1.2 rport 4000",
	  1,
	  { 12000 } },
	{ "203.0.113.1", "c=IN IP4 203.0.113.1\nm=audio 0 RTP/AVP 0\nm=\nm=audio\nm=audio 65535 x", 1, { 65535 } },
	{ "2001:db8::1", "Contact: <sip:a@[2001:db8::1]:5062>\r\n", 1, { 5062 } },
	{ "2001:db8::1", "Contact: <sip:a@[2001:db8::12]:5062>\r\n", 0, { 0 } },
	{ "203.0.113.1", "203.0.113.1", 0, { 0 } },
	{ "203.0.113.1", "", 0, { 0 } },
};

static void ports_are_those_named_with_the_address(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(named_cases); i++) {
		const struct named_case *row = &named_cases[i];
		sipalg_address address = address_of(row->address);
		uint16_t ports[8];
		size_t count = named_ports_find(text_of(row->message), &address, ports, COUNT(ports));
		if (count != row->count || memcmp(ports, row->ports, count * sizeof ports[0]) != 0)
			fail_msg("%s: %zu ports, the first %u", row->message, count, count > 0 ? ports[0] : 0);
	}
}

static void ports_beyond_the_room_are_left_out(void **state)
{
	(void)state;
	sipalg_address address = address_of("203.0.113.1");
	uint16_t ports[2];
	struct text message = text_of("203.0.113.1:2001 203.0.113.1:2002 203.0.113.1:2003");
	assert_int_equal(named_ports_find(message, &address, ports, COUNT(ports)), 2);
}

/* ---- Media ---- */

static void count_packet(struct flow *flow, uint16_t sequence)
{
	const char packet[12] = { (char)0x80, 0, (char)(sequence >> 8), (char)(sequence & 0xff) };
	flow_count(flow, (struct text){ packet, sizeof packet });
}

static void loss_is_what_sequence_numbers_miss(void **state)
{
	(void)state;
	static const struct {
		uint16_t sequences[6];
		size_t count;
		uint64_t lost;
	} cases[] = {
		{ { 1, 2, 3 }, 3, 0 },  { { 1, 3, 2 }, 3, 0 }, { { 1, 4 }, 2, 2 },    { { 65534, 65535, 0, 1 }, 4, 0 },
		{ { 65534, 1 }, 2, 2 }, { { 7 }, 1, 0 },       { { 1, 1, 1 }, 3, 0 },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct flow flow = { 0 };
		for (size_t j = 0; j < cases[i].count; j++)
			count_packet(&flow, cases[i].sequences[j]);
		assert_int_equal(flow_lost(&flow), cases[i].lost);
		assert_int_equal(flow.packets, cases[i].count);
	}
}

static void what_is_no_rtp_is_counted_all_the_same(void **state)
{
	(void)state;
	struct flow flow = { 0 };
	flow_count(&flow, text_of(""));
	flow_count(&flow, text_of("hello, this is no RTP"));
	assert_int_equal(flow.packets, 2);
	assert_int_equal(flow_lost(&flow), 0);
}

static void flows_have_an_end(void **state)
{
	(void)state;
	struct flows flows = { 0 };
	sipalg_endpoint source = { .address = address_of("203.0.113.1") };
	for (uint16_t i = 0; i < FLOWS_MAX; i++) {
		source.port = i;
		assert_non_null(flows_add(&flows, &source, REFLECT_MEDIA, false));
	}
	assert_null(flows_add(&flows, &source, REFLECT_MEDIA, true));
	assert_non_null(flows_find(&flows, &source, REFLECT_MEDIA, false));
	assert_null(flows_find(&flows, &source, REFLECT_MEDIA, true));
	assert_null(flows_find(&flows, &source, REFLECT_MEDIA_CONTROL, false));
}

/* ---- Addresses ---- */

static void ipv6_customers_have_one_network(void **state)
{
	(void)state;
	struct visitors visitors;
	sipalg_address one = address_of("2001:db8::1"), neighbour = address_of("2001:db8::ffff:2"),
	               other = address_of("2001:db8:0:1::1");
	assert_true(visitors_open(&visitors, &(struct hash_key){ { 1, 2 } }));
	struct visitor *visitor = visitors_have(&visitors, &one, 1);
	assert_ptr_equal(visitors_have(&visitors, &neighbour, 2), visitor);
	assert_ptr_not_equal(visitors_have(&visitors, &other, 3), visitor);
	visitors_close(&visitors);
}

/* Whoever comes from ever new addresses does not drive out those who are there, and memory does not grow. */
static void those_who_hold_something_stay(void **state)
{
	(void)state;
	struct visitors visitors;
	sipalg_address first = address_of("203.0.113.1");
	size_t refused = 0;
	assert_true(visitors_open(&visitors, &(struct hash_key){ { 1, 2 } }));
	visitors_have(&visitors, &first, 1)->sessions = 1;
	for (uint32_t i = 0; i < 4 * VISITORS_MAX; i++) {
		sipalg_address address = sipalg_address_from_ipv4(0x0a000000 + i);
		struct visitor *visitor = visitors_have(&visitors, &address, i + 2);
		if (visitor == NULL)
			refused++;
		else
			visitor->streams = i % 2;
	}
	assert_non_null(visitors_find(&visitors, &first));
	assert_int_equal(visitors_find(&visitors, &first)->sessions, 1);
	assert_true(refused > 0);
	visitors_close(&visitors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(token_is_found_wherever_it_stands),
		cmocka_unit_test(token_is_not_found_when_it_is_cut_or_changed),
		cmocka_unit_test(tokens_differ),
		cmocka_unit_test(digests_are_those_of_the_lines),
		cmocka_unit_test(digests_of_many_lines_have_an_end),
		cmocka_unit_test(budget_gives_its_burst_and_then_its_rate),
		cmocka_unit_test(budget_keeps_what_is_less_than_one),
		cmocka_unit_test(budget_does_not_overflow),
		cmocka_unit_test(ports_are_those_named_with_the_address),
		cmocka_unit_test(ports_beyond_the_room_are_left_out),
		cmocka_unit_test(loss_is_what_sequence_numbers_miss),
		cmocka_unit_test(what_is_no_rtp_is_counted_all_the_same),
		cmocka_unit_test(flows_have_an_end),
		cmocka_unit_test(ipv6_customers_have_one_network),
		cmocka_unit_test(those_who_hold_something_stay),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
