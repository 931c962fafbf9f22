/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cuts.h"

enum { SEEDS = 400 };

/* ---- One flow after another ---- */

#define REQUEST "OPTIONS sip:a@example.com SIP/2.0\r\n"
#define EMPTY "Content-Length: 0\r\n\r\n"

struct flow {
	const char *bytes, *pieces; /* "M39 P2": kind and length */
	enum sipalg_stream_kind kind;
	enum sipalg_stream_trouble trouble;
};

static void print_pieces(const struct cut *cut, char *out, size_t size)
{
	size_t length = 0;
	*out = 0;
	for (size_t i = 0; i < cut->count; i++)
		length += (size_t)snprintf(out + length, size - length, "%s%c%zu", i > 0 ? " " : "",
		                           "-MHP"[cut->pieces[i].kind], cut -> pieces[i].length);
}

static void check_flows(const struct flow *flows, size_t count)
{
	char pieces[256];
	for (size_t i = 0; i < count; i++) {
		const struct cut *cut = cut_every_way(text_of(flows[i].bytes));
		print_pieces(cut, pieces, sizeof(pieces));
		if (strcmp(pieces, flows[i].pieces) != 0)
			print_error("in: %s\n", flows[i].bytes);
		assert_string_equal(pieces, flows[i].pieces);
		assert_string_equal(sipalg_stream_kind_word((enum sipalg_stream_kind)cut->stream.kind),
		                    sipalg_stream_kind_word(flows[i].kind));
		assert_string_equal(sipalg_stream_trouble_word((enum sipalg_stream_trouble)cut->stream.trouble),
		                    sipalg_stream_trouble_word(flows[i].trouble));
	}
}

/* RFC 3261 18.3 and 7.5, RFC 5626 3.5.1. */
static void messages_are_framed(void **state)
{
	static const struct flow flows[] = {
		{ REQUEST EMPTY, "M56", SIPALG_STREAM_SIP, 0 },
		{ REQUEST EMPTY REQUEST EMPTY, "M56 M56", SIPALG_STREAM_SIP, 0 },
		{ "SIP/2.0 200 OK\r\n" EMPTY, "M37", SIPALG_STREAM_SIP, 0 },
		{ "sip/2.0 200 OK\r\n" EMPTY, "M37", SIPALG_STREAM_SIP, 0 },
		{ "SIP/2.0 200\r\n\r\n", "M15", SIPALG_STREAM_SIP, 0 },
		{ REQUEST "Content-Length: 5\r\n\r\nhello" REQUEST EMPTY, "M61 M56", SIPALG_STREAM_SIP, 0 },
		{ REQUEST "\r\n" REQUEST EMPTY, "M37 M56", SIPALG_STREAM_SIP, 0 }, /* no length: no body */
		{ REQUEST "l:5\r\n\r\nhello", "M47", SIPALG_STREAM_SIP, 0 },
		{ REQUEST "L \t: \r\n 5\r\n\r\nhello", "M53", SIPALG_STREAM_SIP, 0 },
		{ REQUEST "cOnTeNt-LeNgTh:\r\n\t5\r\n\r\nhello", "M63", SIPALG_STREAM_SIP, 0 },
		{ REQUEST "X: a\r\n Content-Length: 5\r\n\r\n", "M63", SIPALG_STREAM_SIP, 0 }, /* a fold */
		{ REQUEST "Subject: l: 5\r\n\r\n", "M52", SIPALG_STREAM_SIP, 0 },
		{ REQUEST "l: 5\r\nl: 5\r\n\r\nhello", "M54", SIPALG_STREAM_SIP, 0 }, /* they agree */
		{ "OPTIONS sip:a SIP/2.0\nl: 2\n\nxyOPTIONS sip:a SIP/2.0\n\n", "M30 M23", SIPALG_STREAM_SIP, 0 },
		{ "OPTIONS sip:a SIP/2.0\r\nA: \r\r\n\r\r\n\r\n", "M34", SIPALG_STREAM_SIP, 0 },
		{ "\r\n\r\n" REQUEST EMPTY "\r\n\r\n\r\n" REQUEST EMPTY "\r\n", "P4 M56 P6 M56 P2", SIPALG_STREAM_SIP,
		  0 },
		{ REQUEST "l: 2\r\n\r\n\r\n" REQUEST EMPTY, "M45 M56", SIPALG_STREAM_SIP, 0 },
		{ "!%*+-.1 tel:1 SIP/2.0\r\n\r\n", "M25", SIPALG_STREAM_SIP, 0 },
		{ "SIP sip:a SIP/2.0\r\n\r\n", "M21", SIPALG_STREAM_SIP, 0 },
		{ "OPTIONS sip:a SIP/2.0 \r\n\r\n", "M26", SIPALG_STREAM_SIP, 0 },
		{ REQUEST EMPTY "OPTIONS  <sip:a b> SIP/2.0 SIP/2.0x SIP/2.0\r\n\r\n", "M56 M47", SIPALG_STREAM_SIP,
		  0 },
	};
	(void)state;
	check_flows(flows, sizeof(flows) / sizeof(flows[0]));
}

static void what_is_no_sip_passes(void **state)
{
	static const struct flow flows[] = {
		{ "\x16\x03\x01\x02", "P4", SIPALG_STREAM_TLS, 0 },
		{ "\x16\x04\x01\x02", "P4", SIPALG_STREAM_OTHER, 0 },
		{ "POST / HTTP/1.1\r\nHost: a\r\n\r\n" REQUEST EMPTY, "P84", SIPALG_STREAM_OTHER, 0 },
		{ "GET http://a/ HTTP/1.1\r\n\r\n", "P26", SIPALG_STREAM_OTHER, 0 },
		{ "OPTIONS * HTTP/1.1\r\n\r\n", "P22", SIPALG_STREAM_OTHER, 0 },
		{ "DESCRIBE rtsp://a RTSP/1.0\r\n\r\n", "P30", SIPALG_STREAM_OTHER, 0 },
		{ "MSRP a786hjs2 SEND\r\n", "P20", SIPALG_STREAM_OTHER, 0 },
		{ "SSH-2.0-x\r\n", "P11", SIPALG_STREAM_OTHER, 0 },
		{ "SIP/2.1 200 OK\r\n", "P16", SIPALG_STREAM_OTHER, 0 },
		{ "SIPS/2.0 200 OK\r\n", "P17", SIPALG_STREAM_OTHER, 0 },
		{ "OPTIONS sip:a SIP/2.0x\r\n", "P24", SIPALG_STREAM_OTHER, 0 },
		{ "OPTIONS a SIP/2.0\r\n", "P19", SIPALG_STREAM_OTHER, 0 },
		{ "OPTIONS /", "P9", SIPALG_STREAM_OTHER, 0 }, /* at the first byte that says so */
		{ "OPTIONS a:b H", "P13", SIPALG_STREAM_OTHER, 0 },
		{ "OPTIONS sip:a\r\n", "P15", SIPALG_STREAM_OTHER, 0 },
		{ "OPTIONS  sip:a SIP/2.0\r\n", "P24", SIPALG_STREAM_OTHER, 0 },
		{ " OPTIONS sip:a SIP/2.0\r\n", "P24", SIPALG_STREAM_OTHER, 0 },
		{ "\r\nx\r\n", "P5", SIPALG_STREAM_OTHER, 0 },
		{ "\x01", "P1", SIPALG_STREAM_OTHER, 0 }, /* as STUN, RFC 8489 5 */
		{ "OPTIONS sip:a SIP/2.", "", SIPALG_STREAM_UNDECIDED, 0 },
		{ "\x16", "", SIPALG_STREAM_UNDECIDED, 0 },
		{ "\r\n", "P2", SIPALG_STREAM_UNDECIDED, 0 },
	};
	(void)state;
	check_flows(flows, sizeof(flows) / sizeof(flows[0]));
}

/* Nothing is cut where a guess would be needed, and nothing is lost. */
static void what_cannot_be_framed_passes(void **state)
{
	static const struct flow flows[] = {
		{ REQUEST "l: x\r\n\r\n" REQUEST EMPTY, "P99", SIPALG_STREAM_OTHER, SIPALG_STREAM_LENGTH_BAD },
		{ REQUEST "l: 1 2\r\n\r\n" REQUEST, "P80", SIPALG_STREAM_OTHER, SIPALG_STREAM_LENGTH_BAD },
		{ REQUEST "l:\r\n\r\n", "P41", SIPALG_STREAM_OTHER, SIPALG_STREAM_LENGTH_BAD },
		{ REQUEST "l: -1\r\n\r\n", "P44", SIPALG_STREAM_OTHER, SIPALG_STREAM_LENGTH_BAD },
		{ REQUEST "l: 99999999999999999999999\r\n\r\n", "P65", SIPALG_STREAM_OTHER, SIPALG_STREAM_LENGTH_BAD },
		{ REQUEST "l: 1\r\nContent-Length: 2\r\n\r\nabc", "P65", SIPALG_STREAM_OTHER,
		  SIPALG_STREAM_LENGTH_BAD },
		{ REQUEST EMPTY "garbage\r\n" REQUEST, "M56 P44", SIPALG_STREAM_OTHER, SIPALG_STREAM_NO_START_LINE },
		{ REQUEST EMPTY "\x16\x03", "M56 P2", SIPALG_STREAM_OTHER, SIPALG_STREAM_NO_START_LINE },
	};
	(void)state;
	check_flows(flows, sizeof(flows) / sizeof(flows[0]));
}

/* ---- Length ---- */

static char flow_bytes[CUT_FLOW_MAX];
static size_t flow_length;

static void add(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void add(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	flow_length += (size_t)vsnprintf(flow_bytes + flow_length, sizeof(flow_bytes) - flow_length, format, arguments);
	va_end(arguments);
	assert_true(flow_length < sizeof(flow_bytes));
}

static void add_filling(size_t length)
{
	for (size_t i = 0; i < length; i++)
		flow_bytes[flow_length++] = "\r\nSIP"[i % 5];
}

static struct text flow_text(void)
{
	return (struct text){ flow_bytes, flow_length };
}

static void long_bodies_pass_behind_their_header(void **state)
{
	(void)state;
	flow_length = 0;
	add(REQUEST "l: %u\r\n\r\n", SIPALG_MESSAGE_MAX - 47);
	assert_int_equal(flow_length, 47);
	add_filling(SIPALG_MESSAGE_MAX - 47);
	add(REQUEST "l: %u\r\n\r\n", SIPALG_MESSAGE_MAX - 46);
	add_filling(SIPALG_MESSAGE_MAX - 46);
	add(REQUEST "l: 200000\r\n\r\n");
	add_filling(200000);
	add(REQUEST EMPTY);
	const struct cut *cut = cut_every_way(flow_text());
	static const size_t lengths[] = { SIPALG_MESSAGE_MAX, 47, SIPALG_MESSAGE_MAX - 46, 48, 200000, 56 };
	static const size_t bodies[] = { 0, SIPALG_MESSAGE_MAX - 46, 0, 200000, 0, 0 };
	char pieces[256];
	print_pieces(cut, pieces, sizeof(pieces));
	assert_string_equal(pieces, "M65535 H47 P65489 H48 P200000 M56");
	for (size_t i = 0; i < cut->count; i++) {
		assert_int_equal(cut->pieces[i].length, lengths[i]);
		assert_int_equal(cut->pieces[i].body_left, bodies[i]);
	}
}

static void a_length_beyond_all_use_is_still_a_length(void **state)
{
	static const struct flow flows[] = {
		{ REQUEST "l: 9223372036854775807\r\n\r\n" REQUEST EMPTY, "H61 P56", SIPALG_STREAM_SIP, 0 },
		{ REQUEST "l: 4294967296\r\n\r\n" REQUEST EMPTY, "H52 P56", SIPALG_STREAM_SIP, 0 },
		{ REQUEST "l: 9223372036854775808\r\n\r\n", "P61", SIPALG_STREAM_OTHER, SIPALG_STREAM_LENGTH_BAD },
	};
	(void)state;
	check_flows(flows, sizeof(flows) / sizeof(flows[0]));
}

static void long_headers_pass(void **state)
{
	(void)state;
	for (size_t length = SIPALG_MESSAGE_MAX - 1; length <= SIPALG_MESSAGE_MAX + 1; length++) {
		flow_length = 0;
		add(REQUEST "Subject: ");
		while (flow_length < length - 4)
			flow_bytes[flow_length++] = 'x';
		add("\r\n\r\n" REQUEST EMPTY);
		const struct cut *cut = cut_every_way(flow_text());
		bool fits = length <= SIPALG_MESSAGE_MAX;
		assert_int_equal(cut->count, fits ? 2 : 1);
		assert_int_equal(cut->taken, flow_length);
		assert_int_equal(cut->stream.kind, fits ? SIPALG_STREAM_SIP : SIPALG_STREAM_OTHER);
		assert_int_equal(cut->stream.trouble, fits ? 0 : SIPALG_STREAM_HEADER_TOO_LONG);
	}
}

/* ---- Giving up ---- */

static void giving_up_passes_what_is_kept(void **state)
{
	(void)state;
	struct cut cut = { 0 };
	struct text flow = text_of(REQUEST EMPTY REQUEST);
	cut_feed(&cut, flow, flow.length);
	assert_int_equal(cut.taken, 56);
	sipalg_stream_give_up(&cut.stream);
	cut_feed(&cut, flow, flow.length);
	assert_int_equal(cut.taken, flow.length);
	assert_int_equal(cut.stream.kind, SIPALG_STREAM_OTHER);
	assert_int_equal(cut.stream.trouble, SIPALG_STREAM_GIVEN_UP);
	sipalg_stream undecided = { 0 }, tls = { .kind = SIPALG_STREAM_TLS };
	sipalg_stream_give_up(&undecided);
	sipalg_stream_give_up(&tls);
	assert_int_equal(undecided.kind, SIPALG_STREAM_OTHER);
	assert_int_equal(undecided.trouble, SIPALG_STREAM_NO_TROUBLE);
	assert_int_equal(tls.kind, SIPALG_STREAM_TLS);
}

/* ---- Anything ---- */

static void add_anything(uint64_t *seed)
{
	uint64_t chosen = cut_draw(seed) % 16;
	unsigned length = (unsigned)(cut_draw(seed) % 40);
	if (chosen < 5) {
		add("INVITE sip:b@example.com SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1\r\nContent-Length: %u\r\n\r\n",
		    length);
		add_filling(length);
	} else if (chosen < 8) {
		add("SIP/2.0 200 OK\nTo: <sip:b>\n :x\nl\t:\n %u\n\n", length);
		add_filling(length);
	} else if (chosen < 12) {
		add("%s", chosen < 10 ? "\r\n\r\n" : "\r\n");
	} else if (chosen < 15) {
		add(REQUEST "\r\n");
	} else {
		for (unsigned i = 0; i < length; i++)
			flow_bytes[flow_length++] = (char)cut_draw(seed);
	}
}

/* Bytes are changed too, so that flows end in trouble of every kind. */
static void any_flow_is_cut_alike_by_any_segments(void **state)
{
	(void)state;
	size_t kinds[4] = { 0 }, troubles[5] = { 0 };
	for (uint64_t number = 1; number <= SEEDS; number++) {
		uint64_t seed = number;
		flow_length = 0;
		for (size_t parts = 1 + cut_draw(&seed) % 12; parts > 0; parts--)
			add_anything(&seed);
		if (flow_length > 0 && number % 2)
			flow_bytes[cut_draw(&seed) % flow_length] = "\r\n x:/9"[cut_draw(&seed) % 7];
		const struct cut *cut = cut_every_way(flow_text());
		kinds[cut->stream.kind]++;
		troubles[cut->stream.trouble]++;
	}
	assert_true(kinds[SIPALG_STREAM_SIP] > 20 && kinds[SIPALG_STREAM_OTHER] > 20);
	assert_true(troubles[SIPALG_STREAM_NO_START_LINE] > 5 && troubles[SIPALG_STREAM_LENGTH_BAD] > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_framed),
		cmocka_unit_test(what_is_no_sip_passes),
		cmocka_unit_test(what_cannot_be_framed_passes),
		cmocka_unit_test(long_bodies_pass_behind_their_header),
		cmocka_unit_test(a_length_beyond_all_use_is_still_a_length),
		cmocka_unit_test(long_headers_pass),
		cmocka_unit_test(giving_up_passes_what_is_kept),
		cmocka_unit_test(any_flow_is_cut_alike_by_any_segments),
	};
	_Static_assert(sizeof(sipalg_stream) <= 24, "there is one for each direction of thousands of connections");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
