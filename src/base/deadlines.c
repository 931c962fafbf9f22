/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/deadlines.h"

enum { CHILDREN = 4 };

void deadlines_lay_out(struct deadlines *deadlines, struct arena *arena, uint32_t things)
{
	deadlines->heap = arena_take(arena, things, sizeof(*deadlines->heap));
	deadlines->position = arena_take(arena, things, sizeof(*deadlines->position));
}

static inline void place(struct deadlines *deadlines, uint32_t at, struct deadline deadline)
{
	deadlines->heap[at] = deadline;
	deadlines->position[deadline.thing] = at + 1;
}

static void sift_up(struct deadlines *deadlines, uint32_t at, struct deadline deadline)
{
	while (at > 0) {
		uint32_t parent = (at - 1) / CHILDREN;
		if (deadlines->heap[parent].due_ns <= deadline.due_ns)
			break;
		place(deadlines, at, deadlines->heap[parent]);
		at = parent;
	}
	place(deadlines, at, deadline);
}

static uint32_t earliest_child(const struct deadlines *deadlines, uint32_t at)
{
	uint32_t first = at * CHILDREN + 1;
	uint32_t end = first + CHILDREN < deadlines->count ? first + CHILDREN : deadlines->count;
	uint32_t best = first;
	for (uint32_t child = first + 1; child < end; child++)
		if (deadlines->heap[child].due_ns < deadlines->heap[best].due_ns)
			best = child;
	return best;
}

static void sift_down(struct deadlines *deadlines, uint32_t at, struct deadline deadline)
{
	while (at * CHILDREN + 1 < deadlines->count) {
		uint32_t child = earliest_child(deadlines, at);
		if (deadlines->heap[child].due_ns >= deadline.due_ns)
			break;
		place(deadlines, at, deadlines->heap[child]);
		at = child;
	}
	place(deadlines, at, deadline);
}

static void put(struct deadlines *deadlines, uint32_t at, struct deadline deadline)
{
	if (at > 0 && deadlines->heap[(at - 1) / CHILDREN].due_ns > deadline.due_ns)
		sift_up(deadlines, at, deadline);
	else
		sift_down(deadlines, at, deadline);
}

static void take_out(struct deadlines *deadlines, uint32_t at)
{
	deadlines->position[deadlines->heap[at].thing] = 0;
	struct deadline last = deadlines->heap[--deadlines->count];
	if (at < deadlines->count)
		put(deadlines, at, last);
}

void deadlines_set(struct deadlines *deadlines, uint32_t thing, uint64_t due_ns)
{
	uint32_t position = deadlines->position[thing];
	if (due_ns == DEADLINE_NEVER) {
		if (position)
			take_out(deadlines, position - 1);
		return;
	}
	struct deadline deadline = { due_ns, thing };
	if (!position)
		sift_up(deadlines, deadlines->count++, deadline);
	else if (deadlines->heap[position - 1].due_ns != due_ns)
		put(deadlines, position - 1, deadline);
}

void deadlines_set_by(struct deadlines *deadlines, uint32_t thing, uint64_t due_ns)
{
	uint32_t position = deadlines->position[thing];
	if (!position || deadlines->heap[position - 1].due_ns > due_ns)
		deadlines_set(deadlines, thing, due_ns);
}

bool deadlines_take_due(struct deadlines *deadlines, uint64_t now_ns, uint32_t *thing)
{
	if (deadlines_first(deadlines) > now_ns || !deadlines->count)
		return false;
	*thing = deadlines->heap[0].thing;
	take_out(deadlines, 0);
	return true;
}
