/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One block of memory, carved up once. With base NULL it only counts, so that the same code that lays the tables out
 * also says how much they need. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct arena {
	uint8_t *base;
	size_t used;
};

enum { ARENA_ALIGNMENT = 64 }; /* a cache line: tables do not share one */

/* Room for `count` objects of `size` bytes each; NULL when the arena only counts. */
static inline void *arena_take(struct arena *arena, size_t count, size_t size)
{
	size_t at = (arena->used + ARENA_ALIGNMENT - 1) / ARENA_ALIGNMENT * ARENA_ALIGNMENT;
	arena->used = at + count * size;
	return arena->base ? arena->base + at : NULL;
}

#endif
