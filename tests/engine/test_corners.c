/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What rarely happens to the media of a call, and must be right all the same. */
#include "conversation.h"

static bool sends(const char *lines)
{
	return memmem(plane->sent.bytes, plane->sent.length, lines, strlen(lines)) != NULL;
}

/* ---- After the end ---- */

/* A 200 repeated for want of its ACK, when the call has ended meanwhile, is the same as before; but nobody is let in
 * any more. */
static void a_late_answer_opens_nothing(void **state)
{
	(void)state;
	static struct letter first;
	is_asked("INVITE", 1, false, theirs());
	answers(200, 1, "INVITE", own(8000));
	letter_copy(&first, letter_text(&plane->sent));
	assert_true(is_open(8000) && is_open(8001));
	is_asked("BYE", 2, true, "");
	answers(200, 2, "BYE", "");
	assert_false(is_open(8000) || is_open(8001));
	for (int i = 0; i < 3; i++) {
		harness_wait(plane, 4);
		answers(200, 1, "INVITE", own(8000));
		assert_same(plane, letter_text(&plane->sent), letter_text(&first));
		assert_int_equal(harness_count(plane, SIPALG_COMMAND_OPEN), 0);
		assert_false(is_open(8000) || is_open(8001));
	}
	is_asked("INVITE", 3, false, theirs()); /* a new call on the same port */
	answers(200, 3, "INVITE", own(8000));
	harness_wait_for_the_end(plane);
}

/* What a phone could do (RFC 3261 11.2) is no call. */
static void capabilities_open_nothing(void **state)
{
	(void)state;
	is_asked("OPTIONS", 1, false, "");
	answers(200, 1, "OPTIONS", own(8000));
	assert_reason(plane, SIPALG_REASON_EDITED);
	assert_true(sends("c=IN IP4 203.0.113.1\r\n"));
	assert_false(is_open(8000) || is_open(8001));
}

/* ---- Two descriptions, one of them unreadable ---- */

#define PART "--b\r\nContent-Type: application/sdp\r\n\r\n"

static void an_unreadable_description_does_not_hide_another(void **state)
{
	(void)state;
	static const char *const bodies[] = {
		PART "v=0\r\nc=IN IP4 198.51.100.9\r\nm=audio 30000 RTP/AVP 0\r\n" PART
		     "v=0\r\nc=IN IP4 198.51.100.7\r\nm=audio 40000 RTP/AVP 0\r\nm=audio x RTP/AVP 0\r\n--b--\r\n",
		PART "v=0\r\nc=IN IP4 198.51.100.7\r\nm=audio 40000 RTP/AVP 0\r\nm=audio x RTP/AVP 0\r\n" PART
		     "v=0\r\nc=IN IP4 198.51.100.9\r\nm=audio 30000 RTP/AVP 0\r\n--b--\r\n",
	};
	sipalg_endpoint far = endpoint_of("198.51.100.9", 0);
	for (unsigned i = 0; i < 2; i++) {
		char rest[1024];
		snprintf(rest, sizeof(rest), "Content-Type: multipart/mixed;boundary=b\n\n%s", bodies[i]);
		asks("INVITE", i + 1, i ? "far" : "", own(8000 + 2 * i));
		hears(200, i + 1, "INVITE", "far", rest);
		assert_int_equal(harness_count(plane, SIPALG_COMMAND_ENTER_FLOW), 2);
		const sipalg_command *command = harness_command(plane, SIPALG_COMMAND_ENTER_FLOW, 0);
		assert_int_equal(command->peer.port, 30000);
		assert_true(sipalg_address_equal(&command->peer.address, &far.address));
	}
}

/* ---- RTCP that cannot be next to RTP ---- */

static void another_phone_takes(uint16_t port)
{
	static struct letter letter;
	sipalg_endpoint other = endpoint_of("192.168.1.3", 5060);
	letter_write(&letter,
	             "INVITE sip:x SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.3;branch=o\nFrom: <sip:o@x>;tag=o\n"
	             "To: <sip:b@x>\nCall-ID: other\nCSeq: 1 INVITE\nContact: <sip:o@192.168.1.3>\n"
	             "Content-Type: application/sdp\nContent-Length: #\n\nv=0\nc=IN IP4 192.168.1.3\n"
	             "m=audio %u RTP/AVP 0\na=rtcp-mux\n",
	             port);
	harness_out(plane, &other, &server, letter_text(&letter));
}

/* A phone that had wanted one port for both and now wants two finds the next one taken. */
static void rtcp_goes_where_a_line_says(void **state)
{
	(void)state;
	static const struct {
		const char *lines, *sent;
	} streams[] = {
		{ "m=audio 8000 RTP/AVP 0\na=ptime:20\na=sendrecv\n",
		  "m=audio 8000 RTP/AVP 0\r\na=rtcp:8003\r\na=ptime:20\r\na=sendrecv\r\n" },
		{ "m=audio 8000 RTP/AVP 0\ni=x\nb=AS:64\nm=video 8010 RTP/AVP 31\n",
		  "m=audio 8000 RTP/AVP 0\r\ni=x\r\nb=AS:64\r\na=rtcp:8003\r\nm=video 8010 RTP/AVP 31\r\n" },
		{ "m=audio 8000 RTP/AVP 0\n", "m=audio 8000 RTP/AVP 0\r\na=rtcp:8003\r\n" },
		{ "m=audio 8000 RTP/AVP 0\nb=AS:64", "m=audio 8000 RTP/AVP 0\r\nb=AS:64\r\na=rtcp:8003" },
	};
	for (unsigned i = 0; i < 4; i++) {
		char rest[1024];
		harness_close(plane);
		harness_open(plane, NULL);
		asks("INVITE", 1, "", sdp("192.168.1.2", 8000, "a=rtcp-mux\n"));
		hears(200, 1, "INVITE", "far", theirs());
		another_phone_takes(8001);
		snprintf(rest, sizeof(rest),
		         "Content-Type: application/sdp\nContent-Length: #\n\nv=0\nc=IN IP4 192.168.1.2\n%s",
		         streams[i].lines);
		for (unsigned again = 0; again < 2; again++) {
			asks("INVITE", 2, "far", rest);
			assert_true(sends(streams[i].sent));
		}
		sipalg_endpoint outside = endpoint_of("203.0.113.1", 8003);
		assert_int_equal(harness_binding_outside(plane, &outside)->inside.port, 8001);
		harness_wait_for_the_end(plane);
	}
}

int main(void)
{
#define CORNER_TEST(test) cmocka_unit_test_setup_teardown(test, conversation_setup, harness_teardown)
	const struct CMUnitTest tests[] = {
		CORNER_TEST(a_late_answer_opens_nothing),
		CORNER_TEST(capabilities_open_nothing),
		CORNER_TEST(an_unreadable_description_does_not_hide_another),
		CORNER_TEST(rtcp_goes_where_a_line_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
