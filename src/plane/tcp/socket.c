/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/tcp/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum {
	/* A dead peer is found after 15 + 9 * 1.25 minutes. That is before anybody wonders, yet later than most
	 * interruptions last: without the relay an idle connection would outlive them all, and two probes an hour and
	 * phone (four packets) cost nothing. RFC 1122 4.2.3.6 says two hours where nobody has chosen. */
	KEEPALIVE_IDLE_S = 900,
	KEEPALIVE_INTERVAL_S = 75,
	KEEPALIVE_COUNT = 9,
	/* Ports for onward connections. Another connection of the same phone to the same server may come through here
	 * from any port it chose, and connection tracking would take two from one port for one; so they lie below what
	 * systems choose for themselves (RFC 6335 6, and Linux, from 32768). */
	PORT_FIRST = 10240,
	PORT_COUNT = 22528,
	PORT_TRIES_MAX = 256,
	BACKLOG = 4096, /* connections opened that wait for accept4(): a thousand phones after a power cut */
};

struct option {
	int level, name, value;
};

static bool options_set(int descriptor, const struct option *options, size_t count)
{
	for (size_t index = 0; index < count; index++)
		if (setsockopt(descriptor, options[index].level, options[index].name, &options[index].value,
		               sizeof(options[index].value)) != 0)
			return false;
	return true;
}

/* Accepted sockets inherit all of these from the one that listens. */
static bool prepare(int descriptor, int family)
{
	const struct option options[] = {
		{ family == AF_INET ? SOL_IP : SOL_IPV6, family == AF_INET ? IP_TRANSPARENT : IPV6_TRANSPARENT, 1 },
		{ SOL_TCP, TCP_NODELAY, 1 }, /* what comes together is written together, and must not wait for more */
		{ SOL_SOCKET, SO_OOBINLINE, 1 }, /* an urgent byte keeps its place in the stream */
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ SOL_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S },
		{ SOL_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S },
		{ SOL_TCP, TCP_KEEPCNT, KEEPALIVE_COUNT },
	};

	return options_set(descriptor, options, sizeof(options) / sizeof(options[0]));
}

int socket_create(int family)
{
	int descriptor = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error;

	if (descriptor < 0 || prepare(descriptor, family))
		return descriptor;
	error = errno;
	close(descriptor);
	errno = error;
	return -1;
}

/* ---- Names ---- */

static socklen_t name_write(const sipalg_endpoint *endpoint, struct sockaddr_storage *name)
{
	struct sockaddr_in ipv4 = { .sin_family = AF_INET, .sin_port = htons(endpoint->port) };
	struct sockaddr_in6 ipv6 = { .sin6_family = AF_INET6, .sin6_port = htons(endpoint->port) };

	memset(name, 0, sizeof(*name));
	if (sipalg_address_is_ipv4(&endpoint->address)) {
		ipv4.sin_addr.s_addr = htonl(sipalg_address_to_ipv4(&endpoint->address));
		memcpy(name, &ipv4, sizeof(ipv4));
		return sizeof(ipv4);
	}
	memcpy(&ipv6.sin6_addr, endpoint->address.bytes, sizeof(ipv6.sin6_addr));
	memcpy(name, &ipv6, sizeof(ipv6));
	return sizeof(ipv6);
}

int socket_family(const sipalg_endpoint *endpoint)
{
	return sipalg_address_is_ipv4(&endpoint->address) ? AF_INET : AF_INET6;
}

sipalg_endpoint socket_endpoint(const struct sockaddr_storage *name)
{
	sipalg_endpoint endpoint = { .protocol = SIPALG_PROTOCOL_TCP };
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;

	if (name->ss_family == AF_INET) {
		memcpy(&ipv4, name, sizeof(ipv4));
		endpoint.address = sipalg_address_from_ipv4(ntohl(ipv4.sin_addr.s_addr));
		endpoint.port = ntohs(ipv4.sin_port);
	} else if (name->ss_family == AF_INET6) {
		memcpy(&ipv6, name, sizeof(ipv6));
		memcpy(endpoint.address.bytes, &ipv6.sin6_addr, sizeof(endpoint.address.bytes));
		endpoint.port = ntohs(ipv6.sin6_port);
	}
	return endpoint;
}

sipalg_endpoint socket_local(int descriptor)
{
	struct sockaddr_storage name = { 0 };
	socklen_t length = sizeof(name);

	(void)getsockname(descriptor, (struct sockaddr *)&name, &length); /* a name that stays zero is none */
	return socket_endpoint(&name);
}

/* ---- Opening and ending ---- */

static bool loopback_listen(int descriptor, int family, uint16_t port)
{
	sipalg_endpoint endpoint = { .address = sipalg_address_from_ipv4(INADDR_LOOPBACK), .port = port };
	const struct option only_ipv6 = { SOL_IPV6, IPV6_V6ONLY, 1 };
	/* What is accepted stands at servers' own ports, from which they may open connections, too. */
	const struct option share = { SOL_SOCKET, SO_REUSEADDR, 1 };
	struct sockaddr_storage name;
	socklen_t length;

	if (family == AF_INET6) {
		memcpy(endpoint.address.bytes, &in6addr_loopback, sizeof(endpoint.address.bytes));
		if (!options_set(descriptor, &only_ipv6, 1))
			return false;
	}
	length = name_write(&endpoint, &name);
	return options_set(descriptor, &share, 1) && bind(descriptor, (const struct sockaddr *)&name, length) == 0 &&
	       listen(descriptor, BACKLOG) == 0;
}

int socket_listen(int family, uint16_t port)
{
	int descriptor = socket_create(family), error;

	if (descriptor < 0 || loopback_listen(descriptor, family, port))
		return descriptor;
	error = errno;
	close(descriptor);
	errno = error;
	return -1;
}

int socket_mark(int descriptor, uint32_t mark)
{
	return mark == 0 || setsockopt(descriptor, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) == 0 ? 0 : errno;
}

/* From any port but one. Ports are unforeseeable, so that nobody can speak into a connection unseen (RFC 6056). */
static int bind_anywhere(int descriptor, const sipalg_endpoint *from, uint16_t except)
{
	sipalg_endpoint tried = *from;
	struct sockaddr_storage name;
	uint16_t start = 0;

	if (getrandom(&start, sizeof(start), 0) != (ssize_t)sizeof(start))
		return errno;
	for (int tries = 0; tries < PORT_TRIES_MAX; tries++) {
		socklen_t length;

		tried.port = (uint16_t)(PORT_FIRST + (start + tries) % PORT_COUNT);
		length = name_write(&tried, &name);
		if (tried.port != except && bind(descriptor, (const struct sockaddr *)&name, length) == 0)
			return 0;
		if (tried.port != except && errno != EADDRINUSE)
			return errno;
	}
	return EADDRINUSE;
}

/* The port may be that of other connections to other far ends. */
static int bind_exactly(int descriptor, const sipalg_endpoint *from)
{
	const struct option share = { SOL_SOCKET, SO_REUSEADDR, 1 };
	struct sockaddr_storage name;
	socklen_t length = name_write(from, &name);

	if (!options_set(descriptor, &share, 1) || bind(descriptor, (const struct sockaddr *)&name, length) != 0)
		return errno;
	return 0;
}

int socket_connect(int descriptor, const sipalg_endpoint *from, uint16_t except, const sipalg_endpoint *to)
{
	int error = from->port == 0 ? bind_anywhere(descriptor, from, except) : bind_exactly(descriptor, from);
	struct sockaddr_storage name;
	socklen_t length = name_write(to, &name);

	if (error == 0 && connect(descriptor, (const struct sockaddr *)&name, length) != 0 && errno != EINPROGRESS)
		error = errno;
	return error;
}

int socket_error(int descriptor)
{
	int error = 0;
	socklen_t length = sizeof(error);

	return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

void socket_reset(int descriptor)
{
	const struct linger linger = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(descriptor);
}
