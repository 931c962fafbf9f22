/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/delivery.h"

#include "sipalg/stream.h"

#include <stdlib.h>

enum {
	CUT_BODY = 40, /* bytes before the end */
	CUT_REST = 30,
	CUT_START = 3,
};

/* ---- Writing ---- */

bool delivery_add(struct delivery *delivery, struct passage *passage)
{
	char *bytes = passage == NULL ? NULL : realloc(delivery->bytes, delivery->length + passage->sent.length);
	if (bytes == NULL)
		return false;
	memcpy(bytes + delivery->length, passage->sent.start, passage->sent.length);
	delivery->bytes = bytes;
	delivery->length += passage->sent.length;
	delivery->messages[delivery->message_count++] = passage;
	return true;
}

static void cut(struct delivery *delivery, size_t at)
{
	delivery->ends[delivery->part_count++] = at;
}

void delivery_divide(struct delivery *delivery)
{
	size_t first = delivery->messages[0]->sent.length, length = delivery->length;
	switch (delivery->probe->division) {
	case DIVISION_NONE:
		if (first < length)
			cut(delivery, first);
		break;
	case DIVISION_BODY:
		cut(delivery, length - CUT_BODY);
		break;
	case DIVISION_HEADER:
		cut(delivery, length / 3);
		break;
	case DIVISION_START:
		cut(delivery, CUT_START);
		break;
	case DIVISION_HALF_HEADER:
		cut(delivery, first + (length - first) / 3);
		break;
	case DIVISION_HALF_BODY:
		cut(delivery, length - CUT_REST);
		break;
	case DIVISION_TOGETHER:
	case DIVISION_COUNT:
		break;
	}
	cut(delivery, length);
}

struct text delivery_part(const struct delivery *delivery, size_t part)
{
	struct text bytes = { delivery->bytes, delivery->length };
	size_t start = part == 0 ? 0 : delivery->ends[part - 1];
	if (part >= delivery->part_count)
		return (struct text){ NULL, 0 };
	return text_from(text_first(bytes, delivery->ends[part]), start);
}

void delivery_free(struct delivery *delivery)
{
	if (delivery->connection != NULL)
		connection_close(delivery->connection);
	free(delivery->bytes);
}

/* ---- What has arrived ---- */

static bool is_translated(const struct run *run, const struct passage *passage)
{
	struct charges charges;
	run_examine(run, passage, &charges);
	return passage->inbound ? charges.restored : charges.rewritten;
}

static void piece_take(struct run *run, struct delivery *delivery, struct text bytes)
{
	bool inbound = delivery->messages[0]->inbound;
	size_t number = exchange_mark_find(run->exchange, bytes, inbound);
	struct passage *passage = number == SIZE_MAX ? NULL : &run->exchange->passages[number];
	if (passage == NULL || passage->arrived || passage->connection != delivery->connection) {
		delivery->broken = true;
		return;
	}
	passage->arrived = true;
	passage->received = text_copy(bytes);
	delivery->found++;
	delivery->translated += is_translated(run, passage);
}

void delivery_read(struct run *run, struct delivery *delivery, struct text arrived)
{
	struct sipalg_stream stream = { 0 };
	while (arrived.length > 0) {
		struct sipalg_piece piece = sipalg_stream_next(&stream, (const uint8_t *)arrived.start, arrived.length);
		if (piece.kind == SIPALG_PIECE_MESSAGE)
			piece_take(run, delivery, text_first(arrived, piece.length));
		else if (piece.kind != SIPALG_PIECE_NONE)
			delivery->broken = true;
		if (piece.kind == SIPALG_PIECE_NONE)
			break;
		arrived = text_from(arrived, piece.length);
	}
	if (arrived.length > 0)
		delivery->broken = true;
}

/* What is no SIP is not cut into messages. */
static void blank_take(struct passage *opening, struct text arrived)
{
	if (arrived.length < opening->sent.length)
		return;
	opening->received = text_copy(arrived);
	opening->arrived = true;
}

bool opening_take(struct run *run, struct passage *opening, struct far_stream **far)
{
	struct far_stream *stream = exchange_far(run->exchange, opening->connection);
	if (stream == NULL)
		return false;
	struct text arrived = { stream->bytes, stream->length };
	struct delivery delivery = { .connection = opening->connection, .messages = { opening } };
	if (opening->probe == NULL)
		blank_take(opening, arrived);
	else
		delivery_read(run, &delivery, arrived);
	if (!opening->arrived)
		return false;
	opening->source = stream->source;
	*far = stream;
	return true;
}

/* ---- Judging ---- */

/* Rewriting that stops in the middle of a message. */
static bool is_half(enum fault_kind fault)
{
	return fault == FAULT_HALF_REWRITTEN || fault == FAULT_CONTACT_NOT_REWRITTEN ||
	       fault == FAULT_SDP_NOT_REWRITTEN || fault == FAULT_NOT_RESTORED;
}

/* What UDP shows as well is charged as such. What TCP alone shows is due to TCP: halves to where the segments end, all
 * other damage to bytes that were changed without regard to the stream. */
static void message_judge(struct run *run, const struct delivery *delivery, const struct passage *passage)
{
	struct charges charges;
	run_examine(run, passage, &charges);
	for (size_t i = 0; i < charges.count; i++) {
		enum fault_kind fault = charges.list[i].fault;
		bool known = run->ledger.entries[fault].count > 0;
		if (!known && is_half(fault))
			fault = delivery->probe->division == DIVISION_NONE ? fault : FAULT_TCP_SPLIT_UNTOUCHED;
		else if (!known)
			fault = FAULT_TCP_CORRUPTED;
		ledger_charge(&run->ledger, fault, CONFIDENCE_CERTAIN, delivery->probe->name, passage, "%s: %s",
		              delivery->probe->title, charges.list[i].detail);
	}
	run->rewritten = run->rewritten || charges.rewritten;
	run->restored = run->restored || charges.restored;
}

/* The first message that has not arrived; NULL: all have. */
static const struct passage *missing_find(const struct delivery *delivery)
{
	for (size_t i = 0; i < delivery->message_count; i++)
		if (!delivery->messages[i]->arrived)
			return delivery->messages[i];
	return NULL;
}

/* The same is lost over UDP, too: then this loss says nothing new. */
static bool is_lost_anyhow(const struct run *run, const struct passage *missing)
{
	bool tried = false, arrived = false;
	if (!missing->inbound)
		return run_usual_lost(run, missing->probe);
	for (size_t i = 0; i < run->exchange->passage_count; i++) {
		const struct passage *passage = &run->exchange->passages[i];
		if (passage->probe != missing->probe || passage->flow == NULL)
			continue;
		tried = true;
		arrived = arrived || passage->arrived;
	}
	return tried && !arrived;
}

void delivery_judge(struct run *run, const struct delivery *delivery, bool usually)
{
	struct ledger *ledger = &run->ledger;
	const char *name = delivery->probe->name, *title = delivery->probe->title;
	const struct passage *missing = missing_find(delivery);
	if (delivery->broken)
		ledger_charge(ledger, FAULT_TCP_CORRUPTED, CONFIDENCE_CERTAIN, name, missing,
		              "%s: the bytes that arrive cannot be cut into the messages that were sent", title);
	else if (missing != NULL && !is_lost_anyhow(run, missing))
		ledger_charge(ledger, FAULT_TCP_MESSAGE_LOST, CONFIDENCE_CERTAIN, name, missing,
		              "%s: %zu of %zu messages arrive", title, delivery->found, delivery->message_count);
	else if (usually && delivery->translated < delivery->found)
		ledger_charge(ledger, FAULT_TCP_SPLIT_UNTOUCHED, CONFIDENCE_CERTAIN, name, delivery->messages[0],
		              "%s: %zu of %zu messages keep an address that is translated when each comes in one piece",
		              title, delivery->found - delivery->translated, delivery->found);
	for (size_t i = 0; i < delivery->message_count && !delivery->broken; i++)
		if (delivery->messages[i]->arrived)
			message_judge(run, delivery, delivery->messages[i]);
	run_trial(run, name, title);
}
