/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the commands that ask the daemon have in common: --json, --socket, --help and at most one argument. */
#ifndef PROGRAMS_ASKING_H
#define PROGRAMS_ASKING_H

#include "programs/client.h"

struct asking {
	bool json;
	const char *argument; /* NULL: none */
	const char *socket;
	char socket_room[128];
};

/* Reads the arguments. False: the command is done already, with *code. */
bool asking_begin(struct asking *asking, const struct invocation *invocation, int argc, char **argv, int *code);

#endif
