/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 64 kB of every extreme of the grammar: it passes, its reason is said, and it takes no longer than a plain message of
 * that size by more than a factor: nothing is quadratic. */
#include "harness.h"

#include <time.h>

enum {
	SIZE = 65000,
	PLAIN_TIMES_MAX = 40, /* a message of one long header is nearly free */
	TRIES = 5,            /* the quickest counts: other processes disturb */
};

static const struct extreme {
	const char *name, *head, *unit, *tail;
} extremes[] = {
	{ "one header", "X-Pad: ", "aaaaaaaaaaaaaaaa", "\r\n\r\n" },
	{ "headers", "", "X: y\r\n", "\r\n" },
	{ "known headers", "", "Accept: y\r\n", "\r\n" },
	{ "Vias", "", "v: SIP/2.0/UDP 192.168.1.2\r\n", "\r\n" },
	{ "Vias in a header", "Via: ", "SIP/2.0/UDP 192.168.1.2,", "\r\n\r\n" },
	{ "Contacts", "m: ", "<sip:192.168.1.2>,", "<sip:a>\r\n\r\n" },
	{ "quotes", "Contact: ", "\"\\\"", "\r\n\r\n" },
	{ "open angles", "Contact: ", "<", "\r\n\r\n" },
	{ "parameters", "Contact: <sip:192.168.1.2>", ";a=b", "\r\n\r\n" },
	{ "comments", "User-Agent: ", "(", "\r\n\r\n" },
	{ "folding", "Subject: a", "\r\n ", "\r\n\r\n" },
	{ "folded Contact", "Contact: a", "\r\n ", "\r\n\r\n" },
	{ "routes", "", "Record-Route: <sip:192.168.1.2;lr>\r\n", "\r\n" },
	{ "media", "Content-Type: application/sdp\r\n\r\nv=0\r\nc=IN IP4 192.168.1.2\r\n", "m=audio 8000 RTP/AVP 0\r\n",
	  "" },
	{ "candidates",
	  "Content-Type: application/sdp\r\n\r\nv=0\r\nc=IN IP4 192.168.1.2\r\nm=audio 8000 RTP/AVP 0\r\n",
	  "a=candidate:1 1 UDP 1 192.168.1.2 9000 typ host\r\n", "" },
	{ "attributes", "Content-Type: application/sdp\r\n\r\nv=0\r\nm=audio 8000 RTP/AVP 0\r\n", "a=\r\n", "" },
	{ "parts", "Content-Type: multipart/mixed;boundary=b\r\n\r\n", "--b\r\n\r\n", "" },
	{ "nested parts", "Content-Type: multipart/mixed;boundary=b\r\n\r\n",
	  "--b\r\nContent-Type: multipart/mixed;boundary=b\r\n\r\n", "" },
	{ "nearly boundaries", "Content-Type: multipart/mixed;boundary=--------------------------------a\r\n\r\n", "-",
	  "" },
	{ "empty lines", "\r\n", "\r\n", "" },
};

static const char start[] =
        "INVITE sip:b@198.51.100.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.1.2\r\nFrom: <sip:a@x>;tag=1\r\n"
        "To: <sip:b@x>\r\nCall-ID: extreme\r\nCSeq: 1 INVITE\r\n";

static size_t write_message(const struct extreme *extreme, char *message)
{
	size_t at = 0, unit = strlen(extreme->unit), tail = strlen(extreme->tail);
	memcpy(message, start, sizeof(start) - 1);
	at += sizeof(start) - 1;
	memcpy(message + at, extreme->head, strlen(extreme->head));
	for (at += strlen(extreme->head); at + unit + tail <= SIZE; at += unit)
		memcpy(message + at, extreme->unit, unit);
	memcpy(message + at, extreme->tail, tail);
	return at + tail;
}

static uint64_t cpu_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * SIPALG_SECOND_NS + (uint64_t)now.tv_nsec;
}

/* How long the engine takes for it, at best. */
static uint64_t duration_ns(struct harness *harness, const char *message, size_t length)
{
	sipalg_packet packet = { .bytes = (const uint8_t *)message,
		                 .length = length,
		                 .source = endpoint_of("192.168.1.2", 5060),
		                 .destination = server_endpoint(),
		                 .direction = SIPALG_OUTBOUND };
	packet.outside = sipalg_address_from_ipv4(0xcb007101);
	uint64_t best = UINT64_MAX;
	for (int i = 0; i < TRIES; i++) {
		sipalg_verdict verdict;
		uint64_t since = cpu_ns();
		sipalg_engine_handle(harness->engine, SIPALG_SECOND_NS * 100, &packet, &verdict);
		uint64_t took = cpu_ns() - since;
		best = took < best ? took : best;
		sipalg_command command;
		while (sipalg_engine_next_command(harness->engine, &command))
			;
		if (verdict.edit_count == 0) {
			assert_int_equal(verdict.length, length);
			assert_memory_equal(verdict.bytes, message, length);
			assert_int_not_equal(strlen(sipalg_reason_word(verdict.reason)), 0);
		}
	}
	return best;
}

static void none_takes_long(void **state)
{
	struct harness *harness = *state;
	static char message[SIZE + 64];
	static const struct extreme plain = { "a plain body", "Content-Type: text/plain\r\nSubject: a\r\n",
		                              "X-Word: aaaa bbbb\r\n", "\r\n" };
	uint64_t plain_ns = duration_ns(harness, message, write_message(&plain, message));
	for (size_t i = 0; i < sizeof(extremes) / sizeof(extremes[0]); i++) {
		uint64_t took_ns = duration_ns(harness, message, write_message(&extremes[i], message));
		print_message("%-20s %8.1f us, %5.2f times\n", extremes[i].name, (double)took_ns / 1000,
		              (double)took_ns / (double)plain_ns);
		assert_true(took_ns < PLAIN_TIMES_MAX * plain_ns);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(none_takes_long, harness_setup,
		                                                            harness_teardown) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
