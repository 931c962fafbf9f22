/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/letin.h"
#include "plane/netfilter/netlink.h"
#include "plane/netfilter/number.h"
#include "sipalg/engine.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#define FLOWS_MAX_PATH "/proc/sys/net/netfilter/nf_conntrack_max"

enum { FLOWS_MAX = 65536 }; /* when the kernel does not tell */

/* A socket for UDP headers of our own making, which may have anybody's address, lets what it sends be cut, and hears
 * nothing: else it would be given all that comes to the router itself. */
static int socket_open(enum family family)
{
	int descriptor = socket(family_number(family), SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP);
	int one = 1, never = IP_PMTUDISC_DONT; /* IPv6 has the same number for it */
	bool ipv4 = family == FAMILY_IPV4;
	int level = ipv4 ? IPPROTO_IP : IPPROTO_IPV6;

	if (descriptor < 0)
		return -1;
	if (socket_hear_nothing(descriptor) &&
	    setsockopt(descriptor, level, ipv4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER, &never, sizeof(never)) == 0 &&
	    setsockopt(descriptor, level, ipv4 ? IP_TRANSPARENT : IPV6_TRANSPARENT, &one, sizeof(one)) == 0)
		return descriptor;
	close(descriptor);
	return -1;
}

bool letin_open(struct letin *letin)
{
	letin->window_max = number_from_file(FLOWS_MAX_PATH, FLOWS_MAX) / LETIN_SHARE;
	letin->sockets[FAMILY_IPV6] = socket_open(FAMILY_IPV6);
	letin->sockets[FAMILY_IPV4] = socket_open(FAMILY_IPV4);
	return letin->sockets[FAMILY_IPV4] >= 0;
}

void letin_close(struct letin *letin)
{
	for (enum family family = FAMILY_IPV4; family < FAMILY_COUNT; family++)
		if (letin->sockets[family] > 0)
			close(letin->sockets[family]);
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

/* Where it goes, and from whom: names of sockets without ports, which stand in the header that is sent. */
struct envelope {
	union {
		struct sockaddr_in ipv4;
		struct sockaddr_in6 ipv6;
	} to;
	socklen_t to_length;
	_Alignas(struct cmsghdr) uint8_t from[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	size_t from_length;
};

static void put_from(struct envelope *envelope, int level, int type, const void *information, size_t length)
{
	struct cmsghdr *header = (struct cmsghdr *)envelope->from;

	header->cmsg_level = level;
	header->cmsg_type = type;
	header->cmsg_len = CMSG_LEN(length);
	memcpy(CMSG_DATA(header), information, length);
	envelope->from_length = CMSG_SPACE(length);
}

static void address_ipv4(struct envelope *envelope, const sipalg_address *from, const sipalg_address *to)
{
	const struct in_pktinfo information = { .ipi_spec_dst.s_addr = htonl(sipalg_address_to_ipv4(from)) };

	envelope->to.ipv4.sin_family = AF_INET;
	envelope->to.ipv4.sin_addr.s_addr = htonl(sipalg_address_to_ipv4(to));
	envelope->to_length = sizeof(envelope->to.ipv4);
	put_from(envelope, IPPROTO_IP, IP_PKTINFO, &information, sizeof(information));
}

static void address_ipv6(struct envelope *envelope, const sipalg_address *from, const sipalg_address *to)
{
	struct in6_pktinfo information = { 0 };

	memcpy(&information.ipi6_addr, from->bytes, sizeof(information.ipi6_addr));
	envelope->to.ipv6.sin6_family = AF_INET6;
	memcpy(&envelope->to.ipv6.sin6_addr, to->bytes, sizeof(envelope->to.ipv6.sin6_addr));
	envelope->to_length = sizeof(envelope->to.ipv6);
	put_from(envelope, IPPROTO_IPV6, IPV6_PKTINFO, &information, sizeof(information));
}

bool letin_send(struct letin *letin, const struct packet *packet, const uint8_t *message, size_t length)
{
	enum family family = family_of(&packet->source.address);
	size_t before = packet->headers - sizeof(struct udphdr),
	       total = packet_write(packet, message, length, letin->copy);
	struct envelope envelope = { 0 };
	struct iovec piece = { letin->copy + before, total - before };
	struct msghdr header = {
		.msg_name = &envelope.to, .msg_iov = &piece, .msg_iovlen = 1, .msg_control = &envelope.from
	};

	if (family == FAMILY_IPV4)
		address_ipv4(&envelope, &packet->source.address, &packet->destination.address);
	else
		address_ipv6(&envelope, &packet->source.address, &packet->destination.address);
	header.msg_namelen = envelope.to_length;
	header.msg_controllen = envelope.from_length;
	return sendmsg(letin->sockets[family], &header, 0) == (ssize_t)piece.iov_len;
}
