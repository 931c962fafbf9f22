/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of src/track without an engine around them, and chance. */
#ifndef TESTS_ENGINE_TRACK_H
#define TESTS_ENGINE_TRACK_H

#include "../unit/support.h"

#include "track/calls.h"
#include "track/forms.h"
#include "track/registrations.h"

struct track {
	void *memory;
	uint64_t now_ns;
	struct hash_key key;
	struct commands commands;
	struct deadlines deadlines;
	struct bindings bindings;
	struct registrations registrations;
	struct calls calls;
	struct forms forms;
};

/* For `capacity` of everything; host limit and port range may be changed afterwards. */
void track_open(struct track *track, uint32_t capacity);
void track_close(struct track *track);

/* Time passes: whatever is due happens when it is due. */
void track_wait(struct track *track, uint64_t seconds);

/* Takes all commands; how many of that kind there were. The last of them goes to *last (which may be NULL). */
size_t track_commands(struct track *track, enum sipalg_command_kind kind, sipalg_command *last);

/* A wish for media of 192.168.1.`host`. */
struct bind_wish wish_for(unsigned host, uint16_t port);

/* A binding that must be had. */
uint32_t track_take(struct track *track, const struct bind_wish *wish);

/* Memory from the heap, zeroed, aligned; free() it. */
void *arena_open(struct arena *arena, size_t size);

/* splitmix64 */
uint64_t draw(uint64_t *state);

/* Hashes that all fall into one chain of a table. */
static inline uint64_t in_chain(uint64_t number)
{
	return 3 + (number << 32);
}

static inline uint64_t seconds_ns(uint64_t seconds)
{
	return seconds * SIPALG_SECOND_NS;
}

#endif
