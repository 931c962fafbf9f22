/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake_engine.h"

#include <stdio.h>
#include <string.h>

enum { OUTSIDE = 0xcb007101, INSIDE = 0x0a000000 }; /* 203.0.113.1, 10.0.0.0 */

sipalg_address fake_phone_address(uint32_t place)
{
	return sipalg_address_from_ipv4(INSIDE + place);
}

static sipalg_endpoint inside_of(uint32_t place, uint16_t port)
{
	return (sipalg_endpoint){ fake_phone_address(place), port, SIPALG_PROTOCOL_UDP, 0 };
}

static sipalg_endpoint outside_of(uint16_t port)
{
	return (sipalg_endpoint){ sipalg_address_from_ipv4(OUTSIDE), port, SIPALG_PROTOCOL_UDP, 0 };
}

bool sipalg_engine_next_registration(const sipalg_engine *engine, uint32_t *cursor, sipalg_registration_view *view)
{
	if (*cursor >= engine->phones)
		return false;
	uint32_t place = (*cursor)++;
	memset(view, 0, sizeof *view);
	view->inside = inside_of(place, 5060);
	view->outside = outside_of((uint16_t)(20000 + place % 40000));
	view->granted = place % 2 == 0;
	view->deadline_ns = place == 0 ? SIPALG_NEVER : (uint64_t)3600 * SIPALG_SECOND_NS;
	/* Phones 6 and 7 share a name. */
	snprintf(view->address_of_record, sizeof view->address_of_record, "sip:phone%u@example.com",
	         place == 7 ? 6 : place);
	return true;
}

bool sipalg_engine_next_call(const sipalg_engine *engine, uint32_t *cursor, sipalg_call_view *view)
{
	if (*cursor >= engine->calls)
		return false;
	uint32_t place = (*cursor)++;
	memset(view, 0, sizeof *view);
	snprintf(view->call_id, sizeof view->call_id, "call-%u@10.0.0.%u", place, place % 250);
	view->phone = fake_phone_address(place);
	view->state = SIPALG_CALL_CONFIRMED;
	view->held = place == 1;
	view->media_count = 2;
	for (uint16_t i = 0; i < 2; i++) {
		view->media_inside[i] = inside_of(place, (uint16_t)(12000 + i));
		view->media_outside[i] = outside_of((uint16_t)(30000 + i));
	}
	view->deadline_ns = SIPALG_NEVER;
	return true;
}

bool sipalg_engine_next_binding(const sipalg_engine *engine, uint32_t *cursor, sipalg_binding_view *view)
{
	if (*cursor >= engine->bindings)
		return false;
	uint32_t place = (*cursor)++;
	*view = (sipalg_binding_view){
		.binding = place,
		.inside = inside_of(place, 5060),
		.outside = outside_of(5060),
		.admits = SIPALG_ADMITS_PEERS,
		.signalling = true,
		.owners = place % 2,
		.deadline_ns = (uint64_t)90 * SIPALG_SECOND_NS,
	};
	return true;
}

const sipalg_counters *sipalg_engine_counters(const sipalg_engine *engine)
{
	return &engine->counters;
}

void sipalg_settings_defaults(sipalg_settings *settings)
{
	*settings = (sipalg_settings){
		.bindings_max = 1000,
		.calls_max = 500,
		.registrations_max = 200,
		.host_bindings_max = 100,
		.media_idle_s = SIPALG_MEDIA_IDLE_S,
		.registration_grace_s = SIPALG_GRACE_S,
		.port_min = SIPALG_PORT_MIN,
		.port_max = SIPALG_PORT_MAX,
	};
}

const char *sipalg_place_word(enum sipalg_place place)
{
	return place == SIPALG_PLACE_VIA ? "Via" : "another place";
}

const char *sipalg_call_state_word(enum sipalg_call_state state)
{
	return state == SIPALG_CALL_CONFIRMED ? "confirmed" : "another state";
}

const char *sipalg_reason_word(enum sipalg_reason reason)
{
	static const char *const words[] = {
#define WORD(name, word, sentence) word,
		SIPALG_REASONS(WORD)
#undef WORD
	};
	return words[reason];
}

const char *sipalg_reason_sentence(enum sipalg_reason reason)
{
	static const char *const sentences[] = {
#define SENTENCE(name, word, sentence) sentence,
		SIPALG_REASONS(SENTENCE)
#undef SENTENCE
	};
	return sentences[reason];
}
