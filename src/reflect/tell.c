/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines a session is told. */
#include "reflect/session.h"

#include "reflect/digest.h"

enum { NS_PER_US = 1000, FLOW_ROOM = 4096 /* kept free for what no report may crowd out */ };

/* Makes room at the end by moving what waits to the front. */
static size_t make_room(struct session *session)
{
	if (session->output_from > 0) {
		memmove(session->output, session->output + session->output_from,
		        session->output_to - session->output_from);
		session->output_to -= session->output_from;
		session->output_from = 0;
	}
	return OUTPUT_MAX - session->output_to;
}

/* Takes over the object. */
static bool tell(struct session *session, json_t *line, size_t spare)
{
	size_t room = make_room(session);
	size_t limit = room > spare ? room - spare : 0;
	size_t length = 0;
	if (limit > REFLECT_LINE_MAX)
		limit = REFLECT_LINE_MAX;
	if (line != NULL && limit > 0)
		length = wire_write_line(line, session->output + session->output_to, limit);
	session->output_to += length;
	json_decref(line);
	return length > 0;
}

static json_t *time_of(const struct session *session, uint64_t time_ns)
{
	return json_integer(time_ns > session->since_ns ? (json_int_t)((time_ns - session->since_ns) / NS_PER_US) : 0);
}

static void report(struct session *session, json_t *line)
{
	if (!tell(session, line, FLOW_ROOM))
		session->missed++;
}

/* Flags stand there only when they are true. */
static void flag(json_t *line, const char *name, bool value)
{
	if (value)
		json_object_set_new(line, name, json_true());
}

void session_tell_welcome(struct session *session, const uint16_t ports[REFLECT_PLACE_COUNT])
{
	sipalg_endpoint at = { .address = session->at }, twin = { .address = session->twin };
	json_t *numbers = json_array(), *line = json_object();
	for (size_t i = 0; i < REFLECT_PLACE_COUNT; i++)
		json_array_append_new(numbers, json_integer(ports[i]));
	json_object_set_new(line, "tell", json_string("welcome"));
	json_object_set_new(line, "version", json_integer(REFLECT_VERSION));
	json_object_set_new(line, "token", json_string(session->token));
	json_object_set_new(line, "mask", wire_plain(session->mask.bytes, sizeof session->mask.bytes));
	json_object_set_new(line, "at", wire_endpoint(&session->mask, &at));
	json_object_set_new(line, "seen", wire_endpoint(&session->mask, &session->client));
	if (!sipalg_address_is_none(&session->twin))
		json_object_set_new(line, "twin", wire_endpoint(&session->mask, &twin));
	json_object_set_new(line, "ports", numbers);
	(void)tell(session, line, 0);
}

static json_t *line_of_arrival(const struct session *session, const char *what, const struct arrival *arrival)
{
	json_t *line = json_object();
	bool elsewhere = !sipalg_address_equal(&arrival->source.address, &session->client.address);
	json_object_set_new(line, "tell", json_string(what));
	json_object_set_new(line, "time_us", time_of(session, arrival->time_ns));
	json_object_set_new(line, "transport", json_integer(arrival->source.protocol));
	json_object_set_new(line, "place", json_integer(arrival->place));
	json_object_set_new(line, "source", wire_endpoint(&session->mask, &arrival->source));
	if (arrival->stream > 0)
		json_object_set_new(line, "stream", json_integer(arrival->stream));
	flag(line, "twin",
	     !sipalg_address_is_none(&session->twin) && sipalg_address_equal(&arrival->local, &session->twin));
	flag(line, "elsewhere", elsewhere);
	return line;
}

void session_tell_received(struct session *session, const struct arrival *arrival, struct text bytes, bool by_token,
                           uint64_t now_ns)
{
	uint8_t digests[DIGESTS_LENGTH_MAX];
	struct text shown = text_first(bytes, REFLECT_REPORTED_MAX);
	session->received++;
	if (!budget_take(&session->reports, 1, now_ns)) {
		session->missed++;
		return;
	}
	json_t *line = line_of_arrival(session, "received", arrival);
	json_object_set_new(line, "length", json_integer((json_int_t)bytes.length));
	json_object_set_new(line, "known", json_string(by_token ? "token" : "source"));
	json_object_set_new(line, "bytes", wire_bytes(&session->mask, shown));
	json_object_set_new(line, "hashes", wire_plain(digests, digest_message(bytes, digests)));
	report(session, line);
}

void session_tell_opened(struct session *session, const struct arrival *arrival)
{
	report(session, line_of_arrival(session, "opened", arrival));
}

void session_tell_closed(struct session *session, uint32_t stream, bool reset, uint64_t now_ns)
{
	json_t *line = json_pack("{s:s, s:o, s:I}", "tell", "closed", "time_us", time_of(session, now_ns), "stream",
	                         (json_int_t)stream);
	flag(line, "reset", reset);
	report(session, line);
}

void session_tell_done(struct session *session, const struct order *order, enum reflect_refusal refusal,
                       uint32_t stream, uint64_t now_ns)
{
	json_t *line = json_pack("{s:s, s:I, s:o}", "tell", "done", "number", (json_int_t)order->number, "time_us",
	                         time_of(session, now_ns));
	if (stream > 0)
		json_object_set_new(line, "stream", json_integer(stream));
	if (refusal != REFLECT_CARRIED_OUT) {
		json_object_set_new(line, "refused", json_string(wire_refusals[refusal]));
		session->refused++;
	}
	report(session, line);
}

/* A count that finds no room is told with the next one. */
void session_tell_flows(struct session *session, uint64_t now_ns)
{
	for (size_t i = 0; i < session->flows.count; i++) {
		struct flow *flow = &session->flows.list[i];
		struct arrival arrival = { .place = flow->place,
			                   .source = flow->source,
			                   .local = flow->twin ? session->twin : session->at,
			                   .time_ns = now_ns };
		if (!flow->news)
			continue;
		json_t *line = line_of_arrival(session, "media", &arrival);
		json_object_set_new(line, "packets", json_integer((json_int_t)flow->packets));
		json_object_set_new(line, "bytes", json_integer((json_int_t)flow->bytes));
		json_object_set_new(line, "lost", json_integer((json_int_t)flow_lost(flow)));
		flow->news = !tell(session, line, FLOW_ROOM);
	}
	session->flows_told_ns = now_ns;
}

void session_tell_pong(struct session *session, uint32_t number, uint64_t now_ns)
{
	report(session, json_pack("{s:s, s:I, s:o, s:I, s:I}", "tell", "pong", "number", (json_int_t)number, "time_us",
	                          time_of(session, now_ns), "strays",
	                          (json_int_t)(session->visitor->strays - session->strays_before), "missed",
	                          (json_int_t)session->missed));
}

void session_tell_goodbye(struct session *session, enum reflect_end why)
{
	(void)tell(session, json_pack("{s:s, s:s}", "tell", "goodbye", "why", wire_ends[why]), 0);
}
