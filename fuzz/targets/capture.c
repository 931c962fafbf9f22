/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A capture file of any bytes: read to its end; every item lies within its frame's packet, and what is written of it
 * can be read again. */
#include "capture/capture.h"

#include "capture/writer.h"
#include "reader.h"

static void write_again(struct capture_writer *writer, const struct capture_item *item)
{
	if (item->kind == CAPTURE_DATAGRAM)
		(void)capture_write_datagram(writer, item, &item->source, &item->destination, item->bytes);
	else if (item->kind != CAPTURE_FRAGMENTS_LOST && item->kind != CAPTURE_MESSAGE && item->kind != CAPTURE_BROKEN)
		capture_write_frame(writer, item->frame);
}

static void read_capture(struct text text)
{
	struct problem problem;
	struct capture_item item;
	FILE *file = text.length > 0 ? fmemopen((void *)(uintptr_t)text.start, text.length, "rb") : NULL;
	struct capture *capture = file != NULL ? capture_open_stream(file, "fuzz", &problem) : NULL;
	if (capture == NULL)
		return;
	struct capture_writer *writer = capture_writer_open("/dev/null", capture_link_type(capture), &problem);
	assert_non_null(writer);
	while (capture_next(capture, &item)) {
		volatile char sum = 0;
		for (size_t i = 0; i < item.bytes.length; i++)
			sum = (char)(sum + item.bytes.start[i]);
		write_again(writer, &item);
	}
	assert_true(capture_counts(capture)->frames <= text.length);
	assert_true(capture_writer_close(writer, &problem));
	capture_close(capture);
}

FUZZ_READER(read_capture)
