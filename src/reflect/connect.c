/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reflect/connect.h"

#include "host/clock.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NS_PER_MS = 1000000, PATIENCE_MS = 5000 /* for each address */ };

bool connect_wait(int descriptor, short events, uint64_t until_ns)
{
	struct pollfd file = { .fd = descriptor, .events = events };
	uint64_t now_ns = clock_now_ns();
	int wait_ms = now_ns >= until_ns ? 0 : (int)((until_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS);
	return poll(&file, 1, wait_ms) > 0;
}

/* 0, or what is wrong. */
static int finish(int descriptor)
{
	int error = 0;
	socklen_t length = sizeof error;
	if (!connect_wait(descriptor, POLLOUT, clock_now_ns() + PATIENCE_MS * (uint64_t)NS_PER_MS))
		return ETIMEDOUT;
	return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

static int connect_address(const struct addrinfo *address, int *error)
{
	int yes = 1;
	int descriptor = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	*error = descriptor < 0 ? errno : 0;
	if (descriptor >= 0 && connect(descriptor, address->ai_addr, address->ai_addrlen) != 0)
		*error = errno == EINPROGRESS ? finish(descriptor) : errno;
	if (*error == 0) {
		(void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
		return descriptor;
	}
	if (descriptor >= 0)
		close(descriptor);
	return -1;
}

static bool look_up(const char *host, uint16_t port, enum reflect_family family, struct addrinfo **list,
                    struct problem *problem)
{
	static const int families[] = {
		[REFLECT_ANY] = AF_UNSPEC, [REFLECT_IPV4] = AF_INET, [REFLECT_IPV6] = AF_INET6
	};
	const struct addrinfo wish = { .ai_family = families[family], .ai_socktype = SOCK_STREAM };
	char service[8];
	snprintf(service, sizeof service, "%u", port);
	int error = getaddrinfo(host, service, &wish, list);
	return error == 0 || problem_say(problem, "%s: %s; check the name, and whether there is a network", host,
	                                 gai_strerror(error));
}

int connect_host(const char *host, uint16_t port, enum reflect_family family, struct problem *problem)
{
	struct addrinfo *list;
	int error = 0, descriptor = -1;
	if (!look_up(host, port, family, &list, problem))
		return -1;
	for (const struct addrinfo *address = list; address != NULL && descriptor < 0; address = address->ai_next)
		descriptor = connect_address(address, &error);
	freeaddrinfo(list);
	if (descriptor < 0)
		problem_say(problem,
		            "nothing answers at %s, TCP port %u (%s); does `sipalg reflect` run there, and does its "
		            "firewall let this port in?",
		            host, port, strerror(error));
	return descriptor;
}
