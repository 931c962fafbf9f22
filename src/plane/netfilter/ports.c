/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/ports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of this network namespace; there on every kernel, where the netlink way (udp_diag) is a module often left out. */
static const char *const socket_lists[] = { "/proc/self/net/udp", "/proc/self/net/udp6" };

enum {
	ANSWERS_ANYBODY = 7, /* the kernel's state of a UDP socket that is not connected to one peer */
};

static bool bit_get(const uint8_t *bits, unsigned int number)
{
	return (bits[number / 8] >> (number % 8) & 1) != 0;
}

static void bit_set(uint8_t *bits, unsigned int number)
{
	bits[number / 8] = (uint8_t)(bits[number / 8] | 1U << (number % 8));
}

/* "  sl  local_address rem_address st …", the address in hexadecimal: of IPv4 as it lies in memory. */
static void line_read(const char *line, uint8_t *bits)
{
	const char *local = strchr(line, ':');
	const char *port = local == NULL ? NULL : strchr(local + 1, ':');
	const char *remote = port == NULL ? NULL : strchr(port + 1, ':');

	if (remote == NULL || strlen(remote) < sizeof(":0000 07") - 1)
		return;
	if (strtoul(remote + sizeof(":0000 ") - 1, NULL, 16) != ANSWERS_ANYBODY)
		return;
	if (port - local == sizeof(": 0100007F") - 1 && memcmp(port - 2, "7F", 2) == 0)
		return; /* 127.0.0.0/8 in little-endian order; nobody outside reaches it */
	bit_set(bits, (unsigned int)strtoul(port + 1, NULL, 16) & UINT16_MAX);
}

static void listening_read(uint8_t *bits)
{
	char line[512];

	for (size_t list = 0; list < sizeof(socket_lists) / sizeof(socket_lists[0]); list++) {
		FILE *file = fopen(socket_lists[list], "re");

		while (file != NULL && fgets(line, sizeof(line), file) != NULL)
			line_read(line, bits);
		if (file != NULL)
			fclose(file);
	}
}

static void reserve(sipalg_engine *engine, unsigned int port, bool reserved)
{
	sipalg_engine_reserve_port(engine, SIPALG_PROTOCOL_UDP, (uint16_t)port, reserved);
}

static bool is_occupied(const struct ports *ports, unsigned int port)
{
	for (size_t index = 0; index < PORTS_OCCUPIED_MAX; index++)
		if (ports->occupied[index].port == port)
			return true;
	return false;
}

static void reserved_read(const struct plane_settings *settings, uint8_t *bits)
{
	for (size_t index = 0; index < settings->reserved_count; index++)
		for (unsigned int port = settings->reserved[index].first; port <= settings->reserved[index].last;
		     port++)
			bit_set(bits, port);
}

void ports_open(struct ports *ports, const struct plane_settings *settings, sipalg_engine *engine)
{
	uint8_t bits[sizeof(ports->taken)] = { 0 };

	memset(ports, 0, sizeof(*ports));
	ports->settings = settings;
	reserved_read(settings, bits);
	for (unsigned int port = 1; port <= UINT16_MAX; port++)
		if (bit_get(bits, port))
			sipalg_engine_reserve_port(engine, SIPALG_PROTOCOL_TCP, (uint16_t)port, true);
}

static void taken_update(struct ports *ports, sipalg_engine *engine)
{
	uint8_t bits[sizeof(ports->taken)] = { 0 };

	reserved_read(ports->settings, bits);
	listening_read(bits);
	for (unsigned int port = 1; port <= UINT16_MAX; port++) {
		bool before = bit_get(ports->taken, port), now = bit_get(bits, port);

		if (now && !before)
			reserve(engine, port, true);
		else if (before && !now && !is_occupied(ports, port))
			reserve(engine, port, false);
	}
	memcpy(ports->taken, bits, sizeof(bits));
}

static void occupied_update(struct ports *ports, uint64_t now_ns, sipalg_engine *engine)
{
	for (size_t index = 0; index < PORTS_OCCUPIED_MAX; index++) {
		struct ports_occupied *occupied = &ports->occupied[index];

		if (occupied->port == 0 || now_ns < occupied->until_ns)
			continue;
		if (!bit_get(ports->taken, occupied->port))
			reserve(engine, occupied->port, false);
		occupied->port = 0;
	}
}

void ports_look(struct ports *ports, uint64_t now_ns, sipalg_engine *engine)
{
	if (now_ns < ports->look_ns)
		return;
	ports->look_ns = now_ns + PORTS_LOOK_S * SIPALG_SECOND_NS;
	taken_update(ports, engine);
	occupied_update(ports, now_ns, engine);
}

bool ports_occupy(struct ports *ports, uint64_t now_ns, sipalg_engine *engine, uint16_t port)
{
	for (size_t index = 0; index < PORTS_OCCUPIED_MAX; index++) {
		if (ports->occupied[index].port != 0)
			continue;
		ports->occupied[index] = (struct ports_occupied){ now_ns + PORTS_OCCUPIED_S * SIPALG_SECOND_NS, port };
		reserve(engine, port, true);
		return true;
	}
	return false;
}
