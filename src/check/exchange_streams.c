/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections of ours, and what the far end reads of them and writes down them. */
#include "check/exchange.h"

struct connection *exchange_connect(struct exchange *exchange, enum reflect_place place)
{
	const struct reflect_server *server = exchange->server;
	sipalg_endpoint far = { server->address, server->ports[place], SIPALG_PROTOCOL_TCP, 0 };
	if (exchange->connection_count == CONNECTIONS_MAX ||
	    !connection_start(&exchange->connections[exchange->connection_count], server->own, far))
		return NULL;
	return &exchange->connections[exchange->connection_count++];
}

static bool all_connected(const struct exchange *exchange, size_t first)
{
	for (size_t i = first; i < exchange->connection_count; i++)
		if (exchange->connections[i].state == CONNECTION_CONNECTING)
			return false;
	return true;
}

void exchange_connected(struct exchange *exchange, size_t first, uint32_t wait_ms)
{
	uint64_t end = exchange_now_ms() + wait_ms;
	while (!exchange->ended && !all_connected(exchange, first) && exchange_now_ms() < end)
		exchange_pump(exchange, 20);
}

struct passage *exchange_note_sent(struct exchange *exchange, const struct probe *probe, struct connection *connection,
                                   struct text bytes)
{
	struct passage *passage = exchange_note(exchange, probe, bytes);
	if (passage == NULL)
		return NULL;
	passage->connection = connection;
	passage->own = connection->own;
	return passage;
}

struct passage *exchange_note_asked(struct exchange *exchange, const struct probe *probe, struct connection *connection,
                                    struct text sent, struct text wished)
{
	struct passage *passage = exchange_note_sent(exchange, probe, connection, sent);
	if (passage == NULL)
		return NULL;
	passage->inbound = true;
	passage->wished = text_copy(wished);
	return passage;
}

static bool has_mark(const struct exchange *exchange, const struct far_stream *stream, const struct passage *passage)
{
	char mark[MARK_LENGTH + 1];
	exchange_mark_of(exchange, (size_t)(passage - exchange->passages), mark);
	return stream->length > 0 && memmem(stream->bytes, stream->length, mark, MARK_LENGTH) != NULL;
}

struct far_stream *exchange_far(struct exchange *exchange, const struct connection *connection)
{
	for (size_t i = 0; i < exchange->passage_count; i++) {
		const struct passage *passage = &exchange->passages[i];
		if (passage->connection != connection || passage->inbound)
			continue;
		for (size_t far = 0; far < FAR_STREAMS_MAX && exchange->streams[far].number != 0; far++)
			if (has_mark(exchange, &exchange->streams[far], passage))
				return &exchange->streams[far];
	}
	return NULL;
}

bool exchange_write(struct exchange *exchange, struct far_stream *stream, uint32_t after_ms, struct text bytes)
{
	if (stream->write_count == FAR_WRITES_MAX)
		return false;
	uint32_t number = reflect_client_write(exchange->client, stream->number, after_ms, bytes);
	if (number == 0)
		return false;
	stream->writes[stream->write_count++] = number;
	return true;
}
