/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The router of the engine's world: the engine, a model of NAT, a clock. For world_engine.c and model_streams.c alone.
 */
#ifndef LAB_MODEL_H
#define LAB_MODEL_H

#include "lab/nat.h"
#include "lab/world.h"
#include "sipalg/stream.h"

enum {
	MODEL_SNAPSHOT_MAX = 1 << 18, /* bytes */
	MODEL_SOCKETS_MAX = 256,
	MODEL_QUEUE_MAX = 1024,
	MODEL_CONNECTIONS_MAX = 256,
	MODEL_SIP_PORTS_MAX = 8,
};

/* What one end of a connection sends. */
struct model_direction {
	sipalg_stream stream;
	struct bytes kept; /* the relay waits for the rest of a message */
	struct bytes held; /* the other end does not read */
	bool finished;
};

/* The opener's end has the number 2 * place, the other one 2 * place + 1. */
struct model_connection {
	sipalg_endpoint phone, server; /* as the engine wants them */
	bool phone_opened;
	bool relayed; /* by sipalg; else packets pass through NAT alone */
	bool gone;
	uint16_t mapping;
	struct model_direction from[2]; /* what the opener sends, what the other one sends */
	bool paused[2];                 /* who does not read */
};

struct engine_world {
	struct world world;
	struct store *store;
	struct nat nat;
	uint64_t now_ns;
	sipalg_engine *engine; /* NULL: it does not run */
	void *memory;
	sipalg_settings settings;
	uint8_t snapshot[MODEL_SNAPSHOT_MAX];
	size_t snapshot_length;
	uint16_t sip_ports[MODEL_SIP_PORTS_MAX]; /* on which connections go through sipalg */
	size_t sip_port_count;
	enum sipalg_reason reason;
	sipalg_endpoint sockets[MODEL_SOCKETS_MAX]; /* of TCP: who waits for connections */
	size_t socket_count;
	struct model_connection connections[MODEL_CONNECTIONS_MAX];
	size_t connection_count;
	struct arrival queue[MODEL_QUEUE_MAX];
	size_t queue_count;
	struct arrival stray; /* the last packet for which no socket waited */
};

static inline struct engine_world *model_of(struct world *world)
{
	return (struct engine_world *)world;
}

/* ---- world_engine.c ---- */

/* Lets the engine handle the packet; returns what is to be sent on. */
struct bytes model_handle(struct engine_world *model, sipalg_packet *packet);

/* This network's outside address of the endpoint's family, or of the other one. */
sipalg_address model_outside(const struct engine_world *model, sipalg_endpoint endpoint, bool other);

void model_time_pass(struct engine_world *model, uint64_t until_ns);
bool model_is_sip_port(const struct engine_world *model, uint16_t port);
bool model_has_socket(const struct engine_world *model, sipalg_endpoint endpoint);
void model_arrive(struct engine_world *model, struct arrival arrival);

/* ---- model_streams.c: as the operations of a world ---- */

const char *model_connect(struct world *world, sipalg_endpoint from, sipalg_endpoint to, unsigned *end);
const char *model_write(struct world *world, unsigned end, struct bytes bytes);
const char *model_finish(struct world *world, unsigned end, bool reset);
void model_pause(struct world *world, unsigned end, bool paused);
bool model_stuck(struct world *world, unsigned end);

/* All connections that go through sipalg are reset. */
void model_streams_reset(struct engine_world *model);

#endif
