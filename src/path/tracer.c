/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "path/tracer.h"

#include "host/clock.h"
#include "host/endpoint.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
	NS_PER_MS = 1000000,
	USUAL_PORT = 5060,
	USUAL_HOPS = 64,
	SEND_TRIES = 4,
	CONTROL_BYTES = 256,
	UDP_HEADER = 8,
	STRAYS_MAX = 256, /* packets of others passed over before the clock is looked at */
	/* linux/in.h and linux/in6.h of 5.9; older kernels refuse, and older distributions do not know them */
	RECVERR_RFC4884_IPV4 = 26,
	RECVERR_RFC4884_IPV6 = 31,
};

/* ---- Opening ---- */

static bool set(int descriptor, int level, int option, int value)
{
	return setsockopt(descriptor, level, option, &value, sizeof value) == 0;
}

static bool wants_errors(int descriptor, bool ipv6)
{
	if (ipv6) {
		(void)set(descriptor, IPPROTO_IPV6, RECVERR_RFC4884_IPV6, 1);
		return set(descriptor, IPPROTO_IPV6, IPV6_RECVERR, 1);
	}
	(void)set(descriptor, IPPROTO_IP, RECVERR_RFC4884_IPV4, 1);
	return set(descriptor, IPPROTO_IP, IP_RECVERR, 1);
}

static sipalg_endpoint own_endpoint(int descriptor)
{
	struct sockaddr_storage name = { 0 };
	socklen_t length = sizeof name;
	(void)getsockname(descriptor, (struct sockaddr *)&name, &length);
	return endpoint_of_socket(&name, SIPALG_PROTOCOL_UDP);
}

/* The address that packets to the far end leave from. */
static bool find_inside(struct tracer *tracer)
{
	struct sockaddr_storage name;
	socklen_t length = endpoint_to_socket(tracer->to, &name);
	int descriptor = socket(name.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool found = descriptor >= 0 && connect(descriptor, (struct sockaddr *)&name, length) == 0;
	if (found)
		tracer->inside.address = own_endpoint(descriptor).address;
	if (descriptor >= 0)
		close(descriptor);
	return found;
}

static bool bind_udp(struct tracer *tracer)
{
	struct sockaddr_storage name;
	tracer->inside.port = USUAL_PORT;
	socklen_t length = endpoint_to_socket(tracer->inside, &name);
	if (bind(tracer->udp, (struct sockaddr *)&name, length) == 0)
		return true;
	tracer->inside.port = 0;
	length = endpoint_to_socket(tracer->inside, &name);
	return bind(tracer->udp, (struct sockaddr *)&name, length) == 0;
}

bool tracer_open(struct tracer *tracer, const sipalg_endpoint *to, bool try_raw, struct problem *problem)
{
	bool ipv6 = endpoint_is_ipv6(*to);
	int family = ipv6 ? AF_INET6 : AF_INET;
	*tracer = (struct tracer){ .udp = -1, .raw = -1, .to = *to, .inside.protocol = SIPALG_PROTOCOL_UDP };
	if (!find_inside(tracer))
		return problem_say(problem, "there is no route to the host: %s; is there a network?", strerror(errno));
	tracer->udp = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (tracer->udp < 0 || !wants_errors(tracer->udp, ipv6) || !bind_udp(tracer)) {
		problem_say(problem, "cannot open a UDP socket: %s", strerror(errno));
		tracer_close(tracer);
		return false;
	}
	tracer->inside = own_endpoint(tracer->udp);
	if (try_raw)
		tracer->raw = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
		                     ipv6 ? (int)IPPROTO_ICMPV6 : (int)IPPROTO_ICMP);
	return true;
}

void tracer_close(struct tracer *tracer)
{
	if (tracer->udp >= 0)
		close(tracer->udp);
	if (tracer->raw >= 0)
		close(tracer->raw);
	tracer->udp = -1;
	tracer->raw = -1;
}

/* ---- Sending ---- */

/* An error that came meanwhile is told in place of sending: once each. */
bool tracer_send(struct tracer *tracer, uint16_t port, unsigned hops, struct text bytes)
{
	struct sockaddr_storage name;
	sipalg_endpoint to = tracer->to;
	bool ipv6 = endpoint_is_ipv6(to);
	to.port = port;
	socklen_t length = endpoint_to_socket(to, &name);
	if (!set(tracer->udp, ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, ipv6 ? IPV6_UNICAST_HOPS : IP_TTL,
	         hops == 0 ? USUAL_HOPS : (int)hops))
		return false;
	for (int i = 0; i < SEND_TRIES; i++)
		if (sendto(tracer->udp, bytes.start, bytes.length, 0, (struct sockaddr *)&name, length) ==
		    (ssize_t)bytes.length)
			return true;
	return false;
}

/* ---- Receiving ---- */

static const struct sock_extended_err *find_error(struct msghdr *message)
{
	for (struct cmsghdr *at = CMSG_FIRSTHDR(message); at != NULL; at = CMSG_NXTHDR(message, at))
		if ((at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_RECVERR) ||
		    (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_RECVERR))
			return (const struct sock_extended_err *)CMSG_DATA(at);
	return NULL;
}

static sipalg_address offender_of(const struct sock_extended_err *error)
{
	struct sockaddr_storage name = { 0 };
	const struct sockaddr *offender = SO_EE_OFFENDER(error);
	if (offender->sa_family != AF_INET && offender->sa_family != AF_INET6)
		return (sipalg_address){ 0 };
	memcpy(&name, offender,
	       offender->sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
	return endpoint_of_socket(&name, SIPALG_PROTOCOL_UDP).address;
}

static void read_error(const struct sock_extended_err *error, size_t length, size_t ip_header, struct answer *answer)
{
	bool ipv6 = error->ee_origin == SO_EE_ORIGIN_ICMP6;
	size_t said = error->ee_rfc4884.len; /* where an extension begins, if the kernel looked for one */
	struct text payload = { answer->bytes, length };
	answer->from = offender_of(error);
	answer->quote = (struct quote){
		.out_of_hops = error->ee_type == (ipv6 ? ICMP6_TIME_EXCEEDED : ICMP_TIME_EXCEEDED),
		.by_port = error->ee_type == (ipv6 ? ICMP6_DST_UNREACH : ICMP_DEST_UNREACH) &&
		           error->ee_code == (ipv6 ? ICMP6_DST_UNREACH_NOPORT : ICMP_PORT_UNREACH),
	};
	if (said > 0)
		payload = text_first(payload, said);
	answer->quote.payload = quote_without_extension(payload, ip_header + UDP_HEADER);
	answer->kind = answer->quote.out_of_hops || answer->quote.by_port ? ANSWER_QUOTE : ANSWER_REFUSED;
}

/* The payload of our datagram, as it was quoted. False: nothing waits. */
static bool take_error(struct tracer *tracer, struct answer *answer)
{
	_Alignas(struct cmsghdr) char control[CONTROL_BYTES];
	struct sockaddr_storage name;
	struct iovec part = { answer->bytes, sizeof answer->bytes };
	struct msghdr message = { .msg_name = &name,
		                  .msg_namelen = sizeof name,
		                  .msg_iov = &part,
		                  .msg_iovlen = 1,
		                  .msg_control = control,
		                  .msg_controllen = sizeof control };
	ssize_t length = recvmsg(tracer->udp, &message, MSG_ERRQUEUE);
	if (length < 0)
		return false;
	const struct sock_extended_err *error = find_error(&message);
	answer->kind = ANSWER_NONE;
	if (error != NULL && (error->ee_origin == SO_EE_ORIGIN_ICMP || error->ee_origin == SO_EE_ORIGIN_ICMP6))
		read_error(error, (size_t)length, endpoint_is_ipv6(tracer->to) ? 40 : 20, answer);
	return true;
}

/* Whether the quote is of a datagram of ours; NAT may have left its own source in it. */
static bool is_ours(const struct tracer *tracer, const struct quote *quote)
{
	return sipalg_address_equal(&quote->to.address, &tracer->to.address) &&
	       (quote->source.port == tracer->inside.port ||
	        !sipalg_address_equal(&quote->source.address, &tracer->inside.address));
}

/* Raw sockets of IPv4 give the IP header, too. */
static bool take_raw(struct tracer *tracer, struct answer *answer)
{
	struct sockaddr_storage name = { 0 };
	socklen_t name_length = sizeof name;
	bool ipv6 = endpoint_is_ipv6(tracer->to);
	ssize_t length =
	        recvfrom(tracer->raw, answer->bytes, sizeof answer->bytes, 0, (struct sockaddr *)&name, &name_length);
	if (length < 0)
		return false;
	struct text packet = { answer->bytes, (size_t)length };
	if (!ipv6 && length > 0)
		packet = text_from(packet, ((uint8_t)answer->bytes[0] & 0xf) * (size_t)4);
	answer->kind = ANSWER_NONE;
	if (!quote_read(packet, ipv6, &answer->quote) || !is_ours(tracer, &answer->quote))
		return true;
	answer->from = endpoint_of_socket(&name, SIPALG_PROTOCOL_UDP).address;
	answer->kind = answer->quote.out_of_hops || answer->quote.by_port ? ANSWER_QUOTE : ANSWER_REFUSED;
	return true;
}

static bool take_message(struct tracer *tracer, struct answer *answer)
{
	struct sockaddr_storage name = { 0 };
	socklen_t name_length = sizeof name;
	ssize_t length =
	        recvfrom(tracer->udp, answer->bytes, sizeof answer->bytes, 0, (struct sockaddr *)&name, &name_length);
	if (length < 0)
		return errno != EAGAIN && errno != EINTR; /* an error that the queue tells */
	answer->from = endpoint_of_socket(&name, SIPALG_PROTOCOL_UDP).address;
	answer->length = (size_t)length;
	bool of_far_end = sipalg_address_equal(&answer->from, &tracer->to.address);
	answer->kind = of_far_end ? ANSWER_MESSAGE : ANSWER_NONE;
	return true;
}

/* True: something was taken, if only to be passed over. The raw socket sees all that the error queue does, and more. */
static bool take(struct tracer *tracer, struct answer *answer)
{
	if (tracer->raw >= 0 && take_raw(tracer, answer))
		return true;
	if (take_error(tracer, answer)) {
		if (tracer->raw >= 0)
			answer->kind = ANSWER_NONE;
		return true;
	}
	return take_message(tracer, answer);
}

bool tracer_receive(struct tracer *tracer, uint64_t until_ns, struct answer *answer)
{
	struct pollfd files[] = { { .fd = tracer->udp, .events = POLLIN }, { .fd = tracer->raw, .events = POLLIN } };
	for (;;) {
		answer->kind = ANSWER_NONE;
		for (int i = 0; i < STRAYS_MAX && answer->kind == ANSWER_NONE && take(tracer, answer); i++)
			;
		uint64_t now_ns = clock_now_ns();
		answer->time_ns = now_ns;
		if (answer->kind != ANSWER_NONE)
			return true;
		if (now_ns >= until_ns)
			return false;
		uint64_t wait_ms = (until_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS;
		(void)poll(files, tracer->raw >= 0 ? 2 : 1, (int)wait_ms);
	}
}

void tracer_drain(struct tracer *tracer)
{
	struct answer answer;
	for (int i = 0; i < STRAYS_MAX && take(tracer, &answer); i++)
		;
}
