/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the engine shows of itself. */
#include "engine/engine.h"

#include "track/label.h"

static void view_binding(const sipalg_engine *engine, uint32_t slot, sipalg_binding_view *view)
{
	const struct binding *binding = &engine->bindings.list[slot];
	uint64_t owned_until_ns = binding->is_orphan ? 0 : binding->owned_until_s * SIPALG_SECOND_NS;
	*view = (sipalg_binding_view){
		.binding = bindings_handle(&engine->bindings, slot),
		.inside = binding->inside,
		.outside = binding->outside,
		.admits = binding->admits_any ? SIPALG_ADMITS_ANY : SIPALG_ADMITS_PEERS,
		.signalling = binding->is_signalling,
		.owners = binding->owners,
		.deadline_ns = owned_until_ns > binding->deadline_ns ? owned_until_ns : binding->deadline_ns,
	};
}

bool sipalg_engine_next_binding(const sipalg_engine *engine, uint32_t *cursor, sipalg_binding_view *view)
{
	while (*cursor < engine->bindings.pool.touched)
		if (engine->bindings.list[++*cursor].state == BINDING_ALIVE) {
			view_binding(engine, *cursor, view);
			return true;
		}
	return false;
}

bool sipalg_engine_find_binding(const sipalg_engine *engine, const sipalg_endpoint *outside, sipalg_binding_view *view)
{
	uint32_t slot = bindings_find_alive_outside(&engine->bindings, outside);
	if (slot)
		view_binding(engine, slot, view);
	return slot != 0;
}

static void view_registration(const sipalg_engine *engine, uint32_t slot, sipalg_registration_view *view)
{
	const struct registration *registration = &engine->registrations.list[slot];
	const struct binding *binding = &engine->bindings.list[registration->binding];
	view->inside = binding->inside;
	view->outside = binding->outside;
	view->granted = registration->is_granted;
	view->deadline_ns = registration->deadline_ns;
	label_show(view->address_of_record, registration->label);
}

bool sipalg_engine_next_registration(const sipalg_engine *engine, uint32_t *cursor, sipalg_registration_view *view)
{
	while (*cursor < engine->registrations.pool.touched) {
		const struct registration *registration = &engine->registrations.list[++*cursor];
		if (registration->binding && registration->kind != REGISTRATION_SUBSCRIPTION) {
			view_registration(engine, *cursor, view);
			return true;
		}
	}
	return false;
}

static enum sipalg_call_state state_shown(enum leg_state state)
{
	switch (state) {
	case LEG_TRYING:
	case LEG_PROCEEDING:
		return SIPALG_CALL_TRYING;
	case LEG_EARLY:
		return SIPALG_CALL_EARLY;
	case LEG_CONFIRMED:
		return SIPALG_CALL_CONFIRMED;
	case LEG_ENDING:
		return SIPALG_CALL_ENDING;
	case LEG_NONE:
	case LEG_ENDED:
	case LEG_STATE_COUNT:
		break;
	}
	return SIPALG_CALL_NONE;
}

static void view_call(const sipalg_engine *engine, const struct leg *leg, sipalg_call_view *view)
{
	const struct call *call = &engine->calls.list[leg->call];
	label_show(view->call_id, call->label);
	view->phone = leg->phone;
	view->state = state_shown((enum leg_state)leg->state);
	view->held = leg->is_held;
	view->since_ns = call->since_ns;
	view->deadline_ns = leg->deadline_ns;
	view->media_count = leg->media_count;
	for (uint8_t i = 0; i < leg->media_count; i++) {
		const struct binding *binding = &engine->bindings.list[leg->media[i].binding];
		view->media_inside[i] = binding->inside;
		view->media_outside[i] = binding->outside;
	}
}

bool sipalg_engine_next_call(const sipalg_engine *engine, uint32_t *cursor, sipalg_call_view *view)
{
	while (*cursor < engine->calls.leg_pool.touched) {
		const struct leg *leg = &engine->calls.legs[++*cursor];
		if (state_shown((enum leg_state)leg->state) != SIPALG_CALL_NONE) {
			view_call(engine, leg, view);
			return true;
		}
	}
	return false;
}

const sipalg_counters *sipalg_engine_counters(const sipalg_engine *engine)
{
	return &engine->counters;
}
