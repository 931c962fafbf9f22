/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands whose time has come. */
#include "reflect/server.h"

/* The limits in the order in which refusals tell most. */
static enum reflect_refusal may_send(struct server *server, struct session *session, const struct order *order,
                                     uint8_t protocol)
{
	if (order->twin && sipalg_address_is_none(&session->twin))
		return REFLECT_REFUSED_NO_TWIN;
	enum reflect_refusal refusal = session_may_reach(session, protocol, order->port);
	if (refusal != REFLECT_CARRIED_OUT)
		return refusal;
	return session_spend(session, order->length, server->now_ns);
}

static bool server_may_send(struct server *server, const struct order *order)
{
	return budget_take(&server->bytes, order->length + DATAGRAM_OVERHEAD, server->now_ns);
}

static enum reflect_refusal send_datagram(struct server *server, struct session *session, const struct order *order)
{
	enum reflect_refusal refusal = may_send(server, session, order, SIPALG_PROTOCOL_UDP);
	const sipalg_endpoint to = { .address = session->client.address,
		                     .port = order->port,
		                     .protocol = SIPALG_PROTOCOL_UDP };
	const struct text bytes = { order->bytes, order->length };
	if (refusal != REFLECT_CARRIED_OUT)
		return refusal;
	if (!server_may_send(server, order))
		return REFLECT_REFUSED_BUDGET;
	session->sent++;
	return places_send(&server->places, order->place, order->twin ? &session->twin : &session->at, &to, bytes)
	               ? REFLECT_CARRIED_OUT
	               : REFLECT_REFUSED_FAILED;
}

static enum reflect_refusal write_stream(struct server *server, struct session *session, const struct order *order)
{
	enum reflect_refusal refusal = session_spend(session, order->length, server->now_ns);
	if (refusal == REFLECT_CARRIED_OUT && !server_may_send(server, order))
		refusal = REFLECT_REFUSED_BUDGET;
	if (refusal != REFLECT_CARRIED_OUT)
		return refusal;
	session->sent++;
	return streams_write(server, session, order);
}

static enum reflect_refusal connect_stream(struct server *server, struct session *session, const struct order *order)
{
	enum reflect_refusal refusal = may_send(server, session, order, SIPALG_PROTOCOL_TCP);
	return refusal == REFLECT_CARRIED_OUT ? streams_connect(server, session, order) : refusal;
}

static enum reflect_refusal execute(struct server *server, struct session *session, const struct order *order)
{
	switch (order->kind) {
	case ORDER_NONE:
	case ORDER_PING:
		break;
	case ORDER_SEND:
	case ORDER_MEDIA:
		return send_datagram(server, session, order);
	case ORDER_WRITE:
		return write_stream(server, session, order);
	case ORDER_FINISH:
		return streams_finish(server, session, order);
	case ORDER_CONNECT:
		return connect_stream(server, session, order);
	}
	return REFLECT_CARRIED_OUT;
}

/* A packet of media that the network did not take is lost like others: the stream goes on. How a connection ended is
 * told when it has. */
static void carry_out(struct server *server, struct session *session, struct order *order)
{
	enum reflect_refusal refusal = execute(server, session, order);
	bool goes_on = refusal == REFLECT_CARRIED_OUT || refusal == REFLECT_REFUSED_FAILED;
	if (order->kind == ORDER_MEDIA && goes_on && order_advance_media(order))
		return;
	if (order->kind != ORDER_CONNECT || refusal != REFLECT_CARRIED_OUT)
		session_tell_done(session, order, refusal, 0, server->now_ns);
	orders_remove(&session->orders, order);
}

/* So many at a time, that no session keeps the others waiting. */
void carry_out_due(struct server *server, struct session *session)
{
	for (size_t i = 0; i < BATCH_MAX; i++) {
		struct order *order = orders_due(&session->orders, server->now_ns);
		if (order == NULL)
			return;
		carry_out(server, session, order);
	}
}
