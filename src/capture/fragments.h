/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Puts fragmented packets together again (RFC 791 3.2, RFC 8200 4.5), so many at a time and for so long. */
#ifndef CAPTURE_FRAGMENTS_H
#define CAPTURE_FRAGMENTS_H

#include "capture/internet.h"

enum {
	FRAGMENTS_HELD_MAX = 128,     /* packets at a time; one more takes the place of the oldest */
	FRAGMENTS_LIFE_S = 30,        /* Linux waits so long as well */
	FRAGMENTS_PACKET_MAX = 65536, /* bytes */
	FRAGMENTS_UNITS = FRAGMENTS_PACKET_MAX / 8,
};

struct fragmented {
	sipalg_address source, destination;
	uint32_t identification;
	uint8_t protocol;
	bool used;
	bool cut; /* the capture does not hold all of a fragment: nobody can tell whether any was lost */
	uint64_t since_ns;
	uint32_t count;     /* fragments that came */
	uint32_t length;    /* of the whole; 0: the last one has not come */
	uint32_t units_had; /* eight bytes each */
	uint8_t *bytes;     /* FRAGMENTS_PACKET_MAX of them, kept for the next packet in this place */
	uint8_t units[FRAGMENTS_UNITS / 8];
};

struct fragments {
	struct fragmented *held; /* FRAGMENTS_HELD_MAX */
	size_t used;
	uint64_t oldest_ns; /* none is older, if any is held */
};

SIPALG_MUST_USE
bool fragments_create(struct fragments *fragments); /* false: no memory */
void fragments_destroy(struct fragments *fragments);

/* Takes a fragment. The packet that is whole now, valid until the next call; NULL: there are more to come. */
struct fragmented *fragments_add(struct fragments *fragments, const struct internet_packet *packet, uint64_t now_ns);

/* A packet that will never be whole, because its time is over or its place was needed; NULL: none. UINT64_MAX: all. */
struct fragmented *fragments_lost(struct fragments *fragments, uint64_t now_ns);

/* Whether the packet's beginning is there, `length` bytes of it. */
bool fragmented_begins(const struct fragmented *packet, size_t length);

#endif
