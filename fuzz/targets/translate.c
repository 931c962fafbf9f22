/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small capture of any bytes through `sipalg translate`: what is written can be read to its end, is all that was
 * counted, and names nobody by an address of the side it was captured on. */
#include "translate/passage.h"

#include "reader.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void hear(void *context, const struct passage_message *message)
{
	volatile char sum = 0;
	size_t *heard = context;
	for (size_t i = 0; i < message->bytes.length; i++)
		sum = (char)(sum + message->bytes.start[i]);
	for (size_t i = 0; i < message->verdict->edit_count; i++)
		assert_true(message->verdict->edits[i].offset + message->verdict->edits[i].length <=
		            message->bytes.length);
	++*heard;
}

static void add_network(struct router_settings *settings, struct text network)
{
	assert_true(sipalg_prefix_read(network.start, network.length, &settings->lan[settings->lan_count++]));
}

static void read_settings(struct router_settings *settings)
{
	static const char outside[] = "203.0.113.1", outside6[] = "2001:db8::1";
	*settings = (struct router_settings){ 0 };
	add_network(settings, TEXT("10.0.0.0/8"));
	add_network(settings, TEXT("192.168.0.0/16"));
	add_network(settings, TEXT("fd00::/8"));
	assert_true(sipalg_address_read(outside, sizeof outside - 1, &settings->outside));
	assert_true(sipalg_address_read(outside6, sizeof outside6 - 1, &settings->outside6));
}

static void expect_written(const char *path, const struct passage *passage)
{
	struct problem problem;
	struct capture_item item;
	struct capture *capture = capture_open(path, &problem);
	assert_non_null(capture);
	capture_leave_streams(capture);
	while (capture_next(capture, &item)) {
		assert_true(item.kind == CAPTURE_DATAGRAM || item.kind == CAPTURE_SEGMENT);
		bool from_inside = router_is_inside(passage->router, &item.source.address);
		bool to_inside = router_is_inside(passage->router, &item.destination.address);
		assert_int_equal(from_inside || to_inside, passage->seen_from == SEEN_FROM_OUTSIDE);
	}
	assert_null(capture_trouble(capture));
	assert_int_equal(capture_counts(capture)->frames, passage->counts.written);
	capture_close(capture);
}

static void pass_all(struct capture *capture, struct router *router)
{
	char path[64];
	struct problem problem;
	struct capture_item item;
	size_t heard = 0;
	struct passage *passage = calloc(1, sizeof *passage);
	int file = memfd_create("translated", MFD_CLOEXEC);
	assert_true(passage != NULL && file >= 0 && segments_create(&passage->segments));
	snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	passage->router = router;
	passage->writer = capture_writer_open(path, capture_link_type(capture), &problem);
	passage->tell = hear;
	passage->context = &heard;
	assert_non_null(passage->writer);
	capture_leave_streams(capture);
	while (capture_next(capture, &item))
		passage_take(passage, &item);
	assert_true(capture_writer_close(passage->writer, &problem));
	assert_int_equal(heard, passage->counts.messages);
	expect_written(path, passage);
	segments_destroy(&passage->segments);
	close(file);
	free(passage);
}

static void read_translated(struct text text)
{
	struct problem problem;
	struct router router;
	struct router_settings settings;
	FILE *file = text.length > 0 ? fmemopen((void *)(uintptr_t)text.start, text.length, "rb") : NULL;
	struct capture *capture = file != NULL ? capture_open_stream(file, "fuzz", &problem) : NULL;
	if (capture == NULL)
		return;
	read_settings(&settings);
	assert_true(router_create(&router, &settings));
	pass_all(capture, &router);
	router_destroy(&router);
	capture_close(capture);
}

FUZZ_READER(read_translated)
