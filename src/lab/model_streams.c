/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP in the engine's world: connections through NAT, and sipalg's relay in their middle. */
#include "lab/model.h"

#include <string.h>

enum {
	MODEL_PORT_FIRST = 40000, /* of those that are chosen when any will do */
	MODEL_WINDOW = 65536,     /* what an end that does not read leaves the other to send */
};

static struct model_connection *connection_of(struct engine_world *model, unsigned end)
{
	return &model->connections[end / 2];
}

static void end_arrive(struct engine_world *model, const struct model_connection *connection, size_t side,
                       struct arrival arrival)
{
	arrival.end = (unsigned)(connection - model->connections) * 2 + (unsigned)side;
	model_arrive(model, arrival);
}

static void connection_reset(struct engine_world *model, struct model_connection *connection)
{
	for (size_t side = 0; side < 2 && !connection->gone; side++)
		end_arrive(model, connection, side, (struct arrival){ .kind = ARRIVAL_RESET });
	connection->gone = true;
}

void model_streams_reset(struct engine_world *model)
{
	for (size_t i = 0; i < model->connection_count; i++)
		if (model->connections[i].relayed)
			connection_reset(model, &model->connections[i]);
}

/* ---- Opening ---- */

/* The way out, which sipalg's relay goes from a port of its own. */
static void route_out(struct engine_world *model, struct model_connection *connection, sipalg_endpoint *from,
                      sipalg_endpoint to)
{
	connection->relayed = model->engine && model_is_sip_port(model, to.port);
	connection->phone = *from;
	connection->server = to;
	if (connection->relayed)
		from->port = (uint16_t)(from->port + 1);
	*from = nat_outbound(&model->nat, model->now_ns, *from, to);
	connection->mapping = from->port;
}

/* The way in. False: there is none. */
static bool route_in(struct engine_world *model, struct model_connection *connection, sipalg_endpoint from,
                     sipalg_endpoint *to)
{
	sipalg_endpoint outside = *to;
	if (!nat_inbound(&model->nat, model->now_ns, from, outside, to))
		return false;
	connection->relayed = model->engine && nat_is_signalling(&model->nat, model->now_ns, outside);
	connection->phone = *to;
	connection->server = from;
	connection->mapping = outside.port;
	return true;
}

/* What nobody waits for inside was heard all the same; whoever opens it is refused where a packet can come back. */
static const char *refuse(struct engine_world *model, struct model_connection *connection, sipalg_endpoint from,
                          sipalg_endpoint to, bool reached)
{
	if (reached && endpoint_is_inside(to))
		model->stray = (struct arrival){ .at = to, .from = from };
	end_arrive(model, connection, 0, (struct arrival){ .kind = ARRIVAL_RESET });
	connection->gone = true;
	return NULL;
}

const char *model_connect(struct world *world, sipalg_endpoint from, sipalg_endpoint to, unsigned *end)
{
	struct engine_world *model = model_of(world);
	if (model->connection_count == MODEL_CONNECTIONS_MAX)
		return "too many connections";
	unsigned place = (unsigned)model->connection_count++;
	struct model_connection *connection = &model->connections[place];
	bool reached = true;
	*connection = (struct model_connection){ .phone_opened = endpoint_is_inside(from) };
	*end = place * 2;
	model_time_pass(model, model->now_ns + SIPALG_SECOND_NS / 1000);
	if (from.port == 0)
		from.port = (uint16_t)(MODEL_PORT_FIRST + 2 * place);
	if (endpoint_is_inside(from) && !endpoint_is_inside(to))
		route_out(model, connection, &from, to);
	else if (!endpoint_is_inside(from) && (endpoint_is_inside(to) || !model_has_socket(model, to)))
		reached = route_in(model, connection, from, &to);
	if (!reached || !model_has_socket(model, to))
		return refuse(model, connection, from, to, reached);
	end_arrive(model, connection, 0, (struct arrival){ .kind = ARRIVAL_CONNECTED });
	end_arrive(model, connection, 1, (struct arrival){ .kind = ARRIVAL_ACCEPTED, .at = to, .from = from });
	return model->nat.wrong;
}

/* ---- Bytes ---- */

static void bytes_deliver(struct engine_world *model, struct model_connection *connection, size_t side,
                          struct bytes bytes)
{
	struct bytes *held = &connection->from[1 - side].held;
	if (bytes.length == 0)
		return;
	if (connection->paused[side])
		*held = bytes_join(model->store, *held, bytes);
	else
		end_arrive(model, connection, side,
		           (struct arrival){ .kind = ARRIVAL_BYTES, .bytes = store_bytes(model->store, bytes) });
}

/* A message in the middle of the stream, as the relay hands it to the engine. */
static struct bytes message_pass(struct engine_world *model, const struct model_connection *connection, size_t side,
                                 struct bytes message, size_t body_left)
{
	bool outbound = (side == 0) == connection->phone_opened;
	sipalg_packet packet = {
		.bytes = (const uint8_t *)message.start,
		.length = message.length,
		.body_left = body_left,
		.source = outbound ? connection->phone : connection->server,
		.destination = outbound ? connection->server : connection->phone,
		.direction = outbound ? SIPALG_OUTBOUND : SIPALG_INBOUND,
		.outside = model_outside(model, connection->phone, false),
		.other_outside = model_outside(model, connection->phone, true),
		.mapping = connection->mapping,
	};
	return model_handle(model, &packet);
}

static void stream_pass(struct engine_world *model, struct model_connection *connection, size_t side)
{
	struct model_direction *direction = &connection->from[side];
	for (;;) {
		sipalg_piece piece = sipalg_stream_next(&direction->stream, (const uint8_t *)direction->kept.start,
		                                        direction->kept.length);
		struct bytes bytes = { direction->kept.start, piece.length };
		if (piece.kind == SIPALG_PIECE_NONE)
			return;
		if (piece.kind != SIPALG_PIECE_PASS)
			bytes = message_pass(model, connection, side, bytes, piece.body_left);
		direction->kept = bytes_from(direction->kept, piece.length);
		bytes_deliver(model, connection, 1 - side, bytes);
	}
}

const char *model_write(struct world *world, unsigned end, struct bytes bytes)
{
	struct engine_world *model = model_of(world);
	struct model_connection *connection = connection_of(model, end);
	size_t side = end % 2;
	struct model_direction *direction = &connection->from[side];
	if (connection->gone || direction->finished)
		return connection->gone ? NULL : "this end of the connection is closed";
	model_time_pass(model, model->now_ns + SIPALG_SECOND_NS / 1000);
	if (!connection->relayed) {
		bytes_deliver(model, connection, 1 - side, bytes);
		return model->nat.wrong;
	}
	direction->kept = bytes_join(model->store, direction->kept, bytes);
	stream_pass(model, connection, side);
	return model->nat.wrong;
}

const char *model_finish(struct world *world, unsigned end, bool reset)
{
	struct engine_world *model = model_of(world);
	struct model_connection *connection = connection_of(model, end);
	size_t side = end % 2;
	struct model_direction *direction = &connection->from[side];
	if (connection->gone)
		return NULL;
	direction->finished = true;
	bytes_deliver(model, connection, 1 - side, direction->kept);
	direction->kept.length = 0;
	end_arrive(model, connection, 1 - side, (struct arrival){ .kind = reset ? ARRIVAL_RESET : ARRIVAL_CLOSED });
	connection->gone = reset || connection->from[1 - side].finished;
	return NULL;
}

void model_pause(struct world *world, unsigned end, bool paused)
{
	struct engine_world *model = model_of(world);
	struct model_connection *connection = connection_of(model, end);
	size_t side = end % 2;
	struct bytes *held = &connection->from[1 - side].held;
	connection->paused[side] = paused;
	if (paused)
		return;
	bytes_deliver(model, connection, side, *held);
	held->length = 0;
}

bool model_stuck(struct world *world, unsigned end)
{
	struct engine_world *model = model_of(world);
	return connection_of(model, end)->from[end % 2].held.length > MODEL_WINDOW;
}
