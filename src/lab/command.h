/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Other programs, run in a network namespace. */
#ifndef LAB_COMMAND_H
#define LAB_COMMAND_H

#include "lab/store.h"

#include <sys/types.h>

/* What a program printed, and how it ended. */
struct outcome {
	int status; /* exit status; 127: could not be started, 128 and more: killed by a signal */
	struct bytes output;
};

/* Runs the program in the namespace (a file descriptor), `input` on its standard input, and waits for it. */
struct outcome command_run(struct store *store, int namespace, const char *const *arguments, const char *input);

/* Starts the program in the namespace; it dies with this process. Its output can be read from *output. -1: failed. */
pid_t command_start(int namespace, const char *const *arguments, int *output);

/* Waits for the process to end, at most so long. False: it runs still. */
bool command_await(pid_t process, uint32_t wait_ms, int *status);

#endif
