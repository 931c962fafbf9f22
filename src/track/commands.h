/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The queue of commands to the plane. */
#ifndef TRACK_COMMANDS_H
#define TRACK_COMMANDS_H

#include "base/arena.h"
#include "sipalg/engine.h"

struct commands {
	uint64_t last_number;
	uint32_t first, count;
	sipalg_command *ring; /* SIPALG_COMMANDS_MAX */
};

void commands_lay_out(struct commands *commands, struct arena *arena);

/* A new command at the end of the queue, numbered, without lease and peer; what it is about is for the caller to say.
 * The caller of the engine takes all commands after each call, so there is room unless that contract is broken. */
sipalg_command *commands_add(struct commands *commands, enum sipalg_command_kind kind);

SIPALG_MUST_USE
bool commands_take(struct commands *commands, sipalg_command *command);

/* True while there is room for whatever one message or one deadline may give. */
static inline bool commands_has_room(const struct commands *commands)
{
	return commands->count < SIPALG_COMMANDS_MAX / 2;
}

#endif
