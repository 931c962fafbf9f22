/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "track.h"

static struct track track;
static uint32_t binding;
static const uint64_t key = 3;

static int setup(void **state)
{
	(void)state;
	track_open(&track, 8);
	struct bind_wish wish = wish_for(2, 5060);
	wish.is_signalling = true;
	binding = track_take(&track, &wish);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	track_close(&track);
	return 0;
}

static uint32_t request(uint64_t of, uint32_t requested_s)
{
	return registrations_request(&track.registrations, track.now_ns, REGISTRATION_CONTACT, of, binding, requested_s,
	                             TEXT("sip:a@x"));
}

static void grant(uint32_t slot, uint32_t granted_s)
{
	registrations_grant(&track.registrations, track.now_ns, slot, granted_s);
}

static uint32_t owners(void)
{
	return track.bindings.list[binding].owners;
}

static void a_request_lives_for_a_transaction(void **state)
{
	(void)state;
	uint32_t slot = request(key, 3600);
	assert_int_not_equal(slot, 0);
	assert_int_equal(owners(), 1);
	assert_false(track.registrations.list[slot].is_granted);
	track_wait(&track, SIPALG_TRANSACTION_S - 1);
	assert_int_equal(registrations_first(&track.registrations, key), slot);
	track_wait(&track, 2);
	assert_int_equal(registrations_first(&track.registrations, key), 0);
	assert_int_equal(owners(), 0);
}

static void a_grant_lives_as_long_and_a_grace(void **state)
{
	(void)state;
	uint32_t slot = request(key, 3600);
	grant(slot, 100);
	assert_true(track.registrations.list[slot].is_granted);
	assert_int_equal(track.bindings.list[binding].owned_until_s,
	                 seconds_rounded_up(track.registrations.list[slot].deadline_ns));
	track_wait(&track, 100 + SIPALG_GRACE_S - 1);
	assert_int_equal(owners(), 1);
	track_wait(&track, 2);
	assert_int_equal(owners(), 0);
	assert_int_equal(track.registrations.granted, 1);
}

static void asking_again_does_not_shorten(void **state)
{
	(void)state;
	uint32_t slot = request(key, 3600);
	grant(slot, 1000);
	track_wait(&track, 10);
	assert_int_equal(request(key, 3600), slot);
	assert_int_equal(request(key, 0), slot); /* … not even to remove it: the registrar decides */
	assert_int_equal(owners(), 1);
	track_wait(&track, 900);
	assert_int_equal(owners(), 1);
	grant(slot, 50); /* a grant may */
	track_wait(&track, 50 + SIPALG_GRACE_S + 1);
	assert_int_equal(owners(), 0);
	assert_int_equal(track.registrations.granted, 1);
}

/* Near its end a refresh has the time of its transaction. */
static void a_refresh_has_its_time(void **state)
{
	(void)state;
	uint32_t slot = request(key, 3600);
	grant(slot, 100);
	track_wait(&track, 100 + SIPALG_GRACE_S - 2);
	assert_int_equal(request(key, 3600), slot);
	track_wait(&track, SIPALG_TRANSACTION_S - 1);
	assert_int_equal(owners(), 1);
	grant(slot, 100);
	track_wait(&track, 100);
	assert_int_equal(owners(), 1);
}

static void nothing_to_end_is_no_registration(void **state)
{
	(void)state;
	assert_int_equal(request(key, 0), 0);
	assert_int_equal(track.registrations.pool.used, 0);
	assert_int_equal(owners(), 0);
}

static void grants_have_a_longest(void **state)
{
	(void)state;
	uint32_t slot = request(key, UINT32_MAX);
	grant(slot, UINT32_MAX);
	assert_int_equal(track.registrations.list[slot].deadline_ns,
	                 track.now_ns + seconds_ns(SIPALG_REGISTRATION_MAX_S + SIPALG_GRACE_S));
}

static void keys_are_told_apart(void **state)
{
	(void)state;
	uint32_t slots[8];
	for (uint32_t i = 0; i < 8; i++) {
		uint64_t other = in_chain(i / 2); /* one chain; two bindings of each key */
		struct bind_wish wish = wish_for(3, (uint16_t)(6000 + i));
		if (i < 7)
			binding = track_take(&track, &wish);
		slots[i] = request(other, 60);
		assert_true(i == 7 || slots[i]);
	}
	for (uint32_t i = 0; i < 3; i++) {
		uint64_t other = in_chain(i);
		uint32_t first = registrations_first(&track.registrations, other);
		uint32_t second = registrations_next(&track.registrations, first);
		assert_true((first == slots[2 * i] && second == slots[2 * i + 1]) ||
		            (first == slots[2 * i + 1] && second == slots[2 * i]));
		assert_int_equal(registrations_next(&track.registrations, second), 0);
	}
}

static void the_table_may_be_full(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 8; i++) {
		uint64_t other = in_chain(i);
		assert_int_not_equal(request(other, 60), 0);
	}
	assert_int_equal(owners(), 8);
	uint64_t one_more = in_chain(9);
	assert_int_equal(request(one_more, 60), 0);
	assert_int_equal(owners(), 8);
	registrations_end(&track.registrations, track.now_ns, 5);
	assert_int_equal(request(one_more, 60), 5);
}

static void doom_is_at_once(void **state)
{
	(void)state;
	uint32_t slot = request(key, 3600);
	grant(slot, 3600);
	registrations_doom(&track.registrations, slot);
	assert_int_equal(owners(), 1);
	track_wait(&track, 0);
	assert_int_equal(owners(), 0);
	assert_int_equal(track.registrations.pool.used, 0);
}

int main(void)
{
#define REGISTRATION_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		REGISTRATION_TEST(a_request_lives_for_a_transaction),
		REGISTRATION_TEST(a_grant_lives_as_long_and_a_grace),
		REGISTRATION_TEST(asking_again_does_not_shorten),
		REGISTRATION_TEST(a_refresh_has_its_time),
		REGISTRATION_TEST(nothing_to_end_is_no_registration),
		REGISTRATION_TEST(grants_have_a_longest),
		REGISTRATION_TEST(keys_are_told_apart),
		REGISTRATION_TEST(the_table_may_be_full),
		REGISTRATION_TEST(doom_is_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
