/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reflect/order.h"

#include <stdlib.h>

enum {
	NS_PER_MS = 1000000,
	RTP_SEQUENCE = 2,  /* RFC 3550 5.1 */
	RTP_TIMESTAMP = 4, /* four bytes */
	RTP_FIXED = 8,
};

static const char *const kinds[] = {
	[ORDER_NONE] = "",       [ORDER_PING] = "ping",     [ORDER_SEND] = "send",       [ORDER_MEDIA] = "media",
	[ORDER_WRITE] = "write", [ORDER_FINISH] = "finish", [ORDER_CONNECT] = "connect",
};

/* ---- Reading ---- */

static bool read_way(const json_t *object, struct order *order)
{
	uint64_t place, port;
	if (!wire_read_number(object, "place", REFLECT_PLACE_COUNT, 0, REFLECT_PLACE_COUNT - 1, &place) ||
	    !wire_read_number(object, "port", 0, 1, UINT16_MAX, &port))
		return false;
	order->place = (enum reflect_place)place;
	order->port = (uint16_t)port;
	order->twin = wire_read_flag(object, "twin");
	return true;
}

static bool read_stream(const json_t *object, struct order *order)
{
	uint64_t stream;
	if (!wire_read_number(object, "stream", 0, 1, UINT32_MAX, &stream))
		return false;
	order->stream = (uint32_t)stream;
	order->reset = wire_read_flag(object, "reset");
	return true;
}

static bool read_media(const json_t *object, struct order *order)
{
	uint64_t count, interval_ms, step;
	if (!wire_read_number(object, "count", 0, 1, REFLECT_MEDIA_COUNT_MAX, &count) ||
	    !wire_read_number(object, "interval_ms", 0, REFLECT_MEDIA_INTERVAL_MIN_MS, REFLECT_DELAY_MAX_MS,
	                      &interval_ms) ||
	    !wire_read_number(object, "step", 0, 0, UINT32_MAX, &step))
		return false;
	order->count = (uint32_t)count;
	order->interval_ms = (uint32_t)interval_ms;
	order->step = (uint32_t)step;
	return true;
}

static bool read_bytes(const json_t *object, const struct wire_mask *mask, size_t min, size_t max, struct order *order)
{
	char *bytes = malloc(max);
	size_t length = 0;
	bool good = bytes != NULL && wire_read_bytes(mask, json_object_get(object, "bytes"), bytes, max, &length) &&
	            length >= min;
	if (!good) {
		free(bytes);
		return false;
	}
	char *fitting = realloc(bytes, length + 1); /* they may wait for long */
	order->bytes = fitting == NULL ? bytes : fitting;
	order->length = length;
	return true;
}

static bool read_arguments(const json_t *object, const struct wire_mask *mask, struct order *order)
{
	switch (order->kind) {
	case ORDER_NONE:
		return false;
	case ORDER_PING:
		return true;
	case ORDER_SEND:
		return read_way(object, order) && read_bytes(object, mask, 0, REFLECT_SENT_MAX, order);
	case ORDER_MEDIA:
		return read_way(object, order) && read_media(object, order) &&
		       read_bytes(object, mask, RTP_FIXED, REFLECT_MEDIA_PACKET_MAX, order);
	case ORDER_WRITE:
		return read_stream(object, order) && read_bytes(object, mask, 1, REFLECT_SENT_MAX, order);
	case ORDER_FINISH:
		return read_stream(object, order);
	case ORDER_CONNECT:
		return read_way(object, order) && order->place <= REFLECT_PLAIN;
	}
	return false;
}

bool order_read(const json_t *object, const struct wire_mask *mask, struct order *order)
{
	struct order read = { 0 };
	const char *kind = json_string_value(json_object_get(object, "do"));
	uint64_t number;
	read.kind = (enum order_kind)wire_find_word(kinds, sizeof kinds / sizeof kinds[0], kind);
	if (!wire_read_number(object, "number", 0, 1, UINT32_MAX, &number) ||
	    !wire_read_number(object, "after_ms", 0, 0, REFLECT_DELAY_MAX_MS, &read.after_ms) ||
	    !read_arguments(object, mask, &read))
		return false;
	read.number = (uint32_t)number;
	*order = read;
	return true;
}

/* ---- Waiting ---- */

bool orders_add(struct orders *orders, const struct order *order)
{
	if (orders->count == ORDERS_MAX || orders->bytes + order->length > ORDER_BYTES_MAX)
		return false;
	orders->list[orders->count++] = *order;
	orders->bytes += order->length;
	return true;
}

/* Of those due at the same time the one said first. */
static struct order *first_due(struct orders *orders)
{
	struct order *first = NULL;
	for (size_t i = 0; i < orders->count; i++) {
		struct order *here = &orders->list[i];
		if (first == NULL || here->due_ns < first->due_ns ||
		    (here->due_ns == first->due_ns && here->number < first->number))
			first = here;
	}
	return first;
}

uint64_t orders_deadline(const struct orders *orders)
{
	uint64_t deadline_ns = UINT64_MAX;
	for (size_t i = 0; i < orders->count; i++)
		if (orders->list[i].due_ns < deadline_ns)
			deadline_ns = orders->list[i].due_ns;
	return deadline_ns;
}

struct order *orders_due(struct orders *orders, uint64_t now_ns)
{
	struct order *first = first_due(orders);
	return first != NULL && first->due_ns <= now_ns ? first : NULL;
}

void orders_remove(struct orders *orders, struct order *order)
{
	orders->bytes -= order->length;
	order_free(order);
	*order = orders->list[--orders->count];
}

static void add_to_number(char *bytes, size_t width, uint64_t addend)
{
	for (size_t i = width; i-- > 0; addend >>= 8) {
		addend += (uint8_t)bytes[i];
		bytes[i] = (char)(addend & 0xff);
	}
}

bool order_advance_media(struct order *order)
{
	add_to_number(order->bytes + RTP_SEQUENCE, 2, 1);
	add_to_number(order->bytes + RTP_TIMESTAMP, 4, order->step);
	order->due_ns += (uint64_t)order->interval_ms * NS_PER_MS;
	order->count--;
	return order->count > 0;
}

void order_free(struct order *order)
{
	free(order->bytes);
	order->bytes = NULL;
}

void orders_free(struct orders *orders)
{
	for (size_t i = 0; i < orders->count; i++)
		order_free(&orders->list[i]);
	orders->count = 0;
}
