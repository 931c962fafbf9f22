/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/connections.h"
#include "lab/compose.h"

#include <string.h>

enum { CONNECTION_ROOM = 4096 };

struct connection *connection_add(struct connections *connections, const char *name)
{
	if (connections->count == CONNECTIONS_MAX)
		return NULL;
	struct connection *connection = &connections->list[connections->count++];
	*connection = (struct connection){ .name = name };
	return connection;
}

struct connection_end *connection_end_of(struct connections *connections, unsigned number)
{
	for (size_t i = 0; i < connections->count; i++)
		for (size_t side = 0; side < 2; side++)
			if (connections->list[i].ends[side].party && connections->list[i].ends[side].number == number)
				return &connections->list[i].ends[side];
	return NULL;
}

struct connection_end *connection_end_at(struct connection *connection, const char *party)
{
	for (size_t side = 0; side < 2; side++)
		if (connection->ends[side].party && strcmp(connection->ends[side].party, party) == 0)
			return &connection->ends[side];
	return NULL;
}

struct connection_end *connection_other_end(struct connection *connection, const struct connection_end *end)
{
	return &connection->ends[end == &connection->ends[0]];
}

bool connection_can_send(struct connection *connection, const char *party)
{
	const struct connection_end *end = connection_end_at(connection, party);
	return end && !connection->over && !end->finished && !end->reset;
}

static bool connection_serves(struct connection *connection, const struct connection_end *near,
                              enum connection_purpose purpose)
{
	switch (purpose) {
	case CONNECTION_TO_SEND:
		return connection_can_send(connection, near->party);
	case CONNECTION_TO_RECEIVE:
		return near->sent_count > 0;
	case CONNECTION_TO_END:
		return !connection_other_end(connection, near)->told;
	}
	return false;
}

struct connection *connection_find(struct connections *connections, const char *name, const char *near, const char *far,
                                   enum connection_purpose purpose)
{
	for (size_t i = connections->count; i > 0; i--) {
		struct connection *connection = &connections->list[i - 1];
		const struct connection_end *end = connection_end_at(connection, near);
		if (!end || !connection_end_at(connection, far))
			continue;
		if (name ? connection->name && strcmp(connection->name, name) == 0
		         : connection_serves(connection, end, purpose))
			return connection;
	}
	return NULL;
}

struct connection *connection_to(struct connections *connections, const char *party, sipalg_endpoint to)
{
	for (size_t i = connections->count; i > 0; i--) {
		struct connection *connection = &connections->list[i - 1];
		if (endpoint_equal(connection->to, to) && strcmp(connection->ends[0].party, party) == 0 &&
		    connection_can_send(connection, party))
			return connection;
	}
	return NULL;
}

void connection_receive(struct store *store, struct connection_end *end, struct bytes bytes)
{
	if (end->length + bytes.length > end->room) {
		size_t room = (end->length + bytes.length) * 2 + CONNECTION_ROOM;
		char *received = store_take(store, room);
		if (end->length > 0)
			memcpy(received, end->received, end->length);
		end->received = received;
		end->room = room;
	}
	memcpy(end->received + end->length, bytes.start, bytes.length);
	end->length += bytes.length;
}

static bool is_sip(struct bytes message)
{
	struct bytes line = { message.start, bytes_find(message, 0, bytes_of("\n")) };
	return bytes_find(line, 0, bytes_of("SIP/2.0")) < line.length;
}

/* Content-Length; where there is none, the length the body had when it was sent. */
static size_t body_length(struct bytes header, struct bytes sent)
{
	size_t offset = 0;
	struct bytes line, digits;
	if (!message_header(header, "Content-Length", 'l', &offset, &line))
		return sent.length - message_body(sent);
	digits = bytes_from(line, bytes_find(line, 0, bytes_of(":")) + 1);
	while (digits.length > 0 && (digits.start[0] == ' ' || digits.start[0] == '\t'))
		digits = bytes_from(digits, 1);
	size_t length = 0;
	for (size_t i = 0; i < digits.length && digits.start[i] >= '0' && digits.start[i] <= '9'; i++)
		length = length * 10 + (size_t)(digits.start[i] - '0');
	return length;
}

size_t connection_message(const struct connection_end *end, struct bytes sent)
{
	struct bytes received = { end->received, end->length };
	size_t length = sent.length;
	if (is_sip(sent)) {
		size_t body = bytes_find(received, 0, bytes_of("\r\n\r\n"));
		if (body == received.length)
			return 0;
		length = body + 4 + body_length((struct bytes){ received.start, body + 4 }, sent);
	}
	return received.length >= length ? length : 0;
}

struct bytes connection_take(struct store *store, struct connection_end *end, struct connection_end *sender,
                             size_t length)
{
	struct bytes message = store_bytes(store, (struct bytes){ end->received, length });
	end->length -= length;
	memmove(end->received, end->received + length, end->length);
	sender->sent_count--;
	memmove(sender->sent, sender->sent + 1, sender->sent_count * sizeof(sender->sent[0]));
	return message;
}

bool connection_note(struct connection_end *end, struct bytes sent)
{
	if (end->sent_count == CONNECTION_SENT_MAX)
		return false;
	end->sent[end->sent_count++] = sent;
	return true;
}
