/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/answer.h"

#include "host/sandbox.h"

#include <stdio.h>
#include <string.h>

enum { ENDPOINT_TEXT_MAX = SIPALG_ADDRESS_TEXT_MAX + 10 };

size_t text_make_printable(char *out, size_t room, const char *start, size_t length)
{
	if (length >= room)
		length = room - 1;
	for (size_t i = 0; i < length; i++)
		out[i] = start[i] >= ' ' && start[i] <= '~' ? start[i] : '?';
	out[length] = '\0';
	return length;
}

json_t *json_from_text(const char *start, size_t length)
{
	char text[512];
	return json_stringn_nocheck(text, text_make_printable(text, sizeof text, start, length));
}

json_t *json_from_address(const sipalg_address *address)
{
	char text[SIPALG_ADDRESS_TEXT_MAX];
	if (sipalg_address_is_none(address))
		return json_null();
	sipalg_address_write(address, text);
	return json_string(text);
}

json_t *json_from_endpoint(const sipalg_endpoint *endpoint)
{
	char address[SIPALG_ADDRESS_TEXT_MAX], text[ENDPOINT_TEXT_MAX];
	sipalg_address_write(&endpoint->address, address);
	bool ipv4 = sipalg_address_is_ipv4(&endpoint->address);
	snprintf(text, sizeof text, ipv4 ? "%s:%u" : "[%s]:%u", address, endpoint->port);
	return json_string(text);
}

json_t *json_from_prefix(const sipalg_prefix *prefix)
{
	char address[SIPALG_ADDRESS_TEXT_MAX], text[ENDPOINT_TEXT_MAX];
	sipalg_address_write(&prefix->address, address);
	int length = sipalg_address_is_ipv4(&prefix->address) ? prefix->length - 96 : prefix->length;
	snprintf(text, sizeof text, prefix->length == 128 ? "%s" : "%s/%d", address, length);
	return json_string(text);
}

static json_t *json_from_protocol(const sipalg_endpoint *endpoint)
{
	return json_string(endpoint->protocol == SIPALG_PROTOCOL_TCP ? "tcp" : "udp");
}

/* Whole seconds until the deadline, rounded up; null: no end is set. */
static json_t *json_from_deadline(uint64_t deadline_ns, uint64_t now_ns)
{
	if (deadline_ns == SIPALG_NEVER)
		return json_null();
	uint64_t left = deadline_ns > now_ns ? deadline_ns - now_ns : 0;
	return json_integer((json_int_t)((left + SIPALG_SECOND_NS - 1) / SIPALG_SECOND_NS));
}

static json_t *json_from_count(uint64_t count)
{
	return json_integer((json_int_t)count);
}

static json_t *json_from_age(uint64_t since_ns, uint64_t now_ns)
{
	return json_from_count(now_ns > since_ns ? (now_ns - since_ns) / SIPALG_SECOND_NS : 0);
}

static bool is_off(const struct control_hooks *hooks, const sipalg_address *address)
{
	for (size_t i = 0; i < hooks->settings->off_count; i++)
		if (sipalg_prefix_contains(&hooks->settings->off[i], address))
			return true;
	return switches_cover(hooks->switches, address);
}

json_t *row_from_registration(const sipalg_registration_view *view, const struct control_hooks *hooks, uint64_t now_ns)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:b, s:b, s:o}", "address_of_record",
	                 json_from_text(view->address_of_record, strnlen(view->address_of_record, SIPALG_LABEL_MAX)),
	                 "inside", json_from_endpoint(&view->inside), "outside", json_from_endpoint(&view->outside),
	                 "protocol", json_from_protocol(&view->inside), "registered", view->granted, "off",
	                 is_off(hooks, &view->inside.address), "seconds_left",
	                 json_from_deadline(view->deadline_ns, now_ns));
}

json_t *row_from_call(const sipalg_call_view *view, uint64_t now_ns)
{
	json_t *media = json_array();
	for (size_t i = 0; i < view->media_count && i < SIPALG_LEG_MEDIA_MAX; i++)
		json_array_append_new(media,
		                      json_pack("{s:o, s:o}", "inside", json_from_endpoint(&view->media_inside[i]),
		                                "outside", json_from_endpoint(&view->media_outside[i])));
	return json_pack("{s:o, s:o, s:s, s:b, s:o, s:o, s:o}", "call_id",
	                 json_from_text(view->call_id, strnlen(view->call_id, SIPALG_LABEL_MAX)), "phone",
	                 json_from_address(&view->phone), "state", sipalg_call_state_word(view->state), "held",
	                 view->held, "media", media, "seconds", json_from_age(view->since_ns, now_ns), "seconds_left",
	                 json_from_deadline(view->deadline_ns, now_ns));
}

json_t *row_from_binding(const sipalg_binding_view *view, uint64_t now_ns)
{
	return json_pack("{s:o, s:o, s:o, s:s, s:s, s:o, s:o}", "inside", json_from_endpoint(&view->inside), "outside",
	                 json_from_endpoint(&view->outside), "protocol", json_from_protocol(&view->inside), "carries",
	                 view->signalling ? "signalling" : "media", "admits",
	                 view->admits == SIPALG_ADMITS_ANY ? "any" : "peers", "owners", json_from_count(view->owners),
	                 "seconds_left",
	                 view->owners > 0 ? json_null() : json_from_deadline(view->deadline_ns, now_ns));
}

static const char *stream_word(enum sipalg_stream_kind kind)
{
	switch (kind) {
	case SIPALG_STREAM_SIP:
		return "sip";
	case SIPALG_STREAM_TLS:
		return "encrypted";
	case SIPALG_STREAM_OTHER:
		return "other";
	case SIPALG_STREAM_UNDECIDED:
		break;
	}
	return "unknown";
}

static const char *connection_word(enum relay_state state)
{
	switch (state) {
	case RELAY_CONNECTING:
		return "connecting";
	case RELAY_ESTABLISHED:
		return "up";
	case RELAY_HALF_CLOSED:
		return "half closed";
	case RELAY_NONE:
		break;
	}
	return "none";
}

json_t *row_from_connection(const struct relay_view *view, uint64_t now_ns)
{
	const struct relay_route *route = &view->route;
	/* Who speaks first decides what it is: the server may still be silent. */
	enum sipalg_stream_kind kind = view->outbound != SIPALG_STREAM_UNDECIDED ? view->outbound : view->inbound;
	sipalg_endpoint outside = { .address = route->outside, .port = route->mapping };
	return json_pack("{s:o, s:o, s:o, s:s, s:s, s:s, s:o, s:o, s:o}", "phone", json_from_endpoint(&route->phone),
	                 "server", json_from_endpoint(&route->server), "outside",
	                 outside.port != 0 ? json_from_endpoint(&outside) : json_null(), "opened_by",
	                 route->direction == SIPALG_INBOUND ? "server" : "phone", "carries", stream_word(kind), "state",
	                 connection_word(view->state), "messages", json_from_count(view->messages), "buffered",
	                 json_from_count(view->buffered), "seconds", json_from_age(view->since_ns, now_ns));
}

json_t *row_from_encrypted(const struct plane_encrypted *view, uint64_t now_ns)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "phone", json_from_address(&view->phone), "server",
	                 json_from_endpoint(&view->server), "connections", json_from_count(view->connections),
	                 "seconds_since", json_from_age(view->last_ns, now_ns));
}

static const char *direction_word(enum sipalg_direction direction)
{
	switch (direction) {
	case SIPALG_OUTBOUND:
		return "outbound";
	case SIPALG_INBOUND:
		return "inbound";
	case SIPALG_DIRECTION_NONE:
		break;
	}
	return "none";
}

/* Microseconds since 1970 fit the 53 bits that every reader of JSON has. */
static json_t *json_from_wall(uint64_t wall_ns)
{
	return json_from_count(wall_ns / 1000);
}

static json_t *json_from_edits(const struct journal_entry *entry)
{
	json_t *edits = json_array();
	struct journal_edit edit;
	size_t cursor = 0;
	while (journal_next_edit(entry, &cursor, &edit))
		json_array_append_new(
		        edits,
		        json_pack("{s:s, s:o, s:o, s:b}", "place", sipalg_place_word(edit.place), "before",
		                  json_from_text(edit.original.start, edit.original.length), "after",
		                  json_from_text(edit.replacement.start, edit.replacement.length), "cut", edit.cut));
	return edits;
}

json_t *row_from_message(const struct journal_entry *entry)
{
	return json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:s, s:o, s:o}", "number",
	                 json_from_count(entry->number), "time_us", json_from_wall(entry->wall_ns), "direction",
	                 direction_word(entry->direction), "source", json_from_endpoint(&entry->source), "destination",
	                 json_from_endpoint(&entry->destination), "start_line",
	                 json_from_text(entry->start_line.start, entry->start_line.length), "call_id",
	                 json_from_text(entry->call_id.start, entry->call_id.length), "cseq",
	                 json_from_text(entry->cseq.start, entry->cseq.length), "reason",
	                 sipalg_reason_word(entry->reason), "sentence", sipalg_reason_sentence(entry->reason),
	                 "edit_count", json_from_count(entry->edit_count), "edits", json_from_edits(entry));
}

json_t *row_from_call_id(const struct answer_call_id *call)
{
	return json_pack("{s:s, s:o, s:s, s:o, s:o, s:s}", "call_id", call->text, "time_us",
	                 json_from_wall(call->wall_ns), "direction", direction_word(call->direction), "source",
	                 json_from_endpoint(&call->source), "destination", json_from_endpoint(&call->destination),
	                 "start_line", call->start_line);
}

json_t *counters_to_json(const struct control_hooks *hooks)
{
	const sipalg_counters *counters = sipalg_engine_counters(hooks->engine);
	struct control_status status = { 0 };
	hooks->status(hooks->context, &status);
	json_t *reasons = json_object(), *plane = json_object();
	for (int i = 0; i < SIPALG_REASON_COUNT; i++)
		json_object_set_new(reasons, sipalg_reason_word((enum sipalg_reason)i),
		                    json_from_count(counters->reasons[i]));
	for (size_t i = 0; i < status.counter_count; i++)
		json_object_set_new(plane, status.counters[i].name, json_from_count(status.counters[i].value));
	return json_pack(
	        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "outbound",
	        json_from_count(counters->outbound), "inbound", json_from_count(counters->inbound), "edits",
	        json_from_count(counters->edits), "reasons", reasons, "bindings", json_from_count(counters->bindings),
	        "bindings_opened", json_from_count(counters->bindings_opened), "bindings_closed",
	        json_from_count(counters->bindings_closed), "calls", json_from_count(counters->calls), "calls_begun",
	        json_from_count(counters->calls_begun), "calls_ended", json_from_count(counters->calls_ended),
	        "registrations", json_from_count(counters->registrations), "registrations_granted",
	        json_from_count(counters->registrations_granted), "peers_dismissed",
	        json_from_count(counters->peers_dismissed), "peers_refused", json_from_count(counters->peers_refused),
	        "plane", plane);
}

/* ---- The sandbox ---- */

json_t *sandbox_to_json(void)
{
	struct sandbox_view view;
	sandbox_describe(&view);
	return json_pack("{s:I, s:I, s:s, s:b, s:b, s:I, s:I, s:b}", "user", (json_int_t)view.user, "group",
	                 (json_int_t)view.group, "rights", view.rights, "no_new_rights", view.no_new_rights,
	                 "system_calls_confined", view.system_calls, "system_calls", (json_int_t)view.system_call_count,
	                 "landlock", (json_int_t)view.landlock, "can_start_processes", view.processes);
}

/* ---- The overview ---- */

static json_t *json_from_interfaces(const struct interface_list *list)
{
	json_t *names = json_array();
	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(names, json_from_text(list->names[i], strnlen(list->names[i], IFNAMSIZ)));
	return names;
}

static void append_off(json_t *list, const sipalg_prefix *prefixes, size_t count, const char *by)
{
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list,
		                      json_pack("{s:o, s:s}", "network", json_from_prefix(&prefixes[i]), "by", by));
}

json_t *status_to_json(const struct control_hooks *hooks, uint64_t now_ns)
{
	const sipalg_counters *counters = sipalg_engine_counters(hooks->engine);
	const struct settings *settings = hooks->settings;
	struct control_status status = { 0 };
	hooks->status(hooks->context, &status);

	json_t *inside = json_array(), *off = json_array(), *warnings = json_array();
	for (size_t i = 0; i < status.inside_count; i++)
		json_array_append_new(inside, json_from_prefix(&status.inside[i]));
	append_off(off, hooks->switches->off, hooks->switches->off_count, "switch");
	append_off(off, settings->off, settings->off_count, "configuration");
	for (size_t i = 0; i < status.warning_count; i++)
		json_array_append_new(
		        warnings, json_from_text(status.warnings[i], strnlen(status.warnings[i], PROBLEM_TEXT_MAX)));

	json_t *limits = json_pack("{s:i, s:i, s:i, s:i}", "bindings", (int)settings->engine.bindings_max, "calls",
	                           (int)settings->engine.calls_max, "registrations",
	                           (int)settings->engine.registrations_max, "connections", (int)status.connections_max);
	return json_pack("{s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:i, s:s, s:o, s:o, s:o, s:b, s:o, s:o, s:o, "
	                 "s:o, s:o, s:o}",
	                 "on", !hooks->switches->everything_off, "seconds", json_from_age(status.started_ns, now_ns),
	                 "lan", json_from_interfaces(&status.lan), "wan", json_from_interfaces(&status.wan), "inside",
	                 inside, "outside", json_from_address(&status.outside), "off", off, "state", settings->state,
	                 "journal_messages", json_from_count(journal_count(hooks->journal)), "queue", (int)status.queue,
	                 "queue_kind", status.queue_kind != NULL ? status.queue_kind : "", "registrations",
	                 json_from_count(counters->registrations), "calls", json_from_count(counters->calls),
	                 "bindings", json_from_count(counters->bindings), "tcp", status.tcp, "connections",
	                 json_from_count(status.connections), "encrypted", json_from_count(status.encrypted), "limits",
	                 limits, "outbound", json_from_count(counters->outbound), "inbound",
	                 json_from_count(counters->inbound), "warnings", warnings);
}
