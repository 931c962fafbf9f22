/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Simulations from any seed. SIPALG_SEEDS=N plays that many, SIPALG_SEED=N only that one; SIPALG_SEED=N with
 * SIPALG_SEEDS=M plays M from N on. SIPALG_TRACE=1 prints all that
 * happens. */
#include "simulation.h"

#include <inttypes.h>

enum { SEEDS = 3 };

static uint64_t number_from(const char *variable, uint64_t otherwise)
{
	const char *text = getenv(variable);
	return text ? strtoull(text, NULL, 10) : otherwise;
}

static void simulations_hold(void **state)
{
	struct simulation *simulation = *state;
	uint64_t first = number_from("SIPALG_SEED", 1);
	uint64_t count = number_from("SIPALG_SEEDS", getenv("SIPALG_SEED") ? 1 : SEEDS);
	uint64_t answered = 0, talks = 0, messages = 0, restarts = 0, readdressed = 0;
	for (uint64_t seed = first; seed < first + count; seed++) {
		simulation_open(simulation, seed);
		simulation_play(simulation);
		simulation_close(simulation);
		answered += simulation->answered;
		talks += simulation->talks;
		messages += simulation->messages;
		restarts += simulation->restarts;
		readdressed += simulation->readdressed;
	}
	print_message("%" PRIu64 " seeds: %" PRIu64 " messages, %" PRIu64 " answered calls, %" PRIu64
	              " checks of audio, %" PRIu64 " restarts, %" PRIu64 " changes of address\n",
	              count, messages, answered, talks, restarts, readdressed);
	assert_true(talks > 100 * count);
}

static int open_all(void **state)
{
	*state = calloc(1, sizeof(struct simulation));
	return *state ? 0 : -1;
}

/* A test that has failed never came to close what it played. */
static int close_all(void **state)
{
	struct simulation *simulation = *state;
	if (simulation->is_played) {
		notes_print(simulation);
		simulation_close(simulation);
	}
	free(simulation);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(simulations_hold, open_all, close_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
