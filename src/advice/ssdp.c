/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advice/ssdp.h"

#include "host/clock.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

/* Datagrams get lost: who has not answered by then is asked once more. */
enum { SSDP_PORT = 1900, AGAIN_MS = 800, WAIT_MS = 2500, DATAGRAM_MAX = 2048, HOPS = 2, ANSWERS_MAX = 64 };

#define MILLISECOND_NS UINT64_C(1000000)

static const char group[] = "239.255.255.250";

/* MX is the longest that a device may wait before it answers. */
static const char request[] = "M-SEARCH * HTTP/1.1\r\n"
                              "HOST: 239.255.255.250:1900\r\n"
                              "MAN: \"ssdp:discover\"\r\n"
                              "MX: 1\r\n"
                              "ST: upnp:rootdevice\r\n"
                              "\r\n";

/* The value of a header of the answer; empty: it has none. */
static struct text header(struct text answer, const char *name)
{
	size_t name_length = strlen(name);
	while (!text_is_empty(answer)) {
		const char *end = memchr(answer.start, '\n', answer.length);
		struct text line = end != NULL ? text_first(answer, (size_t)(end - answer.start)) : answer;
		answer = text_from(answer, line.length + 1);
		if (line.length <= name_length || line.start[name_length] != ':' ||
		    strncasecmp(line.start, name, name_length) != 0)
			continue;
		line = text_from(line, name_length + 1);
		while (!text_is_empty(line) && (line.start[0] == ' ' || line.start[0] == '\t'))
			line = text_from(line, 1);
		while (!text_is_empty(line) && (unsigned char)line.start[line.length - 1] <= ' ')
			line.length--;
		return line;
	}
	return (struct text){ "", 0 };
}

static bool is_known(const struct ssdp_answers *answers, struct text location)
{
	for (size_t i = 0; i < answers->count; i++)
		if (strlen(answers->locations[i]) == location.length &&
		    memcmp(answers->locations[i], location.start, location.length) == 0)
			return true;
	return false;
}

void ssdp_read(struct text answer, struct ssdp_answers *answers, struct evidence *evidence)
{
	static const char ok[] = "HTTP/1.1 200";
	if (answer.length < sizeof ok - 1 || memcmp(answer.start, ok, sizeof ok - 1) != 0)
		return;
	struct text location = header(answer, "LOCATION");
	evidence_keep(evidence, EVIDENCE_SSDP_SERVER, header(answer, "SERVER"));
	if (location.length == 0 || location.length >= SSDP_URL_MAX || answers->count == SSDP_LOCATIONS_MAX ||
	    memchr(location.start, '\0', location.length) != NULL || is_known(answers, location))
		return;
	char *kept = answers->locations[answers->count++];
	memcpy(kept, location.start, location.length);
	kept[location.length] = '\0';
}

static void ask(int socket, struct in_addr address)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(SSDP_PORT), .sin_addr = address };
	/* What cannot be sent is not answered: the search goes on without it. */
	(void)sendto(socket, request, sizeof request - 1, MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof to);
}

static int open_socket(const struct gateway *gateway)
{
	int hops = HOPS, socket_made = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct ip_mreqn interface = { .imr_ifindex = gateway->interface };
	if (socket_made < 0)
		return -1;
	(void)setsockopt(socket_made, IPPROTO_IP, IP_MULTICAST_IF, &interface, sizeof interface);
	(void)setsockopt(socket_made, IPPROTO_IP, IP_MULTICAST_TTL, &hops, sizeof hops);
	return socket_made;
}

static void take_answer(int socket, const struct gateway *gateway, struct ssdp_answers *answers,
                        struct evidence *evidence)
{
	char bytes[DATAGRAM_MAX];
	struct sockaddr_in from = { 0 };
	socklen_t from_length = sizeof from;
	ssize_t length = recvfrom(socket, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &from_length);
	if (length > 0 && from.sin_addr.s_addr == gateway->address.s_addr)
		ssdp_read((struct text){ bytes, (size_t)length }, answers, evidence);
}

static void ask_all(int socket, const struct gateway *gateway)
{
	struct in_addr everybody;
	inet_pton(AF_INET, group, &everybody);
	ask(socket, everybody);
	ask(socket, gateway->address);
}

/* Until that time, and ANSWERS_MAX in all. */
static void take_answers(int socket, uint64_t end_ns, const struct gateway *gateway, struct ssdp_answers *answers,
                         struct evidence *evidence, int *taken)
{
	for (; *taken < ANSWERS_MAX; ++*taken) {
		uint64_t now = clock_now_ns();
		struct pollfd ready = { .fd = socket, .events = POLLIN };
		if (now >= end_ns || poll(&ready, 1, (int)((end_ns - now) / MILLISECOND_NS) + 1) <= 0)
			break;
		take_answer(socket, gateway, answers, evidence);
	}
}

void ssdp_search(const struct gateway *gateway, struct ssdp_answers *answers, struct evidence *evidence)
{
	int socket = open_socket(gateway), taken = 0;
	uint64_t begin = clock_now_ns();
	if (socket < 0)
		return;
	ask_all(socket, gateway);
	take_answers(socket, begin + AGAIN_MS * MILLISECOND_NS, gateway, answers, evidence, &taken);
	if (answers->count == 0)
		ask_all(socket, gateway);
	take_answers(socket, begin + WAIT_MS * MILLISECOND_NS, gateway, answers, evidence, &taken);
	close(socket);
}
