/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a client of `sipalg reflect` says, line by line, and the same bytes as a message that somebody on the way has
 * written: every order lies within the protocol's limits, and so does every port that is believed. */
#include "reflect/named.h"
#include "reflect/order.h"
#include "reflect/token.h"
#include "reader.h"

static void check_order(const struct order *order)
{
	assert_true(order->kind != ORDER_NONE && order->kind <= ORDER_CONNECT);
	assert_true(order->place >= 0 && order->place < REFLECT_PLACE_COUNT);
	assert_true(order->after_ms <= REFLECT_DELAY_MAX_MS);
	assert_true(order->length <= REFLECT_SENT_MAX);
	assert_true(order->count <= REFLECT_MEDIA_COUNT_MAX);
	if (order->kind != ORDER_MEDIA)
		return;
	assert_true(order->length <= REFLECT_MEDIA_PACKET_MAX);
	assert_true(order->interval_ms >= REFLECT_MEDIA_INTERVAL_MIN_MS);
}

static void read_line(struct orders *orders, struct text line)
{
	static const struct wire_mask mask = { "a mask of thirty-two letters ..." };
	struct order order;
	json_t *object = json_loadb(line.start, line.length, 0, NULL);
	if (object != NULL && order_read(object, &mask, &order)) {
		check_order(&order);
		order.due_ns = order.after_ms;
		if (!orders_add(orders, &order))
			order_free(&order);
	}
	json_decref(object);
}

/* All that waits is due some time, and a stream of media comes to its end. */
static void carry_out(struct orders *orders)
{
	struct order *order;
	uint64_t rounds = 0;
	while ((order = orders_due(orders, UINT64_MAX - 1)) != NULL) {
		assert_true(++rounds <= ORDERS_MAX * (uint64_t)(REFLECT_MEDIA_COUNT_MAX + 1));
		if (order->kind != ORDER_MEDIA || !order_advance_media(order))
			orders_remove(orders, order);
	}
	assert_int_equal(orders->count, 0);
	assert_int_equal(orders->bytes, 0);
	assert_true(orders_deadline(orders) == UINT64_MAX);
}

static void read_ports(struct text text, const char *written)
{
	uint16_t ports[NAMED_MAX];
	sipalg_address address;
	assert_true(sipalg_address_read(written, strlen(written), &address));
	size_t count = named_ports_find(text, &address, ports, NAMED_MAX);
	assert_true(count <= NAMED_MAX);
	for (size_t i = 0; i < count; i++) {
		assert_true(ports[i] >= NAMED_PORT_MIN);
		for (size_t j = 0; j < i; j++)
			assert_true(ports[i] != ports[j]);
	}
}

static void read_orders(struct text text)
{
	static struct orders orders;
	struct text token, rest = text;
	size_t from = 0, before = 0;
	while (token_next(text, &from, &token)) {
		assert_int_equal(token.length, REFLECT_TOKEN_LENGTH);
		assert_true(from > before && from <= text.length);
		before = from;
	}
	read_ports(text, "203.0.113.1");
	read_ports(text, "2001:db8::1");
	while (rest.length > 0) {
		struct text line = text_first(rest, text_find(rest, '\n'));
		read_line(&orders, line);
		rest = text_from(rest, line.length + 1);
	}
	carry_out(&orders);
	orders_free(&orders);
}

FUZZ_READER(read_orders)
