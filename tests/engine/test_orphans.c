/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an earlier process has left in the plane. */
#include "track.h"

static struct track track;

static int setup(void **state)
{
	(void)state;
	track_open(&track, 64);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	track_close(&track);
	return 0;
}

static void a_restored_binding_is_open_already(void **state)
{
	(void)state;
	struct bind_wish wish = wish_for(2, 8000);
	wish.port = 9001;
	wish.port_only = true;
	uint32_t slot = bindings_restore(&track.bindings, track.now_ns, &wish, 300);
	assert_int_not_equal(slot, 0);
	assert_int_equal(track.bindings.list[slot].outside.port, 9001);
	track_wait(&track, 1);
	assert_int_equal(track.commands.count, 0);
	assert_int_equal(bindings_restore(&track.bindings, track.now_ns, &wish, 300), 0);
	wish.inside.port = 7000;
	assert_int_equal(bindings_restore(&track.bindings, track.now_ns, &wish, 300), 0);
	wish.port = 80; /* never below the range */
	assert_int_equal(bindings_restore(&track.bindings, track.now_ns, &wish, 300), 0);
	track_wait(&track, 298 - BINDING_ASK_S);
	assert_int_equal(track.commands.count, 0);
	track_wait(&track, 2);
	assert_int_equal(track_commands(&track, SIPALG_COMMAND_ASK_TRAFFIC, NULL), 1);
	track_wait(&track, BINDING_ASK_S + 1);
	assert_int_equal(track_commands(&track, SIPALG_COMMAND_CLOSE, NULL), 1);
	assert_int_equal(track.bindings.opened, track.bindings.closed);
}

/* A call was set up just before the process died, and nothing else tells of it. */
static void restored_media_live_as_long_as_they_flow(void **state)
{
	(void)state;
	struct bind_wish wish = wish_for(2, 8000);
	uint32_t slot = bindings_restore(&track.bindings, track.now_ns, &wish, 900);
	for (int look = 0; look < 10; look++) {
		track_wait(&track, SIPALG_MEDIA_IDLE_S);
		assert_int_equal(track_commands(&track, SIPALG_COMMAND_ASK_TRAFFIC, NULL), 1);
		track.bindings.list[slot].heard_s = seconds_rounded_up(track.now_ns);
		track_wait(&track, BINDING_ASK_S);
		assert_int_equal(track_commands(&track, SIPALG_COMMAND_CLOSE, NULL), 0);
		assert_true(track.bindings.list[slot].leased_until_s > track.now_ns / SIPALG_SECOND_NS);
	}
	track_wait(&track, SIPALG_MEDIA_IDLE_S + BINDING_ASK_S + 1);
	assert_int_equal(track_commands(&track, SIPALG_COMMAND_CLOSE, NULL), 1);
}

static void restored_media_are_let_go_after_a_day(void **state)
{
	(void)state;
	struct bind_wish wish = wish_for(2, 8000);
	sipalg_command last;
	uint32_t slot = bindings_restore(&track.bindings, track.now_ns, &wish, 900);
	uint64_t begun_ns = track.now_ns, day_ns = seconds_ns(SIPALG_WORDLESS_MAX_S);
	while (track.now_ns < begun_ns + day_ns) {
		track.bindings.list[slot].heard_s = seconds_rounded_up(track.now_ns);
		track_wait(&track, 5);
	}
	assert_int_equal(track_commands(&track, SIPALG_COMMAND_CLOSE, NULL), 0);
	track_wait(&track, SIPALG_MEDIA_IDLE_S + BINDING_ASK_S + 1);
	assert_int_equal(track_commands(&track, SIPALG_COMMAND_CLOSE, &last), 1);
	assert_true(last.keep_flows);
}

/* When a registration ends nobody knows either, but it is quiet by nature: it has its lease. */
static void restored_signalling_has_its_lease(void **state)
{
	(void)state;
	struct bind_wish wish = wish_for(2, 5060);
	wish.is_signalling = true;
	assert_int_not_equal(bindings_restore(&track.bindings, track.now_ns, &wish, 3000), 0);
	track_wait(&track, 2999);
	assert_int_equal(track.commands.count, 0);
	track_wait(&track, 2);
	assert_int_equal(track_commands(&track, SIPALG_COMMAND_CLOSE, NULL), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_restored_binding_is_open_already, setup, teardown),
		cmocka_unit_test_setup_teardown(restored_media_live_as_long_as_they_flow, setup, teardown),
		cmocka_unit_test_setup_teardown(restored_media_are_let_go_after_a_day, setup, teardown),
		cmocka_unit_test_setup_teardown(restored_signalling_has_its_lease, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
