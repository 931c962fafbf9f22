/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cells of the table, scenario by router, each played by a process of its own, several at a time. */
#ifndef LAB_CELLS_H
#define LAB_CELLS_H

#include "lab/world.h"

#include <sys/types.h>

enum cell_result {
	CELL_NOT_PLAYED = 0,
	CELL_PASSED,
	CELL_FAILED,
	CELL_UNAVAILABLE, /* this machine cannot build such a router */
};

struct cell {
	const struct scenario *scenario;
	enum router router;
	bool modelled; /* by the engine and a model of NAT, on a clock of its own */
	enum cell_result result;
	const char *reason; /* of a failure */
	struct bytes trace;
	uint32_t duration_ms;
	pid_t process;
	int output;
};

struct cells {
	struct cell *list;
	size_t count;
	size_t jobs;         /* how many at a time */
	const char *program; /* sipalg */
	void (*progress)(const struct cells *cells, size_t done);
};

/* Plays all cells; those that wait longest begin. */
void cells_play(struct store *store, struct cells *cells);

#endif
