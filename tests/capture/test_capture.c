/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Captures of every kind that is read, whole, cut at every length and with wrong bytes. */
#include "links.h"

#include <pcap/dlt.h>

static const char *const pairs[][2] = { { "192.0.2.1:4000", "192.0.2.2:5060" },
	                                { "[2001:db8::1]:4000", "[2001:db8::2]:5060" } };

#define REQUEST "OPTIONS sip:a@example.com SIP/2.0\r\n"
#define MESSAGE REQUEST "Content-Length: 5\r\n\r\nhello"

/* ---- Link types ---- */

static void read_one(const struct link_case *link, bool is_ng, const char *from_text, const char *to_text,
                     bool extensions)
{
	sipalg_endpoint from = composer_endpoint(from_text), to = composer_endpoint(to_text);
	struct composer composer = begin_link(link, is_ng);
	struct capture_item item;
	composer.extensions = extensions;
	compose_udp(&composer, 7 * SECOND + 123456789, &from, &to, TEXT("hello"));
	struct capture *capture = open_composed(&composer);
	assert_true(capture_next(capture, &item));
	assert_int_equal(item.kind, CAPTURE_DATAGRAM);
	assert_endpoint(&item.source, &from);
	assert_endpoint(&item.destination, &to);
	assert_text(item.bytes, "hello");
	assert_int_equal(item.hop_limit, 64);
	assert_int_equal(item.frame->number, 1);
	assert_true(item.frame->time_ns == 7 * SECOND + 123456789);
	assert_false(item.cut);
	expect_end(capture);
	composer_end(&composer);
}

static void every_link_type_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < LINK_CASES; i++)
		for (int is_ng = 0; is_ng <= 1; is_ng++) {
			read_one(&link_cases[i], is_ng, "192.0.2.1:5060", "203.0.113.2:5061", false);
			read_one(&link_cases[i], is_ng, "[2001:db8::1]:5060", "[2001:db8::2]:5061", false);
			read_one(&link_cases[i], is_ng, "[2001:db8::1]:5060", "[2001:db8::2]:5061", true);
		}
}

static void other_link_types_are_refused(void **state)
{
	(void)state;
	struct composer composer = composer_begin(DLT_IEEE802_11, false);
	struct problem problem;
	assert_null(capture_open_stream(composer_reader(&composer), "test", &problem));
	assert_non_null(strstr(problem.text, "IEEE802_11"));
	composer_end(&composer);
}

static void what_is_no_capture_is_refused(void **state)
{
	(void)state;
	struct problem problem;
	FILE *file = tmpfile();
	fputs("This is a text of some length, and not a capture at all.", file);
	rewind(file);
	assert_null(capture_open_stream(file, "test", &problem));
	assert_string_equal(problem.text, "test: this is no capture, neither pcap nor pcapng");
	assert_null(capture_open_stream(tmpfile(), "test", &problem));
	assert_string_equal(problem.text, "test: this is no capture: it ends before the first packet could begin");
	assert_null(capture_open("/nowhere/at-all.pcap", &problem));
	assert_string_equal(problem.text, "/nowhere/at-all.pcap: No such file or directory");
}

/* ---- Fragments ---- */

static void fragments_are_put_together(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		sipalg_endpoint from = composer_endpoint(pairs[i][0]), to = composer_endpoint(pairs[i][1]);
		struct composer composer = composer_begin(DLT_EN10MB, false);
		struct text payload = long_payload(30001);
		struct capture_item item;
		compose_fragments(&composer, SECOND, &from, &to, payload, 1480, 0);
		struct capture *capture = open_composed(&composer);
		for (int fragment = 0; fragment < 20; fragment++) {
			assert_true(capture_next(capture, &item));
			assert_int_equal(item.kind, CAPTURE_FRAGMENT);
		}
		assert_true(capture_next(capture, &item));
		assert_int_equal(item.kind, CAPTURE_DATAGRAM);
		assert_int_equal(item.fragments, 21);
		assert_endpoint(&item.source, &from);
		assert_endpoint(&item.destination, &to);
		assert_true(text_equal(item.bytes, payload));
		expect_end(capture);
		composer_end(&composer);
	}
}

static void lost_fragments_are_told(void **state)
{
	(void)state;
	sipalg_endpoint from = composer_endpoint("192.0.2.1:5060"), to = composer_endpoint("192.0.2.2:5061");
	struct composer composer = composer_begin(DLT_RAW, false);
	struct capture_item item;
	compose_fragments(&composer, SECOND, &from, &to, long_payload(4000), 1480, 4);
	compose_udp(&composer, 40 * SECOND, &from, &to, TEXT("later"));
	compose_fragments(&composer, 41 * SECOND, &from, &to, long_payload(3000), 1480, 1);
	struct capture *capture = open_composed(&composer);
	for (int fragment = 0; fragment < 2; fragment++) {
		assert_true(capture_next(capture, &item));
		assert_int_equal(item.kind, CAPTURE_FRAGMENT);
	}
	assert_true(capture_next(capture, &item));
	assert_int_equal(item.kind, CAPTURE_FRAGMENTS_LOST);
	assert_int_equal(item.bytes.length, 2952);
	assert_endpoint(&item.source, &from);
	assert_endpoint(&item.destination, &to);
	assert_true(capture_next(capture, &item));
	assert_text(item.bytes, "later");
	for (int fragment = 0; fragment < 2; fragment++)
		assert_true(capture_next(capture, &item));
	assert_true(capture_next(capture, &item));
	assert_int_equal(item.kind, CAPTURE_FRAGMENTS_LOST);
	assert_int_equal(item.bytes.length, 0); /* the first one is missing */
	assert_int_equal(item.source.port, 0);
	assert_int_equal(capture_counts(capture)->fragments_lost, 2);
	expect_end(capture);
	composer_end(&composer);
}

/* Nobody can tell what a capture does not hold: that is no loss. */
static void cut_fragments_are_no_loss(void **state)
{
	(void)state;
	sipalg_endpoint from = composer_endpoint("192.0.2.1:5060"), to = composer_endpoint("192.0.2.2:5061");
	struct composer composer = composer_begin(DLT_RAW, false);
	struct capture_item item;
	composer.snapshot = 200;
	compose_fragments(&composer, SECOND, &from, &to, long_payload(4000), 1480, 0);
	struct capture *capture = open_composed(&composer);
	while (capture_next(capture, &item))
		assert_int_equal(item.kind, CAPTURE_FRAGMENT);
	assert_int_equal(capture_counts(capture)->fragments_lost, 0);
	capture_close(capture);
	composer_end(&composer);
}

/* ---- TCP ---- */

struct piece {
	size_t at, length; /* of the two messages */
	bool lost;
};

/* Sends two messages in these segments; returns how many come out. */
static size_t messages_from(const struct piece *pieces, size_t count, uint32_t first_sequence, bool with_syn,
                            uint64_t gaps)
{
	static const char stream[] = MESSAGE "\r\n\r\n" MESSAGE;
	sipalg_endpoint from = composer_endpoint("192.0.2.1:40000"), to = composer_endpoint("192.0.2.2:5060");
	struct composer composer = composer_begin(DLT_EN10MB, false);
	struct capture_item item;
	size_t messages = 0;
	if (with_syn)
		compose_tcp(&composer, SECOND, &from, &to, first_sequence - 1, CAPTURE_TCP_SYN, TEXT(""));
	for (size_t i = 0; i < count; i++)
		if (!pieces[i].lost)
			compose_tcp(&composer, SECOND + i, &from, &to, first_sequence + (uint32_t)pieces[i].at,
			            CAPTURE_TCP_ACK, (struct text){ stream + pieces[i].at, pieces[i].length });
	struct capture *capture = open_composed(&composer);
	while (capture_next(capture, &item)) {
		if (item.kind != CAPTURE_MESSAGE)
			continue;
		assert_text(item.bytes, MESSAGE);
		assert_int_equal(item.source.port, 40000);
		messages++;
	}
	assert_int_equal(capture_counts(capture)->gaps, gaps);
	capture_close(capture);
	composer_end(&composer);
	return messages;
}

enum { ONE = sizeof(MESSAGE) - 1, TWO = ONE + 4, BOTH = TWO + ONE };

static void streams_are_cut_into_messages(void **state)
{
	static const struct piece whole[] = { { 0, BOTH, false } };
	static const struct piece halves[] = { { 0, 30, false }, { 30, BOTH - 30, false } };
	static const struct piece turned[] = { { 30, BOTH - 30, false }, { 0, 30, false } };
	static const struct piece thrice[] = {
		{ 40, 30, false }, { 20, 20, false }, { 70, BOTH - 70, false }, { 0, 20, false }
	};
	static const struct piece again[] = {
		{ 0, 30, false }, { 0, 50, false }, { 20, BOTH - 20, false }, { 0, BOTH, false }
	};
	(void)state;
	for (int syn = 0; syn <= 1; syn++) {
		assert_int_equal(messages_from(whole, 1, 1000, syn, 0), 2);
		assert_int_equal(messages_from(halves, 2, 1000, syn, 0), 2);
		assert_int_equal(messages_from(again, 4, 1000, syn, 0), 2);
		assert_int_equal(messages_from(halves, 2, UINT32_MAX - 10, syn, 0), 2); /* numbers wrap */
	}
	assert_int_equal(messages_from(turned, 2, 1000, true, 0), 2);
	assert_int_equal(messages_from(turned, 2, UINT32_MAX - 10, true, 0), 2);
	assert_int_equal(messages_from(thrice, 4, 1000, true, 0), 2);
}

/* A message is found again where a segment begins with one. */
static void gaps_are_noticed(void **state)
{
	sipalg_endpoint from = composer_endpoint("192.0.2.1:40000"), to = composer_endpoint("192.0.2.2:5060");
	struct composer composer = composer_begin(DLT_EN10MB, false);
	struct capture_item item;
	uint32_t sequence = 1001;
	size_t messages = 0;
	(void)state;
	compose_tcp(&composer, 0, &from, &to, 1000, CAPTURE_TCP_SYN, TEXT(""));
	compose_tcp(&composer, 0, &from, &to, sequence, CAPTURE_TCP_ACK, TEXT(REQUEST));
	sequence += sizeof(REQUEST) - 1 + 300;
	for (int i = 0; i < 70; i++, sequence += ONE)
		compose_tcp(&composer, 0, &from, &to, sequence, CAPTURE_TCP_ACK, TEXT(MESSAGE));
	struct capture *capture = open_composed(&composer);
	while (capture_next(capture, &item))
		messages += item.kind == CAPTURE_MESSAGE;
	assert_int_equal(messages, 70);
	assert_int_equal(capture_counts(capture)->gaps, 1);
	capture_close(capture);
	composer_end(&composer);
}

static void other_streams_are_passed_over(void **state)
{
	static const char *const streams[] = { "GET / HTTP/1.1\r\n\r\n" MESSAGE, "\x16\x03\x01 and so on",
		                               "\x80 binary" };
	(void)state;
	for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
		sipalg_endpoint from = composer_endpoint("192.0.2.1:40000"), to = composer_endpoint("192.0.2.2:5060");
		struct composer composer = composer_begin(DLT_EN10MB, false);
		struct capture_item item;
		size_t length = strlen(streams[i]);
		compose_tcp(&composer, 0, &from, &to, 0, CAPTURE_TCP_SYN, TEXT(""));
		compose_tcp(&composer, 0, &from, &to, 1, CAPTURE_TCP_ACK, (struct text){ streams[i], length });
		compose_tcp(&composer, 0, &from, &to, 1 + (uint32_t)length, CAPTURE_TCP_ACK, TEXT(MESSAGE));
		struct capture *capture = open_composed(&composer);
		while (capture_next(capture, &item))
			assert_int_equal(item.kind, CAPTURE_SEGMENT);
		assert_int_equal(capture_counts(capture)->encrypted, i == 1);
		capture_close(capture);
		composer_end(&composer);
	}
}

/* One that has a segment for itself, one that has two, and two that share one. */
static void split_messages_are_told(void **state)
{
	static const char whole[] = MESSAGE, two[] = MESSAGE MESSAGE;
	static const bool wanted[] = { false, true, true, true };
	sipalg_endpoint from = composer_endpoint("192.0.2.1:40000"), to = composer_endpoint("192.0.2.2:5060");
	struct composer composer = composer_begin(DLT_EN10MB, false);
	uint32_t length = sizeof whole - 1;
	struct capture_item item;
	size_t messages = 0;
	(void)state;
	compose_tcp(&composer, 0, &from, &to, 0, CAPTURE_TCP_SYN, TEXT(""));
	compose_tcp(&composer, 0, &from, &to, 1, CAPTURE_TCP_ACK, TEXT(whole));
	compose_tcp(&composer, 0, &from, &to, 1 + length, CAPTURE_TCP_ACK, (struct text){ whole, 20 });
	compose_tcp(&composer, 0, &from, &to, 21 + length, CAPTURE_TCP_ACK, (struct text){ two + 20, 2 * length - 20 });
	compose_tcp(&composer, 0, &from, &to, 1 + 3 * length, CAPTURE_TCP_ACK, (struct text){ whole, 30 });
	compose_tcp(&composer, 0, &from, &to, 31 + 3 * length, CAPTURE_TCP_ACK,
	            (struct text){ whole + 30, length - 30 });
	struct capture *capture = open_composed(&composer);
	while (capture_next(capture, &item))
		if (item.kind == CAPTURE_MESSAGE)
			assert_int_equal(item.is_split, wanted[messages++]);
	assert_int_equal(messages, 4);
	capture_close(capture);
	composer_end(&composer);
}

/* A Content-Length that is too small makes what follows no message; the next segment begins with one. */
static void broken_framing_is_told(void **state)
{
	sipalg_endpoint from = composer_endpoint("192.0.2.1:40000"), to = composer_endpoint("192.0.2.2:5060");
	struct composer composer = composer_begin(DLT_EN10MB, false);
	struct capture_item item;
	size_t messages = 0, broken = 0;
	static const char wrong[] = REQUEST "Content-Length: 2\r\n\r\n{...}";
	(void)state;
	compose_tcp(&composer, 0, &from, &to, 0, CAPTURE_TCP_SYN, TEXT(""));
	compose_tcp(&composer, 0, &from, &to, 1, CAPTURE_TCP_ACK, TEXT(wrong));
	compose_tcp(&composer, 0, &from, &to, sizeof wrong, CAPTURE_TCP_ACK, TEXT(MESSAGE));
	struct capture *capture = open_composed(&composer);
	while (capture_next(capture, &item)) {
		messages += item.kind == CAPTURE_MESSAGE;
		broken += item.kind == CAPTURE_BROKEN;
		if (item.kind == CAPTURE_BROKEN)
			assert_text(item.bytes, "..}");
	}
	assert_int_equal(messages, 2);
	assert_int_equal(broken, 1);
	assert_int_equal(capture_counts(capture)->streams_bad, 1);
	capture_close(capture);
	composer_end(&composer);
}

/* More connections than are remembered, and a port used anew. */
static void many_streams_are_bounded(void **state)
{
	struct composer composer = composer_begin(DLT_RAW, false);
	sipalg_endpoint from = composer_endpoint("192.0.2.1:1024"), to = composer_endpoint("192.0.2.2:5060");
	struct capture_item item;
	size_t messages = 0;
	(void)state;
	for (uint32_t i = 0; i < 20000; i++) {
		from.port = (uint16_t)(1024 + i % 10000);
		compose_tcp(&composer, i, &from, &to, 77 * i, CAPTURE_TCP_SYN, TEXT(""));
		compose_tcp(&composer, i, &from, &to, 77 * i + 1, CAPTURE_TCP_ACK, TEXT(MESSAGE));
		compose_tcp(&composer, i, &from, &to, 77 * i + 1 + ONE, CAPTURE_TCP_ACK,
		            TEXT(REQUEST)); /* unfinished */
	}
	struct capture *capture = open_composed(&composer);
	while (capture_next(capture, &item))
		messages += item.kind == CAPTURE_MESSAGE;
	assert_int_equal(messages, 20000);
	capture_close(capture);
	composer_end(&composer);
}

/* ---- ICMP ---- */

static void errors_name_what_was_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		sipalg_endpoint from = composer_endpoint(pairs[i][0]), to = composer_endpoint(pairs[i][1]);
		struct composer composer = composer_begin(DLT_RAW, false);
		struct capture_item item;
		compose_unreachable(&composer, SECOND, &from, &to);
		struct capture *capture = open_composed(&composer);
		assert_true(capture_next(capture, &item));
		assert_int_equal(item.kind, CAPTURE_UNREACHABLE);
		assert_endpoint(&item.source, &from);
		assert_endpoint(&item.destination, &to);
		expect_end(capture);
		composer_end(&composer);
	}
}

/* ---- Damaged files ---- */

static struct composer compose_everything(bool is_ng)
{
	struct composer composer = composer_begin(DLT_EN10MB, is_ng);
	for (size_t i = 0; i < 2; i++) {
		sipalg_endpoint from = composer_endpoint(pairs[i][0]), to = composer_endpoint(pairs[i][1]);
		composer.extensions = i == 1;
		compose_udp(&composer, SECOND, &from, &to, TEXT(MESSAGE));
		compose_fragments(&composer, SECOND, &from, &to, long_payload(100), 40, 0);
		compose_tcp(&composer, SECOND, &from, &to, 0, CAPTURE_TCP_SYN, TEXT(""));
		compose_tcp(&composer, SECOND, &from, &to, 1, CAPTURE_TCP_ACK, TEXT(MESSAGE));
		compose_unreachable(&composer, SECOND, &from, &to);
	}
	return composer;
}

static size_t read_all(struct capture *capture)
{
	struct capture_item item;
	size_t count = 0;
	volatile char sum = 0;
	while (capture_next(capture, &item)) {
		for (size_t i = 0; i < item.bytes.length; i++)
			sum = (char)(sum + item.bytes.start[i]);
		count++;
	}
	return count;
}

static struct capture *open_bytes(const char *bytes, size_t length)
{
	struct problem problem;
	FILE *file = tmpfile();
	fwrite(bytes, 1, length, file);
	rewind(file);
	return capture_open_stream(file, "test", &problem);
}

static size_t composed_bytes(bool is_ng, char *bytes, size_t size)
{
	struct composer composer = compose_everything(is_ng);
	FILE *file = composer_reader(&composer);
	size_t length = fread(bytes, 1, size, file);
	fclose(file);
	composer_end(&composer);
	assert_true(length < size);
	return length;
}

static void every_truncation_is_read_as_far_as_it_goes(void **state)
{
	static char bytes[16384];
	(void)state;
	for (int is_ng = 0; is_ng <= 1; is_ng++) {
		size_t length = composed_bytes(is_ng, bytes, sizeof bytes), before = 0, without_trouble = 0;
		for (size_t cut = 24; cut <= length; cut++) {
			struct capture *capture = open_bytes(bytes, cut);
			if (capture == NULL)
				continue;
			size_t count = read_all(capture);
			assert_true(count >= before);
			before = count;
			without_trouble += capture_trouble(capture) == NULL;
			capture_close(capture);
		}
		/* 14 frames, of which two complete a message on a stream. The file may end before each frame. */
		assert_int_equal(before, 16);
		assert_int_equal(without_trouble, 15);
	}
}

static void damaged_files_do_no_harm(void **state)
{
	static char bytes[16384], damaged[16384];
	static const uint8_t hostile[] = { 0x00, 0xff, 0x7f, 0x80, 0x01, 0x45, 0x60 };
	(void)state;
	for (int is_ng = 0; is_ng <= 1; is_ng++) {
		size_t length = composed_bytes(is_ng, bytes, sizeof bytes);
		for (size_t at = 0; at < length; at++)
			for (size_t value = 0; value < sizeof hostile; value++) {
				memcpy(damaged, bytes, length);
				damaged[at] = (char)hostile[value];
				struct capture *capture = open_bytes(damaged, length);
				if (capture != NULL)
					read_all(capture);
				capture_close(capture);
			}
	}
}

static void a_snapshot_length_is_told(void **state)
{
	(void)state;
	sipalg_endpoint from = composer_endpoint("192.0.2.1:4000"), to = composer_endpoint("192.0.2.2:5060");
	struct composer composer = composer_begin(DLT_EN10MB, false);
	struct capture_item item;
	composer.snapshot = 60;
	compose_udp(&composer, SECOND, &from, &to, TEXT(MESSAGE));
	struct capture *capture = open_composed(&composer);
	assert_true(capture_next(capture, &item));
	assert_int_equal(item.kind, CAPTURE_DATAGRAM);
	assert_true(item.cut);
	assert_int_equal(item.bytes.length, 18);
	assert_int_equal(capture_counts(capture)->cut, 1);
	expect_end(capture);
	composer_end(&composer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_link_type_is_read),
		cmocka_unit_test(other_link_types_are_refused),
		cmocka_unit_test(what_is_no_capture_is_refused),
		cmocka_unit_test(fragments_are_put_together),
		cmocka_unit_test(lost_fragments_are_told),
		cmocka_unit_test(cut_fragments_are_no_loss),
		cmocka_unit_test(streams_are_cut_into_messages),
		cmocka_unit_test(gaps_are_noticed),
		cmocka_unit_test(other_streams_are_passed_over),
		cmocka_unit_test(split_messages_are_told),
		cmocka_unit_test(broken_framing_is_told),
		cmocka_unit_test(many_streams_are_bounded),
		cmocka_unit_test(errors_name_what_was_refused),
		cmocka_unit_test(every_truncation_is_read_as_far_as_it_goes),
		cmocka_unit_test(damaged_files_do_no_harm),
		cmocka_unit_test(a_snapshot_length_is_told),
	};
	return cmocka_run_group_tests_name("capture", tests, NULL, NULL);
}
