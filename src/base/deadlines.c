/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/deadlines.h"

enum { CHILDREN = 4 };

void deadlines_lay_out(struct deadlines *deadlines, struct arena *arena, uint32_t things)
{
	deadlines->due_ns = arena_take(arena, things, sizeof(*deadlines->due_ns));
	deadlines->things = arena_take(arena, things, sizeof(*deadlines->things));
	deadlines->position = arena_take(arena, things, sizeof(*deadlines->position));
}

static inline void place(struct deadlines *deadlines, uint32_t at, uint64_t due_ns, uint32_t thing)
{
	deadlines->due_ns[at] = due_ns;
	deadlines->things[at] = thing;
	deadlines->position[thing] = at + 1;
}

static inline void move(struct deadlines *deadlines, uint32_t from, uint32_t to)
{
	place(deadlines, to, deadlines->due_ns[from], deadlines->things[from]);
}

static void sift_up(struct deadlines *deadlines, uint32_t at, uint64_t due_ns, uint32_t thing)
{
	while (at > 0) {
		uint32_t parent = (at - 1) / CHILDREN;
		if (deadlines->due_ns[parent] <= due_ns)
			break;
		move(deadlines, parent, at);
		at = parent;
	}
	place(deadlines, at, due_ns, thing);
}

static uint32_t earliest_child(const struct deadlines *deadlines, uint32_t at)
{
	uint32_t first = at * CHILDREN + 1;
	uint32_t end = first + CHILDREN < deadlines->count ? first + CHILDREN : deadlines->count;
	uint32_t best = first;
	for (uint32_t child = first + 1; child < end; child++)
		if (deadlines->due_ns[child] < deadlines->due_ns[best])
			best = child;
	return best;
}

static void sift_down(struct deadlines *deadlines, uint32_t at, uint64_t due_ns, uint32_t thing)
{
	while (at * CHILDREN + 1 < deadlines->count) {
		uint32_t child = earliest_child(deadlines, at);
		if (deadlines->due_ns[child] >= due_ns)
			break;
		move(deadlines, child, at);
		at = child;
	}
	place(deadlines, at, due_ns, thing);
}

static void put(struct deadlines *deadlines, uint32_t at, uint64_t due_ns, uint32_t thing)
{
	if (at > 0 && deadlines->due_ns[(at - 1) / CHILDREN] > due_ns)
		sift_up(deadlines, at, due_ns, thing);
	else
		sift_down(deadlines, at, due_ns, thing);
}

static void take_out(struct deadlines *deadlines, uint32_t at)
{
	deadlines->position[deadlines->things[at]] = 0;
	uint32_t last = --deadlines->count;
	if (at < last)
		put(deadlines, at, deadlines->due_ns[last], deadlines->things[last]);
}

void deadlines_set(struct deadlines *deadlines, uint32_t thing, uint64_t due_ns)
{
	uint32_t position = deadlines->position[thing];
	if (due_ns == DEADLINE_NEVER) {
		if (position)
			take_out(deadlines, position - 1);
		return;
	}
	if (!position)
		sift_up(deadlines, deadlines->count++, due_ns, thing);
	else if (deadlines->due_ns[position - 1] != due_ns)
		put(deadlines, position - 1, due_ns, thing);
}

void deadlines_set_by(struct deadlines *deadlines, uint32_t thing, uint64_t due_ns)
{
	uint32_t position = deadlines->position[thing];
	if (!position || deadlines->due_ns[position - 1] > due_ns)
		deadlines_set(deadlines, thing, due_ns);
}

bool deadlines_take_due(struct deadlines *deadlines, uint64_t now_ns, uint32_t *thing)
{
	if (deadlines_first(deadlines) > now_ns || !deadlines->count)
		return false;
	*thing = deadlines->things[0];
	take_out(deadlines, 0);
	return true;
}
