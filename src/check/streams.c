/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIP over TCP: the same messages, divided into segments in ways that ALGs stumble over. */
#include "check/run.h"

#include "host/endpoint.h"
#include "sipalg/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	CONNECT_MS = 3000,
	GAP_MS = 120, /* between the parts, so that they are segments of their own */
	WAIT_MS = 1000,
	PARTS_MAX = 4,
	MESSAGES_MAX = 2,
	CUT_BODY = 40, /* bytes before the end */
	CUT_REST = 30,
	CUT_START = 3,
};

enum stream_state { STREAM_CONNECTING = 0, STREAM_OPEN, STREAM_FAILED };

struct connection {
	const struct stream_probe *probe;
	enum stream_state state;
	int file;
	uint16_t port;
	struct passage *messages[MESSAGES_MAX]; /* each as it was written */
	size_t message_count;
	char *bytes; /* all of them */
	size_t length;
	size_t ends[PARTS_MAX]; /* where each part ends */
	size_t part_count;
	const struct far_stream *far; /* what has arrived; NULL: nothing */
	size_t found;                 /* messages that were found in it */
	size_t rewritten;
	bool broken; /* bytes between or behind messages that belong to none */
};

/* ---- Writing ---- */

static int stream_connect(const struct run *run, enum reflect_place place, uint16_t *port)
{
	const struct reflect_server *server = run->exchange->server;
	struct sockaddr_storage address;
	sipalg_endpoint own = server->own, far = { server->address, server->ports[place], SIPALG_PROTOCOL_TCP, 0 };
	own.port = 0;
	socklen_t length = endpoint_to_socket(own, &address);
	int yes = 1, file = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (file < 0)
		return -1;
	(void)setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	bool bound = bind(file, (struct sockaddr *)&address, length) == 0;
	length = endpoint_to_socket(far, &address);
	if (!bound || (connect(file, (struct sockaddr *)&address, length) != 0 && errno != EINPROGRESS)) {
		close(file);
		return -1;
	}
	length = sizeof address;
	if (getsockname(file, (struct sockaddr *)&address, &length) == 0)
		*port = endpoint_of_socket(&address, SIPALG_PROTOCOL_TCP).port;
	return file;
}

/* A passage without a flow: what becomes of it is found out here. */
static bool message_write(struct run *run, struct connection *connection, const char *name)
{
	struct fields fields;
	struct composed message;
	struct exchange *exchange = run->exchange;
	const struct probe *probe = probe_named(name);
	fields_begin(&fields, exchange, connection->port, REFLECT_SIP, SIPALG_PROTOCOL_TCP);
	if (!fields_bind_media(&fields, exchange, probe->pattern.text) ||
	    !compose(&probe->pattern, &fields.blanks, &message))
		return false;
	struct passage *passage = exchange_note(exchange, probe, composed_text(&message));
	char *bytes = realloc(connection->bytes, connection->length + message.length);
	if (bytes != NULL)
		connection->bytes = bytes;
	if (bytes == NULL || passage == NULL)
		return false;
	memcpy(bytes + connection->length, message.bytes, message.length);
	connection->length += message.length;
	connection->messages[connection->message_count++] = passage;
	return true;
}

static void cut(struct connection *connection, size_t at)
{
	connection->ends[connection->part_count++] = at;
}

static void divide(struct connection *connection)
{
	size_t first = connection->messages[0]->sent.length, length = connection->length;
	switch (connection->probe->division) {
	case DIVISION_NONE:
		if (first < length)
			cut(connection, first);
		break;
	case DIVISION_BODY:
		cut(connection, length - CUT_BODY);
		break;
	case DIVISION_HEADER:
		cut(connection, length / 3);
		break;
	case DIVISION_START:
		cut(connection, CUT_START);
		break;
	case DIVISION_HALF_HEADER:
		cut(connection, first + (length - first) / 3);
		break;
	case DIVISION_HALF_BODY:
		cut(connection, length - CUT_REST);
		break;
	case DIVISION_TOGETHER:
	case DIVISION_COUNT:
		break;
	}
	cut(connection, length);
}

static bool connection_compose(struct run *run, struct connection *connection)
{
	const struct stream_probe *probe = connection->probe;
	if (!message_write(run, connection, probe->first) ||
	    (probe->second != NULL && !message_write(run, connection, probe->second)))
		return false;
	divide(connection);
	return true;
}

static void connection_send(struct connection *connection, size_t part)
{
	size_t start = part == 0 ? 0 : connection->ends[part - 1];
	if (connection->state != STREAM_OPEN || part >= connection->part_count)
		return;
	size_t length = connection->ends[part] - start;
	if (send(connection->file, connection->bytes + start, length, MSG_NOSIGNAL) != (ssize_t)length)
		connection->state = STREAM_FAILED;
}

/* ---- What has arrived ---- */

/* The stream in which a mark of ours stands. */
static const struct far_stream *far_find(const struct run *run, const struct connection *connection)
{
	const struct exchange *exchange = run->exchange;
	for (size_t i = 0; i < FAR_STREAMS_MAX && exchange->streams[i].number != 0; i++) {
		const struct far_stream *far = &exchange->streams[i];
		struct text bytes = { far->bytes, far->length };
		for (size_t message = 0; message < connection->message_count; message++) {
			char mark[MARK_LENGTH + 1];
			exchange_mark_of(exchange, (size_t)(connection->messages[message] - exchange->passages), mark);
			if (bytes.length > 0 && memmem(bytes.start, bytes.length, mark, MARK_LENGTH) != NULL)
				return far;
		}
	}
	return NULL;
}

static void piece_take(struct run *run, struct connection *connection, struct text bytes)
{
	size_t number = exchange_mark_find(run->exchange, bytes, false);
	struct passage *passage = number == SIZE_MAX ? NULL : &run->exchange->passages[number];
	if (passage == NULL || passage->arrived) {
		connection->broken = true;
		return;
	}
	passage->arrived = true;
	passage->received = text_copy(bytes);
	connection->found++;
	struct charges charges;
	run_examine(run, passage, &charges);
	connection->rewritten += charges.rewritten;
}

/* Cuts what has arrived into messages, as a server does. */
static void far_read(struct run *run, struct connection *connection)
{
	struct sipalg_stream stream = { 0 };
	struct text rest = { connection->far->bytes, connection->far->length };
	while (rest.length > 0) {
		struct sipalg_piece piece = sipalg_stream_next(&stream, (const uint8_t *)rest.start, rest.length);
		if (piece.kind == SIPALG_PIECE_MESSAGE)
			piece_take(run, connection, text_first(rest, piece.length));
		else if (piece.kind != SIPALG_PIECE_NONE)
			connection->broken = true;
		if (piece.kind == SIPALG_PIECE_NONE)
			break;
		rest = text_from(rest, piece.length);
	}
	if (rest.length > 0)
		connection->broken = true;
}

static bool all_there(const struct run *run, const struct connection *connections, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct far_stream *far = far_find(run, &connections[i]);
		if (connections[i].state == STREAM_OPEN && (far == NULL || far->length < connections[i].length))
			return false;
	}
	return true;
}

/* ---- Judging ---- */

/* Rewriting that stops in the middle of a message. */
static bool is_half(enum fault_kind fault)
{
	return fault == FAULT_HALF_REWRITTEN || fault == FAULT_CONTACT_NOT_REWRITTEN ||
	       fault == FAULT_SDP_NOT_REWRITTEN;
}

/* What UDP shows as well is charged as such. What TCP alone shows is due to TCP: halves to where the segments end, all
 * other damage to bytes that were changed without regard to the stream. */
static void message_judge(struct run *run, const struct connection *connection, const struct passage *passage)
{
	struct charges charges;
	run_examine(run, passage, &charges);
	for (size_t i = 0; i < charges.count; i++) {
		enum fault_kind fault = charges.list[i].fault;
		bool known = run->ledger.entries[fault].count > 0;
		if (!known && is_half(fault))
			fault = connection->probe->division == DIVISION_NONE ? fault : FAULT_TCP_SPLIT_UNTOUCHED;
		else if (!known)
			fault = FAULT_TCP_CORRUPTED;
		ledger_charge(&run->ledger, fault, CONFIDENCE_CERTAIN, connection->probe->name, passage, "%s: %s",
		              connection->probe->title, charges.list[i].detail);
	}
	run->rewritten = run->rewritten || charges.rewritten;
}

/* The first message that has not arrived; NULL: all have. */
static const struct passage *missing_find(const struct connection *connection)
{
	for (size_t i = 0; i < connection->message_count; i++)
		if (!connection->messages[i]->arrived)
			return connection->messages[i];
	return NULL;
}

static void connection_judge(struct run *run, const struct connection *connection, bool usually_rewritten)
{
	struct ledger *ledger = &run->ledger;
	const char *name = connection->probe->name, *title = connection->probe->title;
	const struct passage *missing = missing_find(connection);
	if (connection->broken)
		ledger_charge(ledger, FAULT_TCP_CORRUPTED, CONFIDENCE_CERTAIN, name, missing,
		              "%s: the bytes that arrive cannot be cut into the messages that were sent", title);
	else if (missing != NULL && !run_usual_lost(run, missing->probe))
		ledger_charge(ledger, FAULT_TCP_MESSAGE_LOST, CONFIDENCE_CERTAIN, name, missing,
		              "%s: %zu of %zu messages arrive", title, connection->found, connection->message_count);
	else if (usually_rewritten && connection->rewritten < connection->found)
		ledger_charge(
		        ledger, FAULT_TCP_SPLIT_UNTOUCHED, CONFIDENCE_CERTAIN, name, connection->messages[0],
		        "%s: %zu of %zu messages keep the inside address, which loses it when it comes in one piece",
		        title, connection->found - connection->rewritten, connection->found);
	for (size_t i = 0; i < connection->message_count && !connection->broken; i++)
		if (connection->messages[i]->arrived)
			message_judge(run, connection, connection->messages[i]);
}

/* Whether nothing comes by TCP to SIP's port while it does to another. */
static void connections_blocked(struct run *run, const struct connection *connection)
{
	uint16_t port;
	int file = stream_connect(run, REFLECT_PLAIN, &port), error = 1;
	socklen_t length = sizeof error;
	if (file < 0)
		return;
	for (unsigned waited = 0; waited < CONNECT_MS && error != 0; waited += 100) {
		struct pollfd ready = { .fd = file, .events = POLLOUT };
		exchange_pump(run->exchange, 100);
		if (poll(&ready, 1, 0) == 1 && getsockopt(file, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
			error = 1;
	}
	close(file);
	if (error == 0)
		ledger_charge(&run->ledger, FAULT_TCP_BLOCKED, CONFIDENCE_CERTAIN, connection->probe->name, NULL,
		              "no connection to port %u can be made, while one to port %u can",
		              run->exchange->server->ports[REFLECT_SIP], run->exchange->server->ports[REFLECT_PLAIN]);
	else
		report_add_note(run->report, "no TCP connection to the far end can be made but the control connection");
}

/* ---- All connections at once ---- */

static void connections_open(struct run *run, struct connection *connections)
{
	for (size_t i = 0; i < stream_count; i++) {
		connections[i] = (struct connection){ .probe = &stream_table[i] };
		connections[i].file = stream_connect(run, REFLECT_SIP, &connections[i].port);
		if (connections[i].file < 0 || !connection_compose(run, &connections[i]))
			connections[i].state = STREAM_FAILED;
	}
}

static bool connecting_check(struct connection *connection)
{
	int error = 0;
	socklen_t length = sizeof error;
	struct pollfd ready = { .fd = connection->file, .events = POLLOUT };
	if (connection->state != STREAM_CONNECTING)
		return true;
	if (poll(&ready, 1, 0) != 1)
		return false;
	bool fine = getsockopt(connection->file, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0;
	connection->state = fine ? STREAM_OPEN : STREAM_FAILED;
	return true;
}

static void connections_await(struct run *run, struct connection *connections)
{
	uint64_t end = exchange_now_ms() + CONNECT_MS;
	for (bool all = false; !all && exchange_now_ms() < end && !run->exchange->ended;) {
		exchange_pump(run->exchange, 20);
		all = true;
		for (size_t i = 0; i < stream_count; i++)
			all = connecting_check(&connections[i]) && all;
	}
}

static void connections_write(struct run *run, struct connection *connections)
{
	for (size_t part = 0; part < PARTS_MAX && !run->exchange->ended; part++) {
		for (size_t i = 0; i < stream_count; i++)
			connection_send(&connections[i], part);
		exchange_pump(run->exchange, GAP_MS);
	}
	uint64_t end = exchange_now_ms() + WAIT_MS;
	while (!run->exchange->ended && exchange_now_ms() < end && !all_there(run, connections, stream_count))
		exchange_pump(run->exchange, 50);
}

static void connections_judge(struct run *run, struct connection *connections)
{
	bool usually = false;
	size_t open = 0;
	for (size_t i = 0; i < stream_count; i++) {
		connections[i].far = far_find(run, &connections[i]);
		if (connections[i].far != NULL)
			far_read(run, &connections[i]);
		open += connections[i].state == STREAM_OPEN;
	}
	if (open == 0)
		connections_blocked(run, &connections[0]);
	/* The first sends each message by itself. */
	usually = connections[0].found > 0 && connections[0].rewritten == connections[0].found;
	for (size_t i = 0; i < stream_count && !run->exchange->ended; i++)
		if (connections[i].state == STREAM_OPEN)
			connection_judge(run, &connections[i], usually);
}

void run_streams(struct run *run)
{
	struct connection *connections = calloc(stream_count, sizeof *connections);
	if (connections == NULL)
		return;
	connections_open(run, connections);
	connections_await(run, connections);
	connections_write(run, connections);
	connections_judge(run, connections);
	for (size_t i = 0; i < stream_count; i++) {
		if (connections[i].file >= 0)
			close(connections[i].file);
		free(connections[i].bytes);
	}
	free(connections);
}
