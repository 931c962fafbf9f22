/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static socklen_t name_write(const char *address, uint16_t port, struct sockaddr_storage *name)
{
	struct sockaddr_in ipv4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 ipv6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	memset(name, 0, sizeof(*name));
	if (inet_pton(AF_INET, address, &ipv4.sin_addr) == 1) {
		memcpy(name, &ipv4, sizeof(ipv4));
		return sizeof(ipv4);
	}
	if (inet_pton(AF_INET6, address, &ipv6.sin6_addr) != 1)
		abort();
	memcpy(name, &ipv6, sizeof(ipv6));
	return sizeof(ipv6);
}

static void name_show(const struct sockaddr_storage *name, char text[STREAM_NAME_MAX])
{
	const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)name;
	const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)name;
	char address[INET6_ADDRSTRLEN] = "";
	bool is_ipv4 = name->ss_family == AF_INET;

	inet_ntop(name->ss_family, is_ipv4 ? (const void *)&ipv4->sin_addr : (const void *)&ipv6->sin6_addr, address,
	          sizeof(address));
	snprintf(text, STREAM_NAME_MAX, "%s %u", address, ntohs(is_ipv4 ? ipv4->sin_port : ipv6->sin6_port));
}

static int open_socket(struct world *world, enum place place, const char *address, uint16_t port)
{
	struct sockaddr_storage name;
	socklen_t length = name_write(address, port, &name);
	int descriptor, one = 1;

	world_go(world, place);
	descriptor = socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(descriptor, (const struct sockaddr *)&name, length) != 0) {
		perror(address);
		abort();
	}
	world_go(world, ROUTER);
	return descriptor;
}

int stream_listen(struct world *world, enum place place, const char *address, uint16_t port)
{
	int descriptor = open_socket(world, place, address, port);

	if (listen(descriptor, 16) != 0)
		abort();
	return descriptor;
}

int stream_connect(struct world *world, enum place place, const char *from, uint16_t from_port, const char *to,
                   uint16_t port, int milliseconds)
{
	int descriptor = open_socket(world, place, from, from_port), error = 0;
	struct sockaddr_storage name;
	socklen_t length = name_write(to, port, &name);

	if (connect(descriptor, (const struct sockaddr *)&name, length) != 0 && errno != EINPROGRESS)
		abort();
	length = sizeof(error);
	if (!world_wait(world, descriptor, POLLOUT, milliseconds) ||
	    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) != 0 || error != 0) {
		close(descriptor);
		return -1;
	}
	return descriptor;
}

int stream_accept(struct world *world, int listener, char peer[STREAM_NAME_MAX])
{
	struct sockaddr_storage name;
	socklen_t length = sizeof(name);
	int descriptor;

	if (!world_wait(world, listener, POLLIN, WORLD_PATIENCE_MS))
		return -1;
	descriptor = accept4(listener, (struct sockaddr *)&name, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (descriptor >= 0 && peer != NULL)
		name_show(&name, peer);
	return descriptor;
}

void stream_peer(int descriptor, char peer[STREAM_NAME_MAX])
{
	struct sockaddr_storage name;
	socklen_t length = sizeof(name);

	peer[0] = '\0';
	if (getpeername(descriptor, (struct sockaddr *)&name, &length) == 0)
		name_show(&name, peer);
}

void stream_send(int descriptor, const char *text)
{
	if (send(descriptor, text, strlen(text), MSG_NOSIGNAL) != (ssize_t)strlen(text))
		perror("send");
}

ssize_t stream_receive(struct world *world, int descriptor, char bytes[WORLD_MESSAGE_MAX])
{
	ssize_t length;

	bytes[0] = '\0';
	if (!world_wait(world, descriptor, POLLIN, WORLD_PATIENCE_MS))
		return STREAM_SILENT;
	length = recv(descriptor, bytes, WORLD_MESSAGE_MAX - 1, 0);
	if (length < 0)
		return STREAM_RESET;
	bytes[length] = '\0';
	return length;
}
