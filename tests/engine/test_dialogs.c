/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls, told by whole messages: what holds the bindings of their media until when. */
#include "conversation.h"

/* ---- Calls from inside ---- */

static void an_unanswered_call_is_over_soon(void **state)
{
	(void)state;
	asks("INVITE", 1, "", own(8000));
	assert_true(is_open(8000) && is_open(8001) && is_open(5060));
	harness_wait(plane, SIPALG_TRANSACTION_S + 1);
	assert_false(is_open(8000) || is_open(8001));
	assert_int_equal(sipalg_engine_counters(plane->engine)->calls, 0);
}

static void ringing_may_take_long(void **state)
{
	(void)state;
	asks("INVITE", 1, "", own(8000));
	hears(180, 1, "INVITE", "far", "");
	harness_wait(plane, 600);
	assert_true(is_open(8000));
	hears(180, 1, "INVITE", "far", "");
	harness_wait(plane, 600);
	assert_true(is_open(8000));
	harness_wait(plane, 100);
	assert_false(is_open(8000));
}

static void ringing_may_take_as_long_as_expires_says(void **state)
{
	(void)state;
	char rest[2048];
	snprintf(rest, sizeof(rest), "Expires: 2000\n%s", own(8000));
	asks("INVITE", 1, "", rest);
	hears(180, 1, "INVITE", "far", "");
	harness_wait(plane, 1990);
	assert_true(is_open(8000));
	harness_wait(plane, 20);
	assert_false(is_open(8000));
}

static void final_answers_end_a_call(void **state)
{
	(void)state;
	static const unsigned statuses[] = { 404, 486, 503, 603 };
	for (unsigned i = 0; i < 4; i++) {
		asks("INVITE", i + 1, "", own(8000));
		assert_true(is_open(8000));
		hears(180, i + 1, "INVITE", "far", "");
		hears(statuses[i], i + 1, "INVITE", "far", "");
		assert_false(is_open(8000));
		assert_int_equal(sipalg_engine_counters(plane->engine)->calls, 0);
	}
}

/* Anybody may send there, with what he has read of the call. */
static void nobody_is_heard_at_a_port_for_media(void **state)
{
	(void)state;
	asks("INVITE", 1, "", own(8000));
	phone.port = 8000;
	hears(486, 1, "INVITE", "far", "");
	assert_true(is_open(8000));
	phone.port = 5060;
	hears(486, 1, "INVITE", "far", "");
	assert_false(is_open(8000));
}

/* After these the same call is tried again: its ports stay. */
static void challenges_do_not(void **state)
{
	(void)state;
	static const unsigned statuses[] = { 401, 407, 302, 422, 415 };
	for (unsigned i = 0; i < 5; i++) {
		asks("INVITE", i + 1, "", own(8000));
		hears(statuses[i], i + 1, "INVITE", "far", "");
		assert_true(is_open(8000));
		asks("ACK", i + 1, "far", "");
	}
	assert_int_equal(sipalg_engine_counters(plane->engine)->calls, 1);
	asks("INVITE", 6, "", own(8000));
	hears(200, 6, "INVITE", "far", theirs());
	assert_true(is_open(8000));
	assert_int_equal(harness_count(plane, SIPALG_COMMAND_ENTER_FLOW), 2);
	assert_int_equal(plane->closed, 0);
	harness_wait(plane, 300);
	assert_true(is_open(8000));
}

static void set_up(void)
{
	asks("INVITE", 1, "", own(8000));
	hears(180, 1, "INVITE", "far", "");
	hears(200, 1, "INVITE", "far", theirs());
	asks("ACK", 1, "far", "");
	assert_true(is_open(8000) && is_open(8001));
}

static void a_bye_and_its_answer_end_a_call(void **state)
{
	(void)state;
	set_up();
	harness_wait(plane, 60);
	asks("BYE", 2, "far", "");
	assert_true(is_open(8000)); /* media may be on their way still */
	hears(200, 2, "BYE", "far", "");
	assert_false(is_open(8000) || is_open(8001));
	assert_int_equal(plane->command_count, 2);
	assert_int_equal(harness_count(plane, SIPALG_COMMAND_CLOSE), 2);
}

static void an_unanswered_bye_ends_it_too(void **state)
{
	(void)state;
	set_up();
	is_asked("BYE", 1, true, "");
	assert_true(is_open(8000));
	harness_wait(plane, SIPALG_TRANSACTION_S + 1);
	assert_false(is_open(8000));
}

static void a_challenged_bye_does_not(void **state)
{
	(void)state;
	set_up();
	asks("BYE", 2, "far", "");
	hears(407, 2, "BYE", "far", "");
	assert_true(is_open(8000));
	asks("BYE", 3, "far", "");
	hears(200, 3, "BYE", "far", "");
	assert_false(is_open(8000));
}

static void a_late_answer_does_not_revive_a_call(void **state)
{
	(void)state;
	set_up();
	asks("BYE", 2, "far", "");
	hears(200, 2, "BYE", "far", "");
	hears(200, 1, "INVITE", "far", theirs());
	asks("ACK", 1, "far", "");
	assert_false(is_open(8000));
	assert_int_equal(sipalg_engine_counters(plane->engine)->calls, 0);
}

static void a_cancelled_call_is_over_soon(void **state)
{
	(void)state;
	asks("INVITE", 1, "", own(8000));
	hears(180, 1, "INVITE", "far", "");
	harness_wait(plane, 100);
	asks("CANCEL", 1, "", "");
	hears(200, 1, "CANCEL", "far", "");
	assert_true(is_open(8000));
	harness_wait(plane, SIPALG_TRANSACTION_S + 1);
	assert_false(is_open(8000));
}

static void a_cancelled_call_ends_with_its_487(void **state)
{
	(void)state;
	asks("INVITE", 1, "", own(8000));
	hears(180, 1, "INVITE", "far", "");
	asks("CANCEL", 1, "", "");
	hears(487, 1, "INVITE", "far", "");
	assert_false(is_open(8000));
}

/* A 100 stops the caller's timer: from then on it waits for as long as it takes (RFC 3261 17.1.1.2). */
static void a_call_may_be_tried_for_long(void **state)
{
	(void)state;
	asks("INVITE", 1, "", own(8000));
	hears(100, 1, "INVITE", "", "");
	harness_wait(plane, 200);
	assert_true(is_open(8000) && is_open(5060));
	hears(200, 1, "INVITE", "far", theirs());
	assert_true(is_open(8000));
}

/* The same INVITE again, after it was refused. */
static void a_repeated_invite_does_not_revive_a_call(void **state)
{
	(void)state;
	asks("INVITE", 1, "", own(8000));
	hears(486, 1, "INVITE", "far", "");
	asks("INVITE", 1, "", own(8000));
	assert_int_equal(sipalg_engine_counters(plane->engine)->calls, 0);
	asks("INVITE", 2, "", own(8000));
	assert_int_equal(sipalg_engine_counters(plane->engine)->calls, 1);
}

/* Only who has answered may hang up before the caller knows (RFC 3261 15): the 2xx went by unseen. */
static void the_called_party_hangs_up_unseen(void **state)
{
	(void)state;
	asks("INVITE", 1, "", own(8000));
	hears(180, 1, "INVITE", "far", "");
	is_asked("BYE", 2, true, "");
	answers(200, 2, "BYE", "");
	assert_false(is_open(8000));
}

static void a_100_of_the_phone_is_no_call(void **state)
{
	(void)state;
	is_asked("INVITE", 1, false, theirs());
	answers(100, 1, "INVITE", "");
	assert_int_equal(sipalg_engine_counters(plane->engine)->calls, 0);
}

/* ---- Forking ---- */

static void one_of_two_dialogs_may_end(void **state)
{
	(void)state;
	asks("INVITE", 1, "", own(8000));
	hears(183, 1, "INVITE", "one", theirs());
	hears(183, 1, "INVITE", "two", sdp("198.51.100.10", 40000, ""));
	hears(200, 1, "INVITE", "one", theirs());
	hears(200, 1, "INVITE", "two", sdp("198.51.100.10", 40000, ""));
	asks("BYE", 2, "two", "");
	hears(200, 2, "BYE", "two", "");
	harness_wait(plane, 100);
	assert_true(is_open(8000));
	assert_int_equal(sipalg_engine_counters(plane->engine)->calls, 1);
	asks("BYE", 2, "one", "");
	hears(200, 2, "BYE", "one", "");
	assert_false(is_open(8000));
}

static void an_early_dialog_may_end(void **state)
{
	(void)state;
	asks("INVITE", 1, "", own(8000));
	hears(180, 1, "INVITE", "one", "");
	hears(180, 1, "INVITE", "two", "");
	asks("BYE", 2, "two", "");
	hears(200, 2, "BYE", "two", "");
	harness_wait(plane, 100);
	assert_true(is_open(8000));
	hears(200, 1, "INVITE", "one", theirs());
	harness_wait(plane, 300);
	assert_true(is_open(8000));
}

/* Who rings at two phones inside has two calls, and one hanging up leaves the other alone. */
static void two_phones_answer_one_call(void **state)
{
	(void)state;
	static struct letter letter;
	is_asked("INVITE", 1, false, theirs());
	answers(180, 1, "INVITE", "");
	answers(200, 1, "INVITE", own(8000));
	sipalg_endpoint second = endpoint_of("192.168.1.3", 5060), media = endpoint_of("192.168.1.3", 8000);
	letter_write(&letter,
	             "SIP/2.0 200 R\nVia: SIP/2.0/UDP 198.51.100.1;branch=y1\nFrom: <sip:b@x>;tag=far\n"
	             "To: <sip:a@x>;tag=second\nCall-ID: call\nCSeq: 1 INVITE\nContact: <sip:a@192.168.1.3>\n%s",
	             sdp("192.168.1.3", 8000, ""));
	harness_out(plane, &second, &server, letter_text(&letter));
	assert_int_equal(sipalg_engine_counters(plane->engine)->calls, 2);
	assert_non_null(harness_binding_inside(plane, &media));
	is_asked("BYE", 2, true, "");
	answers(200, 2, "BYE", "");
	assert_false(is_open(8000));
	assert_non_null(harness_binding_inside(plane, &media));
}

/* ---- Calls from outside ---- */

static void a_call_from_outside(void **state)
{
	(void)state;
	registers(1, CONTACT_IN, "Expires: 3600\n");
	is_registered(200, 1, CONTACT_OUT ";expires=3600\n", "");
	is_asked("INVITE", 1, false, theirs());
	answers(180, 1, "INVITE", "");
	harness_wait(plane, 200);
	answers(200, 1, "INVITE", own(8000));
	assert_true(is_open(8000) && is_open(8001));
	assert_int_equal(harness_count(plane, SIPALG_COMMAND_ENTER_FLOW), 2);
	is_asked("ACK", 1, true, "");
	plane->has_traffic = true;
	harness_wait(plane, 5000);
	assert_true(is_open(8000));
	sipalg_call_view view;
	uint32_t cursor = 0;
	assert_true(sipalg_engine_next_call(plane->engine, &cursor, &view));
	assert_string_equal(view.call_id, "call");
	assert_int_equal(view.state, SIPALG_CALL_CONFIRMED);
	assert_int_equal(view.media_count, 2);
	is_asked("BYE", 2, true, "");
	answers(200, 2, "BYE", "");
	assert_false(is_open(8000) || is_open(8001));
}

static void the_offer_may_come_late(void **state)
{
	(void)state;
	is_asked("INVITE", 1, false, "");
	answers(200, 1, "INVITE", own(8000));
	assert_int_equal(harness_count(plane, SIPALG_COMMAND_ENTER_FLOW), 0);
	is_asked("ACK", 1, true, theirs());
	assert_int_equal(harness_count(plane, SIPALG_COMMAND_ENTER_FLOW), 2);
	assert_true(is_open(8000));
}

/* ---- Offer and answer within a call ---- */

static void an_accepted_offer_takes_the_place_of_the_old(void **state)
{
	(void)state;
	set_up();
	asks("INVITE", 2, "far", own(9000));
	assert_true(is_open(8000) && is_open(9000));
	hears(200, 2, "INVITE", "far", theirs());
	assert_false(is_open(8000) || is_open(8001));
	assert_true(is_open(9000) && is_open(9001));
}

static void a_refused_offer_leaves_the_old(void **state)
{
	(void)state;
	set_up();
	asks("INVITE", 2, "far", own(9000));
	hears(488, 2, "INVITE", "far", "");
	assert_true(is_open(8000) && is_open(8001));
	assert_false(is_open(9000) || is_open(9001));
	harness_wait(plane, 300);
	assert_true(is_open(8000));
}

static void an_update_changes_media_while_it_rings(void **state)
{
	(void)state;
	asks("INVITE", 1, "", own(8000));
	hears(183, 1, "INVITE", "far", theirs());
	asks("PRACK", 2, "far", "");
	hears(200, 2, "PRACK", "far", "");
	asks("UPDATE", 3, "far", own(9000));
	hears(200, 3, "UPDATE", "far", theirs());
	assert_true(is_open(9000) && !is_open(8000));
	hears(200, 1, "INVITE", "far", "");
	assert_true(is_open(9000));
	harness_wait(plane, 300);
	assert_true(is_open(9000));
}

static void another_phone_takes_the_new_offer(void **state)
{
	(void)state;
	set_up();
	is_asked("INVITE", 1, true, theirs());
	answers(200, 1, "INVITE", own(9000));
	is_asked("ACK", 1, true, "");
	assert_true(is_open(9000));
	asks("BYE", 2, "far", "");
	hears(200, 2, "BYE", "far", "");
	assert_false(is_open(8000) || is_open(9000));
}

/* ---- Silence ---- */

static void a_call_without_media_is_over(void **state)
{
	(void)state;
	set_up();
	plane->has_traffic = true;
	harness_wait(plane, 10 * SIPALG_MEDIA_IDLE_S);
	assert_true(is_open(8000));
	plane->has_traffic = false;
	harness_wait(plane, SIPALG_MEDIA_IDLE_S + 30);
	assert_false(is_open(8000));
}

static void a_call_on_hold_is_not(void **state)
{
	(void)state;
	static const char *const holds[] = { "a=sendonly\n", "a=inactive\n" };
	for (unsigned i = 0; i < 2; i++) {
		asks("INVITE", 2 * i + 1, i ? "far" : "", own(8000));
		hears(200, 2 * i + 1, "INVITE", "far", theirs());
		asks("INVITE", 2 * i + 2, "far", sdp("192.168.1.2", 8000, holds[i]));
		hears(200, 2 * i + 2, "INVITE", "far", sdp("198.51.100.9", 30000, "a=recvonly\n"));
		harness_wait(plane, 20 * SIPALG_MEDIA_IDLE_S);
		assert_true(is_open(8000));
	}
	harness_wait(plane, SIPALG_HELD_MAX_S + 60);
	assert_false(is_open(8000));
}

static void a_session_timer_says_how_long(void **state)
{
	(void)state;
	char rest[2048];
	asks("INVITE", 1, "", own(8000));
	snprintf(rest, sizeof(rest), "Session-Expires: 1800;refresher=uac\n%s", theirs());
	hears(200, 1, "INVITE", "far", rest);
	harness_wait(plane, 1700);
	assert_true(is_open(8000));
	asks("UPDATE", 2, "far", "Session-Expires: 1800\n\n");
	hears(200, 2, "UPDATE", "far", "Session-Expires: 1800\n\n");
	harness_wait(plane, 1790);
	assert_true(is_open(8000));
	harness_wait(plane, SIPALG_SESSION_MARGIN_S + 60);
	assert_false(is_open(8000));
}

/* The answer alone is missing: what goes on inside the call makes it known. */
static void a_call_from_before_is_taken_up(void **state)
{
	(void)state;
	asks("INVITE", 7, "far", own(8000));
	hears(200, 7, "INVITE", "far", theirs());
	plane->has_traffic = true;
	harness_wait(plane, 3000);
	assert_true(is_open(8000));
	asks("BYE", 8, "far", "");
	hears(200, 8, "BYE", "far", "");
	assert_false(is_open(8000));
}

/* The phone refreshes a call that the gateway has not seen begin, and nobody answers. */
static void a_call_from_before_ends_with_its_media(void **state)
{
	(void)state;
	asks("INVITE", 2, "far", own(8000));
	plane->has_traffic = true;
	harness_wait(plane, 5 * SIPALG_MEDIA_IDLE_S);
	assert_true(is_open(8000));
	plane->has_traffic = false;
	harness_wait(plane, SIPALG_MEDIA_IDLE_S + 60);
	assert_false(is_open(8000));
}

static void a_call_from_before_outlives_a_refusal(void **state)
{
	(void)state;
	asks("INVITE", 7, "far", own(8000));
	hears(488, 7, "INVITE", "far", "");
	assert_int_equal(sipalg_engine_counters(plane->engine)->calls, 1);
}

static void a_call_from_before_may_begin_with_any_offer(void **state)
{
	(void)state;
	asks("UPDATE", 7, "far", own(8000));
	hears(200, 7, "UPDATE", "far", theirs());
	harness_wait(plane, 300);
	assert_true(is_open(8000));
}

/* What is shown of a call that is put on hold, and of one that is over. */
static void hold_is_shown(void **state)
{
	(void)state;
	sipalg_call_view view;
	uint32_t cursor = 0;
	set_up();
	assert_true(sipalg_engine_next_call(plane->engine, &cursor, &view));
	assert_false(view.held);
	asks("INVITE", 2, "far", sdp("192.168.1.2", 8000, "a=sendonly\n"));
	cursor = 0;
	assert_true(sipalg_engine_next_call(plane->engine, &cursor, &view));
	assert_true(view.held);
	is_asked("INVITE", 5, true, theirs());
	cursor = 0;
	assert_true(sipalg_engine_next_call(plane->engine, &cursor, &view));
	assert_false(view.held);
	asks("BYE", 3, "far", "");
	hears(200, 3, "BYE", "far", "");
	cursor = 0;
	assert_false(sipalg_engine_next_call(plane->engine, &cursor, &view));
}

int main(void)
{
#define CONVERSATION_TEST(test) cmocka_unit_test_setup_teardown(test, conversation_setup, harness_teardown)
	const struct CMUnitTest tests[] = {
		CONVERSATION_TEST(an_unanswered_call_is_over_soon),
		CONVERSATION_TEST(ringing_may_take_long),
		CONVERSATION_TEST(ringing_may_take_as_long_as_expires_says),
		CONVERSATION_TEST(final_answers_end_a_call),
		CONVERSATION_TEST(nobody_is_heard_at_a_port_for_media),
		CONVERSATION_TEST(challenges_do_not),
		CONVERSATION_TEST(a_bye_and_its_answer_end_a_call),
		CONVERSATION_TEST(an_unanswered_bye_ends_it_too),
		CONVERSATION_TEST(a_challenged_bye_does_not),
		CONVERSATION_TEST(a_late_answer_does_not_revive_a_call),
		CONVERSATION_TEST(a_cancelled_call_is_over_soon),
		CONVERSATION_TEST(a_cancelled_call_ends_with_its_487),
		CONVERSATION_TEST(one_of_two_dialogs_may_end),
		CONVERSATION_TEST(an_early_dialog_may_end),
		CONVERSATION_TEST(two_phones_answer_one_call),
		CONVERSATION_TEST(a_call_from_outside),
		CONVERSATION_TEST(the_offer_may_come_late),
		CONVERSATION_TEST(an_accepted_offer_takes_the_place_of_the_old),
		CONVERSATION_TEST(a_refused_offer_leaves_the_old),
		CONVERSATION_TEST(an_update_changes_media_while_it_rings),
		CONVERSATION_TEST(another_phone_takes_the_new_offer),
		CONVERSATION_TEST(a_call_without_media_is_over),
		CONVERSATION_TEST(a_call_on_hold_is_not),
		CONVERSATION_TEST(a_session_timer_says_how_long),
		CONVERSATION_TEST(a_call_from_before_is_taken_up),
		CONVERSATION_TEST(a_call_may_be_tried_for_long),
		CONVERSATION_TEST(a_repeated_invite_does_not_revive_a_call),
		CONVERSATION_TEST(the_called_party_hangs_up_unseen),
		CONVERSATION_TEST(a_100_of_the_phone_is_no_call),
		CONVERSATION_TEST(a_call_from_before_ends_with_its_media),
		CONVERSATION_TEST(a_call_from_before_outlives_a_refusal),
		CONVERSATION_TEST(a_call_from_before_may_begin_with_any_offer),
		CONVERSATION_TEST(hold_is_shown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
