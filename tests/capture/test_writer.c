/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is written of a capture is read again. */
#include "capture/writer.h"

#include "links.h"

#include <pcap/dlt.h>
#include <unistd.h>

static void rewrite(struct capture *capture, struct capture_writer *writer, const sipalg_endpoint *outside)
{
	struct capture_item item;
	while (capture_next(capture, &item)) {
		if (item.kind == CAPTURE_DATAGRAM)
			assert_true(capture_write_datagram(writer, &item, outside, &item.destination,
			                                   TEXT("edited and longer")));
		else if (item.kind != CAPTURE_FRAGMENT)
			capture_write_frame(writer, item.frame);
	}
}

static bool sum_is_right(const struct capture_item *item)
{
	struct composer again = composer_begin(DLT_RAW, false);
	struct capture_item wanted;
	compose_udp(&again, 0, &item->source, &item->destination, item->bytes);
	struct capture *capture = open_composed(&again);
	assert_true(capture_next(capture, &wanted));
	bool right = memcmp(wanted.bytes.start - 8, item->bytes.start - 8, item->bytes.length + 8) == 0;
	capture_close(capture);
	composer_end(&again);
	return right;
}

static void check_written(const char *path, int link_type, const sipalg_endpoint *outside)
{
	struct problem problem;
	struct capture_item item;
	struct capture *capture = capture_open(path, &problem);
	assert_non_null(capture);
	assert_int_equal(capture_link_type(capture), link_type);
	for (int i = 0; i < 2; i++) {
		assert_true(capture_next(capture, &item));
		assert_int_equal(item.kind, CAPTURE_DATAGRAM);
		assert_text(item.bytes, "edited and longer");
		assert_endpoint(&item.source, outside);
		assert_true(sum_is_right(&item));
		assert_true(item.frame->time_ns == SECOND + 5);
		assert_int_equal(item.frame->length, item.frame->wire_length);
	}
	assert_true(capture_next(capture, &item));
	assert_int_equal(item.kind, CAPTURE_SEGMENT);
	expect_end(capture);
}

static void edited_datagrams_are_written(void **state)
{
	static const char *const ends[][3] = { { "192.0.2.1:1", "192.0.2.2:2", "203.0.113.1:3" },
		                               { "[2001:db8::1]:1", "[2001:db8::2]:2", "[2001:db8::3]:3" } };
	char path[] = "written-XXXXXX";
	(void)state;
	close(mkstemp(path));
	for (size_t i = 0; i < 2 * LINK_CASES; i++) {
		sipalg_endpoint from = composer_endpoint(ends[i % 2][0]), to = composer_endpoint(ends[i % 2][1]);
		sipalg_endpoint outside = composer_endpoint(ends[i % 2][2]);
		struct composer composer = begin_link(&link_cases[i / 2], false);
		struct problem problem;
		compose_udp(&composer, SECOND + 5, &from, &to, TEXT("hello"));
		compose_fragments(&composer, SECOND + 5, &from, &to, long_payload(4000), 1480, 0);
		compose_tcp(&composer, SECOND + 5, &from, &to, 0, CAPTURE_TCP_SYN, TEXT(""));
		struct capture *capture = open_composed(&composer);
		struct capture_writer *writer = capture_writer_open(path, link_cases[i / 2].type, &problem);
		assert_non_null(writer);
		rewrite(capture, writer, &outside);
		capture_close(capture);
		assert_true(capture_writer_close(writer, &problem));
		check_written(path, link_cases[i / 2].type, &outside);
		composer_end(&composer);
	}
	unlink(path);
}

static void what_ip_cannot_carry_is_not_written(void **state)
{
	(void)state;
	sipalg_endpoint from = composer_endpoint("192.0.2.1:4000"), to = composer_endpoint("192.0.2.2:5060");
	static char large[65520];
	char path[] = "written-XXXXXX";
	struct composer composer = composer_begin(DLT_RAW, false);
	struct capture_item item;
	struct problem problem;
	close(mkstemp(path));
	compose_udp(&composer, SECOND, &from, &to, TEXT("hello"));
	struct capture *capture = open_composed(&composer);
	struct capture_writer *writer = capture_writer_open(path, DLT_RAW, &problem);
	assert_true(capture_next(capture, &item));
	assert_true(capture_write_datagram(writer, &item, &from, &to, (struct text){ large, 65507 }));
	assert_false(capture_write_datagram(writer, &item, &from, &to, (struct text){ large, 65508 }));
	capture_close(capture);
	assert_true(capture_writer_close(writer, &problem));
	assert_null(capture_writer_open("/nowhere/at-all.pcap", DLT_RAW, &problem));
	assert_non_null(strstr(problem.text, "/nowhere/at-all.pcap"));
	composer_end(&composer);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edited_datagrams_are_written),
		cmocka_unit_test(what_ip_cannot_carry_is_not_written),
	};
	return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
