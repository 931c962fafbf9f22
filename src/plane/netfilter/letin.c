/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/letin.h"
#include "plane/netfilter/number.h"
#include "sipalg/engine.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define FLOWS_MAX_PATH "/proc/sys/net/netfilter/nf_conntrack_max"

enum { FLOWS_MAX = 65536 }; /* when the kernel does not tell */

void letin_open(struct letin *letin)
{
	*letin = (struct letin){ .window_max = number_from_file(FLOWS_MAX_PATH, FLOWS_MAX) / LETIN_SHARE };
}

static void begin_anew(struct letin *letin, uint64_t now_ns)
{
	if (now_ns >= letin->second_ns) {
		letin->second_ns = now_ns + SIPALG_SECOND_NS;
		letin->second_count = 0;
	}
	if (now_ns >= letin->window_ns) {
		letin->window_ns = now_ns + LETIN_WINDOW_S * SIPALG_SECOND_NS;
		letin->window_count = 0;
		memset(letin->counts, 0, sizeof(letin->counts));
	}
}

bool letin_may(struct letin *letin, uint64_t now_ns, uint32_t binding)
{
	uint8_t *count = &letin->counts[(binding * UINT32_C(2654435761)) >> 16 & (LETIN_PLACES - 1)];

	begin_anew(letin, now_ns);
	if (letin->second_count >= LETIN_SECOND_MAX || letin->window_count >= letin->window_max ||
	    *count >= LETIN_BINDING_MAX)
		return false;
	letin->second_count++;
	letin->window_count++;
	++*count;
	return true;
}

/* ---- The copy ---- */

union name {
	struct sockaddr any;
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
};

static socklen_t name_write(union name *name, const sipalg_endpoint *endpoint)
{
	if (sipalg_address_is_ipv4(&endpoint->address)) {
		name->ipv4 = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(endpoint->port) };
		name->ipv4.sin_addr.s_addr = htonl(sipalg_address_to_ipv4(&endpoint->address));
		return sizeof(name->ipv4);
	}
	name->ipv6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons(endpoint->port) };
	memcpy(&name->ipv6.sin6_addr, endpoint->address.bytes, sizeof(name->ipv6.sin6_addr));
	return sizeof(name->ipv6);
}

/* A socket that may have anybody's address, and forbids nobody to cut what it sends. */
static int socket_open(int family)
{
	int descriptor = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int one = 1, never = IP_PMTUDISC_DONT; /* IPv6 has the same number for it */
	int level = family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;

	if (descriptor < 0)
		return -1;
	(void)setsockopt(descriptor, level, family == AF_INET ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER, &never,
	                 sizeof(never));
	if (setsockopt(descriptor, level, family == AF_INET ? IP_TRANSPARENT : IPV6_TRANSPARENT, &one, sizeof(one)) ==
	    0)
		return descriptor;
	close(descriptor);
	return -1;
}

bool letin_send(const sipalg_endpoint *source, const sipalg_endpoint *destination, const uint8_t *bytes, size_t length)
{
	union name from, to;
	socklen_t from_length = name_write(&from, source), to_length = name_write(&to, destination);
	int descriptor = socket_open(from.any.sa_family);
	bool sent;

	if (descriptor < 0)
		return false;
	sent = bind(descriptor, &from.any, from_length) == 0 &&
	       sendto(descriptor, bytes, length, 0, &to.any, to_length) == (ssize_t)length;
	close(descriptor);
	return sent;
}
