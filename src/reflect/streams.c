/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reflect/server.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NS_PER_S = 1000000000 };

/* ---- Opening and ending ---- */

static size_t find_free(const struct server *server)
{
	size_t index = 0;
	while (index < STREAMS_MAX && server->streams[index] != NULL)
		index++;
	return index;
}

/* A stream of its own for the connection, which is closed when there is no room. Its place in the list, or STREAMS_MAX.
 */
static size_t add(struct server *server, int descriptor, const struct arrival *opened, bool connecting)
{
	size_t index = find_free(server);
	struct visitor *visitor = visitors_have(&server->visitors, &opened->source.address, server->now_ns);
	bool room = index < STREAMS_MAX && visitor != NULL && visitor->streams < STREAMS_PER_ADDRESS;
	struct stream *stream = room ? malloc(sizeof *stream) : NULL;
	if (stream == NULL || !server_watch(server, descriptor, EVENT_STREAM, index, connecting)) {
		free(stream);
		close(descriptor);
		server->turned_away++;
		return STREAMS_MAX;
	}
	*stream = (struct stream){ .descriptor = descriptor,
		                   .id = ++server->stream_ids,
		                   .visitor = visitor,
		                   .opened = *opened,
		                   .connecting = connecting };
	stream->opened.stream = stream->id;
	visitor->streams++;
	server->streams[index] = stream;
	return index;
}

void streams_accept(struct server *server, enum reflect_place place, int family)
{
	for (size_t i = 0; i < BATCH_MAX; i++) {
		struct arrival opened = { .place = place, .time_ns = server->now_ns };
		int descriptor = places_accept(server->places.tcp[place][family], &opened.source, &opened.local);
		if (descriptor < 0)
			return;
		(void)add(server, descriptor, &opened, false);
	}
}

/* With a reset the far end does not see an end in good order. */
static void end(struct server *server, size_t index, bool reset)
{
	struct stream *stream = server->streams[index];
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
	if (reset)
		(void)setsockopt(stream->descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	close(stream->descriptor);
	stream->visitor->streams--;
	if (stream->session != NULL)
		stream->session->streams--;
	free(stream);
	server->streams[index] = NULL;
}

static void end_nobodys(struct server *server, size_t index)
{
	arrivals_count_stray(server, &server->streams[index]->opened.source.address);
	end(server, index, false);
}

void streams_leave(struct server *server, const struct session *session)
{
	for (size_t i = 0; i < STREAMS_MAX; i++)
		if (server->streams[i] != NULL && server->streams[i]->session == session)
			end(server, i, false);
}

static void tell_connected(struct server *server, struct stream *stream, enum reflect_refusal refusal)
{
	const struct order order = { .number = stream->number };
	stream->connecting = false;
	session_tell_done(stream->session, &order, refusal, refusal == REFLECT_CARRIED_OUT ? stream->id : 0,
	                  server->now_ns);
}

void streams_expire(struct server *server)
{
	for (size_t i = 0; i < STREAMS_MAX; i++) {
		struct stream *stream = server->streams[i];
		uint64_t age_ns = stream == NULL ? 0 : server->now_ns - stream->opened.time_ns;
		if (stream == NULL)
			continue;
		if (stream->connecting && age_ns >= STREAM_CONNECT_S * (uint64_t)NS_PER_S) {
			tell_connected(server, stream, REFLECT_REFUSED_FAILED);
			end(server, i, true);
		} else if (stream->session == NULL && age_ns >= STREAM_TOKEN_S * (uint64_t)NS_PER_S) {
			end_nobodys(server, i);
		}
	}
}

/* ---- What comes ---- */

static void report_read(struct stream *stream, struct text bytes, uint64_t time_ns, bool by_token, uint64_t now_ns)
{
	struct arrival arrival = stream->opened;
	arrival.time_ns = time_ns;
	session_tell_received(stream->session, &arrival, bytes, by_token, now_ns);
}

/* The token has come: all that was read before is the session's, too. */
static void hand_over(struct server *server, struct stream *stream, struct session *session)
{
	struct text head = { stream->head, stream->head_length };
	size_t from = 0;
	stream->session = session;
	session->streams++;
	session_learn(session, &stream->opened, head);
	session_tell_opened(session, &stream->opened);
	for (size_t i = 0; i < stream->read_count; i++) {
		struct text read = text_first(text_from(head, from), stream->reads[i].end - from);
		report_read(stream, read, stream->reads[i].time_ns, true, server->now_ns);
		from = stream->reads[i].end;
	}
}

/* False: there is no room for more without a token. */
static bool keep(struct server *server, struct stream *stream, struct text bytes)
{
	if (stream->head_length + bytes.length > STREAM_HEAD_MAX || stream->read_count == STREAM_READS_MAX)
		return false;
	memcpy(stream->head + stream->head_length, bytes.start, bytes.length);
	stream->head_length += bytes.length;
	stream->reads[stream->read_count].end = stream->head_length;
	stream->reads[stream->read_count++].time_ns = server->now_ns;
	struct session *session = arrivals_find_by_token(server, (struct text){ stream->head, stream->head_length });
	if (session == NULL)
		return true;
	if (session->streams == STREAMS_PER_SESSION)
		return false;
	hand_over(server, stream, session);
	return true;
}

/* False: the stream has ended. */
static bool take(struct server *server, size_t index, struct text bytes)
{
	struct stream *stream = server->streams[index];
	if (stream->session == NULL) {
		if (keep(server, stream, bytes))
			return true;
		end_nobodys(server, index);
		return false;
	}
	struct session *owner = arrivals_find_by_token(server, bytes);
	if (owner == stream->session)
		session_learn(owner, &stream->opened, bytes);
	report_read(stream, bytes, server->now_ns, owner == stream->session, server->now_ns);
	return true;
}

static void end_of_stream(struct server *server, size_t index, bool reset)
{
	struct stream *stream = server->streams[index];
	if (stream->session == NULL) {
		end_nobodys(server, index);
		return;
	}
	session_tell_closed(stream->session, stream->id, reset, server->now_ns);
	end(server, index, false);
}

static void read_all(struct server *server, size_t index)
{
	for (size_t i = 0; i < BATCH_MAX; i++) {
		ssize_t length = read(server->streams[index]->descriptor, server->received, REFLECT_REPORTED_MAX);
		if (length < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (length <= 0) {
			end_of_stream(server, index, length < 0);
			return;
		}
		if (!take(server, index, (struct text){ server->received, (size_t)length }))
			return;
	}
}

static bool has_connected(const struct stream *stream)
{
	int error = 0;
	socklen_t length = sizeof error;
	return getsockopt(stream->descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0;
}

void streams_continue(struct server *server, size_t index, bool writable)
{
	struct stream *stream = server->streams[index];
	if (stream == NULL)
		return;
	if (!stream->connecting) {
		read_all(server, index);
		return;
	}
	if (!writable)
		return;
	bool connected = has_connected(stream);
	tell_connected(server, stream, connected ? REFLECT_CARRIED_OUT : REFLECT_REFUSED_FAILED);
	if (connected)
		server_watch_again(server, stream->descriptor, EVENT_STREAM, index, false);
	else
		end(server, index, false);
}

/* ---- What a session asks for ---- */

static size_t find_own(const struct server *server, const struct session *session, uint32_t id)
{
	size_t index = 0;
	while (index < STREAMS_MAX && (server->streams[index] == NULL || server->streams[index]->id != id ||
	                               server->streams[index]->session != session))
		index++;
	return index;
}

/* A client that does not read what it has asked for gets no more. */
enum reflect_refusal streams_write(struct server *server, struct session *session, const struct order *order)
{
	size_t index = find_own(server, session, order->stream);
	if (index == STREAMS_MAX || server->streams[index]->connecting)
		return REFLECT_REFUSED_NO_STREAM;
	ssize_t sent = send(server->streams[index]->descriptor, order->bytes, order->length, MSG_NOSIGNAL);
	if (sent == (ssize_t)order->length)
		return REFLECT_CARRIED_OUT;
	session_tell_closed(session, order->stream, true, server->now_ns);
	end(server, index, true);
	return REFLECT_REFUSED_FAILED;
}

enum reflect_refusal streams_finish(struct server *server, struct session *session, const struct order *order)
{
	size_t index = find_own(server, session, order->stream);
	if (index == STREAMS_MAX)
		return REFLECT_REFUSED_NO_STREAM;
	end(server, index, order->reset);
	return REFLECT_CARRIED_OUT;
}

enum reflect_refusal streams_connect(struct server *server, struct session *session, const struct order *order)
{
	struct arrival opened = {
		.place = order->place,
		.local = order->twin ? session->twin : session->at,
		.source = { .address = session->client.address, .port = order->port, .protocol = SIPALG_PROTOCOL_TCP },
		.time_ns = server->now_ns
	};
	if (session->streams == STREAMS_PER_SESSION)
		return REFLECT_REFUSED_ROOM;
	int descriptor = places_connect(&opened.local, &opened.source);
	size_t index = descriptor < 0 ? STREAMS_MAX : add(server, descriptor, &opened, true);
	if (index == STREAMS_MAX)
		return REFLECT_REFUSED_FAILED;
	server->streams[index]->session = session;
	server->streams[index]->number = order->number;
	session->streams++;
	return REFLECT_CARRIED_OUT;
}
