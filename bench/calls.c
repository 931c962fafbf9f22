/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole calls through a router: INVITE, 200, ACK, BYE, 200. 64 phones call their provider, each one call after the
 * other. Prints a line:
 *
 *     calls <tab> lost <tab> ns of CPU time a call <tab> INVITEs that arrived with the outside address <tab>
 *     responses that came back as the phone had written them
 */
#include "traffic.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>

enum { PHONES = 64, PATIENCE_MS = 500, EVENTS_MAX = 32, SERVER_EVENT = PHONES };

struct phone {
	int udp;
	struct message_call call;
	enum message_kind waits_for; /* ANSWER_IN or BYE_ANSWER; KIND_COUNT: nothing */
};

static struct phone phones[PHONES];
static int server;
static uint32_t first_serial; /* no Call-ID comes twice, in this run or the next */
static unsigned long wanted, begun, finished, lost, rewritten, restored;

static void phone_say(const struct phone *phone, enum message_kind kind)
{
	char bytes[MESSAGE_MAX];
	size_t length = message_write(kind, &phone->call, bytes);
	if (send(phone->udp, bytes, length, 0) < 0)
		traffic_fail("a phone cannot send");
}

/* Each phone has a range of media ports of its own, as phones of one site have when well set up. */
static void phone_begin(struct phone *phone)
{
	phone->waits_for = MESSAGE_KIND_COUNT;
	if (begun == wanted)
		return;
	phone->call.serial = first_serial + (uint32_t)++begun;
	phone->call.media_port = (uint16_t)(16384 + phone->call.phone_number * 512 + begun / PHONES % 256 * 2);
	phone->waits_for = MESSAGE_ANSWER_IN;
	phone_say(phone, MESSAGE_INVITE);
}

static void phone_hear(struct phone *phone)
{
	char bytes[MESSAGE_MAX], via[64];
	ssize_t length = recv(phone->udp, bytes, sizeof(bytes) - 1, MSG_DONTWAIT);
	if (length <= 0)
		return;
	bytes[length] = '\0';
	snprintf(via, sizeof(via), "\r\nVia: SIP/2.0/UDP %s:5060;", phone->call.phone.text);
	restored += strstr(bytes, via) != NULL;
	if (phone->waits_for == MESSAGE_ANSWER_IN && strstr(bytes, " INVITE\r\n")) {
		phone->waits_for = MESSAGE_BYE_ANSWER;
		phone_say(phone, MESSAGE_ACK);
		phone_say(phone, MESSAGE_BYE);
	} else if (phone->waits_for == MESSAGE_BYE_ANSWER && strstr(bytes, " BYE\r\n")) {
		finished++;
		phone_begin(phone);
	}
}

static void server_hear(void)
{
	char bytes[MESSAGE_MAX], answer[MESSAGE_MAX];
	struct sockaddr_in from;
	socklen_t from_size = sizeof(from);
	ssize_t length = recvfrom(server, bytes, sizeof(bytes) - 1, MSG_DONTWAIT, (struct sockaddr *)&from, &from_size);
	if (length <= 0)
		return;
	bytes[length] = '\0';
	rewritten += strstr(bytes, "\r\nc=IN IP4 100.77.0.1\r\n") != NULL;
	size_t answer_length = traffic_answer(bytes, answer);
	if (answer_length != 0 && sendto(server, answer, answer_length, 0, (struct sockaddr *)&from, sizeof(from)) < 0)
		traffic_fail("the provider cannot send");
}

static void give_up(void)
{
	for (size_t i = 0; i < PHONES; i++) {
		if (phones[i].waits_for == MESSAGE_KIND_COUNT)
			continue;
		lost++;
		phone_begin(&phones[i]);
	}
}

static void listen_to(int poll, int udp, uint32_t who)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = who };
	if (epoll_ctl(poll, EPOLL_CTL_ADD, udp, &event) != 0)
		traffic_fail("epoll");
}

static void open_phone(int poll, const char *inside, unsigned number)
{
	struct phone *phone = &phones[number];
	phone->call.phone_number = number;
	phone->call.phone = message_party_make(PHONE_ADDRESS + number, 5060);
	phone->call.server = message_party_make(SERVER_ADDRESS, 5060);
	phone->udp = traffic_socket(inside, PHONE_ADDRESS + number, 5060);
	struct sockaddr_in to = { AF_INET, htons(5060), { htonl(SERVER_ADDRESS) }, { 0 } };
	if (connect(phone->udp, (struct sockaddr *)&to, sizeof(to)) != 0)
		traffic_fail("connect");
	listen_to(poll, phone->udp, number);
}

static void run(int poll)
{
	struct epoll_event events[EVENTS_MAX];
	while (finished + lost < wanted) {
		int count = epoll_wait(poll, events, EVENTS_MAX, PATIENCE_MS);
		if (count < 0)
			traffic_fail("epoll");
		if (count == 0)
			give_up();
		for (int i = 0; i < count; i++) {
			if (events[i].data.u32 == SERVER_EVENT)
				server_hear();
			else
				phone_hear(&phones[events[i].data.u32]);
		}
	}
}

int main(int argc, char **argv)
{
	if (argc < 4) {
		fprintf(stderr, "usage: %s INSIDE-NAMESPACE OUTSIDE-NAMESPACE CALLS [WATCHED-PROCESS…]\n", argv[0]);
		return 2;
	}
	int poll = epoll_create1(EPOLL_CLOEXEC);
	wanted = traffic_number(argv[3]);
	if (getrandom(&first_serial, sizeof(first_serial), 0) < 0)
		traffic_fail("getrandom");
	server = traffic_socket(argv[2], SERVER_ADDRESS, 5060);
	listen_to(poll, server, SERVER_EVENT);
	for (unsigned i = 0; i < PHONES; i++)
		open_phone(poll, argv[1], i);

	struct traffic_clock clock;
	traffic_clock_watch(&clock, argc - 4, argv + 4);
	traffic_clock_start(&clock);
	for (size_t i = 0; i < PHONES; i++)
		phone_begin(&phones[i]);
	run(poll);
	uint64_t used_ns = traffic_clock_read(&clock);
	printf("%lu\t%lu\t%.0f\t%lu\t%lu\n", finished, lost, (double)used_ns / (double)finished, rewritten, restored);
	return 0;
}
