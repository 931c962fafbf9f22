/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reflect/server.h"
#include "reflect/token.h"

struct session *arrivals_find_by_token(struct server *server, struct text bytes)
{
	struct text token;
	for (size_t from = 0; token_next(bytes, &from, &token);)
		for (size_t i = 0; i < SERVER_SESSIONS; i++) {
			struct session *session = server->sessions[i];
			if (session != NULL && session->greeted && session_has_token(session, token))
				return session;
		}
	return NULL;
}

static struct session *find_by_source(struct server *server, const struct arrival *arrival)
{
	for (size_t i = 0; i < SERVER_SESSIONS; i++) {
		struct session *session = server->sessions[i];
		if (session != NULL && session->greeted &&
		    session_has_source(session, arrival->place, &arrival->source))
			return session;
	}
	return NULL;
}

void arrivals_count_stray(struct server *server, const sipalg_address *source)
{
	struct visitor *visitor = visitors_find(&server->visitors, source);
	server->strays++;
	if (visitor != NULL)
		visitor->strays++;
}

/* Media of a source that was reported is only counted. */
static void take_media(struct session *session, const struct arrival *arrival, struct text bytes, bool by_token)
{
	bool twin = sipalg_address_equal(&arrival->local, &session->twin);
	struct flow *flow = flows_find(&session->flows, &arrival->source, arrival->place, twin);
	if (flow == NULL) {
		session_tell_received(session, arrival, bytes, by_token, arrival->time_ns);
		flow = flows_add(&session->flows, &arrival->source, arrival->place, twin);
	}
	if (flow != NULL)
		flow_count(flow, bytes);
}

static void take(struct server *server, const struct arrival *arrival, struct text bytes)
{
	struct session *session = arrivals_find_by_token(server, bytes);
	bool by_token = session != NULL;
	if (!by_token)
		session = find_by_source(server, arrival);
	if (session == NULL) {
		arrivals_count_stray(server, &arrival->source.address);
		return;
	}
	if (by_token)
		session_learn(session, arrival, bytes);
	if (arrival->place >= REFLECT_MEDIA)
		take_media(session, arrival, bytes, by_token);
	else
		session_tell_received(session, arrival, bytes, by_token, server->now_ns);
}

void arrivals_take(struct server *server, enum reflect_place place, int family)
{
	for (size_t i = 0; i < BATCH_MAX; i++) {
		struct arrival arrival = { .place = place, .time_ns = server->now_ns };
		ssize_t length = places_receive(server->places.udp[place][family], server->received,
		                                sizeof server->received, &arrival.source, &arrival.local);
		if (length < 0)
			return;
		take(server, &arrival, (struct text){ server->received, (size_t)length });
	}
}
