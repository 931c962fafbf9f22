/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/probe_send.h"

#include <stdio.h>

static void set(struct fields *fields, const char *name, const char *value)
{
	blanks_set(&fields->blanks, name, (struct text){ value, strlen(value) });
}

void fields_set_number(struct fields *fields, const char *name, char room[8], uint16_t number)
{
	snprintf(room, 8, "%u", number);
	set(fields, name, room);
}

void fields_set_call(struct fields *fields, const struct exchange *exchange, const struct passage *beginning)
{
	exchange_mark_of(exchange, (size_t)(beginning - exchange->passages), fields->call);
	set(fields, "call", fields->call);
}

void fields_begin(struct fields *fields, const struct exchange *exchange, const sipalg_endpoint *from,
                  enum reflect_place place)
{
	const struct reflect_server *server = exchange->server;
	const sipalg_address *own = &server->own.address;
	bool ipv4 = sipalg_address_is_ipv4(own);
	fields->blanks.count = 0;
	exchange_mark(exchange, fields->mark);
	set(fields, "mark", fields->mark);
	set(fields, "in", address_for_sip(own, fields->in));
	set(fields, "ip", address_for_sdp(own, fields->ip));
	sipalg_address_write(own, fields->address);
	set(fields, "address", fields->address);
	set(fields, "noip", ipv4 ? "IP4 0.0.0.0" : "IP6 ::");
	set(fields, "otherip", ipv4 ? "IP6 2001:db8::2" : "IP4 192.0.2.2");
	set(fields, "elsewhereip", ipv4 ? "IP4 198.51.100.7" : "IP6 2001:db8::7");
	set(fields, "srv", address_for_sip(&server->address, fields->srv));
	set(fields, "srvip", address_for_sdp(&server->address, fields->srvip));
	set(fields, "tp", from->protocol == SIPALG_PROTOCOL_TCP ? "TCP" : "UDP");
	fields_set_number(fields, "expires", fields->expires, exchange->expires_s);
	fields_set_number(fields, "port", fields->port, from->port);
	fields_set_number(fields, "other", fields->other, from->port);
	fields_set_number(fields, "via-port", fields->via_port, from->port);
	fields_set_number(fields, "sport", fields->sport, server->ports[place]);
	fields_set_number(fields, "mport", fields->mport, server->ports[REFLECT_MEDIA]);
}

/* How many pairs of ports a pattern names. */
static size_t pairs_named(const char *pattern)
{
	if (strstr(pattern, "{rtp3}") != NULL || strstr(pattern, "{rtp4}") != NULL)
		return 4;
	if (strstr(pattern, "{rtp2}") != NULL || strstr(pattern, "{rtcp2}") != NULL)
		return 2;
	return strstr(pattern, "{rtp}") != NULL || strstr(pattern, "{rtcp}") != NULL ? 1 : 0;
}

bool fields_bind_media(struct fields *fields, struct exchange *exchange, const char *pattern)
{
	static const char *const names[] = { "rtp", "rtp2", "rtp3", "rtp4" };
	static const char *const control_names[] = { "rtcp", "rtcp2" };
	size_t count = pattern != NULL ? pairs_named(pattern) : 0;
	for (size_t i = 0; i < count; i++) {
		const struct flow *pair = exchange_bind_pair(exchange);
		if (pair == NULL)
			return false;
		fields_set_number(fields, names[i], fields->rtp[i], pair->own.port);
		if (i < 2)
			fields_set_number(fields, control_names[i], fields->rtcp[i], pair[1].own.port);
	}
	return true;
}

struct passage *fields_send(struct exchange *exchange, const struct probe *probe, const struct fields *fields,
                            struct flow *flow, enum reflect_place place)
{
	struct composed message;
	if (!compose(&probe->pattern, &fields->blanks, &message))
		return NULL;
	return exchange_send(exchange, probe, flow, place, composed_text(&message));
}

struct passage *probe_send(struct exchange *exchange, const struct probe *probe, struct flow *flow,
                           enum reflect_place place, const struct flow *other)
{
	struct fields fields;
	if (probe->bytes.length > 0)
		return exchange_send(exchange, probe, flow, place, probe->bytes);
	fields_begin(&fields, exchange, &flow->own, place);
	if (other != NULL)
		fields_set_number(&fields, "other", fields.other, other->own.port);
	if (!fields_bind_media(&fields, exchange, probe->pattern.text))
		return NULL;
	return fields_send(exchange, probe, &fields, flow, place);
}

struct passage *probe_note(struct exchange *exchange, const struct probe *probe, struct connection *connection)
{
	struct fields fields;
	struct composed message;
	fields_begin(&fields, exchange, &connection->own, REFLECT_SIP);
	if (!fields_bind_media(&fields, exchange, probe->pattern.text) ||
	    !compose(&probe->pattern, &fields.blanks, &message))
		return NULL;
	return exchange_note_sent(exchange, probe, connection, composed_text(&message));
}
