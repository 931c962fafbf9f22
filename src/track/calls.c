/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "track/calls.h"

#include "base/check.h"
#include "track/label.h"

void calls_lay_out(struct calls *calls, struct arena *arena, uint32_t capacity)
{
	pool_lay_out(&calls->pool, arena, capacity);
	pool_lay_out(&calls->leg_pool, arena, capacity);
	table_lay_out(&calls->table, arena, capacity);
	calls->list = arena_take(arena, capacity + (size_t)1, sizeof(*calls->list));
	calls->legs = arena_take(arena, capacity + (size_t)1, sizeof(*calls->legs));
	calls->ended_links = ages_lay_out(arena, capacity);
	calls->waiting_links = ages_lay_out(arena, capacity);
}

uint32_t calls_find(const struct calls *calls, uint64_t id)
{
	uint32_t call = table_first(&calls->table, id);
	while (call && calls->list[call].id != id)
		call = table_next(&calls->table, call);
	return call;
}

/* ---- Going: legs that have ended stay for a while, until others need their place ---- */

static void forget_call(struct calls *calls, uint32_t slot)
{
	ages_remove(&calls->waiting, calls->waiting_links, slot);
	deadlines_set(calls->deadlines, calls->first_call_thing + slot, DEADLINE_NEVER);
	table_remove(&calls->table, calls->list[slot].id, slot);
	calls->list[slot].is_used = false;
	pool_give_back(&calls->pool, slot);
}

static void forget_leg(struct calls *calls, uint32_t slot)
{
	struct leg *leg = &calls->legs[slot];
	uint32_t *first = &calls->list[leg->call].first_leg, *link = first;
	while (*link != slot)
		link = &calls->legs[*link].next;
	*link = leg->next;
	if (!*first) {
		ages_add(&calls->waiting, calls->waiting_links, leg->call);
		forget_call(calls, leg->call);
	}
	if (leg->state == LEG_ENDED)
		ages_remove(&calls->ended_legs, calls->ended_links, slot);
	leg->state = LEG_NONE;
	deadlines_set(calls->deadlines, calls->first_leg_thing + slot, DEADLINE_NEVER);
	pool_give_back(&calls->leg_pool, slot);
}

/* A slot of the pool, for which the leg that ended first may have to go, unless it is of the call that is to stay. */
static uint32_t take_slot(struct calls *calls, struct pool *pool, uint32_t staying)
{
	uint32_t slot = pool_take(pool);
	uint32_t oldest = calls->ended_legs.oldest;
	if (oldest && calls->legs[oldest].call == staying)
		oldest = calls->ended_links[oldest].next;
	if (slot || !oldest || calls->legs[oldest].call == staying)
		return slot;
	forget_leg(calls, oldest);
	return pool_take(pool);
}

uint32_t calls_take(struct calls *calls, uint64_t now_ns, uint64_t id, struct text call_id)
{
	uint32_t slot = calls_find(calls, id);
	if (slot)
		return slot;
	slot = take_slot(calls, &calls->pool, 0);
	if (!slot && calls->waiting.oldest) { /* what was never answered keeps nobody from being called */
		forget_call(calls, calls->waiting.oldest);
		slot = pool_take(&calls->pool);
	}
	if (!slot)
		return 0;
	ages_add(&calls->waiting, calls->waiting_links, slot);
	struct call *call = &calls->list[slot];
	call->id = id;
	call->is_used = true;
	call->is_direct = false;
	call->since_ns = now_ns;
	call->deadline_ns = now_ns + SIPALG_EARLY_S * SIPALG_SECOND_NS;
	call->first_leg = 0;
	for (size_t i = 0; i < CALL_REMOTE_COUNT; i++)
		remote_media_begin(&call->remotes[i], 0);
	label_keep(call->label, call_id);
	table_insert(&calls->table, id, slot);
	deadlines_set(calls->deadlines, calls->first_call_thing + slot, call->deadline_ns);
	return slot;
}

void calls_become_due(struct calls *calls, uint64_t now_ns, uint32_t slot)
{
	const struct call *call = &calls->list[slot];
	if (call->first_leg)
		return;
	if (call->deadline_ns <= now_ns)
		forget_call(calls, slot);
	else
		deadlines_set(calls->deadlines, calls->first_call_thing + slot, call->deadline_ns);
}

uint32_t calls_find_leg(const struct calls *calls, uint32_t call, uint64_t tag, const sipalg_address *phone)
{
	uint32_t leg = call ? calls->list[call].first_leg : 0;
	while (leg && (calls->legs[leg].tag != tag || !sipalg_address_equal(&calls->legs[leg].phone, phone)))
		leg = calls->legs[leg].next;
	return leg;
}

void leg_speaks_to(struct leg *leg, const sipalg_address *peer)
{
	if (sipalg_address_equal(&leg->peers[0], peer))
		return;
	leg->peers[1] = leg->peers[0];
	leg->peers[0] = *peer;
}

bool leg_hears(const struct leg *leg, const sipalg_address *peer)
{
	for (size_t i = 0; i < LEG_PEERS_MAX; i++)
		if (sipalg_address_equal(&leg->peers[i], peer))
			return true;
	return false;
}

bool calls_hear(const struct calls *calls, uint32_t call, const sipalg_address *peer)
{
	uint32_t leg = calls->list[call].first_leg;
	bool is_new = !leg;
	while (leg && !leg_hears(&calls->legs[leg], peer))
		leg = calls->legs[leg].next;
	return leg || is_new;
}

uint32_t calls_leg_of_phone(const struct calls *calls, uint32_t call, const sipalg_address *phone, bool same)
{
	uint32_t leg = calls->list[call].first_leg;
	while (leg && sipalg_address_equal(&calls->legs[leg].phone, phone) != same)
		leg = calls->legs[leg].next;
	return leg;
}

/* ---- Deadlines: one function says until when a leg lives ---- */

static uint64_t seconds_of_confirmed(const struct calls *calls, const struct leg *leg)
{
	if (leg->session_s)
		return (uint64_t)leg->session_s + SIPALG_SESSION_MARGIN_S;
	if (leg->is_held || !leg->media_count || calls->list[leg->call].is_direct)
		return SIPALG_HELD_MAX_S;
	return calls->media_idle_s ? calls->media_idle_s : SIPALG_HELD_MAX_S;
}

static uint64_t seconds_of_early(const struct leg *leg)
{
	uint64_t most = leg->expires_s < SIPALG_EARLY_MAX_S ? leg->expires_s : SIPALG_EARLY_MAX_S;
	return most > SIPALG_EARLY_S ? most : SIPALG_EARLY_S;
}

static uint64_t seconds_to_live(const struct calls *calls, const struct leg *leg)
{
	switch ((enum leg_state)leg->state) {
	case LEG_PROCEEDING:
	case LEG_EARLY:
		return seconds_of_early(leg);
	case LEG_CONFIRMED:
		return seconds_of_confirmed(calls, leg);
	case LEG_NONE:
	case LEG_TRYING:
	case LEG_ENDING:
	case LEG_ENDED:
	case LEG_STATE_COUNT:
		break;
	}
	return SIPALG_TRANSACTION_S;
}

static void keep_until(struct calls *calls, uint32_t slot, uint64_t deadline_ns)
{
	struct leg *leg = &calls->legs[slot];
	leg->deadline_ns = deadline_ns;
	deadlines_set_by(calls->deadlines, calls->first_leg_thing + slot, deadline_ns);
	for (size_t i = 0; i < LEG_WAY_COUNT; i++)
		if (leg->ways[i])
			bindings_prolong(calls->bindings, leg->ways[i], deadline_ns);
	for (uint8_t i = 0; i < leg->media_count; i++)
		bindings_prolong(calls->bindings, leg->media[i].binding, deadline_ns);
}

static void live_on(struct calls *calls, uint64_t now_ns, uint32_t slot)
{
	calls->legs[slot].asked_ns = 0;
	keep_until(calls, slot, now_ns + seconds_to_live(calls, &calls->legs[slot]) * SIPALG_SECOND_NS);
}

/* ---- States ---- */

static const uint8_t next_state[LEG_STATE_COUNT][LEG_EVENT_COUNT] = {
	[LEG_TRYING] = { [LEG_INVITED] = LEG_TRYING,
	                 [LEG_PROCEEDED] = LEG_PROCEEDING,
	                 [LEG_RANG] = LEG_EARLY,
	                 [LEG_ANSWERED] = LEG_CONFIRMED,
	                 [LEG_CHALLENGED] = LEG_TRYING,
	                 [LEG_REFUSED] = LEG_ENDED,
	                 [LEG_HUNG_UP] = LEG_TRYING,
	                 [LEG_GONE] = LEG_TRYING,
	                 [LEG_FELL_SILENT] = LEG_ENDED },
	[LEG_PROCEEDING] = { [LEG_INVITED] = LEG_PROCEEDING,
	                     [LEG_PROCEEDED] = LEG_PROCEEDING,
	                     [LEG_RANG] = LEG_EARLY,
	                     [LEG_ANSWERED] = LEG_CONFIRMED,
	                     [LEG_CHALLENGED] = LEG_TRYING,
	                     [LEG_REFUSED] = LEG_ENDED,
	                     [LEG_HUNG_UP] = LEG_PROCEEDING,
	                     [LEG_GONE] = LEG_PROCEEDING,
	                     [LEG_FELL_SILENT] = LEG_ENDED },
	/* A BYE for one early dialog does not end the others: the INVITE's final response does (RFC 3261 15). */
	[LEG_EARLY] = { [LEG_INVITED] = LEG_EARLY,
	                [LEG_PROCEEDED] = LEG_EARLY,
	                [LEG_RANG] = LEG_EARLY,
	                [LEG_ANSWERED] = LEG_CONFIRMED,
	                [LEG_CHALLENGED] = LEG_TRYING,
	                [LEG_REFUSED] = LEG_ENDED,
	                [LEG_HUNG_UP] = LEG_EARLY,
	                [LEG_GONE] = LEG_EARLY,
	                [LEG_FELL_SILENT] = LEG_ENDED },
	/* What happens to a re-INVITE leaves the call itself alone (RFC 3261 14.1). */
	[LEG_CONFIRMED] = { [LEG_INVITED] = LEG_CONFIRMED,
	                    [LEG_PROCEEDED] = LEG_CONFIRMED,
	                    [LEG_RANG] = LEG_CONFIRMED,
	                    [LEG_ANSWERED] = LEG_CONFIRMED,
	                    [LEG_CHALLENGED] = LEG_CONFIRMED,
	                    [LEG_REFUSED] = LEG_CONFIRMED,
	                    [LEG_HUNG_UP] = LEG_ENDING,
	                    [LEG_GONE] = LEG_ENDED,
	                    [LEG_FELL_SILENT] = LEG_ENDED },
	[LEG_ENDING] = { [LEG_INVITED] = LEG_ENDING,
	                 [LEG_PROCEEDED] = LEG_ENDING,
	                 [LEG_RANG] = LEG_ENDING,
	                 [LEG_ANSWERED] = LEG_ENDING,
	                 [LEG_CHALLENGED] = LEG_ENDING,
	                 [LEG_REFUSED] = LEG_ENDING,
	                 [LEG_HUNG_UP] = LEG_ENDING,
	                 [LEG_GONE] = LEG_ENDED,
	                 [LEG_FELL_SILENT] = LEG_ENDED },
	[LEG_ENDED] = { [LEG_INVITED] = LEG_TRYING,
	                [LEG_PROCEEDED] = LEG_ENDED,
	                [LEG_RANG] = LEG_ENDED,
	                [LEG_ANSWERED] = LEG_ENDED,
	                [LEG_CHALLENGED] = LEG_ENDED,
	                [LEG_REFUSED] = LEG_ENDED,
	                [LEG_HUNG_UP] = LEG_ENDED,
	                [LEG_GONE] = LEG_ENDED,
	                [LEG_FELL_SILENT] = LEG_ENDED },
};

static void forget_dialogs(struct leg *leg)
{
	leg->dialog_count = leg->dialogs_ending = leg->dialogs_over = 0;
}

uint32_t calls_add_leg(struct calls *calls, uint64_t now_ns, uint32_t call, uint64_t tag, const sipalg_address *phone,
                       enum leg_state state)
{
	bool at_limit;
	struct bindings *bindings = calls->bindings;
	uint32_t host = hosts_charge(&bindings->hosts, &bindings->endpoint_key, phone, HOST_LEGS, bindings->host_max,
	                             &at_limit);
	uint32_t slot = host ? take_slot(calls, &calls->leg_pool, call) : 0;
	if (!slot && host)
		hosts_release(&bindings->hosts, &bindings->endpoint_key, host, HOST_LEGS);
	if (!slot)
		return 0;
	if (!calls->list[call].first_leg)
		ages_remove(&calls->waiting, calls->waiting_links, call);
	struct leg *leg = &calls->legs[slot];
	leg->host = host;
	leg->call = call;
	leg->next = calls->list[call].first_leg;
	leg->tag = tag;
	leg->phone = *phone;
	memset(leg->peers, 0, sizeof(leg->peers));
	leg->session_s = leg->expires_s = 0;
	memset(leg->ways, 0, sizeof(leg->ways));
	leg->invite_cseq = leg->offer_cseq = 0;
	leg->offer = 0;
	leg->contact.form = FORM_UNKNOWN;
	leg->origin = LEG_ORIGIN_UNKNOWN;
	leg->state = (uint8_t)state;
	leg->media_count = 0;
	forget_dialogs(leg);
	leg->word_ns = now_ns;
	leg->offer_is_open = leg->offer_is_challenged = leg->is_held = leg->is_doomed = false;
	calls->list[call].first_leg = slot;
	calls->begun++;
	leg->asked_ns = 0;
	keep_until(calls, slot, now_ns + SIPALG_TRANSACTION_S * SIPALG_SECOND_NS); /* an event will say how long */
	return slot;
}

/* Hands over nothing but the leg itself: it stays, empty, until late repetitions can no longer come. */
static void release(struct calls *calls, uint64_t now_ns, struct leg *leg)
{
	uint32_t slot = (uint32_t)(leg - calls->legs);
	while (leg->media_count)
		calls_leg_give_up_media(calls, now_ns, slot, 0);
	for (int way = 0; way < LEG_WAY_COUNT; way++)
		calls_leg_reach(calls, now_ns, slot, (enum leg_way)way, 0);
	forget_dialogs(leg);
	leg->session_s = 0;
	leg->is_held = false;
	leg->offer_is_open = leg->offer_is_challenged = false;
	leg->contact.form = FORM_UNKNOWN;
	leg->origin = LEG_ORIGIN_UNKNOWN;
	hosts_release(&calls->bindings->hosts, &calls->bindings->endpoint_key, leg->host, HOST_LEGS);
	calls->ended++;
	ages_add(&calls->ended_legs, calls->ended_links, slot);
	if (calls->ended_legs.count > SIPALG_ENDED_LEGS_MAX)
		forget_leg(calls, calls->ended_legs.oldest);
}

/* False: its host has as many legs as it may have. */
static bool resume(struct calls *calls, uint32_t slot)
{
	bool at_limit;
	struct bindings *bindings = calls->bindings;
	struct leg *leg = &calls->legs[slot];
	leg->host = hosts_charge(&bindings->hosts, &bindings->endpoint_key, &leg->phone, HOST_LEGS, bindings->host_max,
	                         &at_limit);
	if (!leg->host)
		return false;
	ages_remove(&calls->ended_legs, calls->ended_links, slot);
	calls->begun++;
	return true;
}

void calls_leg_event(struct calls *calls, uint64_t now_ns, uint32_t slot, enum leg_event event)
{
	struct leg *leg = &calls->legs[slot];
	enum leg_state before = (enum leg_state)leg->state;
	leg->state = next_state[before][event];
	check(leg->state != LEG_NONE);
	if (leg->state == LEG_ENDED && before != LEG_ENDED)
		release(calls, now_ns, leg);
	if (before == LEG_ENDED && leg->state != LEG_ENDED && !resume(calls, slot))
		leg->state = LEG_ENDED;
	bool repeated = before == (enum leg_state)leg->state && (before == LEG_ENDED || before == LEG_ENDING);
	if (repeated)
		return;
	leg->word_ns = now_ns;
	live_on(calls, now_ns, slot);
}

void calls_leg_hurry(struct calls *calls, uint64_t now_ns, uint32_t slot)
{
	const struct leg *leg = &calls->legs[slot];
	if (leg->state == LEG_TRYING || leg->state == LEG_PROCEEDING || leg->state == LEG_EARLY)
		keep_until(calls, slot, now_ns + SIPALG_TRANSACTION_S * SIPALG_SECOND_NS);
}

void calls_leg_doom(struct calls *calls, uint64_t now_ns, uint32_t slot)
{
	struct leg *leg = &calls->legs[slot];
	if (leg->state == LEG_ENDED)
		return;
	leg->state = LEG_ENDING;
	leg->is_doomed = true;
	keep_until(calls, slot, now_ns);
}

/* ---- Silence ---- */

static void ask_for_traffic(struct calls *calls, uint64_t now_ns, uint32_t slot)
{
	struct leg *leg = &calls->legs[slot];
	for (uint8_t i = 0; i < leg->media_count; i++)
		bindings_command(calls->bindings, leg->media[i].binding, SIPALG_COMMAND_ASK_TRAFFIC);
	leg->asked_ns = now_ns;
	keep_until(calls, slot, now_ns + BINDING_ASK_S * SIPALG_SECOND_NS);
}

static bool was_heard(const struct calls *calls, const struct leg *leg)
{
	for (uint8_t i = 0; i < leg->media_count; i++)
		if (calls->bindings->list[leg->media[i].binding].heard_s * SIPALG_SECOND_NS >= leg->asked_ns)
			return true;
	return false;
}

/* Closing it cuts nothing that is up, when this is its only owner. */
static void leave_flows(struct calls *calls, uint32_t slot)
{
	struct binding *binding = &calls->bindings->list[slot];
	binding->keeps_flows = binding->owners == 1;
}

/* What flows for a day without a word may be sent to a phone long gone, or by a stranger who wants the port to stay
 * open; or it is a long night's music. So nobody new gets in any more, and what flows goes on as through plain NAT. */
static void live_on_or_let_go(struct calls *calls, uint64_t now_ns, uint32_t slot)
{
	const struct leg *leg = &calls->legs[slot];
	if (now_ns - leg->word_ns < SIPALG_WORDLESS_MAX_S * SIPALG_SECOND_NS) {
		live_on(calls, now_ns, slot);
		return;
	}
	for (size_t i = 0; i < LEG_WAY_COUNT; i++)
		if (leg->ways[i])
			leave_flows(calls, leg->ways[i]);
	for (uint8_t i = 0; i < leg->media_count; i++)
		leave_flows(calls, leg->media[i].binding);
	calls_leg_event(calls, now_ns, slot, LEG_FELL_SILENT);
}

void calls_leg_become_due(struct calls *calls, uint64_t now_ns, uint32_t slot)
{
	struct leg *leg = &calls->legs[slot];
	if (leg->deadline_ns > now_ns)
		keep_until(calls, slot, leg->deadline_ns);
	else if (leg->state == LEG_ENDED)
		forget_leg(calls, slot);
	else if (leg->state == LEG_CONFIRMED && !leg->asked_ns && leg->media_count)
		ask_for_traffic(calls, now_ns, slot);
	else if (leg->state == LEG_CONFIRMED && was_heard(calls, leg))
		live_on_or_let_go(calls, now_ns, slot);
	else
		calls_leg_event(calls, now_ns, slot, LEG_FELL_SILENT);
	if (leg->is_doomed && leg->state == LEG_ENDED)
		forget_leg(calls, slot);
}

/* ---- Dialogs ---- */

/* The bit that stands for the dialog; 0: there is none. */
static uint8_t find_dialog(const struct leg *leg, uint64_t remote_tag)
{
	for (uint8_t i = 0; i < leg->dialog_count; i++)
		if (leg->dialogs[i] == remote_tag)
			return (uint8_t)(1u << i);
	return 0;
}

static uint8_t all_dialogs(const struct leg *leg)
{
	return (uint8_t)((1u << leg->dialog_count) - 1);
}

/* Room for one dialog more, which one that is over gives if need be; SIPALG_LEG_DIALOGS_MAX: there is none. */
static uint8_t make_dialog(struct leg *leg)
{
	if (leg->dialog_count < SIPALG_LEG_DIALOGS_MAX)
		return leg->dialog_count++;
	uint8_t index = 0;
	while (index < SIPALG_LEG_DIALOGS_MAX && !(leg->dialogs_over >> index & 1))
		index++;
	return index;
}

void leg_confirm_dialog(struct leg *leg, uint64_t remote_tag)
{
	if (leg->state == LEG_ENDED || find_dialog(leg, remote_tag))
		return;
	uint8_t index = make_dialog(leg);
	if (index == SIPALG_LEG_DIALOGS_MAX)
		return;
	leg->dialogs[index] = remote_tag;
	leg->dialogs_ending &= (uint8_t) ~(1u << index);
	leg->dialogs_over &= (uint8_t) ~(1u << index);
}

bool leg_hang_up_dialog(struct leg *leg, uint64_t remote_tag)
{
	leg->dialogs_ending |= find_dialog(leg, remote_tag);
	return leg->dialogs_ending == all_dialogs(leg);
}

bool leg_end_dialog(struct leg *leg, uint64_t remote_tag)
{
	uint8_t dialog = find_dialog(leg, remote_tag);
	leg->dialogs_ending |= dialog;
	leg->dialogs_over |= dialog;
	return leg->dialogs_over == all_dialogs(leg);
}

void calls_leg_reach(struct calls *calls, uint64_t now_ns, uint32_t slot, enum leg_way way, uint32_t binding)
{
	uint32_t *place = &calls->legs[slot].ways[way], before = *place;
	binding = bindings_if_alive(calls->bindings, binding);
	if (before == binding)
		return;
	if (binding)
		bindings_own(calls->bindings, binding, calls->legs[slot].deadline_ns);
	*place = binding;
	if (before)
		bindings_disown(calls->bindings, before, now_ns);
}
