/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slots in the order in which they came, so that the oldest can be given up: what is kept only for a while. Zeroed
 * memory is an empty list. */
#ifndef BASE_AGES_H
#define BASE_AGES_H

#include "base/arena.h"

struct age_link {
	uint32_t next, previous; /* slots; 0: none */
};

struct ages {
	uint32_t oldest, youngest; /* slots; 0: the list is empty */
	uint32_t count;
	struct age_link *links; /* by slot, from 1 */
};

static inline void ages_lay_out(struct ages *ages, struct arena *arena, uint32_t capacity)
{
	ages->links = arena_take(arena, capacity + (size_t)1, sizeof(*ages->links));
}

static inline void ages_add(struct ages *ages, uint32_t slot)
{
	ages->links[slot] = (struct age_link){ .previous = ages->youngest };
	if (ages->youngest)
		ages->links[ages->youngest].next = slot;
	else
		ages->oldest = slot;
	ages->youngest = slot;
	ages->count++;
}

/* The slot must be in the list. */
static inline void ages_remove(struct ages *ages, uint32_t slot)
{
	struct age_link link = ages->links[slot];
	if (link.previous)
		ages->links[link.previous].next = link.next;
	else
		ages->oldest = link.next;
	if (link.next)
		ages->links[link.next].previous = link.previous;
	else
		ages->youngest = link.previous;
	ages->count--;
}

#endif
