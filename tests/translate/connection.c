/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "connection.h"

#include "../report/cmocka_all.h"

#include <pcap/dlt.h>
#include <stdlib.h>
#include <unistd.h>

static const char path[] = "segments-written.pcap";

void add(struct bytes *to, struct text bytes)
{
	assert_true(to->length + bytes.length <= BYTES_MAX);
	if (bytes.length > 0)
		memcpy(to->bytes + to->length, bytes.start, bytes.length);
	to->length += bytes.length;
}

static sipalg_endpoint tcp_endpoint(const char *text)
{
	sipalg_endpoint endpoint = composer_endpoint(text);
	endpoint.protocol = SIPALG_PROTOCOL_TCP;
	return endpoint;
}

struct world *world_begin(const char *phone, const char *server)
{
	struct world *world = calloc(1, sizeof *world);
	assert_non_null(world);
	world->composer = composer_begin(DLT_EN10MB, false);
	world->ends[0] = tcp_endpoint(phone);
	world->ends[1] = tcp_endpoint(server);
	world->next[0] = UINT32_MAX - 700; /* numbers wrap */
	world->next[1] = 5000;
	world->now_ns = UINT64_C(1700000000) * SIPALG_SECOND_NS;
	return world;
}

void world_end(struct world *world)
{
	composer_end(&world->composer);
	free(world);
	unlink(path);
}

/* ---- What was captured ---- */

void put_at(struct world *world, int from, uint32_t sequence, uint8_t flags, struct text bytes)
{
	world->now_ns += SIPALG_SECOND_NS / 100;
	world->composer.acknowledged = (flags & ACK) != 0 ? world->next[1 - from] : 0;
	compose_tcp(&world->composer, world->now_ns, &world->ends[from], &world->ends[1 - from], sequence, flags,
	            bytes);
}

uint32_t put(struct world *world, int from, uint8_t flags, struct text bytes)
{
	uint32_t sequence = world->next[from];
	put_at(world, from, sequence, flags, bytes);
	world->next[from] += (uint32_t)bytes.length + ((flags & (SYN | FIN)) != 0);
	return sequence;
}

void acknowledge(struct world *world, int from)
{
	put(world, from, ACK, TEXT(""));
}

void connect_both(struct world *world)
{
	put(world, 0, SYN, TEXT(""));
	put(world, 1, SYN | ACK, TEXT(""));
	acknowledge(world, 0);
}

void close_both(struct world *world)
{
	put(world, 0, FIN | ACK, TEXT(""));
	put(world, 1, FIN | ACK, TEXT(""));
	acknowledge(world, 0);
}

static struct text format(char *out, size_t room, const char *pattern, int number, const char *address)
{
	char sdp[256];
	int length = snprintf(sdp, sizeof sdp,
	                      "v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n",
	                      address, address);
	return (struct text){ out, (size_t)snprintf(out, room, pattern, number, address, number, number, address,
		                                    length, sdp) };
}

struct text invite(char out[2048], int number, const char *address)
{
	return format(out, 2048,
	              "INVITE sip:b@example.com;n=%d SIP/2.0\r\nVia: SIP/2.0/TCP %s:40000;branch=z9hG4bK-%d\r\n"
	              "From: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\nCall-ID: call-%d\r\n"
	              "CSeq: 1 INVITE\r\nContact: <sip:a@%s:40000;transport=tcp>\r\n"
	              "Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s",
	              number, address);
}

struct text ringing(char out[2048], int number, const char *address)
{
	return (struct text){ out,
		              (size_t)snprintf(out, 2048,
		                               "SIP/2.0 180 Ringing\r\nVia: SIP/2.0/TCP %s:40000;branch=z9hG4bK-%d\r\n"
		                               "From: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>;tag=2\r\n"
		                               "Call-ID: call-%d\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
		                               address, number, number) };
}

/* ---- What was written ---- */

static void hear(void *context, const struct passage_message *message)
{
	(void)context;
	(void)message;
}

void translate(struct world *world)
{
	struct problem problem;
	struct router router;
	struct capture_item item;
	struct router_settings settings = { .lan_count = 1 };
	assert_true(sipalg_prefix_read("10.0.0.0/24", 11, &settings.lan[0]));
	assert_true(sipalg_address_read(outside_address, strlen(outside_address), &settings.outside));
	assert_true(router_create(&router, &settings));
	struct capture *capture = capture_open_stream(composer_reader(&world->composer), "composed", &problem);
	struct passage *passage = calloc(1, sizeof *passage);
	assert_true(capture != NULL && passage != NULL && segments_create(&passage->segments));
	capture_leave_streams(capture);
	passage->router = &router;
	passage->writer = capture_writer_open(path, capture_link_type(capture), &problem);
	passage->tell = hear;
	while (capture_next(capture, &item))
		passage_take(passage, &item);
	world->counts = passage->counts;
	world->seen_from = passage->seen_from;
	assert_true(capture_writer_close(passage->writer, &problem));
	capture_close(capture);
	segments_destroy(&passage->segments);
	router_destroy(&router);
	free(passage);
}

static bool sum_is_right(const struct capture_item *item)
{
	const uint8_t *ip = item->frame->bytes + item->frame->link.offset;
	size_t length = item->frame->length - item->frame->link.offset - 20;
	uint32_t sum = 6 + (uint32_t)length;
	for (size_t i = 0; i < length + 8; i++)
		sum += (uint32_t)ip[12 + i] << (i % 2 == 0 ? 8 : 0);
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

static void note(struct world *world, const struct capture_item *item)
{
	struct written *written = &world->written[world->written_count++];
	assert_true(world->written_count < WRITTEN_MAX && sum_is_right(item));
	*written = (struct written){ .from = sipalg_endpoint_equal(&item->source, &world->ends[1]),
		                     .sequence = item->tcp.sequence,
		                     .acknowledged = item->tcp.acknowledged,
		                     .flags = item->tcp.flags,
		                     .length = item->bytes.length };
	written->phone_port = (written->from == 0 ? item->source : item->destination).port;
	if (item->tcp.options.length <= sizeof written->options)
		memcpy(written->options, item->tcp.options.start, item->tcp.options.length);
}

static void put_together(struct world *world, struct streams *streams, const struct capture_item *item)
{
	struct stream_piece piece;
	struct stream *stream = streams_add(streams, item);
	if ((item->tcp.flags & (FIN | RST)) != 0)
		stream_end(stream);
	while (stream_next(streams, stream, &piece)) {
		add(&world->streams[world->written[world->written_count - 1].from], piece.bytes);
		world->messages_read += piece.is_message;
	}
	if (stream_is_foreign(stream) && world->streams[world->written[world->written_count - 1].from].length == 0)
		fail_msg("not SIP");
}

void read_back(struct world *world)
{
	struct problem problem;
	struct capture_item item;
	struct streams streams;
	struct capture *capture = capture_open(path, &problem);
	assert_true(capture != NULL && streams_create(&streams));
	capture_leave_streams(capture);
	while (capture_next(capture, &item)) {
		assert_int_equal(item.kind, CAPTURE_SEGMENT);
		note(world, &item);
		put_together(world, &streams, &item);
	}
	assert_null(capture_trouble(capture));
	world->gaps = streams.gaps;
	streams_destroy(&streams);
	capture_close(capture);
}

void expect_streams(struct world *world)
{
	for (int from = 0; from < 2; from++) {
		assert_int_equal(world->streams[from].length, world->expected[from].length);
		assert_memory_equal(world->streams[from].bytes, world->expected[from].bytes,
		                    world->expected[from].length);
	}
	assert_int_equal(world->gaps, 0);
	assert_int_equal(world->counts.left_out, 0);
}

void expect_numbers(const struct world *world)
{
	uint32_t ends[2] = { 0, 0 }, acknowledged[2] = { 0, 0 };
	bool begun[2] = { false, false };
	for (size_t i = 0; i < world->written_count; i++) {
		const struct written *written = &world->written[i];
		int from = written->from;
		uint32_t end = written->sequence + (uint32_t)written->length + ((written->flags & (SYN | FIN)) != 0);
		assert_true(!begun[from] || flow_distance(ends[from], written->sequence) <= 0);
		if (!begun[from] || flow_distance(ends[from], end) > 0)
			ends[from] = end;
		begun[from] = true;
		if ((written->flags & ACK) == 0)
			continue;
		assert_true(!begun[1 - from] || flow_distance(written->acknowledged, ends[1 - from]) >= 0);
		acknowledged[1 - from] = written->acknowledged;
	}
	assert_int_equal(acknowledged[0], ends[0]);
	assert_int_equal(acknowledged[1], ends[1]);
}

size_t count_flags(const struct world *world, uint8_t flags)
{
	size_t count = 0;
	for (size_t i = 0; i < world->written_count; i++)
		count += (world->written[i].flags & flags) != 0;
	return count;
}
