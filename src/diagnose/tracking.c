/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an event means for its call, for registrations and for media. */
#include "diagnose/state.h"

#include "sip/parameter.h"
#include "sip/uri.h"

#include <stdlib.h>

/* ---- Requests and what answers them ---- */

static void answer(struct call *call, const struct event *response)
{
	const struct event *found = find_request(call, response);
	struct event *request = found != NULL ? &call->events[found - call->events] : NULL;
	if (request == NULL)
		return;
	request->answered = true;
	if (response->status >= 200)
		request->final_status = response->status;
}

/* Challenged requests come again (RFC 3261 22). */
static bool is_challenge(uint16_t status)
{
	return status == 401 || status == 407;
}

static enum call_state state_after(struct call *call, const struct event *event, uint64_t now_ns)
{
	if (event->method == SIP_METHOD_BYE && event_is_request(event)) {
		if (call->state != CALL_OVER)
			call->over_ns = now_ns;
		return CALL_OVER;
	}
	if (!call->is_call)
		return event->status >= 200 ? CALL_OVER : call->state;
	if (event->method != SIP_METHOD_INVITE || event->status < 200)
		return call->state == CALL_OVER && event->method == SIP_METHOD_INVITE && event->status == 0
		               ? CALL_OPEN
		               : call->state;
	if (event->status / 100 == 2) {
		if (call->up_ns == 0)
			call->up_ns = now_ns;
		return call->state == CALL_OPEN ? CALL_UP : call->state;
	}
	return call->up_ns == 0 && !is_challenge(event->status) ? CALL_OVER : call->state;
}

/* ---- Media ---- */

static void announce(struct diagnosis *diagnosis, uint32_t slot, const struct event *event, size_t place)
{
	const struct seen *seen = &event->seen[place];
	const struct description *description = seen->description;
	for (size_t i = 0; description != NULL && i < description->count; i++) {
		const sipalg_endpoint *end = &description->streams[i].end;
		if (end->port == 0 || !endpoint_is_given(end))
			continue;
		struct announced announced = { .end = *end,
			                       .side = seen->side,
			                       .call = slot,
			                       .party = (uint8_t)event->by,
			                       .stream = (uint8_t)i,
			                       .place = (uint8_t)place };
		flows_announce(&diagnosis->flows, diagnosis->calls.lists, &announced, seen->time_ns);
	}
}

/* ---- Registrations ---- */

/* How long a 2xx to REGISTER grants the Contact that comes first (RFC 3261 10.3): it is the phone's own as a rule. */
static uint32_t granted_s(const struct sip_message *message)
{
	struct text rest = sip_message_header(message, SIP_HEADER_CONTACT), value;
	struct sip_name_addr entry;
	uint64_t seconds;
	if (rest.length > 0 && sip_name_addr_next(&rest, &entry) &&
	    sip_parameter_find(entry.parameters, TEXT("expires"), &value) &&
	    text_read_number(value, 86400 * 30, &seconds))
		return (uint32_t)seconds;
	value = sip_message_header(message, SIP_HEADER_EXPIRES);
	if (value.length > 0 && text_read_number(value, 86400 * 30, &seconds))
		return (uint32_t)seconds;
	return sip_message_header(message, SIP_HEADER_CONTACT).length > 0 ? SIPALG_REGISTRATION_S : 0;
}

static void grant(struct diagnosis *diagnosis, const struct call *call, const struct event *event, size_t place)
{
	const struct seen *seen = &event->seen[place];
	struct registration_key key = { .from = seen->to, .side = seen->side };
	if (event->method == SIP_METHOD_REGISTER && event->status / 100 == 2)
		registrations_granted(&diagnosis->registrations, &key, call->callee, seen->time_ns,
		                      granted_s(&diagnosis->sighting.message));
}

/* How long the target of a request had been silent towards its sender when it came. */
static void note_silence(struct diagnosis *diagnosis, struct event *event, size_t place)
{
	const struct seen *seen = &event->seen[place];
	struct registration_key key = { .from = seen->to, .side = seen->side };
	if (!event_is_request(event) || event->in_dialog || event->method == SIP_METHOD_REGISTER ||
	    event->method == SIP_METHOD_ACK)
		return;
	const struct registration *registration = registrations_find(&diagnosis->registrations, &key);
	if (registration == NULL || registration->expires_ns < seen->time_ns)
		return;
	uint64_t last_ns = flows_last_ns(&diagnosis->flows, seen->side, &seen->to, &seen->from.address);
	if (last_ns != 0 && last_ns < seen->time_ns && seen->time_ns - last_ns > event->silence_ns)
		event->silence_ns = seen->time_ns - last_ns;
}

/* ---- All of it ---- */

void diagnosis_track(struct diagnosis *diagnosis, uint32_t slot, size_t index, size_t place)
{
	struct call *call = &diagnosis->calls.slots[slot];
	struct event *event = &call->events[index];
	uint64_t now_ns = event->seen[place].time_ns;
	if (!event_is_request(event))
		answer(call, event);
	announce(diagnosis, slot, event, place);
	grant(diagnosis, call, event, place);
	note_silence(diagnosis, event, place);
	calls_touch(&diagnosis->calls, slot, state_after(call, event, now_ns), now_ns);
}
