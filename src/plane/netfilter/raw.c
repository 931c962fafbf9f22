/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/raw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
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

/* The route is that of an address of lo, whatever the header says: so it is delivered here. */
static bool send_ipv4(const struct raw *raw, const uint8_t *bytes, size_t length)
{
	const struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return sendto(raw->ipv4, bytes, length, 0, (const struct sockaddr *)&name, sizeof(name)) == (ssize_t)length;
}

static bool send_ipv6(const struct raw *raw, const uint8_t *bytes, size_t length)
{
	const struct sockaddr_in6 name = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };

	return sendto(raw->ipv6, bytes, length, 0, (const struct sockaddr *)&name, sizeof(name)) == (ssize_t)length;
}

bool raw_send(const struct raw *raw, const uint8_t *bytes, size_t length)
{
	if (length >= sizeof(struct iphdr) && bytes[0] >> 4 == 4)
		return send_ipv4(raw, bytes, length);
	if (length >= sizeof(struct ip6_hdr) && bytes[0] >> 4 == 6)
		return send_ipv6(raw, bytes, length);
	return false;
}
