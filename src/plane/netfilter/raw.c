/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/raw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	SEND_BUFFER = 1 << 20, /* bytes */
};

static int open_socket(int family, int priority)
{
	int descriptor = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW);
	int one = 1, size = SEND_BUFFER;

	if (descriptor < 0)
		return -1;
	(void)setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if ((family == AF_INET6 && setsockopt(descriptor, IPPROTO_IPV6, IPV6_HDRINCL, &one, sizeof(one)) != 0) ||
	    setsockopt(descriptor, SOL_SOCKET, SO_PRIORITY, &priority, sizeof(priority)) != 0) {
		close(descriptor);
		return -1;
	}
	return descriptor;
}

int raw_open(struct raw *raw, int priority)
{
	raw->ipv6 = open_socket(AF_INET6, priority);
	raw->ipv4 = open_socket(AF_INET, priority);
	if (raw->ipv4 >= 0)
		return 0;
	int error = errno;
	raw_close(raw);
	return error;
}

void raw_close(struct raw *raw)
{
	if (raw->ipv4 >= 0)
		close(raw->ipv4);
	if (raw->ipv6 >= 0)
		close(raw->ipv6);
	raw->ipv4 = raw->ipv6 = -1;
}

/* The route is `to`'s, whatever the header says. */
static bool send_ipv4(const struct raw *raw, struct in_addr to, const uint8_t *bytes, size_t length)
{
	const struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr = to };

	return sendto(raw->ipv4, bytes, length, 0, (const struct sockaddr *)&name, sizeof(name)) == (ssize_t)length;
}

static bool send_ipv6(const struct raw *raw, const struct in6_addr *to, const uint8_t *bytes, size_t length)
{
	const struct sockaddr_in6 name = { .sin6_family = AF_INET6, .sin6_addr = *to };

	return sendto(raw->ipv6, bytes, length, 0, (const struct sockaddr *)&name, sizeof(name)) == (ssize_t)length;
}

static bool is_ipv4(const uint8_t *bytes, size_t length)
{
	return length >= sizeof(struct iphdr) && bytes[0] >> 4 == 4;
}

static bool is_ipv6(const uint8_t *bytes, size_t length)
{
	return length >= sizeof(struct ip6_hdr) && bytes[0] >> 4 == 6;
}

bool raw_send(const struct raw *raw, const uint8_t *bytes, size_t length)
{
	struct in_addr ipv4;
	struct in6_addr ipv6;

	if (is_ipv4(bytes, length)) {
		memcpy(&ipv4, bytes + offsetof(struct iphdr, daddr), sizeof(ipv4));
		return send_ipv4(raw, ipv4, bytes, length);
	}
	if (!is_ipv6(bytes, length))
		return false;
	memcpy(&ipv6, bytes + offsetof(struct ip6_hdr, ip6_dst), sizeof(ipv6));
	return send_ipv6(raw, &ipv6, bytes, length);
}

bool raw_deliver(const struct raw *raw, const uint8_t *bytes, size_t length)
{
	if (is_ipv4(bytes, length))
		return send_ipv4(raw, (struct in_addr){ htonl(INADDR_LOOPBACK) }, bytes, length);
	return is_ipv6(bytes, length) && send_ipv6(raw, &in6addr_loopback, bytes, length);
}
