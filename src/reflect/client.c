/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reflect/client.h"

#include "host/clock.h"
#include "host/endpoint.h"
#include "reflect/connect.h"
#include "reflect/events.h"

#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	NS_PER_MS = 1000000,
	NS_PER_S = 1000000000,
	PATIENCE_MS = 5000,
	END_TEXT_MAX = 160,
};

struct reflect_client {
	int descriptor;
	bool ended;
	char end[END_TEXT_MAX];
	uint64_t said_ns; /* when we said something last */
	uint32_t number;  /* of the last command */
	struct reflect_server server;
	struct wire_mask mask;
	char received[REFLECT_REPORTED_MAX]; /* of the present event */
	char input[2 * REFLECT_LINE_MAX];
	size_t input_from, input_to;
};

/* ---- Lines ---- */

static void finish(struct reflect_client *client, const char *why)
{
	if (!client->ended)
		snprintf(client->end, sizeof client->end, "%s", why);
	client->ended = true;
}

static bool write_all(struct reflect_client *client, const char *bytes, size_t length)
{
	uint64_t until_ns = clock_now_ns() + PATIENCE_MS * (uint64_t)NS_PER_MS;
	while (length > 0) {
		ssize_t sent = send(client->descriptor, bytes, length, MSG_NOSIGNAL);
		bool full = sent < 0 && (errno == EAGAIN || errno == EINTR);
		if ((sent < 0 && !full) || (full && !connect_wait(client->descriptor, POLLOUT, until_ns)))
			return false;
		bytes += sent > 0 ? sent : 0;
		length -= sent > 0 ? (size_t)sent : 0;
	}
	return true;
}

/* Takes over the object. */
static bool say(struct reflect_client *client, json_t *line)
{
	char text[REFLECT_LINE_MAX];
	size_t length = line == NULL ? 0 : wire_write_line(line, text, sizeof text);
	json_decref(line);
	if (length == 0 || client->ended)
		return false;
	client->said_ns = clock_now_ns();
	if (write_all(client, text, length))
		return true;
	finish(client, "the connection to the server broke");
	return false;
}

/* A whole line without its LF, when one is there. */
static bool take_line(struct reflect_client *client, struct text *line)
{
	struct text rest = { client->input + client->input_from, client->input_to - client->input_from };
	size_t length = text_find(rest, '\n');
	if (length == rest.length)
		return false;
	*line = text_first(rest, length);
	client->input_from += length + 1;
	return true;
}

/* Reads what there is behind what is left. */
static void fill(struct reflect_client *client)
{
	memmove(client->input, client->input + client->input_from, client->input_to - client->input_from);
	client->input_to -= client->input_from;
	client->input_from = 0;
	if (client->input_to == sizeof client->input) {
		finish(client,
		       "what comes on the control connection is not the server's; something on the way changes it");
		return;
	}
	ssize_t length =
	        read(client->descriptor, client->input + client->input_to, sizeof client->input - client->input_to);
	if (length > 0)
		client->input_to += (size_t)length;
	else if (length == 0)
		finish(client, "the server closed the connection");
	else if (errno != EAGAIN && errno != EINTR)
		finish(client, strerror(errno));
}

/* The object of the next line, waited for. NULL: none came in time, or the session is over. */
static json_t *next_object(struct reflect_client *client, uint64_t until_ns)
{
	struct text line;
	while (!take_line(client, &line)) {
		if (client->ended || !connect_wait(client->descriptor, POLLIN, until_ns))
			return NULL;
		fill(client);
	}
	json_t *object = json_loadb(line.start, line.length, 0, NULL);
	if (object == NULL)
		finish(client,
		       "what comes on the control connection is not the server's; something on the way changes it");
	return object;
}

/* ---- Opening ---- */

static const char *end_text(const json_t *line)
{
	static const char *const texts[REFLECT_END_COUNT] = {
		[REFLECT_END_NONE] = "the server ended the session and did not say why",
		[REFLECT_END_BUSY] = "the server is busy; try again in a minute",
		[REFLECT_END_VERSION] = "the server is of another version; use the same sipalg at both ends",
		[REFLECT_END_WRONG] = "the server did not understand; use the same sipalg at both ends",
		[REFLECT_END_IDLE] = "the server heard nothing for long and ended the session",
		[REFLECT_END_LONG] = "the session lasted as long as the server allows",
		[REFLECT_END_STOP] = "the server was stopped",
	};
	const char *why = json_string_value(json_object_get(line, "why"));
	return texts[wire_find_word(wire_ends, REFLECT_END_COUNT, why)];
}

static sipalg_endpoint endpoint_of(int descriptor, int (*ask)(int, struct sockaddr *, socklen_t *))
{
	struct sockaddr_storage name = { 0 };
	socklen_t length = sizeof name;
	(void)ask(descriptor, (struct sockaddr *)&name, &length);
	return endpoint_of_socket(&name, SIPALG_PROTOCOL_TCP);
}

static bool greet(struct reflect_client *client, const char *host, struct problem *problem)
{
	uint64_t until_ns = clock_now_ns() + PATIENCE_MS * (uint64_t)NS_PER_MS;
	if (!say(client, json_pack("{s:i}", "hello", REFLECT_VERSION)))
		return problem_say(problem, "%s: %s", host, client->end);
	json_t *line = next_object(client, until_ns);
	const char *tell = json_string_value(json_object_get(line, "tell"));
	bool welcome = event_read_welcome(line, &client->server, &client->mask);
	if (!welcome && tell != NULL && strcmp(tell, "goodbye") == 0)
		problem_say(problem, "%s: %s", host, end_text(line));
	else if (!welcome)
		problem_say(problem, "what answers at %s is no `sipalg reflect`; check name and port", host);
	json_decref(line);
	return welcome;
}

struct reflect_client *reflect_client_open(const char *host, uint16_t port, enum reflect_family family,
                                           struct problem *problem)
{
	struct reflect_client *client = calloc(1, sizeof *client);
	if (client == NULL || sodium_init() < 0) {
		problem_say(problem, "there is not enough memory");
		free(client);
		return NULL;
	}
	client->descriptor = connect_host(host, port == 0 ? REFLECT_PORT : port, family, problem);
	if (client->descriptor < 0 || !greet(client, host, problem)) {
		reflect_client_close(client);
		return NULL;
	}
	client->server.address = endpoint_of(client->descriptor, getpeername).address;
	client->server.own = endpoint_of(client->descriptor, getsockname);
	return client;
}

const struct reflect_server *reflect_client_server(const struct reflect_client *client)
{
	return &client->server;
}

int reflect_client_descriptor(const struct reflect_client *client)
{
	return client->descriptor;
}

const char *reflect_client_end(const struct reflect_client *client)
{
	return client->end;
}

void reflect_client_close(struct reflect_client *client)
{
	if (client == NULL)
		return;
	if (client->descriptor >= 0)
		close(client->descriptor);
	free(client);
}

/* ---- Events ---- */

/* True: the line was one. */
static bool read_event(struct reflect_client *client, const json_t *line, struct reflect_event *event)
{
	const char *tell = json_string_value(json_object_get(line, "tell"));
	if (tell != NULL && strcmp(tell, "goodbye") == 0) {
		finish(client, end_text(line));
		return false;
	}
	return event_read(line, &client->mask, client->received, event);
}

/* What is understood is given on, what is not passed over. */
static bool next_event(struct reflect_client *client, uint64_t until_ns, struct reflect_event *event)
{
	json_t *line;
	while ((line = next_object(client, until_ns)) != NULL) {
		bool read = read_event(client, line, event);
		json_decref(line);
		if (read)
			return true;
	}
	return false;
}

enum reflect_result reflect_client_next(struct reflect_client *client, uint32_t timeout_ms, struct reflect_event *event)
{
	uint64_t now_ns = clock_now_ns(), until_ns = now_ns + timeout_ms * (uint64_t)NS_PER_MS;
	do {
		uint64_t ping_ns = client->said_ns + REFLECT_PING_S * (uint64_t)NS_PER_S;
		if (ping_ns <= now_ns)
			(void)reflect_client_ping(client);
		if (next_event(client, ping_ns > now_ns && ping_ns < until_ns ? ping_ns : until_ns, event))
			return REFLECT_EVENT;
		now_ns = clock_now_ns();
	} while (!client->ended && now_ns < until_ns);
	return client->ended ? REFLECT_ENDED : REFLECT_QUIET;
}

/* ---- Commands ---- */

static json_t *command(struct reflect_client *client, const char *what)
{
	return json_pack("{s:s, s:I}", "do", what, "number", (json_int_t)++client->number);
}

static void add_way(json_t *line, const struct reflect_way *way)
{
	json_object_set_new(line, "place", json_integer(way->place));
	json_object_set_new(line, "port", json_integer(way->port));
	json_object_set_new(line, "after_ms", json_integer(way->after_ms));
	if (way->from_twin)
		json_object_set_new(line, "twin", json_true());
}

static bool is_way(const struct reflect_way *way)
{
	return way->port > 0 && way->place < REFLECT_PLACE_COUNT && way->after_ms <= REFLECT_DELAY_MAX_MS;
}

static uint32_t say_command(struct reflect_client *client, json_t *line)
{
	uint32_t number = client->number;
	return say(client, line) ? number : 0;
}

uint32_t reflect_client_send(struct reflect_client *client, const struct reflect_way *way, struct text bytes)
{
	if (!is_way(way) || bytes.length > REFLECT_SENT_MAX)
		return 0;
	json_t *line = command(client, "send");
	add_way(line, way);
	json_object_set_new(line, "bytes", wire_bytes(&client->mask, bytes));
	return say_command(client, line);
}

uint32_t reflect_client_media(struct reflect_client *client, const struct reflect_way *way,
                              const struct reflect_media *media, struct text first_packet)
{
	if (!is_way(way) || first_packet.length > REFLECT_MEDIA_PACKET_MAX || media->count == 0 ||
	    media->count > REFLECT_MEDIA_COUNT_MAX || media->interval_ms < REFLECT_MEDIA_INTERVAL_MIN_MS)
		return 0;
	json_t *line = command(client, "media");
	add_way(line, way);
	json_object_set_new(line, "count", json_integer(media->count));
	json_object_set_new(line, "interval_ms", json_integer(media->interval_ms));
	json_object_set_new(line, "step", json_integer(media->timestamp_step));
	json_object_set_new(line, "bytes", wire_bytes(&client->mask, first_packet));
	return say_command(client, line);
}

uint32_t reflect_client_connect(struct reflect_client *client, const struct reflect_way *way)
{
	if (!is_way(way) || way->place > REFLECT_PLAIN)
		return 0;
	json_t *line = command(client, "connect");
	add_way(line, way);
	return say_command(client, line);
}

static json_t *stream_command(struct reflect_client *client, const char *what, uint32_t stream, uint32_t after_ms)
{
	json_t *line = command(client, what);
	json_object_set_new(line, "stream", json_integer(stream));
	json_object_set_new(line, "after_ms", json_integer(after_ms));
	return line;
}

uint32_t reflect_client_write(struct reflect_client *client, uint32_t stream, uint32_t after_ms, struct text bytes)
{
	if (stream == 0 || after_ms > REFLECT_DELAY_MAX_MS || bytes.length == 0 || bytes.length > REFLECT_SENT_MAX)
		return 0;
	json_t *line = stream_command(client, "write", stream, after_ms);
	json_object_set_new(line, "bytes", wire_bytes(&client->mask, bytes));
	return say_command(client, line);
}

uint32_t reflect_client_finish(struct reflect_client *client, uint32_t stream, uint32_t after_ms, bool reset)
{
	if (stream == 0 || after_ms > REFLECT_DELAY_MAX_MS)
		return 0;
	json_t *line = stream_command(client, "finish", stream, after_ms);
	if (reset)
		json_object_set_new(line, "reset", json_true());
	return say_command(client, line);
}

uint32_t reflect_client_ping(struct reflect_client *client)
{
	return say_command(client, command(client, "ping"));
}
