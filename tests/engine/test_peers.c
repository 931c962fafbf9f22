/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which servers a signalling binding admits when there are more than it has room for. */
#include "track.h"

static struct track track;

static int setup(void **state)
{
	(void)state;
	track_open(&track, 32);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	track_close(&track);
	return 0;
}

/* With too many, the one that was spoken to longest ago gives way: a server in use is never locked out by others. */
static void the_peer_longest_unused_gives_way(void **state)
{
	(void)state;
	sipalg_command last;
	struct bind_wish wish = wish_for(2, 5060);
	wish.is_signalling = true;
	uint32_t slot = track_take(&track, &wish);
	bindings_settle(&track.bindings, slot, track.now_ns);
	sipalg_address peers[SIPALG_PEERS_MAX + 2];
	for (uint32_t i = 0; i < SIPALG_PEERS_MAX + 2; i++)
		peers[i] = sipalg_address_from_ipv4(0xc6336400 + i);
	for (uint32_t i = 0; i < SIPALG_PEERS_MAX; i++)
		assert_true(bindings_admit(&track.bindings, slot, track.now_ns, &peers[i]));
	assert_true(bindings_admit(&track.bindings, slot, track.now_ns, &peers[0])); /* used again */
	assert_int_equal(track_commands(&track, SIPALG_COMMAND_DISMISS, NULL), 0);
	for (uint32_t i = SIPALG_PEERS_MAX; i < SIPALG_PEERS_MAX + 2; i++) {
		assert_true(bindings_admit(&track.bindings, slot, track.now_ns, &peers[i]));
		assert_int_equal(track_commands(&track, SIPALG_COMMAND_DISMISS, &last), 1);
		assert_true(sipalg_address_equal(&last.peer.address, &peers[i - SIPALG_PEERS_MAX + 1]));
	}
	assert_int_equal(track.bindings.list[slot].peer_count, SIPALG_PEERS_MAX);
	assert_int_equal(track.bindings.peer_pool.used, SIPALG_PEERS_MAX);
	assert_int_equal(track.bindings.peers_dismissed, 2);
}

/* A binding may spend what it has when the table is full; one that has nothing is refused, and counted. */
static void a_full_table_of_peers_refuses(void **state)
{
	(void)state;
	struct bind_wish wish = wish_for(2, 5060), other = wish_for(3, 5060);
	wish.is_signalling = other.is_signalling = true;
	uint32_t slot = track_take(&track, &wish), poor = track_take(&track, &other);
	track.bindings.peer_pool.capacity = 1;
	for (uint32_t i = 0; i < 3; i++) {
		sipalg_address peer = sipalg_address_from_ipv4(0xc6336400 + i);
		assert_true(bindings_admit(&track.bindings, slot, track.now_ns, &peer));
		assert_false(bindings_admit(&track.bindings, poor, track.now_ns, &peer));
		assert_int_equal(track.bindings.list[slot].peer_count, 1);
		assert_int_equal(track.bindings.peers_refused, i + 1);
	}
	assert_int_equal(track.bindings.peers_dismissed, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_peer_longest_unused_gives_way, setup, teardown),
		cmocka_unit_test_setup_teardown(a_full_table_of_peers_refuses, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
