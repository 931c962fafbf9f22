/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control connections: lines in, lines out. */
#include "reflect/server.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NS_PER_S = 1000000000, NS_PER_MS = 1000000 };

/* ---- Opening and ending ---- */

static void end(struct server *server, size_t index)
{
	struct session *session = server->sessions[index];
	streams_leave(server, session);
	if (session->greeted) {
		log_session(server, session, true);
		session->visitor->sessions--;
	}
	close(session->descriptor);
	session_free(session);
	server->sessions[index] = NULL;
}

/* Written directly: who is sent away has no room of his own. */
static void send_away(int descriptor, enum reflect_end why)
{
	char line[64];
	json_t *object = json_pack("{s:s, s:s}", "tell", "goodbye", "why", wire_ends[why]);
	size_t length = object == NULL ? 0 : wire_write_line(object, line, sizeof line);
	json_decref(object);
	(void)!send(descriptor, line, length, MSG_NOSIGNAL);
}

/* The one that has waited longest without a hello; SERVER_SESSIONS: there is none. *count: of all of them. */
static size_t oldest_silent(const struct server *server, size_t *count)
{
	size_t oldest = SERVER_SESSIONS;
	*count = 0;
	for (size_t i = 0; i < SERVER_SESSIONS; i++) {
		const struct session *session = server->sessions[i];
		if (session == NULL || session->greeted)
			continue;
		(*count)++;
		if (oldest == SERVER_SESSIONS || session->since_ns < server->sessions[oldest]->since_ns)
			oldest = i;
	}
	return oldest;
}

static size_t make_place(struct server *server)
{
	size_t silent, oldest = oldest_silent(server, &silent), index = 0;
	if (silent >= GREETED_NOT_MAX)
		end(server, oldest);
	while (index < SERVER_SESSIONS && server->sessions[index] != NULL)
		index++;
	return index;
}

static void add(struct server *server, int descriptor, const sipalg_endpoint *client, const sipalg_address *at)
{
	size_t index = make_place(server);
	struct session *session = index < SERVER_SESSIONS ? malloc(sizeof *session) : NULL;
	if (session == NULL || !server_watch(server, descriptor, EVENT_SESSION, index, false)) {
		free(session);
		close(descriptor);
		return;
	}
	*session = (struct session){ .descriptor = descriptor,
		                     .client = *client,
		                     .at = *at,
		                     .since_ns = server->now_ns,
		                     .heard_ns = server->now_ns };
	server->sessions[index] = session;
}

void connections_accept(struct server *server, int family)
{
	for (size_t i = 0; i < BATCH_MAX; i++) {
		sipalg_endpoint client;
		sipalg_address at;
		int descriptor = places_accept(server->places.control[family], &client, &at);
		if (descriptor < 0)
			return;
		struct visitor *visitor = visitors_have(&server->visitors, &client.address, server->now_ns);
		if (visitor != NULL && budget_take(&visitor->hellos, 1, server->now_ns)) {
			add(server, descriptor, &client, &at);
			continue;
		}
		server->turned_away++;
		send_away(descriptor, REFLECT_END_BUSY);
		close(descriptor);
	}
}

/* ---- Lines in ---- */

static bool has_room(const struct server *server)
{
	size_t greeted = 0;
	for (size_t i = 0; i < SERVER_SESSIONS; i++)
		greeted += server->sessions[i] != NULL && server->sessions[i]->greeted;
	return greeted < SESSIONS_MAX;
}

static sipalg_address twin_of(const struct server *server, const struct session *session)
{
	sipalg_address given = server->settings.twins[sipalg_address_is_ipv4(&session->at) ? FAMILY_IPV4 : FAMILY_IPV6];
	if (sipalg_address_is_none(&given))
		return places_find_twin(&session->at);
	return sipalg_address_equal(&given, &session->at) ? (sipalg_address){ 0 } : given;
}

static enum reflect_end greet(struct server *server, struct session *session, const json_t *line)
{
	struct visitor *visitor = visitors_have(&server->visitors, &session->client.address, server->now_ns);
	uint64_t version;
	if (!wire_read_number(line, "hello", 0, 1, UINT32_MAX, &version))
		return REFLECT_END_WRONG;
	if (version != REFLECT_VERSION)
		return REFLECT_END_VERSION;
	session->visitor = visitor;
	if (visitor == NULL || visitor->sessions == SESSIONS_PER_ADDRESS || !has_room(server) ||
	    !session_greet(session, server->now_ns)) {
		server->turned_away++;
		return REFLECT_END_BUSY;
	}
	visitor->sessions++;
	session->id = ++server->session_ids;
	session->twin = twin_of(server, session);
	session_tell_welcome(session, server->settings.ports);
	log_session(server, session, false);
	return REFLECT_END_NONE;
}

static enum reflect_end obey(struct server *server, struct session *session, const json_t *line)
{
	struct order order;
	if (!order_read(line, &session->mask, &order))
		return REFLECT_END_WRONG;
	order.due_ns = server->now_ns + order.after_ms * NS_PER_MS;
	if (order.kind == ORDER_PING) {
		session_tell_pong(session, order.number, server->now_ns);
	} else if (!orders_add(&session->orders, &order)) {
		session_tell_done(session, &order, REFLECT_REFUSED_ROOM, 0, server->now_ns);
		order_free(&order);
	}
	return REFLECT_END_NONE;
}

static enum reflect_end take_line(struct server *server, struct session *session, struct text text)
{
	json_t *line = json_loadb(text.start, text.length, 0, NULL);
	enum reflect_end why = REFLECT_END_WRONG;
	session->heard_ns = server->now_ns;
	if (line != NULL)
		why = session->greeted ? obey(server, session, line) : greet(server, session, line);
	json_decref(line);
	return why;
}

static void take_lines(struct server *server, struct session *session)
{
	struct text rest = { session->input, session->input_length };
	size_t end_of_line;
	while (session->ending == REFLECT_END_NONE && (end_of_line = text_find(rest, '\n')) < rest.length) {
		session->ending = take_line(server, session, text_first(rest, end_of_line));
		rest = text_from(rest, end_of_line + 1);
	}
	if (rest.length == sizeof session->input)
		session->ending = REFLECT_END_WRONG;
	memmove(session->input, rest.start, rest.length);
	session->input_length = rest.length;
}

void connections_continue(struct server *server, size_t index)
{
	struct session *session = server->sessions[index];
	if (session == NULL)
		return;
	for (size_t i = 0; i < BATCH_MAX && session->ending == REFLECT_END_NONE; i++) {
		size_t room = sizeof session->input - session->input_length;
		ssize_t length = read(session->descriptor, session->input + session->input_length, room);
		if (length < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (length <= 0) {
			end(server, index);
			return;
		}
		session->input_length += (size_t)length;
		take_lines(server, session);
	}
}

/* ---- Lines out ---- */

static enum reflect_end judge(const struct server *server, const struct session *session)
{
	uint64_t silent_ns = server->now_ns - session->heard_ns, age_ns = server->now_ns - session->since_ns;
	uint64_t patience_s = session->greeted ? REFLECT_IDLE_S : REFLECT_HELLO_S;
	if (session->ending != REFLECT_END_NONE)
		return session->ending;
	if (silent_ns >= patience_s * NS_PER_S)
		return REFLECT_END_IDLE;
	return age_ns >= REFLECT_SESSION_MAX_S * (uint64_t)NS_PER_S ? REFLECT_END_LONG : REFLECT_END_NONE;
}

static bool write_out(struct session *session)
{
	while (session->output_from < session->output_to) {
		ssize_t sent = send(session->descriptor, session->output + session->output_from,
		                    session->output_to - session->output_from, MSG_NOSIGNAL);
		if (sent < 0)
			return errno == EAGAIN || errno == EINTR;
		session->output_from += (size_t)sent;
	}
	return true;
}

void connections_settle(struct server *server, size_t index)
{
	struct session *session = server->sessions[index];
	if (session == NULL)
		return;
	session->ending = judge(server, session);
	if (session->ending == REFLECT_END_NONE) {
		if (!write_out(session))
			end(server, index);
		return;
	}
	if (session->output != NULL) {
		session_tell_goodbye(session, session->ending);
		(void)write_out(session);
	} else {
		send_away(session->descriptor, session->ending);
	}
	end(server, index);
}
