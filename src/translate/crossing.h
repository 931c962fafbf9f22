/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One packet on its way through the router, from the side where it was captured to the other. Seen from the inside,
 * messages that leave go through the engine, and those that have come are taken back to what the server must have sent;
 * seen from the outside, those that come in go through the engine, and those that have left are what a phone wrote, as
 * no gateway was there. */
#ifndef TRANSLATE_CROSSING_H
#define TRANSLATE_CROSSING_H

#include "translate/passage.h"

struct crossing {
	struct passage *passage;
	const struct capture_item *item;
	enum sipalg_direction direction;
	sipalg_endpoint source, destination;         /* in the middle of the router; see crossing_find_phone() */
	sipalg_endpoint far_source, far_destination; /* on the other side; see crossing_find_far() */
};

struct crossing crossing_begin(struct passage *passage, const struct capture_item *item);

/* Which inside host it is. False: nobody can tell; a message (empty: none) may say so of itself. */
SIPALG_MUST_USE
bool crossing_find_phone(struct crossing *crossing, struct text message);

/* The message as it is on the other side, valid until the next one; tells of it. */
struct text crossing_pass(struct crossing *crossing, struct text message, uint64_t body_left);

/* The ends as they are on the other side, once the message has passed. False: all ports are taken. */
SIPALG_MUST_USE
bool crossing_find_far(struct crossing *crossing);

#endif
