/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diagnose/flows.h"

#include "base/characters.h"
#include "base/text.h"
#include "diagnose/sighting.h"

#include <stdlib.h>

enum {
	RTP_HEADER = 12,
	RTP_VERSION = 2,
	RTCP_FIRST = 192, /* types that RTCP takes from RTP's markers and payload types (RFC 5761 4) */
	RTCP_LAST = 223,
	STUN_HEADER = 20,
	KEEPALIVE_MAX = 4, /* bytes */
	JUMP_MAX = 3000,   /* a larger step is another stream (RFC 3550 A.1) */
};

/* Media may come before the description that explains it. */
#define EARLY_NS (5 * SECOND_NS)

static void lay_out(struct flows *flows)
{
	pool_lay_out(&flows->pool, &flows->arena, FLOWS_MAX);
	pool_lay_out(&flows->announced_pool, &flows->arena, ANNOUNCED_MAX);
	table_lay_out(&flows->by_ends, &flows->arena, FLOWS_MAX);
	table_lay_out(&flows->by_from, &flows->arena, FLOWS_MAX);
	table_lay_out(&flows->by_to, &flows->arena, FLOWS_MAX);
	table_lay_out(&flows->by_announced, &flows->arena, ANNOUNCED_MAX);
	flows->slots = arena_take(&flows->arena, FLOWS_MAX + 1, sizeof *flows->slots);
	flows->announced = arena_take(&flows->arena, ANNOUNCED_MAX + 1, sizeof *flows->announced);
}

bool flows_create(struct flows *flows)
{
	*flows = (struct flows){ 0 };
	lay_out(flows);
	uint8_t *base = calloc(1, flows->arena.used);
	flows->arena = (struct arena){ .base = base };
	if (base != NULL)
		lay_out(flows);
	return base != NULL;
}

void flows_destroy(struct flows *flows)
{
	free(flows->arena.base);
	*flows = (struct flows){ 0 };
}

/* ---- Hashes: cheap ones, since each media packet needs one ---- */

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

static uint64_t hash_end(uint64_t hash, const sipalg_endpoint *end)
{
	uint64_t words[2];
	memcpy(words, end->address.bytes, sizeof words);
	return mix(mix(mix(hash, words[0]), words[1]), end->port);
}

static uint64_t hash_ends(const struct flow_ends *ends)
{
	return hash_end(hash_end(ends->side + 1, &ends->from), &ends->to);
}

static uint64_t hash_side(uint64_t side, const sipalg_endpoint *end)
{
	return hash_end(side + 1, end);
}

/* ---- The order of use ---- */

static void unlink_slot(struct flows *flows, uint32_t slot)
{
	struct flow *flow = &flows->slots[slot];
	*(flow->newer != 0 ? &flows->slots[flow->newer].older : &flows->newest) = flow->older;
	*(flow->older != 0 ? &flows->slots[flow->older].newer : &flows->oldest) = flow->newer;
}

static void link_newest(struct flows *flows, uint32_t slot)
{
	struct flow *flow = &flows->slots[slot];
	flow->newer = 0;
	flow->older = flows->newest;
	*(flows->newest != 0 ? &flows->slots[flows->newest].newer : &flows->oldest) = slot;
	flows->newest = slot;
}

static void remove_from_tables(struct flows *flows, uint32_t slot)
{
	const struct flow_ends *ends = &flows->slots[slot].ends;
	table_remove(&flows->by_ends, hash_ends(ends), slot);
	table_remove(&flows->by_from, hash_side(ends->side, &ends->from), slot);
	table_remove(&flows->by_to, hash_side(ends->side, &ends->to), slot);
	unlink_slot(flows, slot);
	if (flows->last == slot)
		flows->last = 0;
}

/* ---- Flows and calls ---- */

static void attach(struct flows *flows, struct flow_lists *lists, uint32_t slot, uint32_t call)
{
	flows->slots[slot].call = call;
	flows->slots[slot].next_of_call = lists[call].flows;
	lists[call].flows = slot;
}

static void detach(struct flows *flows, struct flow_lists *lists, uint32_t slot)
{
	uint32_t *place = &lists[flows->slots[slot].call].flows;
	while (*place != slot)
		place = &flows->slots[*place].next_of_call;
	*place = flows->slots[slot].next_of_call;
	flows->slots[slot].call = 0;
}

static const struct announced *find_announced(const struct flows *flows, uint64_t side, const sipalg_endpoint *end)
{
	uint32_t slot = table_first(&flows->by_announced, hash_side(side, end));
	while (slot != 0 &&
	       (flows->announced[slot].side != side || !sipalg_endpoint_equal(&flows->announced[slot].end, end)))
		slot = table_next(&flows->by_announced, slot);
	return slot != 0 ? &flows->announced[slot] : NULL;
}

/* Of either end, which two calls may have announced: what is said last holds. */
static const struct announced *find_latest(const struct flows *flows, const struct flow_ends *ends)
{
	const struct announced *to = find_announced(flows, ends->side, &ends->to);
	const struct announced *from = find_announced(flows, ends->side, &ends->from);
	if (to == NULL || from == NULL)
		return to != NULL ? to : from;
	return from->time_ns > to->time_ns ? from : to;
}

static uint32_t take_slot(struct flows *flows, struct flow_lists *lists)
{
	uint32_t slot = pool_take(&flows->pool);
	if (slot != 0 || flows->oldest == 0)
		return slot;
	slot = flows->oldest;
	if (flows->slots[slot].call != 0)
		detach(flows, lists, slot);
	remove_from_tables(flows, slot);
	return slot;
}

/* 0: there is no room, since calls hold all that there are. */
static uint32_t begin(struct flows *flows, struct flow_lists *lists, const struct flow_ends *ends, uint64_t now_ns)
{
	uint32_t slot = take_slot(flows, lists);
	if (slot == 0)
		return 0;
	flows->slots[slot] = (struct flow){ .ends = *ends, .first_ns = now_ns };
	table_insert(&flows->by_ends, hash_ends(ends), slot);
	table_insert(&flows->by_from, hash_side(ends->side, &ends->from), slot);
	table_insert(&flows->by_to, hash_side(ends->side, &ends->to), slot);
	link_newest(flows, slot);
	const struct announced *announced = find_latest(flows, ends);
	if (announced != NULL)
		attach(flows, lists, slot, announced->call);
	return slot;
}

static uint32_t find_or_begin(struct flows *flows, struct flow_lists *lists, const struct flow_ends *ends,
                              uint64_t now_ns)
{
	uint32_t slot = flows->last;
	if (slot != 0 && memcmp(&flows->slots[slot].ends, ends, sizeof *ends) == 0)
		return slot;
	slot = table_first(&flows->by_ends, hash_ends(ends));
	while (slot != 0 && memcmp(&flows->slots[slot].ends, ends, sizeof *ends) != 0)
		slot = table_next(&flows->by_ends, slot);
	if (slot == 0)
		return begin(flows, lists, ends, now_ns);
	if (flows->newest != slot) {
		unlink_slot(flows, slot);
		link_newest(flows, slot);
	}
	return slot;
}

/* ---- RTP ---- */

static bool is_rtp(struct text payload)
{
	const uint8_t *bytes = (const uint8_t *)payload.start;
	return payload.length >= RTP_HEADER && bytes[0] >> 6 == RTP_VERSION &&
	       (bytes[1] < RTCP_FIRST || bytes[1] > RTCP_LAST);
}

static void note_rtp(struct flow *flow, const uint8_t *bytes)
{
	uint16_t sequence = (uint16_t)(bytes[2] << 8 | bytes[3]);
	uint32_t ssrc = (uint32_t)bytes[8] << 24 | (uint32_t)bytes[9] << 16 | (uint32_t)bytes[10] << 8 | bytes[11];
	uint16_t step = (uint16_t)(sequence - flow->sequence);
	if (flow->rtp_packets++ == 0 || ssrc != flow->ssrc || (step > JUMP_MAX && step < UINT16_MAX - JUMP_MAX)) {
		flow->expected++;
		flow->sequence = sequence;
	} else if (step > 0 && step <= JUMP_MAX) {
		flow->expected += step;
		flow->sequence = sequence;
	}
	flow->ssrc = ssrc;
}

/* What holds NAT bindings open: line ends, zeros or nothing (RFC 5626 3.5.1), and STUN (RFC 8489 5). */
static bool is_keepalive(struct text payload)
{
	static const char cookie[4] = { 0x21, 0x12, (char)0xa4, 0x42 };
	for (size_t i = 0; payload.length <= KEEPALIVE_MAX && i < payload.length; i++)
		if (payload.start[i] != '\0' && !character_is(payload.start[i], CHARACTER_BLANK))
			return false;
	return payload.length <= KEEPALIVE_MAX ||
	       (payload.length >= STUN_HEADER && memcmp(payload.start + 4, cookie, sizeof cookie) == 0);
}

void flows_note(struct flows *flows, struct flow_lists *lists, const struct flow_ends *ends, uint64_t now_ns,
                struct text payload)
{
	uint32_t slot = find_or_begin(flows, lists, ends, now_ns);
	if (slot == 0)
		return;
	struct flow *flow = &flows->slots[slot];
	flows->last = slot;
	flow->packets++;
	flow->last_ns = now_ns;
	flow->keepalives += is_keepalive(payload);
	if (is_rtp(payload)) {
		flows->media_packets++;
		note_rtp(flow, (const uint8_t *)payload.start);
	}
}

/* ---- Announcements ---- */

/* What flows there are at an address that has just been announced: those of an earlier call end there. */
static void claim(struct flows *flows, struct flow_lists *lists, const struct table *table,
                  const struct announced *announced, bool is_to, uint64_t now_ns)
{
	uint32_t next, slot = table_first(table, hash_side(announced->side, &announced->end));
	for (; slot != 0; slot = next) {
		struct flow *flow = &flows->slots[slot];
		const sipalg_endpoint *end = is_to ? &flow->ends.to : &flow->ends.from;
		next = table_next(table, slot);
		if (flow->ends.side != announced->side || !sipalg_endpoint_equal(end, &announced->end) ||
		    flow->call == announced->call)
			continue;
		if (flow->call == 0 && flow->last_ns + EARLY_NS > now_ns) {
			attach(flows, lists, slot, announced->call);
			continue;
		}
		remove_from_tables(flows, slot);
		flow->retired = true;
		if (flow->call == 0)
			pool_give_back(&flows->pool, slot);
	}
}

/* Its call keeps it until it is judged; flows that begin from now on are another call's. */
static void retire_announced(struct flows *flows, uint32_t slot)
{
	struct announced *announced = &flows->announced[slot];
	table_remove(&flows->by_announced, hash_side(announced->side, &announced->end), slot);
	announced->retired = true;
}

static void remove_first_announced(struct flows *flows, struct flow_lists *list)
{
	uint32_t slot = list->announced;
	list->announced = flows->announced[slot].next_of_call;
	if (!flows->announced[slot].retired)
		retire_announced(flows, slot);
	pool_give_back(&flows->announced_pool, slot);
}

void flows_announce(struct flows *flows, struct flow_lists *lists, const struct announced *wanted, uint64_t now_ns)
{
	const struct announced *known = find_announced(flows, wanted->side, &wanted->end);
	if (known != NULL && known->call == wanted->call)
		return;
	if (known != NULL)
		retire_announced(flows, (uint32_t)(known - flows->announced));
	uint32_t slot = pool_take(&flows->announced_pool);
	if (slot == 0)
		return;
	flows->announced[slot] = *wanted;
	flows->announced[slot].time_ns = now_ns;
	flows->announced[slot].next_of_call = lists[wanted->call].announced;
	lists[wanted->call].announced = slot;
	table_insert(&flows->by_announced, hash_side(wanted->side, &wanted->end), slot);
	claim(flows, lists, &flows->by_to, wanted, true, now_ns);
	claim(flows, lists, &flows->by_from, wanted, false, now_ns);
}

void flows_forget(struct flows *flows, struct flow_lists *lists, uint32_t call)
{
	while (lists[call].announced != 0)
		remove_first_announced(flows, &lists[call]);
	while (lists[call].flows != 0) {
		uint32_t slot = lists[call].flows;
		detach(flows, lists, slot);
		if (flows->slots[slot].retired)
			pool_give_back(&flows->pool, slot);
	}
}

uint64_t flows_last_ns(const struct flows *flows, size_t side, const sipalg_endpoint *from, const sipalg_address *to)
{
	uint64_t last_ns = 0;
	for (uint32_t slot = table_first(&flows->by_from, hash_side(side, from)); slot != 0;
	     slot = table_next(&flows->by_from, slot)) {
		const struct flow *flow = &flows->slots[slot];
		if (flow->ends.side == side && sipalg_endpoint_equal(&flow->ends.from, from) &&
		    sipalg_address_equal(&flow->ends.to.address, to) && flow->last_ns > last_ns)
			last_ns = flow->last_ns;
	}
	return last_ns;
}
