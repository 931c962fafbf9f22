/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which outside port a binding gets: the inside port itself when free, else the next of the same parity (RFC 4787
 * REQ-4), near it first, then wherever the last search ended. A host that has an outside address of its own keeps its
 * ports. */
#include "track/bindings.h"

enum { PORTS_NEAR_MAX = 16 };

static uint8_t *reserved_map(const struct bindings *bindings, uint8_t protocol)
{
	return protocol == SIPALG_PROTOCOL_TCP ? bindings->reserved_tcp : bindings->reserved_udp;
}

void bindings_reserve_port(struct bindings *bindings, enum sipalg_protocol protocol, uint16_t port, bool reserved)
{
	uint8_t *byte = &reserved_map(bindings, (uint8_t)protocol)[port / 8];
	uint8_t bit = (uint8_t)(1u << port % 8);
	*byte = (uint8_t)(reserved ? *byte | bit : *byte & ~bit);
}

static bool is_reserved(const struct bindings *bindings, uint8_t protocol, uint32_t port)
{
	return reserved_map(bindings, protocol)[port / 8] >> port % 8 & 1;
}

bool bindings_may_revive(const struct bindings *bindings, const struct bind_wish *wish, uint32_t slot)
{
	const sipalg_endpoint *outside = &bindings->list[slot].outside;
	return wish->is_fixed || !is_reserved(bindings, outside->protocol, outside->port);
}

static bool is_free(const struct bindings *bindings, const struct bind_wish *wish, uint8_t protocol, uint32_t port)
{
	if (port < bindings->port_min || port > bindings->port_max)
		return false;
	if (is_reserved(bindings, protocol, port))
		return false;
	sipalg_endpoint outside = { .address = wish->outside, .port = (uint16_t)port, .protocol = protocol };
	return bindings_find_outside(bindings, &outside) == 0;
}

static bool suits(const struct bindings *bindings, const struct bind_wish *wish, uint32_t port)
{
	uint8_t protocol = wish->inside.protocol;
	return is_free(bindings, wish, protocol, port) &&
	       (!wish->with_next || is_free(bindings, wish, protocol, port + 1)) &&
	       (!wish->with_udp || is_free(bindings, wish, SIPALG_PROTOCOL_UDP, port));
}

/* The first port not below `from` that has the parity. */
static uint32_t with_parity(uint32_t from, uint32_t parity)
{
	return from + ((from ^ parity) & 1);
}

static uint16_t search(struct bindings *bindings, const struct bind_wish *wish, uint32_t parity)
{
	uint32_t lowest = with_parity(bindings->port_min, parity);
	uint32_t port = with_parity(bindings->cursor[parity], parity);
	for (uint32_t tries = 0; tries < SIPALG_PORT_TRIES_MAX; tries++, port += 2) {
		if (port > bindings->port_max || port < lowest)
			port = lowest;
		if (suits(bindings, wish, port)) {
			bindings->cursor[parity] = (uint16_t)port;
			return (uint16_t)port;
		}
	}
	bindings->cursor[parity] = (uint16_t)(port > bindings->port_max ? lowest : port); /* not these again */
	return 0;
}

uint16_t bindings_choose_port(struct bindings *bindings, const struct bind_wish *wish)
{
	if (wish->is_fixed) {
		sipalg_endpoint outside = wish->inside;
		outside.address = wish->outside;
		return bindings_find_outside(bindings, &outside) ? 0 : wish->inside.port;
	}
	uint32_t first = wish->port ? wish->port : wish->inside.port;
	if (suits(bindings, wish, first))
		return (uint16_t)first;
	if (wish->port_only)
		return 0;
	uint32_t parity = wish->inside.port & 1u;
	uint32_t near = with_parity(wish->inside.port, parity);
	if (near < bindings->port_min)
		near = with_parity(bindings->port_min + near, parity);
	for (uint32_t tries = 0; tries < PORTS_NEAR_MAX; tries++, near += 2)
		if (suits(bindings, wish, near))
			return (uint16_t)near;
	return search(bindings, wish, parity);
}
