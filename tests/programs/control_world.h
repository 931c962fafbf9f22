/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A daemon without packets, and clients that ask it: what the tests of the control socket share. */
#ifndef TESTS_CONTROL_WORLD_H
#define TESTS_CONTROL_WORLD_H

#include "daemon/control.h"

#include "cmocka_all.h"
#include "fake_engine.h"

/* Their own for each process, so that tests may run side by side. */
extern char socket_path[40], state_path[40];

struct world {
	struct sipalg_engine engine;
	struct settings settings;
	struct switches switches, applied;
	struct journal *journal;
	struct control *control;
	int applications; /* calls of apply_switches() */
	bool refuses;     /* what it returns */
	uint64_t now_ns;
};

int world_create(void **state);
int world_destroy(void **state);

struct control_hooks hooks_of(struct world *world);

/* ---- Clients that never block ---- */

/* A connection. */
int knock(void);

void tell(int descriptor, const char *text);

/* Reads until the daemon ends the talk; what was read belongs to the caller. */
char *hear(struct world *world, int descriptor);

char *ask(struct world *world, const char *request);

/* Asks, and fails when the answer does not hold what is expected. */
void assert_says(struct world *world, const char *request, const char *expected);

size_t count_lines(const char *text);

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, world_create, world_destroy)

#endif
