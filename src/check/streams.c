/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIP over TCP: the same messages, divided into segments in ways that ALGs stumble over. */
#include "check/delivery.h"

#include <stdlib.h>

enum { CONNECT_MS = 3000, WAIT_MS = 1000 };

/* Whether nothing comes by TCP to SIP's port while it does to another. */
static void connections_blocked(struct run *run)
{
	struct exchange *exchange = run->exchange;
	size_t first = exchange->connection_count;
	struct connection *plain = exchange_connect(exchange, REFLECT_PLAIN);
	exchange_connected(exchange, first, CONNECT_MS);
	if (plain == NULL)
		return;
	if (plain->state == CONNECTION_OPEN)
		ledger_charge(&run->ledger, FAULT_TCP_BLOCKED, CONFIDENCE_CERTAIN, stream_table[0].name, NULL,
		              "no connection to port %u can be made, while one to port %u can",
		              exchange->server->ports[REFLECT_SIP], exchange->server->ports[REFLECT_PLAIN]);
	else
		report_add_note(run->report, "no TCP connection to the far end can be made but the control connection");
	connection_close(plain);
}

static bool delivery_compose(struct run *run, struct delivery *delivery)
{
	const struct stream_probe *probe = delivery->probe;
	struct connection *connection = delivery->connection;
	if (connection == NULL ||
	    !delivery_add(delivery, probe_note(run->exchange, probe_named(probe->first), connection)) ||
	    (probe->second != NULL &&
	     !delivery_add(delivery, probe_note(run->exchange, probe_named(probe->second), connection))))
		return false;
	delivery_divide(delivery);
	return true;
}

static bool all_there(struct run *run, const struct delivery *deliveries)
{
	for (size_t i = 0; i < stream_count; i++) {
		const struct connection *connection = deliveries[i].connection;
		if (connection == NULL || connection->state != CONNECTION_OPEN)
			continue;
		const struct far_stream *far = exchange_far(run->exchange, connection);
		if (far == NULL || far->length < deliveries[i].length)
			return false;
	}
	return true;
}

/* All connections at once. */
static void deliveries_send(struct run *run, struct delivery *deliveries)
{
	struct exchange *exchange = run->exchange;
	for (size_t part = 0; part < DELIVERY_PARTS_MAX && !exchange->ended; part++) {
		for (size_t i = 0; i < stream_count; i++) {
			struct text bytes = delivery_part(&deliveries[i], part);
			if (bytes.length > 0)
				(void)connection_send(deliveries[i].connection, bytes);
		}
		exchange_pump(exchange, DELIVERY_GAP_MS);
	}
	uint64_t end = exchange_now_ms() + WAIT_MS;
	while (!exchange->ended && exchange_now_ms() < end && !all_there(run, deliveries))
		exchange_pump(exchange, 50);
}

/* A connection of which the far end has read nothing, and that somebody has ended, is no evidence: it may have had no
 * room. */
static void deliveries_judge(struct run *run, struct delivery *deliveries)
{
	for (size_t i = 0; i < stream_count; i++) {
		const struct connection *connection = deliveries[i].connection;
		const struct far_stream *far = connection == NULL ? NULL : exchange_far(run->exchange, connection);
		if (far != NULL)
			delivery_read(run, &deliveries[i], (struct text){ far->bytes, far->length });
		else if (connection != NULL && connection->state != CONNECTION_OPEN)
			deliveries[i].message_count = 0;
	}
	/* The first sends each message by itself. */
	bool usually = deliveries[0].found > 0 && deliveries[0].translated == deliveries[0].found;
	for (size_t i = 0; i < stream_count && !run->exchange->ended; i++)
		if (deliveries[i].message_count > 0)
			delivery_judge(run, &deliveries[i], usually);
}

static bool deliveries_begin(struct run *run, struct delivery *deliveries)
{
	struct exchange *exchange = run->exchange;
	size_t first = exchange->connection_count, open = 0;
	for (size_t i = 0; i < stream_count; i++) {
		deliveries[i].probe = &stream_table[i];
		deliveries[i].connection = exchange_connect(exchange, REFLECT_SIP);
	}
	exchange_connected(exchange, first, CONNECT_MS);
	for (size_t i = 0; i < stream_count; i++) {
		if (!delivery_compose(run, &deliveries[i]))
			deliveries[i].message_count = 0;
		open += deliveries[i].connection != NULL && deliveries[i].connection->state == CONNECTION_OPEN;
	}
	return open > 0;
}

void run_streams(struct run *run)
{
	struct delivery *deliveries = calloc(stream_count, sizeof *deliveries);
	if (deliveries == NULL)
		return;
	if (deliveries_begin(run, deliveries)) {
		deliveries_send(run, deliveries);
		deliveries_judge(run, deliveries);
	} else {
		connections_blocked(run);
	}
	for (size_t i = 0; i < stream_count; i++)
		delivery_free(&deliveries[i]);
	free(deliveries);
}
