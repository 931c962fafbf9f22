/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said on standard output: one line for each session's beginning and end. Addresses of clients stand there, and
 * nothing of what they sent. */
#include "reflect/server.h"

#include "console/terminal.h"
#include "host/endpoint.h"

#include <inttypes.h>
#include <stdio.h>

enum { NS_PER_S = 1000000000, TELL_AWAY_S = 60 };

static void print_json(json_t *line)
{
	(void)json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(line);
}

void log_listening(const struct server *server)
{
	const uint16_t *ports = server->settings.ports;
	if (server->settings.json)
		print_json(json_pack("{s:s, s:i, s:[i,i,i,i,i]}", "event", "ready", "control",
		                     server->settings.control_port, "ports", ports[REFLECT_SIP],
		                     ports[REFLECT_SIP_ELSEWHERE], ports[REFLECT_PLAIN], ports[REFLECT_MEDIA],
		                     ports[REFLECT_MEDIA_CONTROL]));
	else
		printf("sipalg reflect: ready; clients come to TCP port %u, and may be let in to UDP and TCP %u, %u, "
		       "%u and "
		       "UDP %u, %u\n",
		       server->settings.control_port, ports[REFLECT_SIP], ports[REFLECT_SIP_ELSEWHERE],
		       ports[REFLECT_PLAIN], ports[REFLECT_MEDIA], ports[REFLECT_MEDIA_CONTROL]);
	fflush(stdout);
}

static void print_beginning(const struct session *session, const char *client)
{
	char twin[SIPALG_ADDRESS_TEXT_MAX] = "none";
	if (!sipalg_address_is_none(&session->twin))
		sipalg_address_write(&session->twin, twin);
	printf("session %" PRIu64 "  %s  began; second address: %s\n", session->id, client, twin);
}

static void print_end(const struct session *session, const char *client, uint64_t age_s)
{
	char age[DURATION_TEXT_MAX];
	const char *why = wire_ends[session->ending];
	printf("session %" PRIu64 "  %s  ended%s%s after %s: %" PRIu64 " received, %" PRIu64 " sent (%" PRIu64
	       " bytes), %" PRIu64 " refused, %" PRIu64 " not told\n",
	       session->id, client, why[0] == '\0' ? "" : ", ", why, duration_text(age_s, age), session->received,
	       session->sent, session->total, session->refused, session->missed);
}

static json_t *object_of(const struct session *session, const char *client, uint64_t age_s, bool ended)
{
	if (!ended)
		return json_pack("{s:s, s:I, s:s}", "event", "began", "session", (json_int_t)session->id, "client",
		                 client);
	return json_pack("{s:s, s:I, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "event", "ended", "session",
	                 (json_int_t)session->id, "client", client, "why", wire_ends[session->ending], "seconds",
	                 (json_int_t)age_s, "received", (json_int_t)session->received, "sent",
	                 (json_int_t)session->sent, "sent_bytes", (json_int_t)session->total, "refused",
	                 (json_int_t)session->refused, "missed", (json_int_t)session->missed);
}

void log_session(const struct server *server, const struct session *session, bool ended)
{
	char client[ENDPOINT_TEXT_MAX];
	uint64_t age_s = (server->now_ns - session->since_ns) / NS_PER_S;
	endpoint_write(session->client, client);
	if (server->settings.json)
		print_json(object_of(session, client, age_s, ended));
	else if (ended)
		print_end(session, client, age_s);
	else
		print_beginning(session, client);
	fflush(stdout);
}

/* At most once a minute: a flood must not fill the disk. */
void log_turned_away(struct server *server)
{
	uint64_t news = server->turned_away - server->told_turned_away;
	if (news == 0 || server->now_ns - server->told_ns < TELL_AWAY_S * (uint64_t)NS_PER_S)
		return;
	if (server->settings.json)
		print_json(json_pack("{s:s, s:I}", "event", "turned-away", "connections", (json_int_t)news));
	else
		printf("%" PRIu64 " connections were turned away: too many at once\n", news);
	fflush(stdout);
	server->told_turned_away = server->turned_away;
	server->told_ns = server->now_ns;
}
