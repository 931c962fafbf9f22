/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIP down a TCP connection that we have opened: a phone gets its calls so (RFC 3261 18.2.2, RFC 5923). Each connection
 * begins with a request of ours, as it does with a phone. */
#include "check/delivery.h"

#include <stdlib.h>

enum { CONNECT_MS = 3000, WAIT_MS = 1500 };

struct descent {
	struct delivery delivery;
	struct passage *opening; /* what we have sent; NULL: there is nothing to be tried */
	struct far_stream *far;
};

/* What has to be asked, that there is something to answer. */
static const struct probe *opening_of(const struct stream_probe *probe)
{
	const struct probe *first = arrival_named(probe->first);
	return probe_named(first->answers != NULL ? first->answers : "register");
}

static void descents_open(struct run *run, struct descent *descents)
{
	struct exchange *exchange = run->exchange;
	size_t first = exchange->connection_count;
	for (size_t i = 0; i < stream_arrival_count; i++)
		descents[i] = (struct descent){ .delivery.probe = &stream_arrival_table[i],
			                        .delivery.connection = exchange_connect(exchange, REFLECT_SIP) };
	exchange_connected(exchange, first, CONNECT_MS);
	for (size_t i = 0; i < stream_arrival_count; i++) {
		struct connection *connection = descents[i].delivery.connection;
		if (connection == NULL || connection->state != CONNECTION_OPEN)
			continue;
		struct passage *opening = probe_note(exchange, opening_of(&stream_arrival_table[i]), connection);
		if (opening != NULL && connection_send(connection, opening->sent))
			descents[i].opening = opening;
	}
}

static bool opening_settled(struct run *run, struct descent *descent)
{
	return descent->opening == NULL || descent->opening->arrived ||
	       opening_take(run, descent->opening, &descent->far);
}

static void openings_await(struct run *run, struct descent *descents)
{
	uint64_t end = exchange_now_ms() + WAIT_MS;
	for (bool all = false; !all && !run->exchange->ended && exchange_now_ms() < end;) {
		exchange_pump(run->exchange, 50);
		all = true;
		for (size_t i = 0; i < stream_arrival_count; i++)
			all = opening_settled(run, &descents[i]) && all;
	}
}

static bool message_add(struct run *run, struct descent *descent, const char *name)
{
	struct composed sent, wished;
	struct exchange *exchange = run->exchange;
	const struct probe *probe = arrival_named(name);
	const struct passage *opening = descent->opening;
	const struct reflect_way way = { .place = REFLECT_SIP, .port = opening->source.port };
	bool composed = probe->answers != NULL
	                        ? answer_compose(exchange, probe, opening, &sent, &wished)
	                        : request_compose(exchange, probe, &way, &opening->own, opening, &sent, &wished);
	return composed &&
	       delivery_add(&descent->delivery, exchange_note_asked(exchange, probe, descent->delivery.connection,
	                                                            composed_text(&sent), composed_text(&wished)));
}

static bool descent_ask(struct run *run, struct descent *descent)
{
	const struct stream_probe *probe = descent->delivery.probe;
	if (descent->opening == NULL || !descent->opening->arrived || !message_add(run, descent, probe->first) ||
	    (probe->second != NULL && !message_add(run, descent, probe->second)))
		return false;
	delivery_divide(&descent->delivery);
	for (size_t part = 0; part < descent->delivery.part_count; part++)
		if (!exchange_write(run->exchange, descent->far, (uint32_t)part * DELIVERY_GAP_MS,
		                    delivery_part(&descent->delivery, part)))
			return false;
	return true;
}

static bool all_there(const struct descent *descents)
{
	for (size_t i = 0; i < stream_arrival_count; i++) {
		const struct descent *descent = &descents[i];
		if (descent->delivery.message_count > 0 && !descent->far->refused &&
		    descent->delivery.connection->length < descent->delivery.length)
			return false;
	}
	return true;
}

static void descents_await(struct run *run, const struct descent *descents)
{
	uint64_t end = exchange_now_ms() + WAIT_MS + DELIVERY_PARTS_MAX * DELIVERY_GAP_MS;
	while (!run->exchange->ended && exchange_now_ms() < end && !all_there(descents))
		exchange_pump(run->exchange, 50);
}

/* Only what the far end has written, every part of it, can be missed. */
static bool is_evidence(const struct descent *descent)
{
	return descent->delivery.message_count > 0 && !descent->far->refused &&
	       descent->far->carried_out == descent->far->write_count;
}

static void descents_judge(struct run *run, struct descent *descents)
{
	bool usually = false;
	for (size_t i = 0; i < stream_arrival_count; i++)
		if (is_evidence(&descents[i]))
			delivery_read(run, &descents[i].delivery, connection_text(descents[i].delivery.connection));
	usually = descents[0].delivery.found > 0 && descents[0].delivery.translated == descents[0].delivery.found;
	for (size_t i = 0; i < stream_arrival_count && !run->exchange->ended; i++)
		if (is_evidence(&descents[i]))
			delivery_judge(run, &descents[i].delivery, usually);
}

void run_streams_down(struct run *run)
{
	struct descent *descents = calloc(stream_arrival_count, sizeof *descents);
	if (descents == NULL)
		return;
	descents_open(run, descents);
	openings_await(run, descents);
	for (size_t i = 0; i < stream_arrival_count; i++)
		if (!descent_ask(run, &descents[i]))
			descents[i].delivery.message_count = 0;
	descents_await(run, descents);
	descents_judge(run, descents);
	for (size_t i = 0; i < stream_arrival_count; i++)
		delivery_free(&descents[i].delivery);
	free(descents);
}
