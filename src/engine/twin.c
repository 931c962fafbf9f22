/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Contact without transport that was sent over a connection: some reach it by UDP (RFC 3263 4.1), some by TCP. Both
 * get the same outside port, the binding over UDP being the twin of the one over TCP. */
#include "engine/engine.h"

/* Of that inside endpoint's host and port over UDP; 0: there is none. */
static uint32_t find_udp(const struct passage *passage, const sipalg_endpoint *inside, const sipalg_address *outside)
{
	sipalg_endpoint udp = *inside;
	udp.protocol = SIPALG_PROTOCOL_UDP;
	return bindings_find_inside(&passage->engine->bindings, &udp, outside);
}

void twin_wish(const struct passage *passage, struct bind_wish *wish)
{
	sipalg_address outside;
	if (!passage_find_outside(passage, &wish->inside.address, &outside))
		return;
	uint32_t udp = find_udp(passage, &wish->inside, &outside);
	wish->with_udp = udp == 0;
	if (udp)
		wish->port = passage->engine->bindings.list[udp].outside.port;
}

uint32_t twin_find(const struct passage *passage, uint32_t slot)
{
	const struct binding *binding = &passage->engine->bindings.list[slot];
	if (binding->inside.protocol != SIPALG_PROTOCOL_TCP)
		return 0;
	uint32_t udp = find_udp(passage, &binding->inside, &binding->outside.address);
	const struct binding *twin = &passage->engine->bindings.list[udp];
	return udp && twin->state == BINDING_ALIVE && twin->outside.port == binding->outside.port ? udp : 0;
}

/* False: the port is another's, or the host's own over UDP is another one already. */
static bool may_have_port(const struct passage *passage, const struct binding *binding, const struct bind_wish *wish)
{
	struct bindings *bindings = &passage->engine->bindings;
	uint32_t udp = find_udp(passage, &wish->inside, &binding->outside.address);
	return udp ? bindings->list[udp].outside.port == wish->port : bindings_choose_port(bindings, wish) != 0;
}

uint32_t twin_bind(struct passage *passage, uint32_t slot)
{
	const struct binding *binding = &passage->engine->bindings.list[slot];
	struct bind_wish wish = { .inside = binding->inside,
		                  .outside = binding->outside.address,
		                  .port = binding->outside.port,
		                  .port_only = true,
		                  .is_fixed = engine_keeps_ports(passage->engine, &binding->inside.address),
		                  .is_signalling = true };
	wish.inside.protocol = SIPALG_PROTOCOL_UDP;
	return may_have_port(passage, binding, &wish) ? passage_bind(passage, &wish) : 0;
}

/* ---- Who may connect ---- */

void passage_open_to_peer(struct passage *passage, uint32_t slot)
{
	struct bindings *bindings = &passage->engine->bindings;
	const sipalg_packet *packet = passage->packet;
	bool goes_out = packet->direction == SIPALG_OUTBOUND;
	bindings->list[slot].is_withheld = false;
	(void)bindings_admit(bindings, slot, passage->now_ns,
	                     goes_out ? &packet->destination.address : &packet->source.address);
	bindings_settle(bindings, slot, passage->now_ns);
}
