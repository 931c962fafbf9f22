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
};

/* The links of all slots, from 1 on: for one list, or for many that have no slot in common. */
static inline struct age_link *ages_lay_out(struct arena *arena, uint32_t capacity)
{
	return arena_take(arena, capacity + (size_t)1, sizeof(struct age_link));
}

static inline void ages_add(struct ages *ages, struct age_link *links, uint32_t slot)
{
	links[slot] = (struct age_link){ .previous = ages->youngest };
	if (ages->youngest)
		links[ages->youngest].next = slot;
	else
		ages->oldest = slot;
	ages->youngest = slot;
	ages->count++;
}

/* The slot must be in the list. */
static inline void ages_remove(struct ages *ages, struct age_link *links, uint32_t slot)
{
	struct age_link link = links[slot];
	if (link.previous)
		links[link.previous].next = link.next;
	else
		ages->oldest = link.next;
	if (link.next)
		links[link.next].previous = link.previous;
	else
		ages->youngest = link.previous;
	ages->count--;
}

#endif
