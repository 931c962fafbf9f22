/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "track.h"

static struct track track;
static struct binding *binding;

static int setup(void **state)
{
	(void)state;
	track_open(&track, 16);
	struct bind_wish wish = wish_for(2, 5060);
	binding = &track.bindings.list[track_take(&track, &wish)];
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	track_close(&track);
	return 0;
}

static void note(enum form_place place, const char *scope, enum written_form form)
{
	forms_note(&track.forms, &track.key, binding, place, text_of(scope), (struct writing){ .form = (uint8_t)form });
}

static enum written_form recall(enum form_place place, const char *scope)
{
	return (enum written_form)forms_recall(&track.forms, &track.key, binding, place, text_of(scope)).form;
}

static void nothing_is_known_at_first(void **state)
{
	(void)state;
	for (int place = 0; place < FORM_PLACE_COUNT; place++)
		assert_int_equal(recall((enum form_place)place, "x"), FORM_UNKNOWN);
}

static void the_first_is_the_usual_one(void **state)
{
	(void)state;
	note(FORM_VIA, "x", FORM_NO_PORT);
	assert_int_equal(recall(FORM_VIA, "x"), FORM_NO_PORT);
	assert_int_equal(recall(FORM_VIA, "y"), FORM_NO_PORT);
	assert_int_equal(recall(FORM_CONTACT, "x"), FORM_UNKNOWN);
	assert_int_equal(track.forms.noted, 0); /* it takes no room */
}

static void exceptions_are_of_their_scope_and_place(void **state)
{
	(void)state;
	note(FORM_VIA, "x", FORM_NO_PORT);
	note(FORM_CONTACT, "x", FORM_NO_PORT);
	note(FORM_VIA, "y", FORM_PORT);
	assert_int_equal(recall(FORM_VIA, "x"), FORM_NO_PORT);
	assert_int_equal(recall(FORM_VIA, "y"), FORM_PORT);
	assert_int_equal(recall(FORM_CONTACT, "y"), FORM_NO_PORT);
	note(FORM_VIA, "y", FORM_NO_PORT); /* within a scope the latest counts */
	assert_int_equal(recall(FORM_VIA, "y"), FORM_NO_PORT);
}

static void another_binding_has_its_own(void **state)
{
	(void)state;
	note(FORM_VIA, "x", FORM_NO_PORT);
	note(FORM_VIA, "y", FORM_PORT);
	struct bind_wish wish = wish_for(3, 5060);
	binding = &track.bindings.list[track_take(&track, &wish)];
	assert_int_equal(recall(FORM_VIA, "y"), FORM_UNKNOWN);
}

/* What is usual takes no room, so that exceptions stay. */
static void the_usual_pushes_nothing_out(void **state)
{
	(void)state;
	note(FORM_VIA, "usual", FORM_NO_PORT);
	note(FORM_VIA, "exception", FORM_PORT);
	for (unsigned i = 0; i < 10 * FORMS_BUCKETS; i++) {
		char scope[16];
		snprintf(scope, sizeof(scope), "branch%u", i);
		note(FORM_VIA, scope, FORM_NO_PORT);
	}
	assert_int_equal(recall(FORM_VIA, "exception"), FORM_PORT);
}

/* Of two exceptions in a bucket both are kept; the third costs the oldest. */
static void a_bucket_keeps_two(void **state)
{
	(void)state;
	uint64_t bucket = (hash_bytes(&track.key, "0", 1) >> 32) % FORMS_BUCKETS;
	char scopes[3][16] = { "0" };
	unsigned found = 1;
	for (unsigned i = 1; found < 3; i++) {
		snprintf(scopes[found], sizeof(scopes[0]), "%u", i);
		struct text text = text_of(scopes[found]);
		found += (hash_text(&track.key, text) >> 32) % FORMS_BUCKETS == bucket;
	}
	note(FORM_VIA, "usual", FORM_NO_PORT);
	note(FORM_VIA, scopes[0], FORM_PORT);
	note(FORM_VIA, scopes[1], FORM_PORT);
	assert_int_equal(recall(FORM_VIA, scopes[0]), FORM_PORT);
	assert_int_equal(recall(FORM_VIA, scopes[1]), FORM_PORT);
	note(FORM_VIA, scopes[2], FORM_PORT);
	assert_int_equal(recall(FORM_VIA, scopes[0]), FORM_NO_PORT);
	assert_int_equal(recall(FORM_VIA, scopes[1]), FORM_PORT);
	assert_int_equal(recall(FORM_VIA, scopes[2]), FORM_PORT);
}

static void the_latest_registration_counts(void **state)
{
	(void)state;
	note(FORM_CONTACT, "x", FORM_NO_PORT);
	assert_int_equal(recall(FORM_REGISTERED, "any"), FORM_NO_PORT); /* nothing better is known */
	note(FORM_REGISTERED, "x", FORM_PORT);
	assert_int_equal(recall(FORM_REGISTERED, "any"), FORM_PORT);
	assert_int_equal(recall(FORM_CONTACT, "any"), FORM_NO_PORT);
	note(FORM_REGISTERED, "x", FORM_OUTSIDE);
	assert_int_equal(recall(FORM_REGISTERED, "any"), FORM_OUTSIDE);
}

static void a_phone_may_give_up_its_outside_address(void **state)
{
	(void)state;
	note(FORM_CONTACT, "x", FORM_OUTSIDE);
	note(FORM_CONTACT, "y", FORM_PORT);
	assert_int_equal(recall(FORM_CONTACT, "z"), FORM_PORT);
}

int main(void)
{
#define FORM_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		FORM_TEST(nothing_is_known_at_first),
		FORM_TEST(the_first_is_the_usual_one),
		FORM_TEST(exceptions_are_of_their_scope_and_place),
		FORM_TEST(another_binding_has_its_own),
		FORM_TEST(the_usual_pushes_nothing_out),
		FORM_TEST(a_bucket_keeps_two),
		FORM_TEST(the_latest_registration_counts),
		FORM_TEST(a_phone_may_give_up_its_outside_address),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
