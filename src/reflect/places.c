/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reflect/places.h"

#include "host/endpoint.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { BACKLOG = 128, CONTROL_BYTES = 128 /* ancillary data of one datagram */ };

/* ---- Opening ---- */

static bool set(int descriptor, int level, int option, int value)
{
	return setsockopt(descriptor, level, option, &value, sizeof value) == 0;
}

/* Datagrams tell to which address they came, and larger ones leave in fragments whatever the path is said to bear. */
static bool set_up(int descriptor, int family, int kind)
{
	if (family == AF_INET6 && !set(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1))
		return false;
	if (kind == SOCK_STREAM)
		return set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
	return family == AF_INET6 ? set(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) &&
	                                    set(descriptor, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT)
	                          : set(descriptor, IPPROTO_IP, IP_PKTINFO, 1) &&
	                                    set(descriptor, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
}

static sipalg_endpoint any_address(int family, uint16_t port)
{
	sipalg_endpoint any = { .port = port };
	if (family == AF_INET)
		any.address = sipalg_address_from_ipv4(INADDR_ANY);
	return any;
}

static bool bind_to(int descriptor, const sipalg_endpoint *endpoint)
{
	struct sockaddr_storage address;
	socklen_t length = endpoint_to_socket(*endpoint, &address);
	return bind(descriptor, (struct sockaddr *)&address, length) == 0;
}

static bool say_taken(int error, int kind, uint16_t port, struct problem *problem)
{
	const char *transport = kind == SOCK_STREAM ? "TCP" : "UDP";
	if (error == EADDRINUSE)
		return problem_say(problem,
		                   "%s port %u is taken by another program; stop it (`ss -%cnlp` names it), or choose "
		                   "other ports (see --help)",
		                   transport, port, kind == SOCK_STREAM ? 't' : 'u');
	if (error == EACCES)
		return problem_say(problem, "%s port %u needs root; choose one above 1023", transport, port);
	return problem_say(problem, "cannot listen on %s port %u: %s", transport, port, strerror(error));
}

/* A host without the family has no socket of it, which is no fault. */
static bool open_one(int family, int kind, uint16_t port, int *descriptor, struct problem *problem)
{
	sipalg_endpoint any = any_address(family, port);
	*descriptor = socket(family, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*descriptor < 0)
		return errno == EAFNOSUPPORT || say_taken(errno, kind, port, problem);
	if (set_up(*descriptor, family, kind) && bind_to(*descriptor, &any) &&
	    (kind == SOCK_DGRAM || listen(*descriptor, BACKLOG) == 0))
		return true;
	int error = errno;
	close(*descriptor);
	*descriptor = -1;
	return (family == AF_INET6 && error == EADDRNOTAVAIL) || say_taken(error, kind, port, problem);
}

static bool open_both(int kind, uint16_t port, int descriptors[FAMILY_COUNT], struct problem *problem)
{
	return open_one(AF_INET, kind, port, &descriptors[FAMILY_IPV4], problem) &&
	       open_one(AF_INET6, kind, port, &descriptors[FAMILY_IPV6], problem);
}

bool places_open(struct places *places, const struct reflect_settings *settings, struct problem *problem)
{
	memset(places, 0xff, sizeof *places); /* -1 each */
	if (!open_both(SOCK_STREAM, settings->control_port, places->control, problem))
		return false;
	for (size_t i = 0; i < REFLECT_PLACE_COUNT; i++) {
		if (!open_both(SOCK_DGRAM, settings->ports[i], places->udp[i], problem))
			return false;
		if (i <= REFLECT_PLAIN && !open_both(SOCK_STREAM, settings->ports[i], places->tcp[i], problem))
			return false;
	}
	return true;
}

static void close_both(int descriptors[FAMILY_COUNT])
{
	for (size_t i = 0; i < FAMILY_COUNT; i++)
		if (descriptors[i] >= 0)
			close(descriptors[i]);
}

void places_close(struct places *places)
{
	close_both(places->control);
	for (size_t i = 0; i < REFLECT_PLACE_COUNT; i++) {
		close_both(places->udp[i]);
		close_both(places->tcp[i]);
	}
}

/* ---- Datagrams ---- */

static sipalg_address address_of_ipv6(const struct in6_addr *ipv6)
{
	sipalg_address address;
	memcpy(address.bytes, ipv6, sizeof address.bytes);
	return address;
}

/* The address a datagram was sent to. */
static sipalg_address local_of(struct msghdr *message)
{
	for (struct cmsghdr *at = CMSG_FIRSTHDR(message); at != NULL; at = CMSG_NXTHDR(message, at)) {
		if (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo ipv4;
			memcpy(&ipv4, CMSG_DATA(at), sizeof ipv4);
			return sipalg_address_from_ipv4(ntohl(ipv4.ipi_addr.s_addr));
		}
		if (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo ipv6;
			memcpy(&ipv6, CMSG_DATA(at), sizeof ipv6);
			return address_of_ipv6(&ipv6.ipi6_addr);
		}
	}
	return (sipalg_address){ 0 };
}

ssize_t places_receive(int udp, void *bytes, size_t max, sipalg_endpoint *source, sipalg_address *local)
{
	_Alignas(struct cmsghdr) char control[CONTROL_BYTES];
	struct sockaddr_storage name;
	struct iovec part = { bytes, max };
	struct msghdr message = { .msg_name = &name,
		                  .msg_namelen = sizeof name,
		                  .msg_iov = &part,
		                  .msg_iovlen = 1,
		                  .msg_control = control,
		                  .msg_controllen = sizeof control };
	ssize_t length = recvmsg(udp, &message, 0);
	if (length < 0)
		return -1;
	*source = endpoint_of_socket(&name, SIPALG_PROTOCOL_UDP);
	*local = local_of(&message);
	return length;
}

static void add_source(struct msghdr *message, int level, int kind, const void *information, size_t length)
{
	struct cmsghdr *at = CMSG_FIRSTHDR(message);
	at->cmsg_level = level;
	at->cmsg_type = kind;
	at->cmsg_len = CMSG_LEN(length);
	memcpy(CMSG_DATA(at), information, length);
	message->msg_controllen = CMSG_SPACE(length);
}

static void send_from(struct msghdr *message, const sipalg_address *local)
{
	struct in_pktinfo ipv4 = { .ipi_spec_dst.s_addr = htonl(sipalg_address_to_ipv4(local)) };
	struct in6_pktinfo ipv6 = { 0 };
	memcpy(&ipv6.ipi6_addr, local->bytes, sizeof ipv6.ipi6_addr);
	if (sipalg_address_is_ipv4(local))
		add_source(message, IPPROTO_IP, IP_PKTINFO, &ipv4, sizeof ipv4);
	else
		add_source(message, IPPROTO_IPV6, IPV6_PKTINFO, &ipv6, sizeof ipv6);
}

bool places_send(const struct places *places, enum reflect_place place, const sipalg_address *local,
                 const sipalg_endpoint *to, struct text bytes)
{
	_Alignas(struct cmsghdr) char control[CONTROL_BYTES] = { 0 };
	struct sockaddr_storage name;
	struct iovec part = { (void *)(uintptr_t)bytes.start, bytes.length };
	struct msghdr message = { .msg_name = &name,
		                  .msg_namelen = endpoint_to_socket(*to, &name),
		                  .msg_iov = &part,
		                  .msg_iovlen = 1,
		                  .msg_control = control,
		                  .msg_controllen = sizeof control };
	int descriptor = places->udp[place][endpoint_is_ipv6(*to) ? FAMILY_IPV6 : FAMILY_IPV4];
	send_from(&message, local);
	return descriptor >= 0 && sendmsg(descriptor, &message, MSG_NOSIGNAL) == (ssize_t)bytes.length;
}

/* ---- Connections ---- */

int places_accept(int listener, sipalg_endpoint *source, sipalg_address *local)
{
	struct sockaddr_storage far, near;
	socklen_t far_length = sizeof far, near_length = sizeof near;
	int descriptor = accept4(listener, (struct sockaddr *)&far, &far_length, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (descriptor < 0)
		return -1;
	(void)set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
	if (getsockname(descriptor, (struct sockaddr *)&near, &near_length) != 0) {
		close(descriptor);
		return -1;
	}
	*source = endpoint_of_socket(&far, SIPALG_PROTOCOL_TCP);
	*local = endpoint_of_socket(&near, SIPALG_PROTOCOL_TCP).address;
	return descriptor;
}

int places_connect(const sipalg_address *local, const sipalg_endpoint *to)
{
	struct sockaddr_storage name;
	const sipalg_endpoint from = { .address = *local };
	socklen_t length = endpoint_to_socket(*to, &name);
	int descriptor = socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (descriptor < 0)
		return -1;
	(void)set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
	if (bind_to(descriptor, &from) &&
	    (connect(descriptor, (struct sockaddr *)&name, length) == 0 || errno == EINPROGRESS))
		return descriptor;
	close(descriptor);
	return -1;
}

/* ---- The second address ---- */

bool places_has_address(const sipalg_address *address)
{
	const sipalg_endpoint endpoint = { .address = *address };
	int family = sipalg_address_is_ipv4(address) ? AF_INET : AF_INET6;
	int descriptor = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool has = descriptor >= 0 && bind_to(descriptor, &endpoint);
	if (descriptor >= 0)
		close(descriptor);
	return has;
}

static bool is_twin(const struct ifaddrs *entry, const sipalg_address *first, sipalg_address *twin)
{
	struct sockaddr_storage name = { 0 };
	if (entry->ifa_addr == NULL || (entry->ifa_flags & IFF_UP) == 0 || (entry->ifa_flags & IFF_LOOPBACK) != 0)
		return false;
	int family = entry->ifa_addr->sa_family;
	if (family != AF_INET && family != AF_INET6)
		return false;
	memcpy(&name, entry->ifa_addr, family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
	*twin = endpoint_of_socket(&name, SIPALG_PROTOCOL_UDP).address;
	return sipalg_address_is_ipv4(twin) == sipalg_address_is_ipv4(first) && !sipalg_address_equal(twin, first) &&
	       address_is_public(twin);
}

sipalg_address places_find_twin(const sipalg_address *first)
{
	struct ifaddrs *list = NULL;
	sipalg_address found = { 0 }, twin;
	if (!address_is_public(first) || getifaddrs(&list) != 0)
		return found;
	for (const struct ifaddrs *entry = list; entry != NULL && sipalg_address_is_none(&found);
	     entry = entry->ifa_next)
		if (is_twin(entry, first, &twin))
			found = twin;
	freeifaddrs(list);
	return found;
}
