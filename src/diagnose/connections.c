/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diagnose/connections.h"

#include "capture/capture.h"
#include "diagnose/sighting.h"

#include <stdio.h>
#include <stdlib.h>

enum { PORT_TLS = 5061 };

static void lay_out(struct connections *connections)
{
	table_lay_out(&connections->table, &connections->arena, CONNECTIONS_MAX);
	connections->slots = arena_take(&connections->arena, CONNECTIONS_MAX + 1, sizeof *connections->slots);
}

bool connections_create(struct connections *connections)
{
	*connections = (struct connections){ 0 };
	lay_out(connections);
	uint8_t *base = calloc(1, connections->arena.used);
	connections->arena = (struct arena){ .base = base };
	if (base != NULL)
		lay_out(connections);
	return base != NULL;
}

void connections_destroy(struct connections *connections)
{
	free(connections->arena.base);
	*connections = (struct connections){ 0 };
}

struct flow_ends ends_turned(const struct flow_ends *ends)
{
	struct flow_ends turned = { .from = ends->to, .to = ends->from, .side = ends->side };
	return turned;
}

static uint32_t find_slot(const struct connections *connections, const struct flow_ends *ends)
{
	uint32_t slot = table_first(&connections->table, hash_of_bytes(ends, sizeof *ends));
	while (slot != 0 && memcmp(&connections->slots[slot].ends, ends, sizeof *ends) != 0)
		slot = table_next(&connections->table, slot);
	return slot;
}

struct connection *connections_find(const struct connections *connections, const struct flow_ends *ends)
{
	uint32_t slot = find_slot(connections, ends);
	return slot != 0 ? &connections->slots[slot] : NULL;
}

static struct connection *find_or_add(struct connections *connections, const struct flow_ends *ends, uint64_t now_ns)
{
	struct connection *connection = connections_find(connections, ends);
	if (connection != NULL)
		return connection;
	uint32_t slot = connections->next % CONNECTIONS_MAX + 1;
	connection = &connections->slots[slot];
	if (connections->next++ >= CONNECTIONS_MAX)
		table_remove(&connections->table, hash_of_bytes(&connection->ends, sizeof *ends), slot);
	else
		connections->used = slot;
	*connection = (struct connection){ .ends = *ends, .first_ns = now_ns };
	table_insert(&connections->table, hash_of_bytes(ends, sizeof *ends), slot);
	return connection;
}

static bool is_sip_port(uint16_t port)
{
	return port == SIPALG_PORT_SIP || port == PORT_TLS;
}

static void note_opening(struct connection *connection, uint64_t now_ns)
{
	if (connection->opened > 0 && now_ns - connection->opened_ns < DUPLICATE_NS)
		return;
	connection->opened++;
	connection->opened_ns = now_ns;
}

static void note_segment(struct connections *connections, const struct flow_ends *ends, const struct capture_item *item,
                         uint64_t now_ns)
{
	struct flow_ends turned = ends_turned(ends);
	struct connection *connection = connections_find(connections, ends);
	struct connection *reverse = connections_find(connections, &turned);
	bool opens = (item->tcp.flags & CAPTURE_TCP_SYN) != 0, answers = (item->tcp.flags & CAPTURE_TCP_ACK) != 0;
	bool resets = (item->tcp.flags & CAPTURE_TCP_RST) != 0;
	if (opens && !answers && connection == NULL && is_sip_port(ends->to.port))
		connection = find_or_add(connections, ends, now_ns);
	if (resets && reverse != NULL && connection == NULL)
		connection = find_or_add(connections, ends, now_ns);
	if (connection != NULL && opens && !answers)
		note_opening(connection, now_ns);
	if (reverse != NULL && answers && !resets)
		reverse->is_open = true;
	if (connection == NULL)
		return;
	connection->last_ns = now_ns;
	connection->is_open = connection->is_open || item->bytes.length > 0;
	if (resets && connection->reset_ns == 0)
		connection->reset_ns = now_ns;
}

/* What can be printed of the beginning. */
static void keep_garbage(struct connection *connection, struct text bytes)
{
	size_t length = 0;
	for (; length < bytes.length && length + 1 < sizeof connection->garbage; length++) {
		if (bytes.start[length] < ' ' || bytes.start[length] > '~')
			break;
		connection->garbage[length] = bytes.start[length];
	}
	connection->garbage[length] = '\0';
}

static void note_broken(struct connections *connections, const struct flow_ends *ends, const struct capture_item *item,
                        uint64_t now_ns)
{
	struct connection *connection = find_or_add(connections, ends, now_ns);
	if (connection->broken_ns != 0)
		return;
	connection->broken_ns = now_ns;
	connection->gaps = item->gaps;
	keep_garbage(connection, item->bytes);
}

static void note_message(struct connections *connections, const struct flow_ends *ends, const struct capture_item *item,
                         uint64_t now_ns)
{
	struct connection *connection = find_or_add(connections, ends, now_ns);
	size_t length = text_find(text_first(item->bytes, sizeof connection->method - 1), ' ');
	connection->is_open = true;
	connection->messages++;
	connection->message_ns = now_ns;
	connection->gaps = item->gaps;
	snprintf(connection->method, sizeof connection->method, "%.*s", (int)length, item->bytes.start);
}

void connections_note(struct connections *connections, size_t side, const struct capture_item *item, uint64_t now_ns)
{
	struct flow_ends ends = { .from = item->source, .to = item->destination, .side = side };
	if (item->kind == CAPTURE_SEGMENT)
		note_segment(connections, &ends, item, now_ns);
	else if (item->kind == CAPTURE_BROKEN)
		note_broken(connections, &ends, item, now_ns);
	else if (item->kind == CAPTURE_MESSAGE)
		note_message(connections, &ends, item, now_ns);
}

void connections_pair(struct connections *connections, const struct flow_ends *first, const struct flow_ends *second,
                      uint64_t now_ns)
{
	uint32_t slots[2] = { find_slot(connections, first), find_slot(connections, second) };
	for (int i = 0; i < 2 && slots[0] != 0 && slots[1] != 0; i++) {
		connections->slots[slots[i]].other = slots[1 - i];
		connections->slots[slots[i]].crossed_ns = now_ns;
	}
}
