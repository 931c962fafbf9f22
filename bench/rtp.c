/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RTP through a router: a call is set up, then packets of 200 bytes go as fast as possible from the phone's media port
 * to the provider's, and as many the other way. Who receives discards them by a socket filter, which counts them, so
 * that the router is nearly all that costs. Prints a line:
 *
 *     announced port held (1 or 0) <tab> packets arrived, of both ways <tab> packets sent <tab>
 *     ns of CPU time a packet, outbound <tab> … inbound
 */
#include "traffic.h"

#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { PACKET_SIZE = 200, BURST = 32, PATIENCE_S = 2 };

struct flow {
	int from, to;
	uint32_t sent, arrived;
	double packet_ns;
};

static size_t hear(int udp, char bytes[MESSAGE_MAX], struct sockaddr_in *from)
{
	socklen_t size = sizeof(*from);
	struct timeval patience = { .tv_sec = PATIENCE_S };
	setsockopt(udp, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	ssize_t length = recvfrom(udp, bytes, MESSAGE_MAX - 1, 0, (struct sockaddr *)from, &size);
	if (length < 0)
		traffic_fail("nothing arrives");
	bytes[length] = '\0';
	return (size_t)length;
}

static void say(int udp, const struct sockaddr_in *to, const char *bytes, size_t length)
{
	if (sendto(udp, bytes, length, 0, (const struct sockaddr *)to, sizeof(*to)) < 0)
		traffic_fail("cannot send");
}

static struct sockaddr_in address_make(uint32_t ipv4, uint16_t port)
{
	return (struct sockaddr_in){ AF_INET, htons(port), { htonl(ipv4) }, { 0 } };
}

/* Sets the call up; returns the media port that the provider was told. */
static uint16_t call_begin(const struct message_call *call, int phone, int server)
{
	char bytes[MESSAGE_MAX], answer[MESSAGE_MAX];
	struct sockaddr_in from, to = address_make(SERVER_ADDRESS, 5060);
	say(phone, &to, bytes, message_write(MESSAGE_INVITE, call, bytes));
	hear(server, bytes, &from);
	const char *media = strstr(bytes, "\r\nm=audio ");
	uint16_t announced = media ? (uint16_t)strtoul(media + strlen("\r\nm=audio "), NULL, 10) : 0;
	say(server, &from, answer, traffic_answer(bytes, answer));
	hear(phone, bytes, &from);
	say(phone, &to, bytes, message_write(MESSAGE_ACK, call, bytes));
	hear(server, bytes, &from);
	return announced;
}

static void call_end(const struct message_call *call, int phone, int server)
{
	char bytes[MESSAGE_MAX], answer[MESSAGE_MAX];
	struct sockaddr_in from, to = address_make(SERVER_ADDRESS, 5060);
	say(phone, &to, bytes, message_write(MESSAGE_BYE, call, bytes));
	hear(server, bytes, &from);
	say(server, &from, answer, traffic_answer(bytes, answer));
	hear(phone, bytes, &from);
}

static void connect_to(int udp, const struct sockaddr_in *to)
{
	if (connect(udp, (const struct sockaddr *)to, sizeof(*to)) != 0)
		traffic_fail("connect");
}

/* The first packets: each end learns where the other's come from. */
static uint16_t greet(int phone_media, int server_media)
{
	char bytes[MESSAGE_MAX] = "\x80\x08";
	struct sockaddr_in from, to = address_make(SERVER_ADDRESS, message_media_port(MESSAGE_ANSWER_IN, NULL));
	say(phone_media, &to, bytes, PACKET_SIZE);
	hear(server_media, bytes, &from);
	say(server_media, &from, bytes, PACKET_SIZE);
	connect_to(server_media, &from);
	uint16_t seen = ntohs(from.sin_port);
	hear(phone_media, bytes, &from);
	connect_to(phone_media, &to);
	return seen;
}

static void discard(int udp)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = { 1, &nothing };
	if (setsockopt(udp, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) != 0)
		traffic_fail("cannot attach a filter");
}

static uint32_t discarded(int udp)
{
	uint32_t counters[SK_MEMINFO_VARS];
	socklen_t size = sizeof(counters);
	if (getsockopt(udp, SOL_SOCKET, SO_MEMINFO, counters, &size) != 0)
		traffic_fail("cannot read a socket's counters");
	return counters[SK_MEMINFO_DROPS];
}

static void send_packets(int udp, uint32_t count)
{
	static char packet[PACKET_SIZE] = "\x80\x08";
	struct iovec vector = { packet, sizeof(packet) };
	struct mmsghdr burst[BURST];
	memset(burst, 0, sizeof(burst));
	for (size_t i = 0; i < BURST; i++)
		burst[i].msg_hdr = (struct msghdr){ .msg_iov = &vector, .msg_iovlen = 1 };
	for (uint32_t sent = 0; sent < count; sent += BURST) {
		if (sendmmsg(udp, burst, BURST, 0) != BURST)
			traffic_fail("cannot send");
	}
}

static void flow_run(struct flow *flow, uint32_t packets, struct traffic_clock *clock)
{
	flow->sent = packets / BURST * BURST;
	uint32_t before = discarded(flow->to);
	traffic_clock_start(clock);
	send_packets(flow->from, flow->sent);
	uint64_t used_ns = traffic_clock_read(clock);
	flow->arrived = discarded(flow->to) - before;
	flow->packet_ns = (double)used_ns / (double)(flow->arrived ? flow->arrived : 1);
}

int main(int argc, char **argv)
{
	if (argc < 5) {
		fprintf(stderr, "usage: %s INSIDE-NAMESPACE OUTSIDE-NAMESPACE PACKETS ROUND [WATCHED-PROCESS…]\n",
		        argv[0]);
		return 2;
	}
	uint32_t packets = (uint32_t)traffic_number(argv[3]), number = (uint32_t)traffic_number(argv[4]);
	struct message_call call = { .serial = number * 2654435761u + 77 };
	call.phone = message_party_make(PHONE_ADDRESS, 5060);
	call.server = message_party_make(SERVER_ADDRESS, 5060);
	call.media_port = (uint16_t)(16384 + number % 1000 * 2);
	int server = traffic_socket(argv[2], SERVER_ADDRESS, 5060);
	int server_media = traffic_socket(argv[2], SERVER_ADDRESS, message_media_port(MESSAGE_ANSWER_IN, &call));
	int phone = traffic_socket(argv[1], PHONE_ADDRESS, 5060);
	int phone_media = traffic_socket(argv[1], PHONE_ADDRESS, call.media_port);

	struct traffic_clock clock;
	traffic_clock_watch(&clock, argc - 5, argv + 5);
	uint16_t announced = call_begin(&call, phone, server), seen = greet(phone_media, server_media);
	struct flow outbound = { .from = phone_media, .to = server_media };
	struct flow inbound = { .from = server_media, .to = phone_media };
	discard(phone_media);
	discard(server_media);
	flow_run(&outbound, packets, &clock);
	flow_run(&inbound, packets, &clock);
	call_end(&call, phone, server);
	printf("%d\t%u\t%u\t%.1f\t%.1f\n", announced == seen, outbound.arrived + inbound.arrived,
	       outbound.sent + inbound.sent, outbound.packet_ns, inbound.packet_ns);
	return 0;
}
