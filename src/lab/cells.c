/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/cells.h"
#include "lab/player.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	LIMIT_S = 90, /* beyond the scenario's own waits */
	STATUS_FAILED = 1,
	STATUS_UNAVAILABLE = 3,
};

static uint32_t milliseconds_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint32_t)((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
}

static const char *world_open(struct store *store, const struct cell *cell, const char *program, FILE *trace,
                              struct world **world)
{
	if (cell->modelled)
		return world_engine_open(store, cell->scenario, cell->router, world);
	return world_kernel_open(store, cell->scenario, cell->router, program, trace, world);
}

/* In a process of its own: plays the cell, writes the trace and, behind a zero byte, the reason. */
static int cell_perform(const struct cell *cell, const char *program, FILE *output)
{
	struct store store = { 0 };
	struct world *world = NULL;
	int status = 0;
	const char *wrong = world_open(&store, cell, program, output, &world);
	if (wrong) {
		status = cell->router == ROUTER_SIPALG ? STATUS_FAILED : STATUS_UNAVAILABLE;
	} else {
		wrong = player_play(&store, cell->scenario, world, output);
		const char *left = world->operations->close(world);
		if (wrong && left)
			wrong = store_format(&store, "%s; %s", wrong, left);
		wrong = wrong ? wrong : left;
		status = wrong ? STATUS_FAILED : 0;
	}
	fprintf(output, "%c%s", '\0', wrong ? wrong : "");
	fclose(output);
	store_release(&store);
	return status;
}

static void cell_start(struct cell *cell, const char *program)
{
	cell->output = memfd_create("output", MFD_CLOEXEC);
	cell->duration_ms = milliseconds_now();
	fflush(NULL);
	cell->process = fork();
	if (cell->process != 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(LIMIT_S + cell->scenario->wait_ms / 1000);
	FILE *output = fdopen(cell->output, "w");
	_exit(output ? cell_perform(cell, program, output) : STATUS_UNAVAILABLE);
}

static void cell_finish(struct store *store, struct cell *cell, int status)
{
	struct bytes output = bytes_of_file(store, cell->output);
	close(cell->output);
	size_t end = bytes_find(output, 0, (struct bytes){ "", 1 });
	cell->duration_ms = milliseconds_now() - cell->duration_ms;
	cell->trace = (struct bytes){ output.start, end };
	cell->reason = end < output.length ? output.start + end + 1 : "the lab's own process ended too early";
	cell->process = 0;
	if (!WIFEXITED(status)) {
		cell->result = CELL_FAILED;
		cell->reason = WTERMSIG(status) == SIGALRM ? "took too long"
		                                           : store_format(store, "the lab's own process died: %s",
		                                                          strsignal(WTERMSIG(status)));
	} else if (WEXITSTATUS(status) == 0) {
		cell->result = CELL_PASSED;
	} else {
		cell->result = WEXITSTATUS(status) == STATUS_FAILED ? CELL_FAILED : CELL_UNAVAILABLE;
	}
}

static struct cell *cell_of(struct cells *cells, pid_t process)
{
	for (size_t i = 0; i < cells->count; i++)
		if (cells->list[i].process == process)
			return &cells->list[i];
	return NULL;
}

static int slower_first(const void *left, const void *right)
{
	const struct cell *const *a = left, *const *b = right;
	uint32_t left_ms = (*a)->modelled ? 0 : (*a)->scenario->wait_ms;
	uint32_t right_ms = (*b)->modelled ? 0 : (*b)->scenario->wait_ms;
	if (left_ms != right_ms)
		return left_ms > right_ms ? -1 : 1;
	return *a < *b ? -1 : *a > *b;
}

void cells_play(struct store *store, struct cells *cells)
{
	struct cell **order = store_take(store, (cells->count + 1) * sizeof(struct cell *));
	size_t started = 0, done = 0;
	for (size_t i = 0; i < cells->count; i++)
		order[i] = &cells->list[i];
	qsort(order, cells->count, sizeof(struct cell *), slower_first);
	while (done < cells->count) {
		int status;
		while (started < cells->count && started - done < cells->jobs)
			cell_start(order[started++], cells->program);
		pid_t process = waitpid(-1, &status, 0);
		if (process < 0 && errno != EINTR)
			return;
		struct cell *cell = process > 0 ? cell_of(cells, process) : NULL;
		if (!cell)
			continue;
		cell_finish(store, cell, status);
		cells->progress(cells, ++done);
	}
}
