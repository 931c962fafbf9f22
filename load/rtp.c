/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One side's media of many calls at once. Follows a file that grows, with lines
 *
 *     begin CALL ADDRESS PORT PEER-ADDRESS PEER-PORT
 *     move CALL PEER-ADDRESS PEER-PORT
 *     end CALL
 *
 * and sends, for each call, a packet of G.711 every 20 ms from ADDRESS:PORT to PEER, with the call's name in it. When a
 * call is over, and on SIGTERM, it writes what the call sent and what it got from the other side:
 *
 *     CALL SENT RECEIVED FOREIGN LOST LAST BEGAN ENDED HEARD [FROM-TO:PACKETS ...]
 *
 * FOREIGN: packets of other calls; LOST: the longest run of packets of which none came; LAST: how many the other side
 * had sent with the last that came. BEGAN, ENDED and HEARD, when the last packet came, are milliseconds of
 * CLOCK_MONOTONIC; so are FROM and TO, between which a second of sound or more never came. Packets are counted, not
 * the time between them: on a busy machine all may come late. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	CALLS_MAX = 1024,
	WORDS_MAX = 6,
	GAPS_MAX = 8,         /* of a call; more are not told */
	NAME_MAX_BYTES = 100, /* of a call's name; it has to fit into a packet */
	PACKET_BYTES = 172,   /* RTP's header and 20 ms of G.711 */
	HEADER_BYTES = 12,
	INTERVAL_MS = 20,
	SAMPLES = 160, /* in a packet: RTP's timestamp counts them */
	SECOND_PACKETS = 50,
	LATE_MS = 2000, /* after a call's end the other side may still be sending */
};

struct gap {
	int64_t from_ms, to_ms;
	uint32_t packets;
};

struct call {
	char name[NAME_MAX_BYTES];
	int socket;
	bool is_over;
	uint32_t sent, received, foreign, lost, last;
	int64_t began_ms, ended_ms, heard_ms;
	struct gap gaps[GAPS_MAX];
	size_t gap_count;
};

static struct call calls[CALLS_MAX];
static struct pollfd polled[CALLS_MAX];
static size_t call_count;
static volatile sig_atomic_t told_to_end;

static void be_told(int number)
{
	(void)number;
	told_to_end = 1;
}

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static uint16_t port_of(const char *digits)
{
	unsigned port = 0;
	for (; *digits >= '0' && *digits <= '9' && port <= UINT16_MAX; digits++)
		port = 10 * port + (unsigned)(*digits - '0');
	return (uint16_t)port;
}

static struct sockaddr_in endpoint_of(const char *address, const char *port)
{
	struct sockaddr_in result = { .sin_family = AF_INET, .sin_port = htons(port_of(port)) };
	if (inet_pton(AF_INET, address, &result.sin_addr) != 1) {
		fprintf(stderr, "rtp: \"%s\" is no address\n", address);
		exit(2);
	}
	return result;
}

static void call_begin(const char *name, const struct sockaddr_in *local, const struct sockaddr_in *peer)
{
	if (call_count == CALLS_MAX || strlen(name) >= NAME_MAX_BYTES) {
		fprintf(stderr, "rtp: too many calls, or a name too long: %s\n", name);
		exit(2);
	}
	struct call *call = &calls[call_count];
	*call = (struct call){ .began_ms = now_ms(), .heard_ms = now_ms() };
	memcpy(call->name, name, strlen(name) + 1);
	call->socket = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (call->socket < 0 || bind(call->socket, (const struct sockaddr *)local, sizeof *local) != 0 ||
	    connect(call->socket, (const struct sockaddr *)peer, sizeof *peer) != 0) {
		fprintf(stderr, "rtp: %s: %s\n", name, strerror(errno));
		exit(2);
	}
	polled[call_count++] = (struct pollfd){ .fd = call->socket, .events = POLLIN };
}

static struct call *call_find(const char *name)
{
	for (size_t i = 0; i < call_count; i++)
		if (strcmp(calls[i].name, name) == 0)
			return &calls[i];
	return NULL;
}

static void call_move(struct call *call, const struct sockaddr_in *peer)
{
	if (connect(call->socket, (const struct sockaddr *)peer, sizeof *peer) != 0)
		fprintf(stderr, "rtp: %s: %s\n", call->name, strerror(errno));
}

static void call_end(struct call *call)
{
	if (!call->is_over)
		call->ended_ms = now_ms();
	call->is_over = true;
}

/* Cuts the line into its words. */
static size_t words_cut(char *line, char *words[WORDS_MAX])
{
	size_t count = 0;
	while (count < WORDS_MAX && *(line += strspn(line, " \r"))) {
		words[count++] = line;
		line += strcspn(line, " \r");
		if (*line)
			*line++ = '\0';
	}
	return count;
}

static void line_read(char *line)
{
	char *words[WORDS_MAX];
	size_t count = words_cut(line, words);
	if (count == 6 && strcmp(words[0], "begin") == 0) {
		struct sockaddr_in local = endpoint_of(words[2], words[3]), peer = endpoint_of(words[4], words[5]);
		call_begin(words[1], &local, &peer);
		return;
	}
	struct call *call = count >= 2 ? call_find(words[1]) : NULL;
	if (call && count == 4 && strcmp(words[0], "move") == 0) {
		struct sockaddr_in peer = endpoint_of(words[2], words[3]);
		call_move(call, &peer);
	} else if (call && count == 2 && strcmp(words[0], "end") == 0) {
		call_end(call);
	}
}

/* Whole lines only: the rest comes next time. */
static void file_follow(FILE *file)
{
	static char line[1024];
	static size_t length;
	int byte;
	clearerr(file);
	while ((byte = getc(file)) != EOF) {
		if (byte != '\n' && length < sizeof line - 1) {
			line[length++] = (char)byte;
			continue;
		}
		line[length] = '\0';
		length = 0;
		line_read(line);
	}
}

static void call_send(struct call *call)
{
	uint8_t packet[PACKET_BYTES] = { 0x80, 0 };
	uint32_t timestamp = htonl(call->sent * SAMPLES);
	uint16_t sequence = htons((uint16_t)call->sent);
	memcpy(packet + 2, &sequence, sizeof sequence);
	memcpy(packet + 4, &timestamp, sizeof timestamp);
	memcpy(packet + HEADER_BYTES, call->name, strlen(call->name));
	call->sent += send(call->socket, packet, sizeof packet, 0) == (ssize_t)sizeof packet;
}

/* `count` packets never came, and then one did. */
static void gap_note(struct call *call, uint32_t count)
{
	if (count > call->lost)
		call->lost = count;
	if (count >= SECOND_PACKETS && call->gap_count < GAPS_MAX)
		call->gaps[call->gap_count++] = (struct gap){ call->heard_ms, now_ms(), count };
}

static void call_receive(struct call *call)
{
	char packet[PACKET_BYTES + 1] = { 0 };
	while (recv(call->socket, packet, PACKET_BYTES, 0) == PACKET_BYTES) {
		if (strcmp(packet + HEADER_BYTES, call->name) != 0) {
			call->foreign++;
			continue;
		}
		uint32_t number;
		memcpy(&number, packet + 4, sizeof number);
		number = ntohl(number) / SAMPLES;
		if (number > call->last)
			gap_note(call, number - call->last);
		if (number >= call->last)
			call->last = number + 1;
		call->heard_ms = now_ms();
		call->received++;
	}
}

static void call_report(struct call *call)
{
	call_end(call);
	printf("%s %u %u %u %u %u %" PRId64 " %" PRId64 " %" PRId64, call->name, call->sent, call->received,
	       call->foreign, call->lost, call->last, call->began_ms, call->ended_ms, call->heard_ms);
	for (size_t i = 0; i < call->gap_count; i++)
		printf(" %" PRId64 "-%" PRId64 ":%u", call->gaps[i].from_ms, call->gaps[i].to_ms,
		       call->gaps[i].packets);
	printf("\n");
}

/* Calls that have been over for a while make room. */
static void calls_leave(void)
{
	int64_t now = now_ms();
	for (size_t i = 0; i < call_count;) {
		if (!calls[i].is_over || now - calls[i].ended_ms < LATE_MS) {
			i++;
			continue;
		}
		call_report(&calls[i]);
		close(calls[i].socket);
		call_count--;
		calls[i] = calls[call_count];
		polled[i] = polled[call_count];
	}
}

int main(int count, char **arguments)
{
	FILE *file = count == 2 ? fopen(arguments[1], "r") : NULL;
	struct rlimit files = { 2 * CALLS_MAX, 2 * CALLS_MAX };
	if (!file) {
		fprintf(stderr, "usage: rtp FILE\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	(void)setrlimit(RLIMIT_NOFILE, &files);
	signal(SIGTERM, be_told);
	int64_t next_ms = now_ms();
	while (!told_to_end) {
		file_follow(file);
		for (size_t i = 0; i < call_count; i++)
			if (!calls[i].is_over)
				call_send(&calls[i]);
		calls_leave();
		next_ms += INTERVAL_MS;
		for (int64_t left_ms; (left_ms = next_ms - now_ms()) > 0 && !told_to_end;) {
			if (poll(polled, call_count, (int)left_ms) <= 0)
				continue;
			for (size_t i = 0; i < call_count; i++)
				if (polled[i].revents)
					call_receive(&calls[i]);
		}
	}
	for (size_t i = 0; i < call_count; i++)
		call_report(&calls[i]);
	return 0;
}
