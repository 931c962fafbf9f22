/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole histories from any seed. The harness holds every message and command against what the engine promises; here
 * the seeds are chosen. SIPALG_SEEDS=N plays that many instead, SIPALG_SEED=N only that one. */
#include "world.h"

enum { SEEDS = 2000, STEPS = 120 };

static uint64_t number_from(const char *variable, uint64_t otherwise)
{
	const char *text = getenv(variable);
	return text ? strtoull(text, NULL, 10) : otherwise;
}

static size_t play(uint64_t seed, enum world_network network, bool has_garbage,
                   void (*change)(sipalg_settings *settings), bool is_cramped)
{
	static struct world world;
	world_open(&world, seed, network, has_garbage, change);
	world.harness.allows_early_port = is_cramped;
	for (size_t step = 0; step < STEPS; step++)
		world_step(&world);
	harness_wait_for_the_end(&world.harness);
	size_t echoes = world.echoes;
	world_close(&world);
	return echoes;
}

static size_t play_all(enum world_network network, bool has_garbage, void (*change)(sipalg_settings *settings),
                       bool is_cramped, uint64_t count)
{
	uint64_t first = number_from("SIPALG_SEED", 0), echoes = 0;
	if (first)
		return play(first, network, has_garbage, change, is_cramped);
	for (uint64_t seed = 1; seed <= number_from("SIPALG_SEEDS", count); seed++)
		echoes += play(seed, network, has_garbage, change, is_cramped);
	return echoes;
}

static void histories_hold(void **state)
{
	(void)state;
	assert_true(play_all(WORLD_NAT, false, NULL, false, SEEDS) > 0);
}

static void histories_hold_in_any_network(void **state)
{
	(void)state;
	for (int network = WORLD_NAT + 1; network < WORLD_NETWORK_COUNT; network++)
		assert_true(play_all((enum world_network)network, false, NULL, false, SEEDS / 5) > 0);
}

static void histories_with_garbage_hold(void **state)
{
	(void)state;
	for (int network = 0; network < WORLD_NETWORK_COUNT; network++)
		(void)play_all((enum world_network)network, true, NULL, false, network ? SEEDS / 10 : SEEDS / 2);
}

static void make_small(sipalg_settings *settings)
{
	settings->bindings_max = 12;
	settings->calls_max = 4;
	settings->registrations_max = 3;
	settings->host_bindings_max = 8;
}

static void make_few_ports(sipalg_settings *settings)
{
	settings->port_min = 5060;
	settings->port_max = 5075;
	settings->media_idle_s = 60;
}

/* Without room messages pass unchanged, so that what comes back is not what the phone wrote; all else holds. */
static void histories_without_room_hold(void **state)
{
	(void)state;
	for (int network = 0; network < WORLD_NETWORK_COUNT; network++) {
		uint64_t seeds = network ? SEEDS / 20 : SEEDS / 4;
		(void)play_all((enum world_network)network, true, make_small, true, seeds);
		(void)play_all((enum world_network)network, true, make_few_ports, false, seeds);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(histories_hold),
		cmocka_unit_test(histories_hold_in_any_network),
		cmocka_unit_test(histories_with_garbage_hold),
		cmocka_unit_test(histories_without_room_hold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
