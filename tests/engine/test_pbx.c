/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a PBX or an inside proxy brings: one Call-ID on both legs, offers that cross, routes that must stay open, and a
 * Contact that changes its nature within a call. */
#include "conversation.h"

static void say(bool goes_out, const char *message, const char *rest)
{
	static struct letter letter;
	letter_write(&letter, "%s%s", message, rest);
	if (goes_out)
		harness_out(plane, &phone, &server, letter_text(&letter));
	else
		harness_in(plane, &server, &phone, letter_text(&letter));
}

static uint16_t peer_port_of(unsigned inside_port)
{
	for (size_t i = 0; i < plane->command_count; i++)
		if (plane->commands[i].kind == SIPALG_COMMAND_ENTER_FLOW &&
		    plane->commands[i].inside.port == inside_port)
			return plane->commands[i].peer.port;
	return 0;
}

static enum sipalg_call_state state_shown(void)
{
	sipalg_call_view view = { .state = SIPALG_CALL_NONE };
	uint32_t cursor = 0;
	(void)sipalg_engine_next_call(plane->engine, &cursor, &view);
	return view.state;
}

static void a_100_does_not_ring(void **state)
{
	(void)state;
	asks("INVITE", 1, "", own(8000));
	hears(100, 1, "INVITE", "", "");
	assert_int_equal(state_shown(), SIPALG_CALL_TRYING);
	hears(180, 1, "INVITE", "far", "");
	assert_int_equal(state_shown(), SIPALG_CALL_EARLY);
	hears(100, 1, "INVITE", "", ""); /* late */
	assert_int_equal(state_shown(), SIPALG_CALL_EARLY);
}

/* A B2BUA that goes on with the Call-ID it was called with: the caller's media are not those of the called. */
static void one_call_id_on_both_legs(void **state)
{
	(void)state;
	is_asked("INVITE", 1, false, sdp("198.51.100.20", 20000, ""));
	say(true,
	    "INVITE sip:c@198.51.100.1 SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.2;branch=b2\nFrom: <sip:b@x>;tag=second\n"
	    "To: <sip:c@x>\nCall-ID: call\nCSeq: 1 INVITE\nContact: <sip:a@192.168.1.2>\n",
	    own(9000));
	say(false,
	    "SIP/2.0 200 R\nVia: SIP/2.0/UDP 203.0.113.1;branch=b2\nFrom: <sip:b@x>;tag=second\n"
	    "To: <sip:c@x>;tag=third\nCall-ID: call\nCSeq: 1 INVITE\nContact: <sip:c@198.51.100.1>\n",
	    sdp("198.51.100.30", 30000, ""));
	assert_int_equal(peer_port_of(9000), 30000);
	answers(200, 1, "INVITE", own(8000));
	assert_int_equal(peer_port_of(8000), 20000);
}

static void set_up(void)
{
	asks("INVITE", 1, "", own(8000));
	hears(200, 1, "INVITE", "far", theirs());
	asks("ACK", 1, "far", "");
}

/* Each side counts its own requests: a refusal of theirs says nothing about the offer that is under way from here. */
static void offers_with_one_number_cross(void **state)
{
	(void)state;
	set_up();
	asks("INVITE", 2, "far", own(9000));
	is_asked("INVITE", 2, true, theirs());
	answers(491, 2, "INVITE", "");
	assert_true(is_open(9000));
	is_asked("UPDATE", 2, true, "");
	answers(200, 2, "UPDATE", "");
	assert_true(is_open(8000) && is_open(9000));
	hears(491, 2, "INVITE", "far", "");
	assert_true(is_open(8000));
	assert_false(is_open(9000));
}

/* What a phone could do, told in a refusal, opens nothing for longer than the refusal is under way. */
static void a_refusal_offers_nothing(void **state)
{
	(void)state;
	set_up();
	is_asked("INVITE", 2, true, theirs());
	answers(488, 2, "INVITE", own(9000));
	harness_wait(plane, SIPALG_TRANSACTION_S);
	assert_true(is_open(8000));
	assert_false(is_open(9000));
}

/* ---- Behind an inside proxy ---- */

static void a_route_stays_as_long_as_the_call(void **state)
{
	(void)state;
	plane->has_traffic = true;
	say(true,
	    "INVITE sip:b@x SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.2:5060;branch=p\nVia: SIP/2.0/UDP "
	    "192.168.1.9;branch=q\n"
	    "Record-Route: <sip:192.168.1.2:5070;lr>\nFrom: <sip:a@x>;tag=near\nTo: <sip:b@x>\nCall-ID: call\n"
	    "CSeq: 1 INVITE\nContact: <sip:a@192.168.1.9>\n",
	    own(8000));
	hears(200, 1, "INVITE", "far", theirs());
	harness_wait(plane, 5000);
	assert_true(is_open(5070));
	is_asked("BYE", 2, true, "");
	answers(200, 2, "BYE", "");
	harness_wait(plane, SIPALG_TRANSACTION_S + 1);
	assert_false(is_open(5070));
}

static void registers_by_path(const char *expires)
{
	say(true,
	    "REGISTER sip:x SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.2;branch=p\nVia: SIP/2.0/UDP 192.168.1.9;branch=q\n"
	    "Path: <sip:192.168.1.2:5070;lr>\nFrom: <sip:c@x>;tag=1\nTo: <sip:c@x>\nCall-ID: reg\nCSeq: 1 REGISTER\n"
	    "Contact: <sip:c@192.168.1.9>;expires=",
	    expires);
}

static void hears_of_path(const char *contact)
{
	say(false,
	    "SIP/2.0 200 R\nVia: SIP/2.0/UDP 203.0.113.1;branch=p\nVia: SIP/2.0/UDP 192.168.1.9;branch=q\n"
	    "From: <sip:c@x>;tag=1\nTo: <sip:c@x>;tag=2\nCall-ID: reg\nCSeq: 1 REGISTER\n",
	    contact);
}

static void a_path_stays_as_long_as_the_registration(void **state)
{
	(void)state;
	sipalg_registration_view view;
	uint32_t cursor = 0;
	registers_by_path("3600\n\n");
	hears_of_path("Contact: <sip:c@192.168.1.9>;expires=3600\n\n");
	assert_true(sipalg_engine_next_registration(plane->engine, &cursor, &view));
	assert_string_equal(view.address_of_record, "sip:c@x");
	harness_wait(plane, 3500);
	assert_true(is_open(5070));
	harness_wait(plane, 200);
	assert_false(is_open(5070));
	registers_by_path("3600\n\n");
	hears_of_path("Contact: <sip:c@192.168.1.9>;expires=3600\n\n");
	registers_by_path("0\n\n");
	hears_of_path("\n");
	harness_wait(plane, SIPALG_UNANSWERED_S + 1);
	assert_false(is_open(5070));
}

/* ---- A Contact that changes from inside to outside address within a call ---- */

#define PUBLIC "Contact: <sip:a@203.0.113.1>\n"

static void asks_in_call(const char *method, const char *cseq, const char *contact)
{
	static struct letter letter;
	letter_write(&letter,
	             "%s sip:b@198.51.100.1 SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.2;branch=x%s\n"
	             "From: <sip:a@x>;tag=near\nTo: <sip:b@x>;tag=far\nCall-ID: call\nCSeq: %s %s\n%s\n",
	             method, cseq, cseq, method, contact);
	harness_out(plane, &phone, &server, letter_text(&letter));
}

/* True when a request for the outside address reaches the phone with the address it had written. */
static bool bye_is_restored(void)
{
	is_asked("BYE", 9, true, "");
	return memmem(plane->sent.bytes, plane->sent.length, "BYE sip:a@192.168.1.2 ", 22) != NULL;
}

static void a_contact_becomes_public(void **state)
{
	(void)state;
	set_up();
	asks_in_call("INVITE", "2", PUBLIC);
	hears(200, 2, "INVITE", "far", "");
	assert_false(bye_is_restored());
}

static void a_contact_that_was_refused_is_not(void **state)
{
	(void)state;
	set_up();
	asks_in_call("INVITE", "2", PUBLIC);
	hears(488, 2, "INVITE", "far", "");
	assert_true(bye_is_restored());
}

static void a_contact_becomes_private(void **state)
{
	(void)state;
	set_up();
	asks_in_call("UPDATE", "2", PUBLIC);
	hears(200, 2, "UPDATE", "far", "");
	asks_in_call("UPDATE", "3", CONTACT_IN);
	hears(200, 3, "UPDATE", "far", "");
	assert_true(bye_is_restored());
}

/* A later call with an inside Contact leaves what the earlier one has said. */
static void a_call_stays_public(void **state)
{
	(void)state;
	set_up();
	asks_in_call("INVITE", "2", PUBLIC);
	hears(200, 2, "INVITE", "far", "");
	say(true,
	    "INVITE sip:d@x SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.2;branch=other\nFrom: <sip:a@x>;tag=other\n"
	    "To: <sip:d@x>\nCall-ID: other\nCSeq: 1 INVITE\nContact: <sip:a@192.168.1.2>\n",
	    own(9000));
	assert_false(bye_is_restored());
}

/* ---- Phones inside that call each other ---- */

static void make_hairpin(sipalg_settings *settings)
{
	settings->hairpin_media = true;
}

static bool is_told(const char *address)
{
	return memmem(plane->sent.bytes, plane->sent.length, address, strlen(address)) != NULL;
}

static void media_go_directly_or_by_the_router(void **state)
{
	(void)state;
	sipalg_endpoint other = endpoint_of("192.168.1.3", 5060);
	for (unsigned hairpin = 0; hairpin < 2; hairpin++) {
		harness_close(plane);
		harness_open(plane, hairpin ? make_hairpin : NULL);
		static struct letter letter;
		asks("INVITE", 1, "", own(8000));
		letter_write(
		        &letter,
		        "INVITE sip:d@x SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.1;branch=n\nFrom: <sip:a@x>;tag=near\n"
		        "To: <sip:d@x>\nCall-ID: call\nCSeq: 1 INVITE\nContact: <sip:a@203.0.113.1>\n%s",
		        sdp("203.0.113.1", 8000, ""));
		harness_in(plane, &server, &other, letter_text(&letter));
		assert_true(is_told(hairpin ? "c=IN IP4 203.0.113.1" : "c=IN IP4 192.168.1.2"));
		harness_in(plane, &server, &phone, letter_text(&letter)); /* a spiral: its own comes back */
		assert_true(is_told("c=IN IP4 192.168.1.2"));
	}
}

/* What goes directly is not seen by the plane, whose silence says nothing then. */
static void a_direct_call_is_not_silent(void **state)
{
	(void)state;
	for (unsigned hairpin = 0; hairpin < 2; hairpin++) {
		harness_close(plane);
		harness_open(plane, hairpin ? make_hairpin : NULL);
		sipalg_endpoint other = endpoint_of("192.168.1.3", 5060);
		static struct letter letter;
		letter_write(&letter,
		             "INVITE sip:x@x SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.3;branch=o\nFrom: <sip:d@x>;tag=d\n"
		             "To: <sip:x@x>\nCall-ID: other\nCSeq: 1 INVITE\nContact: <sip:d@192.168.1.3>\n%s",
		             sdp("192.168.1.3", 9000, ""));
		harness_out(plane, &other, &server, letter_text(&letter));
		asks("INVITE", 1, "", own(8000));
		hears(200, 1, "INVITE", "far", sdp("203.0.113.1", 9000, ""));
		harness_wait(plane, SIPALG_MEDIA_IDLE_S + 100);
		assert_int_equal(is_open(8000), !hairpin);
	}
}

int main(void)
{
#define CONVERSATION_TEST(test) cmocka_unit_test_setup_teardown(test, conversation_setup, harness_teardown)
	const struct CMUnitTest tests[] = {
		CONVERSATION_TEST(a_100_does_not_ring),
		CONVERSATION_TEST(one_call_id_on_both_legs),
		CONVERSATION_TEST(offers_with_one_number_cross),
		CONVERSATION_TEST(a_refusal_offers_nothing),
		CONVERSATION_TEST(a_route_stays_as_long_as_the_call),
		CONVERSATION_TEST(a_path_stays_as_long_as_the_registration),
		CONVERSATION_TEST(a_contact_becomes_public),
		CONVERSATION_TEST(a_contact_that_was_refused_is_not),
		CONVERSATION_TEST(a_contact_becomes_private),
		CONVERSATION_TEST(a_call_stays_public),
		CONVERSATION_TEST(media_go_directly_or_by_the_router),
		CONVERSATION_TEST(a_direct_call_is_not_silent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
