/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of many things is due first: a heap of four children, in which each thing has at most one deadline. */
#ifndef BASE_DEADLINES_H
#define BASE_DEADLINES_H

#include "base/arena.h"
#include "sipalg/attributes.h"

#include <stdbool.h>

#define DEADLINE_NEVER UINT64_MAX

/* The heap lies in two arrays, for a pair of them would be a third larger than its parts. */
struct deadlines {
	uint32_t count;
	uint64_t *due_ns;
	uint32_t *things;
	uint32_t *position; /* of a thing in the heap, plus one; 0: has no deadline */
};

/* For things 0 to `things` - 1. */
void deadlines_lay_out(struct deadlines *deadlines, struct arena *arena, uint32_t things);

/* Sets, moves or (DEADLINE_NEVER) removes the thing's deadline. */
void deadlines_set(struct deadlines *deadlines, uint32_t thing, uint64_t due_ns);

/* Makes sure that the thing is due not later than due_ns: an earlier deadline stays. Cheap for what is used often and
 * looks itself, when due, whether it really is. */
void deadlines_set_by(struct deadlines *deadlines, uint32_t thing, uint64_t due_ns);

/* The earliest deadline, or DEADLINE_NEVER. */
static inline uint64_t deadlines_first(const struct deadlines *deadlines)
{
	return deadlines->count ? deadlines->due_ns[0] : DEADLINE_NEVER;
}

/* Takes a thing whose deadline is not after now_ns off the heap. False: there is none. */
SIPALG_MUST_USE
bool deadlines_take_due(struct deadlines *deadlines, uint64_t now_ns, uint32_t *thing);

#endif
