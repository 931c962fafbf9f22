/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/fragments.h"

#include <stdlib.h>

enum { UNIT = 8 };
#define NS_PER_S UINT64_C(1000000000)

bool fragments_create(struct fragments *fragments)
{
	*fragments = (struct fragments){ .held = calloc(FRAGMENTS_HELD_MAX, sizeof *fragments->held) };
	return fragments->held != NULL;
}

void fragments_destroy(struct fragments *fragments)
{
	for (size_t i = 0; fragments->held != NULL && i < FRAGMENTS_HELD_MAX; i++)
		free(fragments->held[i].bytes);
	free(fragments->held);
	*fragments = (struct fragments){ 0 };
}

static bool belongs(const struct fragmented *held, const struct internet_packet *packet)
{
	return held->used && held->identification == packet->identification && held->protocol == packet->protocol &&
	       sipalg_address_equal(&held->source, &packet->source) &&
	       sipalg_address_equal(&held->destination, &packet->destination);
}

/* Where a new packet goes: a free place; when there is none the oldest is given up, which capture.c avoids by asking
 * for lost ones first. */
static struct fragmented *place_for(struct fragments *fragments)
{
	struct fragmented *oldest = &fragments->held[0];
	for (size_t i = 0; i < FRAGMENTS_HELD_MAX; i++) {
		if (!fragments->held[i].used)
			return &fragments->held[i];
		if (fragments->held[i].since_ns < oldest->since_ns)
			oldest = &fragments->held[i];
	}
	fragments->used--;
	return oldest;
}

static struct fragmented *begin(struct fragments *fragments, const struct internet_packet *packet, uint64_t now_ns)
{
	struct fragmented *held = place_for(fragments);
	uint8_t *bytes = held->bytes != NULL ? held->bytes : malloc(FRAGMENTS_PACKET_MAX);
	*held = (struct fragmented){ .source = packet->source, .destination = packet->destination, .bytes = bytes };
	if (bytes == NULL)
		return NULL;
	held->identification = packet->identification;
	held->protocol = packet->protocol;
	held->since_ns = now_ns;
	held->used = true;
	if (fragments->used++ == 0 || now_ns < fragments->oldest_ns)
		fragments->oldest_ns = now_ns;
	return held;
}

static struct fragmented *find(struct fragments *fragments, const struct internet_packet *packet, uint64_t now_ns)
{
	for (size_t i = 0; fragments->used > 0 && i < FRAGMENTS_HELD_MAX; i++)
		if (belongs(&fragments->held[i], packet))
			return &fragments->held[i];
	return begin(fragments, packet, now_ns);
}

static void mark(struct fragmented *held, size_t first, size_t last)
{
	for (size_t unit = first; unit < last; unit++) {
		uint8_t bit = (uint8_t)(1U << unit % 8);
		if ((held->units[unit / 8] & bit) == 0)
			held->units_had++;
		held->units[unit / 8] |= bit;
	}
}

struct fragmented *fragments_add(struct fragments *fragments, const struct internet_packet *packet, uint64_t now_ns)
{
	size_t end = packet->fragment_at + packet->payload_length;
	struct fragmented *held = find(fragments, packet, now_ns);
	if (held == NULL || end > FRAGMENTS_PACKET_MAX - UNIT)
		return NULL;
	held->cut |= packet->cut;
	held->count++;
	memcpy(held->bytes + packet->fragment_at, packet->payload, packet->payload_length);
	mark(held, packet->fragment_at / UNIT, packet->more_fragments ? end / UNIT : (end + UNIT - 1) / UNIT);
	if (!packet->more_fragments)
		held->length = (uint32_t)end;
	if (held->length == 0 || held->units_had * (size_t)UNIT < held->length)
		return NULL;
	held->used = false;
	fragments->used--;
	return held;
}

/* The oldest one held. */
static struct fragmented *oldest(struct fragments *fragments)
{
	struct fragmented *found = NULL;
	for (size_t i = 0; i < FRAGMENTS_HELD_MAX; i++) {
		struct fragmented *held = &fragments->held[i];
		if (held->used && (found == NULL || held->since_ns < found->since_ns))
			found = held;
	}
	return found;
}

struct fragmented *fragments_lost(struct fragments *fragments, uint64_t now_ns)
{
	uint64_t life_ns = FRAGMENTS_LIFE_S * NS_PER_S;
	bool crowded = fragments->used == FRAGMENTS_HELD_MAX;
	if (fragments->used == 0 || (!crowded && now_ns < fragments->oldest_ns + life_ns))
		return NULL;
	struct fragmented *held = oldest(fragments);
	fragments->oldest_ns = held->since_ns;
	if (!crowded && now_ns < held->since_ns + life_ns)
		return NULL;
	held->used = false;
	fragments->used--;
	return held;
}

bool fragmented_begins(const struct fragmented *packet, size_t length)
{
	for (size_t unit = 0; unit * UNIT < length; unit++)
		if ((packet->units[unit / 8] & 1U << unit % 8) == 0)
			return false;
	return true;
}
