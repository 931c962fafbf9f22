/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What another engine has saved, taken over. A record is believed no more than a message: it names what may be named,
 * and goes the way that a message's consequences go, so that nothing comes into the tables that could not have come
 * there otherwise. */
#include "engine/snapshot.h"

#include "base/check.h"

struct loading {
	sipalg_engine *engine;
	uint64_t now_ns;
	uint32_t call; /* the last one; 0: none for which legs may follow */
	uint32_t last_leg;
};

/* No deadline lies further ahead than the longest there is. */
static uint64_t deadline_in_reason(const struct loading *loading, uint64_t deadline_ns)
{
	uint64_t latest_ns = loading->now_ns + (uint64_t)SIPALG_REGISTRATION_MAX_S * SIPALG_SECOND_NS;
	return deadline_ns < latest_ns ? deadline_ns : latest_ns;
}

/* ---- Bindings ---- */

static bool is_possible(const sipalg_endpoint *endpoint)
{
	return endpoint->port && !sipalg_address_is_none(&endpoint->address) &&
	       (endpoint->protocol == SIPALG_PROTOCOL_UDP || endpoint->protocol == SIPALG_PROTOCOL_TCP);
}

static bool is_writing_possible(const struct writing *writing)
{
	return writing->form <= FORM_OUTSIDE && spelling_is_possible(writing->spelling);
}

static bool is_binding_possible(const struct loading *loading, const struct binding *saved)
{
	if (!is_possible(&saved->inside) || !is_possible(&saved->outside) ||
	    saved->inside.protocol != saved->outside.protocol)
		return false;
	if (!saved->is_signalling && saved->inside.port < SIPALG_PORT_MIN)
		return false;
	for (unsigned place = 0; place < FORM_PLACE_COUNT; place++)
		if ((saved->forms[place] & ~FORM_SPELT) > FORM_OUTSIDE)
			return false;
	if (!spelling_is_possible(spelling_of_kept(&saved->spelling)))
		return false;
	return saved->state == BINDING_ALIVE ||
	       (saved->state == BINDING_QUARANTINED && saved->kept_until_s > loading->now_ns / SIPALG_SECOND_NS);
}

/* The end of the quarantine that it is in, or was in last. */
static uint32_t kept_until_s(const struct loading *loading, const struct binding *saved)
{
	uint32_t latest_s = seconds_rounded_up(loading->now_ns) + SIPALG_QUARANTINE_S;
	return saved->kept_until_s < latest_s ? saved->kept_until_s : latest_s;
}

static void load_binding(struct loading *loading, const struct snapshot_binding *record)
{
	struct bindings *bindings = &loading->engine->bindings;
	const struct binding *saved = &record->binding;
	struct bind_wish wish = { .inside = saved->inside,
		                  .outside = saved->outside.address,
		                  .port = saved->outside.port,
		                  .port_only = true,
		                  .is_fixed = engine_keeps_ports(loading->engine, &saved->inside.address),
		                  .is_signalling = saved->is_signalling,
		                  .admits_any = saved->admits_any };
	uint32_t slot;
	if (!is_binding_possible(loading, saved) || bindings_find_inside(bindings, &wish.inside, &wish.outside) ||
	    bindings_take(bindings, loading->now_ns, &wish, &slot) != BIND_OK)
		return;
	struct binding *binding = &bindings->list[slot];
	memcpy(binding->forms, saved->forms, sizeof(binding->forms));
	binding->spelling = saved->spelling;
	binding->is_withheld = saved->is_withheld && saved->inside.protocol == SIPALG_PROTOCOL_TCP;
	if (saved->state == BINDING_QUARANTINED) {
		bindings_keep_away(bindings, slot, kept_until_s(loading, saved));
		return;
	}
	binding->deadline_ns = deadline_in_reason(loading, saved->deadline_ns);
	binding->kept_until_s = kept_until_s(loading, saved);
	binding->keeps_flows = saved->keeps_flows;
	bindings_become_orphan(bindings, slot, loading->now_ns);
	for (uint8_t i = saved->admits_any ? 0 : saved->peer_count; i-- > 0;)
		if (!sipalg_address_is_none(&record->peers[i]))
			(void)bindings_admit(bindings, slot, loading->now_ns, &record->peers[i]);
	deadlines_set(bindings->deadlines, slot, loading->now_ns); /* to be opened, if need be */
}

static uint32_t find_binding(const struct loading *loading, const sipalg_endpoint *outside)
{
	return bindings_find_alive_outside(&loading->engine->bindings, outside);
}

/* ---- Registrations ---- */

static void load_registration(struct loading *loading, const struct snapshot_registration *record)
{
	const struct registration *saved = &record->registration;
	uint32_t binding = find_binding(loading, &record->outside);
	struct text label = { saved->label, strlen(saved->label) };
	if (!binding || saved->deadline_ns <= loading->now_ns || saved->kind > REGISTRATION_SUBSCRIPTION)
		return;
	struct registrations *registrations = &loading->engine->registrations;
	uint32_t slot = registrations_request(registrations, loading->now_ns, (enum registration_kind)saved->kind,
	                                      saved->key, binding, 1, label);
	if (!slot)
		return;
	struct registration *registration = &registrations->list[slot];
	registration->is_granted = saved->is_granted;
	memcpy(registration->asked, saved->asked, sizeof(registration->asked));
	registration->peer = saved->peer;
	registration->requested_s = saved->requested_s;
	registrations_keep_until(registrations, slot, deadline_in_reason(loading, saved->deadline_ns));
}

/* ---- Calls ---- */

static void load_call(struct loading *loading, const struct call *saved)
{
	struct calls *calls = &loading->engine->calls;
	loading->call = loading->last_leg = 0;
	if (calls_find(calls, saved->id))
		return;
	struct text label = { saved->label, strlen(saved->label) };
	uint32_t slot = calls_take(calls, loading->now_ns, saved->id, label);
	loading->call = slot;
	if (!slot)
		return;
	struct call *call = &calls->list[slot];
	call->since_ns = saved->since_ns < loading->now_ns ? saved->since_ns : loading->now_ns;
	if (saved->deadline_ns < call->deadline_ns)
		call->deadline_ns = saved->deadline_ns;
	call->is_direct = saved->is_direct;
	memcpy(call->remotes, saved->remotes, sizeof(call->remotes));
}

/* A leg whose time came while nobody listened has a transaction's time to be heard of: what would have prolonged it has
 * been missed, and its media can be asked after only when their bindings are open. */
static uint64_t deadline_of_leg(const struct loading *loading, const struct leg *saved)
{
	if (saved->deadline_ns <= loading->now_ns)
		return loading->now_ns + SIPALG_TRANSACTION_S * SIPALG_SECOND_NS;
	return deadline_in_reason(loading, saved->deadline_ns);
}

/* Legs keep their order: a new one is put first, and belongs last. */
static void put_last(struct loading *loading, uint32_t slot)
{
	struct calls *calls = &loading->engine->calls;
	struct call *call = &calls->list[loading->call];
	if (loading->last_leg) {
		call->first_leg = calls->legs[slot].next;
		calls->legs[slot].next = 0;
		calls->legs[loading->last_leg].next = slot;
	}
	loading->last_leg = slot;
}

static void load_media(struct loading *loading, uint32_t slot, const struct snapshot_leg *record)
{
	struct calls *calls = &loading->engine->calls;
	struct leg *leg = &calls->legs[slot];
	for (uint8_t i = 0; i < record->leg.media_count; i++) {
		const struct leg_media *saved = &record->leg.media[i];
		uint32_t binding = find_binding(loading, &record->media[i]);
		uint8_t before = leg->media_count;
		if (!binding || !calls_leg_names_media(calls, slot, binding, saved->line, saved->is_rtcp) ||
		    leg->media_count == before)
			continue;
		leg->media[before] = *saved;
		leg->media[before].binding = binding;
	}
}

/* An older snapshot does not tell. */
static uint64_t word_of(const struct loading *loading, const struct leg *saved)
{
	return saved->word_ns && saved->word_ns < loading->now_ns ? saved->word_ns : loading->now_ns;
}

/* One that has ended owns nothing. */
static void load_ended_leg(struct loading *loading, uint32_t slot, const struct leg *saved)
{
	struct calls *calls = &loading->engine->calls;
	struct leg *leg = &calls->legs[slot];
	calls_leg_event(calls, loading->now_ns, slot, LEG_GONE);
	leg->is_held = saved->is_held;
	leg->word_ns = word_of(loading, saved);
	if (saved->deadline_ns >= leg->deadline_ns)
		return;
	leg->deadline_ns = saved->deadline_ns;
	deadlines_set_by(calls->deadlines, calls->first_leg_thing + slot, leg->deadline_ns);
}

static void load_leg(struct loading *loading, const struct snapshot_leg *record)
{
	struct calls *calls = &loading->engine->calls;
	const struct leg *saved = &record->leg;
	if (!loading->call || saved->state == LEG_NONE || saved->state >= LEG_STATE_COUNT)
		return;
	bool has_ended = saved->state == LEG_ENDED;
	enum leg_state state = has_ended ? LEG_ENDING : (enum leg_state)saved->state;
	uint32_t slot = calls_add_leg(calls, loading->now_ns, loading->call, saved->tag, &saved->phone, state);
	if (!slot)
		return;
	put_last(loading, slot);
	struct leg *leg = &calls->legs[slot];
	memcpy(leg->peers, saved->peers, sizeof(leg->peers));
	leg->invite_cseq = saved->invite_cseq;
	leg->offer_cseq = saved->offer_cseq;
	leg->contact_cseq = saved->contact_cseq;
	leg->offer = saved->offer;
	if (has_ended) {
		load_ended_leg(loading, slot, saved);
		return;
	}
	leg->deadline_ns = deadline_of_leg(loading, saved);
	leg->word_ns = word_of(loading, saved);
	leg->session_s = saved->session_s < SIPALG_REGISTRATION_MAX_S ? saved->session_s : SIPALG_REGISTRATION_MAX_S;
	leg->expires_s = saved->expires_s;
	leg->offer_is_open = saved->offer_is_open;
	leg->offer_is_challenged = saved->offer_is_challenged;
	leg->is_held = saved->is_held;
	leg->dialog_count = saved->dialog_count;
	memcpy(leg->dialogs, saved->dialogs, sizeof(leg->dialogs));
	leg->dialogs_ending = saved->dialogs_ending;
	leg->dialogs_over = saved->dialogs_over;
	leg->contact_cseq = saved->contact_cseq;
	leg->contact.form = FORM_UNKNOWN;
	if (is_writing_possible(&saved->contact))
		leg->contact = saved->contact;
	leg->origin = saved->origin > LEG_ORIGIN_FOLLOWS ? LEG_ORIGIN_UNKNOWN : saved->origin;
	for (size_t i = 0; i < LEG_WAY_COUNT; i++)
		calls_leg_reach(calls, loading->now_ns, slot, (enum leg_way)i, find_binding(loading, &record->ways[i]));
	load_media(loading, slot, record);
	deadlines_set(calls->deadlines, calls->first_leg_thing + slot, leg->deadline_ns);
}

/* ---- Forms ---- */

static void load_form(struct loading *loading, const struct snapshot_form *saved)
{
	struct forms *forms = &loading->engine->forms;
	if (saved->bucket >= FORMS_BUCKETS || !is_writing_possible(&saved->exception.writing) || !saved->exception.key)
		return;
	struct form_exception *ways = forms->buckets[saved->bucket];
	ways[1] = ways[0];
	ways[0] = saved->exception;
	forms->noted++;
}

/* ---- The whole ---- */

static void load_record(struct loading *loading, struct pack *pack, enum snapshot_kind kind)
{
	struct snapshot_binding binding = { 0 };
	struct snapshot_registration registration = { 0 };
	struct snapshot_leg leg = { 0 };
	struct snapshot_form form = { 0 };
	struct call call = { 0 };
	switch (kind) {
	case SNAPSHOT_BINDING:
		snapshot_pack_binding(pack, &binding);
		load_binding(loading, &binding);
		break;
	case SNAPSHOT_REGISTRATION:
		snapshot_pack_registration(pack, &registration);
		load_registration(loading, &registration);
		break;
	case SNAPSHOT_CALL:
		snapshot_pack_call(pack, &call);
		load_call(loading, &call);
		break;
	case SNAPSHOT_LEG:
		snapshot_pack_leg(pack, &leg);
		load_leg(loading, &leg);
		break;
	case SNAPSHOT_FORM:
		snapshot_pack_form(pack, &form);
		load_form(loading, &form);
		break;
	case SNAPSHOT_NOTHING:
		break;
	}
}

static void load_records(struct loading *loading, struct pack *pack)
{
	size_t end = pack->end;
	while (pack->at < end) {
		pack->end = end;
		enum snapshot_kind kind = (enum snapshot_kind)pack_number(pack, 0, 1);
		size_t length = pack_number(pack, 0, 2);
		if (pack->at > end || length > end - pack->at)
			return;
		pack->end = pack->at + length;
		load_record(loading, pack, kind);
		pack->at = pack->end;
	}
}

enum sipalg_snapshot sipalg_engine_load(sipalg_engine *engine, uint64_t now_ns, const uint8_t *bytes, size_t length)
{
	static const struct hash_key accident = { { 0, 0 } };
	struct snapshot_heading heading = { 0 };
	struct pack pack = { .in = bytes, .end = length };
	size_t hashed_from = snapshot_pack_heading(&pack, &heading);
	if (pack.at > length || memcmp(heading.magic, SNAPSHOT_MAGIC, sizeof(heading.magic)) != 0)
		return SIPALG_SNAPSHOT_DAMAGED;
	if (heading.version != SNAPSHOT_VERSION)
		return SIPALG_SNAPSHOT_OTHER_VERSION;
	if (heading.hash != hash_bytes(&accident, bytes + hashed_from, length - hashed_from))
		return SIPALG_SNAPSHOT_DAMAGED;
	if (heading.saved_ns > now_ns)
		return SIPALG_SNAPSHOT_OTHER_CLOCK;
	check(!engine->bindings.pool.touched && !engine->calls.pool.touched);
	engine_set_key(engine, &heading.key);
	struct loading loading = { .engine = engine, .now_ns = now_ns };
	load_records(&loading, &pack);
	engine_count_tables(engine);
	return SIPALG_SNAPSHOT_LOADED;
}
