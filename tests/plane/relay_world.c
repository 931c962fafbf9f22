/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "relay_world.h"
#include "world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EDITED_MAX = 1 << 20 };

static void check(bool fine, const char *what)
{
	if (fine)
		return;
	perror(what);
	abort();
}

/* ---- Hooks ---- */

static bool route(void *context, uint64_t now_ns, const sipalg_endpoint *source, const sipalg_endpoint *destination,
                  struct relay_route *found)
{
	struct relay_world *world = context;

	(void)now_ns;
	world->opened_from = *source;
	world->opened_to = *destination;
	found->direction = world->direction;
	found->phone = *source;
	found->server = world->server_endpoint;
	found->from = (sipalg_endpoint){ .address = source->address, .protocol = SIPALG_PROTOCOL_TCP };
	found->to = world->server_endpoint;
	if (world->to.port != 0) {
		found->from = world->from;
		found->to = world->to;
	}
	return !world->refuse;
}

static void connected(void *context, uint64_t now_ns, struct relay_route *found, const sipalg_endpoint *local)
{
	struct relay_world *world = context;

	(void)now_ns;
	world->connected++;
	world->local = *local;
	found->outside = sipalg_address_from_ipv4(0xcb007101);
	found->mapping = local->port;
}

size_t relay_world_edit(const void *bytes, size_t length, uint8_t *out)
{
	static const char inside[] = "10.0.0.5", outside[] = "203.0.113.1";
	const uint8_t *from = bytes;
	size_t written = 0;

	while (length > 0) {
		if (length >= sizeof(inside) - 1 && memcmp(from, inside, sizeof(inside) - 1) == 0) {
			memcpy(out + written, outside, sizeof(outside) - 1);
			written += sizeof(outside) - 1;
			from += sizeof(inside) - 1;
			length -= sizeof(inside) - 1;
			continue;
		}
		out[written++] = *from++;
		length--;
	}
	return written;
}

static void message(void *context, uint64_t now_ns, const sipalg_packet *packet, sipalg_verdict *verdict)
{
	static uint8_t edited[EDITED_MAX];
	struct relay_world *world = context;

	(void)now_ns;
	world->messages++;
	world->packet = *packet;
	*verdict = (sipalg_verdict){ .bytes = packet->bytes, .length = packet->length };
	memset(edited, 0xee, sizeof(edited)); /* whoever still uses the last one would see it */
	if (memmem(packet->bytes, packet->length, "10.0.0.5", 8) == NULL)
		return;
	verdict->length = relay_world_edit(packet->bytes, packet->length, edited);
	verdict->bytes = edited;
}

/* ---- Opening ---- */

static struct sockaddr_storage name_of(const char *address, uint16_t port, socklen_t *length)
{
	struct sockaddr_storage name = { 0 };
	struct sockaddr_in ipv4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 ipv6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	if (inet_pton(AF_INET, address, &ipv4.sin_addr) == 1) {
		memcpy(&name, &ipv4, *length = sizeof(ipv4));
	} else {
		check(inet_pton(AF_INET6, address, &ipv6.sin6_addr) == 1, address);
		memcpy(&name, &ipv6, *length = sizeof(ipv6));
	}
	return name;
}

static void listen_as_server(struct relay_world *world, const char *loopback)
{
	socklen_t length;
	struct sockaddr_storage name = name_of(loopback, 0, &length);
	struct sockaddr_in6 got = { 0 }; /* the port stands in the same place in both families */

	world->server = socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	check(world->server >= 0 && bind(world->server, (struct sockaddr *)&name, length) == 0 &&
	              listen(world->server, 4096) == 0 &&
	              getsockname(world->server, (struct sockaddr *)&got, &length) == 0,
	      "server");
	check(sipalg_address_read(loopback, strlen(loopback), &world->server_endpoint.address), loopback);
	world->server_endpoint.port = ntohs(got.sin6_port);
	world->server_endpoint.protocol = SIPALG_PROTOCOL_TCP;
}

void relay_world_open(struct relay_world *world, const struct relay_settings *settings, const char *loopback)
{
	close(world_namespace());
	check(system("ip link set lo up") == 0, "lo");
	relay_world_start(world, settings);
	listen_as_server(world, loopback);
}

void relay_world_start(struct relay_world *world, const struct relay_settings *settings)
{
	const struct relay_hooks hooks = { world, route, connected, message };
	struct relay_settings defaults;

	memset(world, 0, sizeof(*world));
	world->direction = SIPALG_OUTBOUND;
	signal(SIGPIPE, SIG_IGN);
	relay_settings_defaults(&defaults);
	world->relay = relay_open(settings == NULL ? &defaults : settings, &hooks);
	check(world->relay != NULL, "relay_open");
}

void relay_world_close(struct relay_world *world)
{
	relay_close(world->relay);
	close(world->server);
}

int relay_world_phone(struct relay_world *world)
{
	bool ipv4 = sipalg_address_is_ipv4(&world->server_endpoint.address);
	socklen_t length;
	struct sockaddr_storage name = name_of(ipv4 ? "127.0.0.1" : "::1", relay_port(world->relay), &length);
	int phone = socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	check(phone >= 0, "phone");
	check(connect(phone, (struct sockaddr *)&name, length) == 0 || errno == EINPROGRESS, "connect");
	return phone;
}

int relay_world_server(struct relay_world *world)
{
	uint64_t deadline_ns = world_now_ns() + RELAY_PATIENCE_MS * (SIPALG_SECOND_NS / 1000);
	int accepted;

	while ((accepted = accept4(world->server, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) < 0 &&
	       world_now_ns() < deadline_ns)
		relay_world_step(world, 10);
	return accepted;
}

struct relay_pair relay_world_pair(struct relay_world *world)
{
	struct relay_pair pair = { .phone = relay_world_phone(world) };

	pair.server = relay_world_server(world);
	check(pair.server >= 0, "no connection came to the server");
	return pair;
}

void relay_pair_close(struct relay_pair *pair)
{
	close(pair->phone);
	close(pair->server);
}

/* ---- Running ---- */

void relay_world_step(struct relay_world *world, int milliseconds)
{
	struct pollfd descriptor = { .fd = relay_descriptor(world->relay), .events = POLLIN };

	if (relay_deadline(world->relay) <= world_now_ns() + world->skew_ns)
		milliseconds = 0;
	poll(&descriptor, 1, milliseconds);
	relay_work(world->relay, world_now_ns() + world->skew_ns);
	world->turns++;
}

void relay_world_run(struct relay_world *world, int milliseconds)
{
	uint64_t deadline_ns = world_now_ns() + (uint64_t)milliseconds * (SIPALG_SECOND_NS / 1000);

	while (world_now_ns() < deadline_ns)
		relay_world_step(world, 5);
}

bool relay_world_send(struct relay_world *world, int socket, const void *bytes, size_t length)
{
	uint64_t deadline_ns = world_now_ns() + RELAY_PATIENCE_MS * (SIPALG_SECOND_NS / 1000);
	size_t sent = 0;

	while (sent < length && world_now_ns() < deadline_ns) {
		ssize_t some = send(socket, (const uint8_t *)bytes + sent, length - sent, MSG_NOSIGNAL);

		if (some > 0)
			sent += (size_t)some;
		relay_world_step(world, 0);
	}
	return sent == length;
}

size_t relay_world_receive(struct relay_world *world, int socket, void *bytes, size_t length)
{
	uint64_t deadline_ns = world_now_ns() + RELAY_PATIENCE_MS * (SIPALG_SECOND_NS / 1000);
	size_t received = 0;

	while (received < length && world_now_ns() < deadline_ns) {
		ssize_t some = recv(socket, (uint8_t *)bytes + received, length - received, 0);

		if (some == 0 || (some < 0 && errno != EAGAIN))
			return received;
		if (some > 0)
			received += (size_t)some;
		else
			relay_world_step(world, 1);
	}
	return received;
}

bool relay_world_carry(struct relay_world *world, int from, int to, const void *bytes, size_t length,
                       const void *expected, size_t expected_length)
{
	uint64_t deadline_ns = world_now_ns() + 4 * RELAY_PATIENCE_MS * (SIPALG_SECOND_NS / 1000);
	uint8_t *received = malloc(expected_length + 1);
	size_t sent = 0, got = 0;
	bool fine;

	while (got < expected_length && world_now_ns() < deadline_ns) {
		ssize_t some =
		        sent < length ? send(from, (const uint8_t *)bytes + sent, length - sent, MSG_NOSIGNAL) : 0;

		sent += some > 0 ? (size_t)some : 0;
		relay_world_step(world, sent < length ? 0 : 1);
		some = recv(to, received + got, expected_length + 1 - got, 0);
		got += some > 0 ? (size_t)some : 0;
	}
	fine = got == expected_length && memcmp(received, expected, got) == 0;
	free(received);
	return fine;
}

int relay_world_end(struct relay_world *world, int socket)
{
	uint64_t deadline_ns = world_now_ns() + RELAY_PATIENCE_MS * (SIPALG_SECOND_NS / 1000);
	uint8_t bytes[4096];

	while (world_now_ns() < deadline_ns) {
		ssize_t some = recv(socket, bytes, sizeof(bytes), 0);

		if (some == 0)
			return 0;
		if (some < 0 && errno != EAGAIN)
			return errno;
		relay_world_step(world, 1);
	}
	return -1;
}

bool relay_world_silent(struct relay_world *world, int socket)
{
	uint8_t byte;

	relay_world_run(world, RELAY_SILENCE_MS);
	return recv(socket, &byte, 1, MSG_PEEK) < 0 && errno == EAGAIN;
}

void relay_world_reset(int *socket)
{
	const struct linger linger = { .l_onoff = 1 };

	setsockopt(*socket, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(*socket);
	*socket = -1;
}

/* ---- Messages ---- */

size_t relay_world_message(char *out, size_t size, unsigned int number, size_t body)
{
	int header = snprintf(out, size,
	                      "INVITE sip:bob@example.com SIP/2.0\r\n"
	                      "Via: SIP/2.0/TCP 10.0.0.5:4000;branch=z9hG4bK%u\r\n"
	                      "From: <sip:alice@example.com>;tag=1\r\nTo: <sip:bob@example.com>\r\n"
	                      "Call-ID: %u\r\nCSeq: %u INVITE\r\nContact: <sip:alice@10.0.0.5:4000;transport=tcp>\r\n"
	                      "Content-Length: %zu\r\n\r\n",
	                      number, number, number, body);

	check(header > 0 && (size_t)header + body < size, "message");
	for (size_t index = 0; index < body; index++)
		out[(size_t)header + index] = "INVITE sip:x SIP/2.0\r\n\r\n"[(index + number) % 24];
	out[(size_t)header + body] = '\0';
	return (size_t)header + body;
}
