/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registrations and subscriptions, told by whole messages: what holds the binding of a Contact until when. */
#include "conversation.h"

static void unanswered_requests_live_shortly(void **state)
{
	(void)state;
	registers(1, CONTACT_IN, "Expires: 3600\n");
	assert_true(is_open(5060));
	harness_wait(plane, 29);
	assert_true(is_open(5060));
	harness_wait(plane, 10);
	assert_false(is_open(5060));
}

static void a_registration_lives_as_granted_and_a_grace(void **state)
{
	(void)state;
	registers(1, CONTACT_IN, "Expires: 3600\n");
	is_registered(200, 1, CONTACT_OUT ";expires=100\n", "Expires: 5000\n");
	assert_int_equal(harness_count(plane, SIPALG_COMMAND_HOLD_FLOW), 1);
	assert_int_equal(harness_command(plane, SIPALG_COMMAND_HOLD_FLOW, 0)->lease_s, 100);
	assert_true(sipalg_endpoint_equal(&harness_command(plane, SIPALG_COMMAND_HOLD_FLOW, 0)->peer, &server));
	harness_wait(plane, 100 + SIPALG_GRACE_S - 1);
	assert_true(is_open(5060));
	harness_wait(plane, 2);
	assert_false(is_open(5060));
	assert_int_equal(sipalg_engine_counters(plane->engine)->registrations, 0);
}

static void a_long_registration_is_refreshed_for_the_plane(void **state)
{
	(void)state;
	registers(1, CONTACT_IN, "Expires: 86400\n");
	is_registered(200, 1, CONTACT_OUT "\n", "Expires: 86400\n");
	harness_wait(plane, 86400); /* the harness sees to the leases */
	assert_true(is_open(5060));
	harness_wait(plane, 100);
	assert_false(is_open(5060));
}

static void refreshes_challenges_and_repetitions_do_not_interrupt(void **state)
{
	(void)state;
	registers(1, CONTACT_IN, "Expires: 100\n");
	is_registered(401, 1, "", "");
	registers(2, CONTACT_IN, "Expires: 100\n");
	is_registered(200, 2, CONTACT_OUT ";expires=100\n", "");
	uint32_t handle = plane->bindings[0].handle;
	for (unsigned cseq = 3; cseq < 20; cseq += 2) {
		harness_wait(plane, 60);
		registers(cseq, CONTACT_IN, "Expires: 100\n");
		is_registered(401, cseq, "", "");
		registers(cseq + 1, CONTACT_IN, "Expires: 100\n");
		is_registered(200, cseq + 1, CONTACT_OUT ";expires=100\n", "");
		is_registered(200, cseq + 1, CONTACT_OUT ";expires=100\n", "");
	}
	assert_int_equal(plane->bindings[0].handle, handle);
	assert_int_equal(plane->opened, 1);
	assert_int_equal(sipalg_engine_counters(plane->engine)->registrations, 1);
	assert_int_equal(sipalg_engine_counters(plane->engine)->registrations_granted, 1);
}

static void how_it_is_removed(void **state)
{
	(void)state;
	static const char *const ways[][2] = {
		{ "Contact: *\n", "Expires: 0\n" },
		{ CONTACT_IN, "Expires: 0\n" },
		{ "Contact: <sip:a@192.168.1.2>;expires=0\n", "" },
	};
	unsigned cseq = 1;
	for (size_t i = 0; i < 3; i++) {
		registers(cseq, CONTACT_IN, "Expires: 1000\n");
		is_registered(200, cseq++, CONTACT_OUT ";expires=1000\n", "");
		harness_wait(plane, 100);
		registers(cseq, ways[i][0], ways[i][1]);
		is_registered(401, cseq++, "", "");
		assert_int_equal(sipalg_engine_counters(plane->engine)->registrations, 1);
		registers(cseq, ways[i][0], ways[i][1]);
		is_registered(200, cseq++, "", "");
		assert_int_equal(sipalg_engine_counters(plane->engine)->registrations, 0);
		harness_wait(plane, SIPALG_UNANSWERED_S + 1);
		assert_false(is_open(5060));
	}
}

static void a_contact_that_is_not_listed_has_gone(void **state)
{
	(void)state;
	registers(1, "Contact: <sip:a@192.168.1.2>, <sip:a@192.168.1.2:5070>;expires=50\n", "Expires: 1000\n");
	is_registered(200, 1, CONTACT_OUT ";expires=1000, <sip:a@203.0.113.1:5070>;expires=50\n", "");
	assert_int_equal(sipalg_engine_counters(plane->engine)->registrations, 2);
	assert_true(is_open(5060) && is_open(5070));
	harness_wait(plane, 50 + SIPALG_GRACE_S + 1);
	assert_true(is_open(5060) && !is_open(5070));
	registers(2, "Contact: <sip:a@192.168.1.2:5080>\n", "");
	is_registered(200, 2, "Contact: <sip:a@203.0.113.1:5080>;expires=1000\n", "");
	assert_int_equal(sipalg_engine_counters(plane->engine)->registrations, 1);
	sipalg_registration_view view;
	uint32_t cursor = 0;
	assert_true(sipalg_engine_next_registration(plane->engine, &cursor, &view));
	assert_int_equal(view.inside.port, 5080);
	assert_true(view.granted);
	assert_string_equal(view.address_of_record, "sip:a@x");
	assert_false(sipalg_engine_next_registration(plane->engine, &cursor, &view));
}

static void a_registrar_may_list_nothing_at_all(void **state)
{
	(void)state;
	registers(1, CONTACT_IN, "Expires: 500\n");
	is_registered(200, 1, "", "Expires: 300\n");
	harness_wait(plane, 300);
	assert_true(is_open(5060));
	harness_wait(plane, 100);
	assert_false(is_open(5060));
}

static void a_subscription_lives_as_granted(void **state)
{
	(void)state;
	asks("SUBSCRIBE", 1, "", "Expires: 600\n\n");
	hears(200, 1, "SUBSCRIBE", "far", "Expires: 300\n\n");
	harness_wait(plane, 300);
	assert_true(is_open(5060));
	harness_wait(plane, 100);
	assert_false(is_open(5060));
	asks("SUBSCRIBE", 2, "", "Expires: 600\n\n");
	hears(200, 2, "SUBSCRIBE", "far", "Expires: 600\n\n");
	is_asked("NOTIFY", 1, true, "Subscription-State: active\n\n");
	harness_wait(plane, 100);
	assert_true(is_open(5060));
	is_asked("NOTIFY", 2, true, "Subscription-State: terminated;reason=timeout\n\n");
	harness_wait(plane, SIPALG_UNANSWERED_S + 1);
	assert_false(is_open(5060));
}

/* ---- TCP ---- */

static void a_contact_over_tcp_waits_for_the_grant(void **state)
{
	(void)state;
	registers(1, "Contact: <sip:a@192.168.1.2:5066;transport=tcp>\n", "Expires: 100\n");
	assert_int_equal(harness_count(plane, SIPALG_COMMAND_OPEN), 1); /* of the Via */
	assert_int_equal(harness_command(plane, SIPALG_COMMAND_OPEN, 0)->inside.protocol, SIPALG_PROTOCOL_UDP);
	is_registered(200, 1, "Contact: <sip:a@203.0.113.1:5066;transport=tcp>;expires=100\n", "");
	const sipalg_command *open = harness_command(plane, SIPALG_COMMAND_OPEN, 0);
	assert_int_equal(open->inside.protocol, SIPALG_PROTOCOL_TCP);
	assert_int_equal(open->admits, SIPALG_ADMITS_PEERS);
	assert_int_equal(harness_count(plane, SIPALG_COMMAND_ADMIT), 1);
	assert_true(
	        sipalg_address_equal(&harness_command(plane, SIPALG_COMMAND_ADMIT, 0)->peer.address, &server.address));
	harness_wait_for_the_end(plane);
}

/* … and is open to the registrar alone, whatever other server has been told of it. */
static void a_contact_over_tcp_is_for_the_registrar(void **state)
{
	(void)state;
	static struct letter letter;
	sipalg_endpoint other = endpoint_of("198.51.100.77", 5060);
	letter_write(
	        &letter,
	        "OPTIONS sip:x SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.2;branch=o\nFrom: <sip:a@x>;tag=1\nTo: <sip:b@x>\n"
	        "Call-ID: o\nCSeq: 1 OPTIONS\nContact: <sip:a@192.168.1.2:5066;transport=tcp>\n\n");
	harness_out(plane, &phone, &other, letter_text(&letter));
	registers(1, "Contact: <sip:a@192.168.1.2:5066;transport=tcp>\n", "Expires: 100\n");
	is_registered(200, 1, "Contact: <sip:a@203.0.113.1:5066;transport=tcp>;expires=100\n", "");
	assert_int_equal(harness_count(plane, SIPALG_COMMAND_ADMIT), 1);
	assert_true(
	        sipalg_address_equal(&harness_command(plane, SIPALG_COMMAND_ADMIT, 0)->peer.address, &server.address));
}

/* "*" removes only with an expiry of 0 (RFC 3261 10.3 item 6). */
static void a_star_with_an_expiry_removes_nothing(void **state)
{
	(void)state;
	registers(1, CONTACT_IN, "Expires: 1000\n");
	is_registered(200, 1, CONTACT_OUT ";expires=1000\n", "");
	registers(2, "Contact: *\n", "Expires: 100\n");
	is_registered(200, 2, "", "");
	assert_int_equal(sipalg_engine_counters(plane->engine)->registrations, 1);
}

/* The server asks for what it knows as 203.0.113.1:5062; the phone is asked for `expected`. */
static void assert_asked(const char *method, const char *to_tag, const char *expected)
{
	static struct letter letter;
	letter_write(&letter,
	             "%s sip:a@203.0.113.1:5062 SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.1;branch=y1\n"
	             "From: <sip:b@x>;tag=far\nTo: <sip:a@x>%s\nCall-ID: call\nCSeq: 1 %s\n\n",
	             method, to_tag, method);
	harness_in(plane, &server, &phone, letter_text(&letter));
	struct text uri = text_from(letter_text(&plane->sent), strlen(method) + 1);
	assert_text(text_first(uri, text_find(uri, ' ')), expected);
}

/* Calls come under what was registered; within a call the phone's own Contact counts, but for the ACK of a failure,
 * which repeats the INVITE's Request-URI (RFC 3261 17.1.1.3). */
static void a_request_uri_is_what_was_registered(void **state)
{
	(void)state;
	sipalg_engine_reserve_port(plane->engine, SIPALG_PROTOCOL_UDP, 5060, true);
	asks("OPTIONS", 1, "", ""); /* a Contact without port */
	registers(1, "Contact: <sip:a@192.168.1.2:5060>\n", "Expires: 1000\n");
	assert_asked("INVITE", "", "sip:a@192.168.1.2:5060");
	assert_asked("ACK", ";tag=near", "sip:a@192.168.1.2:5060");
	answers(200, 1, "INVITE", own(8000));
	assert_asked("BYE", ";tag=near", "sip:a@192.168.1.2");
}

int main(void)
{
#define CONVERSATION_TEST(test) cmocka_unit_test_setup_teardown(test, conversation_setup, harness_teardown)
	const struct CMUnitTest tests[] = {
		CONVERSATION_TEST(unanswered_requests_live_shortly),
		CONVERSATION_TEST(a_registration_lives_as_granted_and_a_grace),
		CONVERSATION_TEST(a_long_registration_is_refreshed_for_the_plane),
		CONVERSATION_TEST(refreshes_challenges_and_repetitions_do_not_interrupt),
		CONVERSATION_TEST(how_it_is_removed),
		CONVERSATION_TEST(a_contact_that_is_not_listed_has_gone),
		CONVERSATION_TEST(a_registrar_may_list_nothing_at_all),
		CONVERSATION_TEST(a_subscription_lives_as_granted),
		CONVERSATION_TEST(a_contact_over_tcp_waits_for_the_grant),
		CONVERSATION_TEST(a_contact_over_tcp_is_for_the_registrar),
		CONVERSATION_TEST(a_star_with_an_expiry_removes_nothing),
		CONVERSATION_TEST(a_request_uri_is_what_was_registered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
