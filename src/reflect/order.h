/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a client asks for, and what of it waits for its time. */
#ifndef REFLECT_ORDER_H
#define REFLECT_ORDER_H

#include "reflect/limits.h"
#include "reflect/wire.h"

enum order_kind {
	ORDER_NONE = 0,
	ORDER_PING,
	ORDER_SEND,
	ORDER_MEDIA,
	ORDER_WRITE,
	ORDER_FINISH,
	ORDER_CONNECT,
};

/* Fields that a kind does not have are zero. */
struct order {
	enum order_kind kind;
	uint32_t number;
	uint64_t after_ms;
	uint64_t due_ns; /* when it is carried out; of media: the next packet */
	enum reflect_place place;
	bool twin;
	uint16_t port;
	uint32_t stream;
	bool reset;
	uint32_t count, interval_ms, step; /* of media: packets that are still to come */
	char *bytes;                       /* allocated */
	size_t length;
};

/* Reads one line's object. False: it is no order, or beyond the limits; nothing is to be freed. */
SIPALG_MUST_USE
bool order_read(const json_t *object, const struct wire_mask *mask, struct order *order);

/* Those that wait, as they came. */
struct orders {
	struct order list[ORDERS_MAX];
	size_t count, bytes;
};

/* Takes over the order's bytes. False: no room; they still are the caller's. */
SIPALG_MUST_USE
bool orders_add(struct orders *orders, const struct order *order);

/* When the first of them is due; UINT64_MAX: none waits. */
uint64_t orders_deadline(const struct orders *orders);

/* The one that is due first, NULL when none is due now. It stays until it is removed, or gets another time. */
struct order *orders_due(struct orders *orders, uint64_t now_ns);

void orders_remove(struct orders *orders, struct order *order);

/* Makes the next packet of the media stream out of this one, and says when it is due. False: this was the last. */
bool order_advance_media(struct order *order);

void order_free(struct order *order);
void orders_free(struct orders *orders);

#endif
