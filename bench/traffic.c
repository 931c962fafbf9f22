/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traffic.h"

#include "draft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

void traffic_fail(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

unsigned long traffic_number(const char *text)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);
	if (end == text || *end != '\0' || number > INT32_MAX) {
		fprintf(stderr, "bench: not a number: %s\n", text);
		exit(2);
	}
	return number;
}

void traffic_go(const char *network_namespace)
{
	char path[256];
	snprintf(path, sizeof(path), "/run/netns/%s", network_namespace);
	int handle = open(path, O_RDONLY | O_CLOEXEC);
	if (handle < 0 || setns(handle, CLONE_NEWNET) != 0)
		traffic_fail(path);
	close(handle);
}

int traffic_socket(const char *network_namespace, uint32_t ipv4, uint16_t port)
{
	traffic_go(network_namespace);
	int udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = { htonl(ipv4) } };
	int room = 8 << 20; /* bytes: enough for whatever all phones say at once */
	if (udp < 0 || setsockopt(udp, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) != 0 ||
	    bind(udp, (struct sockaddr *)&address, sizeof(address)) != 0)
		traffic_fail("cannot open a socket");
	return udp;
}

/* All headers of that name ("\r\nName: "), for a proxy adds a Via of its own. */
static void copy_header(struct draft *draft, const char *request, const char *name)
{
	for (const char *line = request; (line = strstr(line, name)); line++)
		draft_add(draft, "\r\n%.*s", (int)strcspn(line + 2, "\r"), line + 2);
}

size_t traffic_answer(const char *request, char out[MESSAGE_MAX])
{
	static const char sdp[] = "v=0\r\no=- 1 1 IN IP4 100.77.0.2\r\ns=-\r\nc=IN IP4 100.77.0.2\r\nt=0 0\r\n"
	                          "m=audio 30000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\n"
	                          "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendrecv\r\n";
	struct draft draft = { out, 0 };
	if (strncmp(request, "ACK ", 4) == 0)
		return 0;
	bool is_invite = strncmp(request, "INVITE ", 7) == 0;
	draft_add(&draft, "SIP/2.0 200 OK");
	copy_header(&draft, request, "\r\nVia: ");
	copy_header(&draft, request, "\r\nFrom: ");
	copy_header(&draft, request, "\r\nTo: ");
	draft_add(&draft, "%s", is_invite ? ";tag=t77" : "");
	copy_header(&draft, request, "\r\nCall-ID: ");
	copy_header(&draft, request, "\r\nCSeq: ");
	draft_add(&draft, "\r\nContact: <sip:100.77.0.2:5060>\r\n");
	if (is_invite)
		draft_add(&draft, "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s", sizeof(sdp) - 1,
		          sdp);
	else
		draft_add(&draft, "Content-Length: 0\r\n\r\n");
	return draft.length;
}

void traffic_clock_watch(struct traffic_clock *clock, int count, char **numbers)
{
	clock->watched_count = 0;
	for (int i = 0; i < count && i < WATCHED_MAX; i++)
		clock->watched[clock->watched_count++] = (int)traffic_number(numbers[i]);
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec time;
	if (clock_gettime(clock, &time) != 0)
		return 0;
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint64_t process_ns(int process)
{
	clockid_t clock;
	return clock_getcpuclockid(process, &clock) == 0 ? clock_ns(clock) : 0;
}

void traffic_clock_start(struct traffic_clock *clock)
{
	for (size_t i = 0; i < clock->watched_count; i++)
		clock->watched_ns[i] = process_ns(clock->watched[i]);
	clock->own_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

uint64_t traffic_clock_read(const struct traffic_clock *clock)
{
	uint64_t sum_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - clock->own_ns;
	for (size_t i = 0; i < clock->watched_count; i++) {
		uint64_t now_ns = process_ns(clock->watched[i]);
		sum_ns += now_ns > clock->watched_ns[i] ? now_ns - clock->watched_ns[i] : 0;
	}
	return sum_ns;
}
