/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/exchange.h"

#include "host/clock.h"
#include "host/endpoint.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

uint64_t exchange_now_ms(void)
{
	return clock_now_ns() / 1000000;
}

struct text text_copy(struct text text)
{
	char *copy = malloc(text.length + 1);
	if (copy == NULL)
		return (struct text){ NULL, 0 };
	if (text.length > 0)
		memcpy(copy, text.start, text.length);
	return (struct text){ copy, text.length };
}

static void text_release(struct text text)
{
	free((char *)(uintptr_t)text.start);
}

struct exchange *exchange_open(const char *host, uint16_t port, enum reflect_family family, struct problem *problem)
{
	struct exchange *exchange = calloc(1, sizeof *exchange);
	if (exchange != NULL)
		exchange->buffer = malloc(DATAGRAM_MAX);
	if (exchange == NULL || exchange->buffer == NULL) {
		free(exchange);
		problem_say(problem, "not enough memory");
		return NULL;
	}
	exchange->client = reflect_client_open(host, port, family, problem);
	if (exchange->client == NULL) {
		exchange_close(exchange);
		return NULL;
	}
	exchange->server = reflect_client_server(exchange->client);
	memcpy(exchange->token, exchange->server->token, sizeof exchange->token);
	exchange->outsides[exchange->outside_count++] = exchange->server->seen.address;
	return exchange;
}

void exchange_close(struct exchange *exchange)
{
	for (size_t i = 0; i < exchange->flow_count; i++)
		close(exchange->flows[i].file);
	for (size_t i = 0; i < exchange->connection_count; i++) {
		connection_close(&exchange->connections[i]);
		free(exchange->connections[i].bytes);
	}
	for (size_t i = 0; i < exchange->passage_count; i++) {
		text_release(exchange->passages[i].sent);
		text_release(exchange->passages[i].wished);
		text_release(exchange->passages[i].received);
	}
	for (size_t i = 0; i < FAR_STREAMS_MAX; i++)
		free(exchange->streams[i].bytes);
	text_release(exchange->midway);
	reflect_client_close(exchange->client);
	free(exchange->buffer);
	free(exchange);
}

/* ---- Sockets ---- */

static int socket_open(const struct exchange *exchange, uint16_t port, sipalg_endpoint *own)
{
	struct sockaddr_storage address;
	socklen_t length;
	*own = exchange->server->own;
	own->port = port;
	own->protocol = SIPALG_PROTOCOL_UDP;
	length = endpoint_to_socket(*own, &address);
	int file = socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (file < 0)
		return -1;
	if (bind(file, (struct sockaddr *)&address, length) != 0 ||
	    getsockname(file, (struct sockaddr *)&address, &length) != 0) {
		close(file);
		return -1;
	}
	own->port = endpoint_of_socket(&address, SIPALG_PROTOCOL_UDP).port;
	return file;
}

static struct flow *flow_add(struct exchange *exchange, int file, sipalg_endpoint own)
{
	struct flow *flow = &exchange->flows[exchange->flow_count];
	*flow = (struct flow){ .file = file, .own = own };
	exchange->polls[exchange->flow_count++] = (struct pollfd){ .fd = file, .events = POLLIN };
	return flow;
}

struct flow *exchange_bind(struct exchange *exchange, uint16_t port)
{
	sipalg_endpoint own;
	int file = exchange->flow_count < FLOWS_MAX ? socket_open(exchange, port, &own) : -1;
	return file < 0 ? NULL : flow_add(exchange, file, own);
}

struct flow *exchange_bind_pair(struct exchange *exchange)
{
	for (unsigned tries = 0; tries < 32 && exchange->flow_count + 2 <= FLOWS_MAX; tries++) {
		sipalg_endpoint own, other;
		int file = socket_open(exchange, 0, &own);
		int next =
		        file >= 0 && own.port % 2 == 0 ? socket_open(exchange, (uint16_t)(own.port + 1), &other) : -1;
		if (next >= 0) {
			struct flow *flow = flow_add(exchange, file, own);
			flow_add(exchange, next, other);
			return flow;
		}
		if (file >= 0)
			close(file);
	}
	return NULL;
}

/* ---- Sending ---- */

void exchange_mark(const struct exchange *exchange, char mark[MARK_LENGTH + 1])
{
	exchange_mark_of(exchange, exchange->passage_count, mark);
}

void exchange_mark_of(const struct exchange *exchange, size_t number, char mark[MARK_LENGTH + 1])
{
	memcpy(mark, exchange->token, REFLECT_TOKEN_LENGTH);
	for (size_t i = MARK_LENGTH; i > REFLECT_TOKEN_LENGTH; i--, number /= 10)
		mark[i - 1] = (char)('0' + number % 10);
	mark[MARK_LENGTH] = '\0';
}

size_t exchange_mark_find(const struct exchange *exchange, struct text bytes, bool inbound)
{
	size_t newest = SIZE_MAX;
	for (size_t at = 0; at + MARK_LENGTH <= bytes.length; at++) {
		uint64_t number;
		struct text rest = text_from(bytes, at);
		if (memcmp(rest.start, exchange->token, REFLECT_TOKEN_LENGTH) != 0 ||
		    !text_read_number(
		            text_first(text_from(rest, REFLECT_TOKEN_LENGTH), MARK_LENGTH - REFLECT_TOKEN_LENGTH),
		            PASSAGES_MAX, &number) ||
		    number >= exchange->passage_count || exchange->passages[number].inbound != inbound)
			continue;
		if (newest == SIZE_MAX || number > newest)
			newest = (size_t)number;
	}
	return newest;
}

struct passage *exchange_note(struct exchange *exchange, const struct probe *probe, struct text sent)
{
	if (exchange->passage_count == PASSAGES_MAX)
		return NULL;
	struct passage *passage = &exchange->passages[exchange->passage_count];
	*passage = (struct passage){ .probe = probe, .sent = text_copy(sent) };
	if (passage->sent.start == NULL)
		return NULL;
	exchange->passage_count++;
	return passage;
}

static void fragments_choose(const struct passage *passage)
{
	int discover = passage->whole ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DONT;
	bool ipv6 = endpoint_is_ipv6(passage->flow->own);
	/* Without it the message goes as the system thinks best. */
	(void)setsockopt(passage->flow->file, ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
	                 ipv6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, &discover, sizeof discover);
}

static void datagram_send(struct exchange *exchange, struct passage *passage)
{
	struct sockaddr_storage address;
	sipalg_endpoint far = { .address = exchange->server->address,
		                .port = exchange->server->ports[passage->place],
		                .protocol = SIPALG_PROTOCOL_UDP };
	socklen_t length = endpoint_to_socket(far, &address);
	fragments_choose(passage);
	/* An ICMP error for an earlier datagram is reported once, in place of sending. */
	for (unsigned tries = 0; tries < 2; tries++) {
		if (sendto(passage->flow->file, passage->sent.start, passage->sent.length, 0,
		           (struct sockaddr *)&address, length) >= 0)
			return;
		if (errno == EMSGSIZE)
			passage->too_large = true;
	}
}

struct passage *exchange_send(struct exchange *exchange, const struct probe *probe, struct flow *flow,
                              enum reflect_place place, struct text bytes)
{
	struct passage *passage = exchange_note(exchange, probe, bytes);
	if (passage == NULL)
		return NULL;
	passage->flow = flow;
	passage->own = flow->own;
	passage->place = place;
	passage->whole = probe != NULL && probe->whole;
	datagram_send(exchange, passage);
	return passage;
}

/* What the server is asked to send; NULL as exchange_note(). */
static struct passage *note_asked(struct exchange *exchange, const struct probe *probe, const struct reflect_way *way,
                                  struct flow *flow, struct text bytes)
{
	struct passage *passage = exchange_note(exchange, probe, bytes);
	if (passage == NULL)
		return NULL;
	passage->inbound = true;
	passage->flow = flow;
	passage->own = flow->own;
	passage->place = way->place;
	passage->port = way->port;
	passage->from_twin = way->from_twin;
	return passage;
}

struct passage *exchange_ask(struct exchange *exchange, const struct probe *probe, const struct reflect_way *way,
                             struct flow *flow, struct text sent, struct text wished)
{
	struct passage *passage = note_asked(exchange, probe, way, flow, sent);
	if (passage == NULL)
		return NULL;
	passage->wished = wished.length > 0 ? text_copy(wished) : (struct text){ NULL, 0 };
	passage->number = reflect_client_send(exchange->client, way, passage->sent);
	passage->refused = passage->number == 0;
	return passage;
}

struct passage *exchange_ask_media(struct exchange *exchange, const struct reflect_way *way, struct flow *flow,
                                   struct text packet, uint32_t count)
{
	const struct reflect_media media = { .count = count, .interval_ms = 20, .timestamp_step = 160 };
	struct passage *passage = note_asked(exchange, NULL, way, flow, packet);
	if (passage == NULL)
		return NULL;
	passage->number = reflect_client_media(exchange->client, way, &media, passage->sent);
	passage->refused = passage->number == 0;
	return passage;
}

void exchange_repeat(struct exchange *exchange, struct passage *passage)
{
	const struct reflect_way way = { .place = passage->place,
		                         .from_twin = passage->from_twin,
		                         .port = passage->port };
	if (!passage->inbound) {
		datagram_send(exchange, passage);
		return;
	}
	passage->refused = false;
	passage->carried_out = false;
	passage->number = reflect_client_send(exchange->client, &way, passage->sent);
}

/* ---- Waiting ---- */

static void far_end_read(struct exchange *exchange)
{
	struct reflect_event event;
	for (;;) {
		enum reflect_result result = reflect_client_next(exchange->client, 0, &event);
		if (result == REFLECT_ENDED)
			exchange->ended = true;
		if (result != REFLECT_EVENT)
			return;
		exchange_hear(exchange, &event);
	}
}

static void flow_read(struct exchange *exchange, struct flow *flow)
{
	for (;;) {
		struct sockaddr_storage address;
		socklen_t length = sizeof address;
		ssize_t got =
		        recvfrom(flow->file, exchange->buffer, DATAGRAM_MAX, 0, (struct sockaddr *)&address, &length);
		if (got < 0)
			return;
		exchange_take(exchange, flow, (struct text){ exchange->buffer, (size_t)got });
	}
}

/* Flows stand first in the list, where they stay; then connections, then the far end. */
static void take_ready(struct exchange *exchange, int wait_ms)
{
	size_t flows = exchange->flow_count, connections = exchange->connection_count;
	for (size_t i = 0; i < connections; i++)
		exchange->polls[flows + i] = connection_poll(&exchange->connections[i]);
	exchange->polls[flows + connections] =
	        (struct pollfd){ .fd = reflect_client_descriptor(exchange->client), .events = POLLIN };
	int ready = poll(exchange->polls, flows + connections + 1, wait_ms);
	far_end_read(exchange);
	if (ready <= 0)
		return;
	for (size_t i = 0; i < flows; i++)
		if (exchange->polls[i].revents != 0)
			flow_read(exchange, &exchange->flows[i]);
	for (size_t i = 0; i < connections; i++)
		connection_continue(&exchange->connections[i], exchange->polls[flows + i].revents);
}

void exchange_pump(struct exchange *exchange, uint32_t wait_ms)
{
	uint64_t end = exchange_now_ms() + wait_ms, now;
	take_ready(exchange, 0);
	while (!exchange->ended && (now = exchange_now_ms()) < end)
		take_ready(exchange, (int)(end - now < 5000 ? end - now : 5000));
}

static bool all_settled(const struct exchange *exchange, size_t first)
{
	for (size_t i = first; i < exchange->passage_count; i++)
		if (!exchange->passages[i].arrived && !exchange->passages[i].refused && exchange->passages[i].flow)
			return false;
	return true;
}

void exchange_settle(struct exchange *exchange, size_t first, uint32_t wait_ms)
{
	uint64_t end = exchange_now_ms() + wait_ms, now;
	take_ready(exchange, 0);
	while (!exchange->ended && !all_settled(exchange, first) && (now = exchange_now_ms()) < end)
		take_ready(exchange, (int)(end - now));
}

enum { REPEATS = 2, PACE_MS = 20 };

void exchange_insist(struct exchange *exchange, size_t first, uint32_t wait_ms)
{
	exchange_settle(exchange, first, wait_ms);
	for (unsigned round = 0; round < REPEATS && !exchange->ended; round++) {
		for (size_t i = first; i < exchange->passage_count; i++) {
			struct passage *passage = &exchange->passages[i];
			if (passage->arrived || passage->flow == NULL || passage->too_large)
				continue;
			exchange_repeat(exchange, passage);
			exchange_pump(exchange, PACE_MS);
		}
		exchange_settle(exchange, first, wait_ms);
	}
}
