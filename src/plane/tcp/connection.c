/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of a connection, from the opener's first packet to the end of both ends. */
#include "plane/tcp/socket.h"
#include "plane/tcp/state.h"

#include <sys/epoll.h>
#include <unistd.h>

/* ---- Beginning ---- */

static struct connection *place_take(struct relay *relay)
{
	uint32_t place = relay->free;

	if (place == 0)
		return &relay->connections[relay->used++];
	relay->free = relay->connections[place - 1].next_free;
	return &relay->connections[place - 1];
}

static void place_give_back(struct relay *relay, struct connection *connection)
{
	connection->state = RELAY_NONE;
	connection->next_free = relay->free;
	relay->free = (uint32_t)(connection - relay->connections) + 1;
}

static void connection_prepare(struct relay *relay, struct connection *connection, const struct relay_route *route)
{
	memset(connection, 0, sizeof(*connection));
	connection->route = *route;
	connection->state = RELAY_CONNECTING;
	connection->since_ns = relay->now_ns;
	list_reset(&connection->turn);
	for (uint8_t index = 0; index < 2; index++) {
		connection->sides[index].index = index;
		connection->ways[index].index = index;
		list_reset(&connection->ways[index].age);
	}
}

static bool side_watch(struct relay *relay, struct side *side)
{
	/* Edge-triggered: a side is told of once, and a slow or half-closed one costs nothing while it waits. */
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET, .data.ptr = side };

	return epoll_ctl(relay->epoll, EPOLL_CTL_ADD, side->descriptor, &event) == 0;
}

static void connection_open(struct relay *relay, int accepted, int onward, const struct relay_route *route)
{
	struct connection *connection = place_take(relay);

	connection_prepare(relay, connection, route);
	connection->sides[0].descriptor = accepted;
	connection->sides[1].descriptor = onward;
	relay->counters.connections++;
	if (socket_mark(onward, route->mark) != 0 ||
	    socket_connect(onward, &route->from, route->phone.port, &route->to) != 0 ||
	    !side_watch(relay, &connection->sides[0]) || !side_watch(relay, &connection->sides[1])) {
		relay->counters.unreachable++;
		connection_reset(relay, connection);
	}
}

/* Whether it may begin; hosts_add() has then counted it. */
static bool is_welcome(struct relay *relay, int accepted, const sipalg_endpoint *source, struct relay_route *route)
{
	sipalg_endpoint destination = socket_local(accepted);

	if (relay->counters.connections >= relay->counters.connections_max) {
		relay->counters.refused_full++;
		return false;
	}
	if (!relay->hooks.route(relay->hooks.context, relay->now_ns, source, &destination, route)) {
		relay->counters.refused++;
		return false;
	}
	if (!hosts_add(&relay->hosts, &route->phone.address, relay->settings.host_connections_max)) {
		relay->counters.refused_host++;
		return false;
	}
	return true;
}

void connection_begin(struct relay *relay, int accepted, int *onward, const sipalg_endpoint *source)
{
	struct relay_route route = { 0 };

	relay->counters.accepted++;
	if (!is_welcome(relay, accepted, source, &route)) {
		socket_reset(accepted);
		return;
	}
	connection_open(relay, accepted, *onward, &route);
	*onward = -1;
}

/* ---- Ending ---- */

static void connection_end(struct relay *relay, struct connection *connection)
{
	for (int index = 0; index < 2; index++)
		way_end(relay, &connection->ways[index]);
	list_remove(&connection->turn);
	hosts_remove(&relay->hosts, &connection->route.phone.address);
	relay->counters.connections--;
	place_give_back(relay, connection);
	accept_resume(relay);
}

void connection_reset(struct relay *relay, struct connection *connection)
{
	for (int index = 0; index < 2; index++)
		socket_reset(connection->sides[index].descriptor);
	connection_end(relay, connection);
}

static void connection_close(struct relay *relay, struct connection *connection)
{
	for (int index = 0; index < 2; index++)
		close(connection->sides[index].descriptor);
	connection_end(relay, connection);
}

/* ---- A turn ---- */

/* Whether the onward connection stands. When it never will, connection->broken. */
static bool connect_finish(struct relay *relay, struct connection *connection)
{
	const struct side *onward = &connection->sides[1];
	sipalg_endpoint local;

	if (!onward->writable && !onward->failed)
		return false;
	if (socket_error(onward->descriptor) != 0) {
		relay->counters.unreachable++;
		connection->broken = true;
		return false;
	}
	local = socket_local(onward->descriptor);
	relay->hooks.connected(relay->hooks.context, relay->now_ns, &connection->route, &local);
	connection->state = RELAY_ESTABLISHED;
	return true;
}

static void connection_decide(struct relay *relay, struct connection *connection, const enum progress progress[2])
{
	for (int index = 0; index < 2; index++) {
		/* What came before a reset is read first, as long as somebody takes it. */
		if (connection->sides[index].failed && progress[index] != PROGRESS_MORE)
			connection->broken = true;
	}
	if (connection->broken) {
		relay->counters.resets += connection->state != RELAY_CONNECTING;
		connection_reset(relay, connection);
	} else if (connection->ways[0].closed && connection->ways[1].closed) {
		connection_close(relay, connection);
	} else if (progress[0] == PROGRESS_MORE || progress[1] == PROGRESS_MORE) {
		list_append(&relay->ready, &connection->turn);
	} else if (progress[0] == PROGRESS_STARVED || progress[1] == PROGRESS_STARVED) {
		relay->counters.waits++;
		list_append(&relay->starved, &connection->turn);
	}
}

void connection_work(struct relay *relay, struct connection *connection)
{
	enum progress progress[2] = { PROGRESS_IDLE, PROGRESS_IDLE };

	list_remove(&connection->turn);
	if (connection->state != RELAY_CONNECTING || connect_finish(relay, connection))
		for (int index = 0; index < 2 && !connection->broken; index++)
			progress[index] = way_work(relay, connection, &connection->ways[index]);
	connection_decide(relay, connection, progress);
}
