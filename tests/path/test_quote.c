/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quotes, read and judged, and the letters of which they are. */
#include "../unit/support.h"

#include "path/letter.h"
#include "path/quote.h"
#include "sip/body.h"

enum { PACKET_MAX = 2048, ADDRESS_END = 60 };

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const char message[] = "INVITE sip:203.0.113.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.0.2:5060;branch=z9hG4bK1\r\n"
                              "Contact: <sip:a@10.1.0.2:5060>\r\nContent-Length: 0\r\n\r\n";

static const struct text bytes = { message, sizeof message - 1 };

static sipalg_endpoint endpoint_of(const char *address, uint16_t port)
{
	sipalg_endpoint endpoint = { .port = port, .protocol = SIPALG_PROTOCOL_UDP };
	assert_true(sipalg_address_read(address, strlen(address), &endpoint.address));
	return endpoint;
}

/* ---- ICMP errors ---- */

static size_t put_header(bool ipv6, uint8_t *out)
{
	memset(out, 0, 40);
	if (ipv6) {
		out[0] = 0x60;
		out[6] = SIPALG_PROTOCOL_UDP;
		memcpy(out + 8, endpoint_of("2001:db8::1", 0).address.bytes, 16);
		memcpy(out + 24, endpoint_of("2001:db8::2", 0).address.bytes, 16);
		return 40;
	}
	out[0] = 0x46; /* with four bytes of options */
	out[9] = SIPALG_PROTOCOL_UDP;
	memcpy(out + 12, "\x0a\x01\x00\x02\xcb\x00\x71\x02", 8);
	return 24;
}

/* An ICMP error that quotes the message. */
static struct text write_error(bool ipv6, uint8_t type, uint8_t code, uint8_t out[PACKET_MAX])
{
	static const uint8_t ports[] = { 0x13, 0xc4, 0x13, 0xc5 };
	size_t length = 8;
	memset(out, 0, 8);
	out[0] = type;
	out[1] = code;
	length += put_header(ipv6, out + length);
	memcpy(out + length, ports, 4);
	out[length + 4] = (uint8_t)((bytes.length + 8) >> 8);
	out[length + 5] = (uint8_t)(bytes.length + 8);
	out[length + 6] = 0xab;
	out[length + 7] = 0xcd;
	length += 8;
	memcpy(out + length, bytes.start, bytes.length);
	return (struct text){ (char *)out, length + bytes.length };
}

static void errors_are_read(void **state)
{
	(void)state;
	for (int ipv6 = 0; ipv6 <= 1; ipv6++) {
		uint8_t packet[PACKET_MAX];
		struct quote quote;
		sipalg_endpoint source = endpoint_of(ipv6 ? "2001:db8::1" : "10.1.0.2", 5060);
		sipalg_endpoint to = endpoint_of(ipv6 ? "2001:db8::2" : "203.0.113.2", 5061);
		assert_true(quote_read(write_error(ipv6, ipv6 ? 3 : 11, 0, packet), ipv6, &quote));
		assert_true(quote.out_of_hops && quote.has_header && !quote.by_port);
		assert_true(sipalg_endpoint_equal(&quote.source, &source));
		assert_true(sipalg_endpoint_equal(&quote.to, &to));
		assert_int_equal(quote.length, bytes.length + 8);
		assert_int_equal(quote.checksum, 0xabcd);
		assert_true(text_equal(quote.payload, bytes));
		assert_true(quote_read(write_error(ipv6, ipv6 ? 1 : 3, ipv6 ? 4 : 3, packet), ipv6, &quote));
		assert_true(quote.by_port && !quote.out_of_hops);
		assert_true(quote_read(write_error(ipv6, ipv6 ? 1 : 3, ipv6 ? 1 : 13, packet), ipv6, &quote));
		assert_false(quote.by_port || quote.out_of_hops);
	}
}

static void other_packets_are_none(void **state)
{
	(void)state;
	uint8_t packet[PACKET_MAX];
	struct quote quote;
	struct text error = write_error(false, 11, 0, packet);
	assert_false(quote_read(error, true, &quote));
	assert_false(quote_read(write_error(false, 0, 0, packet), false, &quote));  /* an echo reply */
	assert_false(quote_read(write_error(false, 11, 1, packet), false, &quote)); /* fragments that did not come */
	error = write_error(false, 11, 0, packet);
	packet[8 + 9] = 6; /* TCP */
	assert_false(quote_read(error, false, &quote));
	error = write_error(false, 11, 0, packet);
	packet[8] = 0x44; /* a header too short */
	assert_false(quote_read(error, false, &quote));
}

static void try_ipv4(struct text text)
{
	struct quote quote;
	if (!quote_read(text, false, &quote))
		return;
	assert_true(quote.payload.start >= text.start &&
	            quote.payload.start + quote.payload.length <= text.start + text.length);
}

static void try_ipv6(struct text text)
{
	struct quote quote;
	if (!quote_read(text, true, &quote))
		return;
	assert_true(quote.payload.start >= text.start &&
	            quote.payload.start + quote.payload.length <= text.start + text.length);
}

static void hostile_errors_are_read_within_their_bytes(void **state)
{
	(void)state;
	uint8_t packet[PACKET_MAX];
	try_everything(write_error(false, 11, 0, packet), try_ipv4);
	try_everything(write_error(true, 3, 0, packet), try_ipv6);
}

/* RFC 4884: with a length that says where the extension begins, and without. */
static void extensions_are_left_out(void **state)
{
	(void)state;
	for (int says = 0; says <= 1; says++) {
		uint8_t packet[PACKET_MAX];
		struct quote quote;
		struct text error = write_error(false, 11, 0, packet);
		memcpy(packet + 8 + 128, "\x20\x00\x00\x00\x00\x08\x01\x01\x12\x34\x51\x01", 12);
		packet[5] = says ? 128 / 4 : 0;
		assert_true(quote_read(text_first(error, 8 + 128 + 12), false, &quote));
		assert_int_equal(quote.payload.length, 128 - 24 - 8);
		assert_memory_equal(quote.payload.start, bytes.start, quote.payload.length);
	}
}

/* ---- Judging ---- */

static const struct judged {
	size_t quoted;     /* bytes */
	size_t changed;    /* one of them; 0: none */
	int header;        /* 0: not known, 1: as sent, else a length that differs by so much less one */
	uint16_t checksum; /* as quoted; that sent is 7 */
	bool come_through;
	enum hop_state state;
	bool by_numbers;
} judged[] = {
	{ 1000, 0, 0, 0, false, HOP_AS_SENT, false },
	{ ADDRESS_END, 0, 0, 0, false, HOP_AS_SENT, false },
	{ ADDRESS_END - 1, 0, 0, 0, false, HOP_TOO_SHORT, false },
	{ 0, 0, 0, 0, false, HOP_TOO_SHORT, false },
	{ 1000, 50, 0, 0, false, HOP_ALTERED, false },
	{ 10, 5, 0, 0, false, HOP_ALTERED, false },
	{ 1000, 0, 1, 9, true, HOP_AS_SENT, false }, /* the bytes say more than any number */
	{ 0, 0, 1, 7, false, HOP_AS_SENT, true },
	{ 0, 0, 1, 9, false, HOP_TOO_SHORT, false },
	{ 0, 0, 1, 9, true, HOP_ALTERED, true },
	{ 0, 0, 1, 0, true, HOP_TOO_SHORT, false }, /* none was given */
	{ 0, 0, 5, 7, false, HOP_ALTERED, true },
	{ 1000, 0, 5, 7, false, HOP_ALTERED, true },
};

static void quotes_are_judged(void **state)
{
	(void)state;
	const struct original original = { .bytes = bytes, .first_address_end = ADDRESS_END, .checksum = 7 };
	for (size_t i = 0; i < COUNT(judged); i++) {
		const struct judged *row = &judged[i];
		char copy[sizeof message];
		memcpy(copy, message, sizeof message);
		copy[row->changed] = row->changed > 0 ? '!' : copy[0];
		struct quote quote = { .payload = text_first((struct text){ copy, bytes.length }, row->quoted),
			               .has_header = row->header > 0,
			               .length = (uint16_t)(bytes.length + 8 + (size_t)row->header - 1),
			               .checksum = row->checksum };
		struct quote_verdict verdict = quote_judge(&original, &quote, row->come_through);
		if (verdict.state != row->state || verdict.by_numbers != row->by_numbers)
			fail_msg("row %zu: state %d, by numbers %d", i, (int)verdict.state, verdict.by_numbers);
		assert_int_equal(verdict.checksum_fits, row->header > 0 && row->checksum == 7);
	}
}

/* The example everybody computes: RFC 768's sum over a packet whose parts are known. */
static void checksums_are_those_of_udp(void **state)
{
	(void)state;
	sipalg_endpoint from = endpoint_of("192.0.2.1", 1), to = endpoint_of("192.0.2.2", 2);
	/* c000 0201 c000 0202 0011 000b | 0001 0002 000b | 6162 6300: their sum is 4891 */
	assert_int_equal(quote_checksum(&from, &to, TEXT("abc")), 0xb76e);
	from = endpoint_of("2001:db8::1", 1);
	to = endpoint_of("2001:db8::2", 2);
	assert_int_not_equal(quote_checksum(&from, &to, TEXT("abc")), 0);
}

static void texts_are_cut_alike(void **state)
{
	(void)state;
	struct text sent = TEXT("a\nb\nc\nd\n"), quoted = TEXT("a\nX\nc");
	quote_cut_alike(&sent, &quoted);
	assert_true(text_equal(sent, TEXT("a\nb\n")) && text_equal(quoted, TEXT("a\nX\n")));
	sent = TEXT("abcdef");
	quoted = TEXT("abX");
	quote_cut_alike(&sent, &quoted);
	assert_true(text_equal(sent, TEXT("abc")) && text_equal(quoted, TEXT("abX")));
	sent = bytes;
	quoted = bytes;
	quote_cut_alike(&sent, &quoted);
	assert_true(text_equal(sent, bytes) && text_equal(quoted, bytes));
}

/* ---- Letters ---- */

/* What a Linux router quotes of a datagram: 576 bytes in all (RFC 1812 4.3.2.3), less three headers. */
enum { LINUX_QUOTE = 576 - 20 - 8 - 20 - 8 };

static void letters_can_be_read_and_are_quoted_whole(void **state)
{
	(void)state;
	struct correspondence correspondence = { .inside = endpoint_of("192.168.100.200", 50600),
		                                 .host = "sip.provider.example.com",
		                                 .salt = 0xffffffff };
	for (enum letter_kind kind = 0; kind < LETTER_KIND_COUNT; kind++) {
		struct letter letter;
		struct sip_message read;
		assert_true(letter_compose(&correspondence, kind, 999, &letter));
		assert_int_equal(sip_message_parse(letter_text(&letter), &read), SIP_WHOLE);
		assert_in_range(letter.length, 1, LINUX_QUOTE);
		assert_in_range(letter.first_address_end, 20, 100); /* within the 128 bytes before an extension */
		assert_int_equal(read.content_length.length == 0, kind == LETTER_NO_LENGTH);
		struct sip_body body;
		assert_true(sip_body_find_sdp(&read, &body));
		assert_int_equal(body.sdp_count, kind == LETTER_REGISTER || kind == LETTER_OPTIONS ? 0 : 1);
	}
}

static void letters_differ_by_their_mark(void **state)
{
	(void)state;
	struct correspondence correspondence = { .inside = endpoint_of("2001:db8::1", 5060), .host = "[2001:db8::2]" };
	struct letter first, second;
	assert_true(letter_compose(&correspondence, LETTER_INVITE, 1, &first));
	assert_true(letter_compose(&correspondence, LETTER_INVITE, 11, &second));
	assert_null(memmem(second.bytes, second.length, first.mark, strlen(first.mark)));
	assert_null(memmem(first.bytes, first.length, second.mark, strlen(second.mark)));
}

static void a_host_too_long_is_refused(void **state)
{
	(void)state;
	struct correspondence correspondence = { .inside = endpoint_of("2001:db8::1", 5060) };
	struct letter letter;
	memset(correspondence.host, 'x', sizeof correspondence.host - 1);
	/* It fits, if in more than is quoted. */
	assert_true(letter_compose(&correspondence, LETTER_INVITE, 1, &letter));
	assert_in_range(letter.length, 1, LETTER_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_are_read),
		cmocka_unit_test(other_packets_are_none),
		cmocka_unit_test(hostile_errors_are_read_within_their_bytes),
		cmocka_unit_test(extensions_are_left_out),
		cmocka_unit_test(quotes_are_judged),
		cmocka_unit_test(checksums_are_those_of_udp),
		cmocka_unit_test(texts_are_cut_alike),
		cmocka_unit_test(letters_can_be_read_and_are_quoted_whole),
		cmocka_unit_test(letters_differ_by_their_mark),
		cmocka_unit_test(a_host_too_long_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
