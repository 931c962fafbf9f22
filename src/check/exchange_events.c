/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/exchange.h"

#include <stdlib.h>

static void outside_note(struct exchange *exchange, const sipalg_address *address)
{
	for (size_t i = 0; i < exchange->outside_count; i++)
		if (sipalg_address_equal(&exchange->outsides[i], address))
			return;
	if (exchange->outside_count < OUTSIDE_ADDRESSES_MAX)
		exchange->outsides[exchange->outside_count++] = *address;
}

static void passage_arrive(struct passage *passage, struct text bytes, uint64_t time_ns)
{
	passage->copies++;
	if (passage->arrived)
		return;
	passage->arrived = true;
	passage->arrived_ns = time_ns;
	passage->received = text_copy(bytes);
}

/* What has no mark, or lost it: a keep-alive is known by its bytes and its way; of a message that was changed beyond
 * recognition, the oldest of its kind that is missing. */
static struct passage *unmarked_find(struct exchange *exchange, const struct reflect_event *event)
{
	for (size_t i = 0; i < exchange->passage_count; i++) {
		struct passage *passage = &exchange->passages[i];
		if (passage->inbound || passage->arrived || passage->flow == NULL || passage->place != event->place ||
		    passage->flow->seen[event->place] != event->source.port)
			continue;
		bool is_keepalive = passage->probe != NULL && passage->probe->bytes.length > 0;
		if (is_keepalive ? text_equal(passage->sent, event->bytes)
		                 : event->bytes.length > 10 &&
		                           text_equal(text_first(passage->sent, 10), text_first(event->bytes, 10)))
			return passage;
	}
	return NULL;
}

static void datagram_heard(struct exchange *exchange, const struct reflect_event *event)
{
	size_t number = exchange_mark_find(exchange, event->bytes, false);
	struct passage *passage = number == SIZE_MAX ? unmarked_find(exchange, event) : &exchange->passages[number];
	outside_note(exchange, &event->source.address);
	if (passage == NULL || passage->flow == NULL)
		return;
	passage_arrive(passage, event->bytes, event->time_ns);
	passage->source = event->source;
	if (passage->place == event->place)
		passage->flow->seen[event->place] = event->source.port;
}

static struct far_stream *far_stream_of(struct exchange *exchange, uint32_t number)
{
	for (size_t i = 0; i < FAR_STREAMS_MAX; i++) {
		if (exchange->streams[i].number == 0)
			exchange->streams[i].number = number;
		if (exchange->streams[i].number == number)
			return &exchange->streams[i];
	}
	return NULL;
}

static void stream_heard(struct exchange *exchange, const struct reflect_event *event)
{
	struct far_stream *stream = far_stream_of(exchange, event->stream);
	if (stream == NULL)
		return;
	if (event->kind == REFLECT_CLOSED) {
		stream->closed = true;
		stream->reset = event->reset;
		return;
	}
	stream->source = event->source;
	char *bytes = realloc(stream->bytes, stream->length + event->bytes.length + 1);
	if (bytes == NULL)
		return;
	stream->bytes = bytes;
	memcpy(bytes + stream->length, event->bytes.start, event->bytes.length);
	stream->length += event->bytes.length;
}

static void write_done(struct exchange *exchange, const struct reflect_event *event)
{
	for (size_t i = 0; i < FAR_STREAMS_MAX; i++) {
		struct far_stream *stream = &exchange->streams[i];
		for (size_t write = 0; write < stream->write_count; write++) {
			if (stream->writes[write] != event->number)
				continue;
			stream->carried_out += event->refusal == REFLECT_CARRIED_OUT;
			stream->refused = stream->refused || event->refusal != REFLECT_CARRIED_OUT;
			if (event->refusal != REFLECT_CARRIED_OUT)
				stream->refusal = event->refusal;
			return;
		}
	}
}

static void command_done(struct exchange *exchange, const struct reflect_event *event)
{
	for (size_t i = exchange->passage_count; i > 0; i--) {
		struct passage *passage = &exchange->passages[i - 1];
		if (passage->inbound && passage->number == event->number) {
			passage->carried_out = event->refusal == REFLECT_CARRIED_OUT;
			passage->refused = !passage->carried_out;
			passage->refusal = event->refusal;
			return;
		}
	}
	write_done(exchange, event);
}

void exchange_hear(struct exchange *exchange, const struct reflect_event *event)
{
	if (event->damaged)
		exchange->damaged++;
	switch (event->kind) {
	case REFLECT_RECEIVED:
		if (event->stream == 0)
			datagram_heard(exchange, event);
		else
			stream_heard(exchange, event);
		break;
	case REFLECT_CLOSED:
		stream_heard(exchange, event);
		break;
	case REFLECT_DONE:
		command_done(exchange, event);
		break;
	case REFLECT_NONE:
	case REFLECT_OPENED:
	case REFLECT_MEDIA_COUNT:
	case REFLECT_PONG:
		break;
	}
}

/* Something with our token that the far end was not told to send: somebody on the way has answered. What our own host
 * sends back to itself is no answer: it would be the very message. */
static void midway_note(struct exchange *exchange, struct text bytes)
{
	size_t number = exchange_mark_find(exchange, bytes, false);
	if (number == SIZE_MAX || exchange->midway.length > 0 || !text_begins_word(bytes, TEXT("sip/2.0 ")) ||
	    text_equal(exchange->passages[number].sent, bytes))
		return;
	exchange->midway = text_copy(bytes);
	exchange->midway_of = &exchange->passages[number];
}

void exchange_take(struct exchange *exchange, struct flow *flow, struct text bytes)
{
	size_t number = exchange_mark_find(exchange, bytes, true);
	if (number == SIZE_MAX) {
		midway_note(exchange, bytes);
		return;
	}
	struct passage *passage = &exchange->passages[number];
	if (passage->arrived_at == NULL || flow == passage->flow)
		passage->arrived_at = flow;
	passage_arrive(passage, bytes, 0);
}
