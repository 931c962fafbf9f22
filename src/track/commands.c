/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "track/commands.h"

#include "base/check.h"

void commands_lay_out(struct commands *commands, struct arena *arena)
{
	commands->ring = arena_take(arena, SIPALG_COMMANDS_MAX, sizeof(*commands->ring));
}

sipalg_command *commands_add(struct commands *commands, enum sipalg_command_kind kind)
{
	check(commands->count < SIPALG_COMMANDS_MAX);
	sipalg_command *command = &commands->ring[(commands->first + commands->count++) % SIPALG_COMMANDS_MAX];
	command->number = ++commands->last_number;
	command->kind = kind;
	command->keep_flows = false;
	command->lease_s = 0;
	command->peer = (sipalg_endpoint){ 0 };
	return command;
}

bool commands_take(struct commands *commands, sipalg_command *command)
{
	if (!commands->count)
		return false;
	*command = commands->ring[commands->first];
	commands->first = (commands->first + 1) % SIPALG_COMMANDS_MAX;
	commands->count--;
	return true;
}
