/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIP over TCP through whatever listens at an address: 64 phones make whole calls (INVITE, 200, ACK, BYE, 200) to their
 * provider, which this program is, too; or connections are opened and left alone; or bytes that are not SIP are sent.
 * Prints one of
 *
 *     calls:  calls <tab> ns of CPU time a message
 *     idle:   connections, once all are there; then it waits until its standard input ends
 *     stream: ns of CPU time a MiB
 */
#include "traffic.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	PHONES = 64,
	CONNECTIONS_MAX = 8192,
	EVENTS_MAX = 64,
	PATIENCE_MS = 3000,
	MESSAGES_A_CALL = 5,
	STREAM_READ = 262144
};

/* One end of a connection, with what has come and is not yet a whole message. */
struct end {
	int tcp;
	bool is_phone;
	struct message_call call;
	bool waits_for_bye;
	size_t length;
	char bytes[4 * MESSAGE_MAX];
};

static struct end *ends[2 * CONNECTIONS_MAX];
static size_t end_count;
static int polling, listening;
static uint32_t target_address, first_serial;
static unsigned long wanted, begun, finished;

/* ---- Connections ---- */

static struct sockaddr_in name_of(uint32_t ipv4, uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = { htonl(ipv4) } };
}

static int open_tcp(uint32_t ipv4, uint16_t port)
{
	int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
	struct sockaddr_in name = name_of(ipv4, port);
	if (tcp < 0 || setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
	    setsockopt(tcp, SOL_TCP, TCP_NODELAY, &yes, sizeof(yes)) != 0 ||
	    bind(tcp, (struct sockaddr *)&name, sizeof(name)) != 0)
		traffic_fail("cannot open a socket");
	return tcp;
}

static struct end *end_add(int tcp, bool is_phone)
{
	struct end *end = calloc(1, sizeof(*end));
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = end };
	if (end == NULL || end_count == 2 * CONNECTIONS_MAX || epoll_ctl(polling, EPOLL_CTL_ADD, tcp, &event) != 0)
		traffic_fail("no more connections");
	end->tcp = tcp;
	end->is_phone = is_phone;
	ends[end_count++] = end;
	return end;
}

static void server_open(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	listening = open_tcp(SERVER_ADDRESS, 5060);
	if (listen(listening, 4096) != 0 || fcntl(listening, F_SETFL, O_NONBLOCK) != 0 ||
	    epoll_ctl(polling, EPOLL_CTL_ADD, listening, &event) != 0)
		traffic_fail("the provider cannot listen");
}

static struct end *phone_open(unsigned number)
{
	struct sockaddr_in to = name_of(target_address, 5060);
	uint32_t address = PHONE_ADDRESS + number % PHONES;
	int tcp = open_tcp(address, number < PHONES ? 5060 : 0);
	if (connect(tcp, (struct sockaddr *)&to, sizeof(to)) != 0)
		traffic_fail("connect");
	struct end *phone = end_add(tcp, true);
	phone->call.phone_number = number;
	phone->call.phone = message_party_make(address, 5060);
	phone->call.server = message_party_make(SERVER_ADDRESS, 5060);
	return phone;
}

/* ---- Messages ---- */

static void say(const struct end *end, char *bytes, size_t length)
{
	for (char *at = bytes; (at = strstr(at, "SIP/2.0/UDP")); at++)
		memcpy(at, "SIP/2.0/TCP", 11);
	for (char *at = bytes; (at = strstr(at, "transport=udp")); at++)
		memcpy(at, "transport=tcp", 13);
	if (send(end->tcp, bytes, length, MSG_NOSIGNAL) != (ssize_t)length)
		traffic_fail("cannot send");
}

static void phone_say(const struct end *phone, enum message_kind kind)
{
	char bytes[MESSAGE_MAX];
	say(phone, bytes, message_write(kind, &phone->call, bytes));
}

static void phone_begin(struct end *phone)
{
	if (begun == wanted)
		return;
	phone->call.serial = first_serial + (uint32_t)++begun;
	phone->call.media_port = (uint16_t)(16384 + phone->call.phone_number % PHONES * 512 + begun / PHONES % 256 * 2);
	phone->waits_for_bye = false;
	phone_say(phone, MESSAGE_INVITE);
}

static void phone_hear(struct end *phone, const char *message)
{
	if (!phone->waits_for_bye && strstr(message, " INVITE\r\n")) {
		phone->waits_for_bye = true;
		phone_say(phone, MESSAGE_ACK);
		phone_say(phone, MESSAGE_BYE);
	} else if (!strstr(message, " INVITE\r\n")) {
		finished++;
		phone_begin(phone);
	}
}

static void hear(struct end *end, const char *message)
{
	char answer[MESSAGE_MAX];
	if (end->is_phone) {
		phone_hear(end, message);
		return;
	}
	size_t length = traffic_answer(message, answer);
	if (length != 0)
		say(end, answer, length);
}

/* The length of the message at the front; 0: it is not whole. */
static size_t message_length(const char *bytes)
{
	const char *body = strstr(bytes, "\r\n\r\n"), *length = strstr(bytes, "\r\nContent-Length: ");
	if (body == NULL || length == NULL)
		return 0;
	size_t whole = (size_t)(body + 4 - bytes) + strtoul(length + 18, NULL, 10);
	return strlen(bytes) < whole ? 0 : whole;
}

static void end_read(struct end *end)
{
	ssize_t some = recv(end->tcp, end->bytes + end->length, sizeof(end->bytes) - 1 - end->length, MSG_DONTWAIT);
	if (some <= 0)
		traffic_fail("a connection ended");
	end->length += (size_t)some;
	end->bytes[end->length] = '\0';
	size_t done = 0, length;
	while ((length = message_length(end->bytes + done)) != 0) {
		char after = end->bytes[done + length];
		end->bytes[done + length] = '\0';
		hear(end, end->bytes + done);
		end->bytes[done + length] = after;
		done += length;
	}
	end->length -= done;
	memmove(end->bytes, end->bytes + done, end->length + 1);
}

static void accept_all(void)
{
	int tcp, yes = 1;
	while ((tcp = accept4(listening, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		if (setsockopt(tcp, SOL_TCP, TCP_NODELAY, &yes, sizeof(yes)) != 0)
			traffic_fail("setsockopt");
		end_add(tcp, false);
	}
}

static void run_until(unsigned long calls)
{
	struct epoll_event events[EVENTS_MAX];
	while (finished < calls) {
		int count = epoll_wait(polling, events, EVENTS_MAX, PATIENCE_MS);
		if (count == 0)
			errno = ETIMEDOUT;
		if (count <= 0)
			traffic_fail("messages got lost");
		for (int i = 0; i < count; i++) {
			if (events[i].data.ptr)
				end_read(events[i].data.ptr);
			else
				accept_all();
		}
	}
}

/* ---- What is measured ---- */

static void measure_calls(unsigned long calls, struct traffic_clock *clock)
{
	for (unsigned i = 0; i < PHONES; i++)
		phone_open(i);
	wanted = PHONES; /* everything is opened, caches are filled */
	for (size_t i = 0; i < PHONES; i++)
		phone_begin(ends[i]);
	run_until(PHONES);
	wanted += calls;
	traffic_clock_start(clock);
	for (size_t i = 0; i < PHONES; i++)
		phone_begin(ends[i]);
	run_until(wanted);
	printf("%lu\t%.0f\n", calls, (double)traffic_clock_read(clock) / (double)calls / MESSAGES_A_CALL);
}

static void leave_idle(unsigned long connections)
{
	char byte;
	for (unsigned i = 0; i < connections; i++) {
		phone_say(phone_open(PHONES + i), MESSAGE_OPTIONS); /* each has spoken once */
		run_until(i + 1);
	}
	printf("%lu\n", connections);
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
}

static void measure_stream(unsigned long mebibytes, struct traffic_clock *clock)
{
	static char bytes[STREAM_READ] = "not SIP\n";
	size_t length = mebibytes << 20, sent = 0, received = 0;
	int from = phone_open(PHONES)->tcp, to;
	if (fcntl(from, F_SETFL, O_NONBLOCK) != 0)
		traffic_fail("fcntl");
	while (send(from, bytes, 8, 0) != 8 || (to = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) < 0)
		usleep(1000);
	traffic_clock_start(clock);
	while (received < length) {
		ssize_t out = sent < length ? send(from, bytes, sizeof(bytes), MSG_NOSIGNAL) : 0;
		sent += out > 0 ? (size_t)out : 0;
		ssize_t in = recv(to, bytes, sizeof(bytes), 0);
		received += in > 0 ? (size_t)in : 0;
		if (out <= 0 && in <= 0)
			sched_yield();
	}
	printf("%.0f\n", (double)traffic_clock_read(clock) / (double)mebibytes);
}

int main(int argc, char **argv)
{
	struct traffic_clock clock;
	sipalg_address address;
	if (argc < 6 || !sipalg_address_read(argv[4], strlen(argv[4]), &address)) {
		fprintf(stderr,
		        "usage: %s calls|idle|stream INSIDE-NAMESPACE OUTSIDE-NAMESPACE ADDRESS COUNT "
		        "[WATCHED-PROCESS…]\n",
		        argv[0]);
		return 2;
	}
	target_address = sipalg_address_to_ipv4(&address);
	unsigned long count = traffic_number(argv[5]);
	polling = epoll_create1(EPOLL_CLOEXEC);
	if (getrandom(&first_serial, sizeof(first_serial), 0) < 0)
		traffic_fail("getrandom");
	traffic_go(argv[3]);
	server_open();
	traffic_go(argv[2]);
	traffic_clock_watch(&clock, argc - 6, argv + 6);
	if (strcmp(argv[1], "calls") == 0)
		measure_calls(count, &clock);
	else if (strcmp(argv[1], "idle") == 0)
		leave_idle(count);
	else
		measure_stream(count, &clock);
	return 0;
}
