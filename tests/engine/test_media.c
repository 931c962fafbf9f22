/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Session descriptions: which endpoints get bindings, which stay, and what comes back from next door. */
#include "conversation.h"

static uint16_t outside_port(const char *address, uint16_t port)
{
	sipalg_endpoint inside = endpoint_of(address, port);
	const struct plane_binding *binding = harness_binding_inside(plane, &inside);
	return binding ? binding->outside.port : 0;
}

static size_t media_bindings(void)
{
	size_t count = 0;
	for (size_t i = 0; i < plane->binding_count; i++)
		count += !plane->bindings[i].signalling;
	return count;
}

static void another_phone_offers(const char *address, const char *media)
{
	static struct letter letter;
	sipalg_endpoint other = endpoint_of(address, 5060);
	letter_write(&letter,
	             "INVITE sip:x SIP/2.0\nVia: SIP/2.0/UDP %s;branch=o\nFrom: <sip:o@x>;tag=%s\nTo: <sip:b@x>\n"
	             "Call-ID: of %s\nCSeq: 1 INVITE\nContact: <sip:o@%s>\nContent-Type: application/sdp\n"
	             "Content-Length: #\n\nv=0\nc=IN IP4 %s\n%s",
	             address, address, address, address, address, media);
	harness_out(plane, &other, &server, letter_text(&letter));
	assert_reason(plane, SIPALG_REASON_EDITED);
}

static void offers(const char *media)
{
	static char rest[4096];
	snprintf(rest, sizeof(rest),
	         "Content-Type: application/sdp\nContent-Length: #\n\nv=0\no=- 1 1 IN IP4 phone.local\n"
	         "c=IN IP4 192.168.1.2\nt=0 0\n%s",
	         media);
	asks("INVITE", 1, "", rest);
}

static bool sends(const char *line)
{
	return memmem(plane->sent.bytes, plane->sent.length, line, strlen(line)) != NULL;
}

/* ---- RTCP ---- */

static void rtcp_is_the_next_port(void **state)
{
	(void)state;
	another_phone_offers("192.168.1.3", "m=audio 8000 RTP/AVP 0\na=rtcp-mux\n");
	assert_int_equal(media_bindings(), 1);
	offers("m=audio 8000 RTP/AVP 0\n");
	assert_int_equal(outside_port("192.168.1.2", 8000), 8002);
	assert_int_equal(outside_port("192.168.1.2", 8001), 8003);
	assert_true(sends("m=audio 8002 RTP/AVP 0\r\n"));
}

static void rtcp_that_is_written_next_to_rtp_stays_there(void **state)
{
	(void)state;
	another_phone_offers("192.168.1.3", "m=audio 8000 RTP/AVP 0\na=rtcp-mux\n");
	offers("m=audio 8000 RTP/AVP 0\na=rtcp:8001\n");
	assert_true(sends("m=audio 8002 RTP/AVP 0\r\na=rtcp:8003\r\n"));
}

static void rtcp_may_share_or_be_missing(void **state)
{
	(void)state;
	offers("m=audio 8000 RTP/SAVPF 0\na=rtcp-mux\nm=image 9000 udptl t38\nm=video 8010 UDP/TLS/RTP/SAVPF 96\n");
	assert_int_equal(media_bindings(), 4);
	assert_false(is_open(8001) || is_open(9001));
	assert_true(is_open(8000) && is_open(9000) && is_open(8010) && is_open(8011));
}

static void streams_may_be_several(void **state)
{
	(void)state;
	another_phone_offers("192.168.1.3", "m=audio 8000 RTP/AVP 0\na=rtcp-mux\n");
	offers("m=audio 8000/2 RTP/AVP 0\n");
	for (uint16_t i = 0; i < 4; i++)
		assert_int_equal(outside_port("192.168.1.2", (uint16_t)(8000 + i)), 8002 + i);
}

/* ---- What stays ---- */

static void media_over_tcp_stay(void **state)
{
	(void)state;
	offers("m=image 9000 TCP t38\nm=message 2855 TCP/MSRP *\n");
	assert_int_equal(media_bindings(), 0);
	assert_true(sends("c=IN IP4 192.168.1.2\r\n"));
}

/* Several addresses for one stream are a hierarchy of layers (RFC 8866 5.7): nobody's own. */
static void several_addresses_stay(void **state)
{
	(void)state;
	offers("m=video 8000 RTP/AVP 31\nc=IN IP4 192.168.1.2\nc=IN IP4 192.168.1.2\n");
	assert_int_equal(media_bindings(), 0);
	assert_true(sends("c=IN IP4 192.168.1.2\r\nc=IN IP4 192.168.1.2\r\n"));
}

static void services_of_the_host_stay(void **state)
{
	(void)state;
	offers("m=audio 1023 RTP/AVP 0\nm=audio 53 RTP/AVP 0\na=rtcp:8000\n");
	assert_int_equal(media_bindings(), 0);
	offers("a=ice-ufrag:x\nm=audio 8000 RTP/AVP 0\na=rtcp:53\na=candidate:1 1 UDP 1 192.168.1.2 53 typ host\n"
	       "a=candidate:2 1 UDP 1 192.168.1.2 8000 typ host\n");
	assert_int_equal(media_bindings(), 1);
	assert_true(sends("a=candidate:1 1 UDP 1 192.168.1.2 53 typ host\r\n"));
	assert_true(sends("a=candidate:2 1 UDP 1 203.0.113.1 8000 typ host\r\n"));
	assert_true(sends("a=rtcp:53\r\n"));
}

/* An offer that names an outside address of its own has solved NAT (RFC 8839 8.2.2). */
static void who_has_solved_nat_is_left_alone(void **state)
{
	(void)state;
	static const char *const candidates[] = {
		"a=candidate:2 1 UDP 1 203.0.113.1 8000 typ srflx raddr 192.168.1.2 rport 8000\n",
		"a=candidate:2 1 UDP 1 198.51.100.77 8000 typ relay raddr 0.0.0.0 rport 9\n",
		"a=candidate:2 1 UDP 1 198.51.100.77 8000 typ host\n",
		"a=candidate:2 1 UDP 1 100.64.3.4 8000 typ srflx raddr 192.168.1.2 rport 8000\n",
	};
	for (size_t i = 0; i < 4; i++) {
		char media[512];
		snprintf(media, sizeof(media),
		         "a=ice-ufrag:x\nm=audio 8000 RTP/AVP 0\na=candidate:1 1 UDP 1 192.168.1.2 8000 typ host\n%s",
		         candidates[i]);
		offers(media);
		assert_int_equal(media_bindings(), 0);
		assert_true(sends("c=IN IP4 192.168.1.2\r\n"));
	}
	offers("a=ice-ufrag:x\na=ice-options:trickle\nm=audio 9 RTP/AVP 0\n"); /* its candidates come later */
	assert_int_equal(media_bindings(), 0);
}

/* ---- Who gets in ---- */

static void make_narrow(sipalg_settings *settings)
{
	settings->narrow_media = true;
}

static void who_may_send_media(void **state)
{
	(void)state;
	for (unsigned narrow = 0; narrow < 2; narrow++) {
		harness_close(plane);
		harness_open(plane, narrow ? make_narrow : NULL);
		offers("m=audio 8000 RTP/AVP 0\n");
		for (size_t i = 0; i < plane->binding_count; i++)
			assert_int_equal(plane->bindings[i].admits_any, !narrow && !plane->bindings[i].signalling);
		hears(200, 1, "INVITE", "far", theirs());
		assert_int_equal(harness_count(plane, SIPALG_COMMAND_ADMIT), narrow ? 2 : 0);
		assert_int_equal(harness_count(plane, SIPALG_COMMAND_ENTER_FLOW), 2);
	}
}

static void flows_go_where_the_answer_says(void **state)
{
	(void)state;
	static const struct {
		const char *lines;
		uint16_t rtcp;
	} answers_given[] = { { "", 30001 }, { "a=rtcp-mux\n", 30000 }, { "a=rtcp:40000\n", 40000 } };
	for (unsigned i = 0; i < 3; i++) {
		asks("INVITE", i + 1, i ? "far" : "", own(8000));
		hears(200, i + 1, "INVITE", "far", sdp("198.51.100.9", 30000, answers_given[i].lines));
		size_t count = harness_count(plane, SIPALG_COMMAND_ENTER_FLOW);
		assert_int_equal(count, i ? 1 : 2); /* only what is new */
		const sipalg_command *last = harness_command(plane, SIPALG_COMMAND_ENTER_FLOW, count - 1);
		assert_int_equal(last->peer.port, answers_given[i].rtcp);
		assert_int_equal(last->inside.port, 8001);
	}
}

/* ---- From next door ---- */

static void receives(const char *address, const char *body_text, const char *expected)
{
	static struct letter given, wanted;
	sipalg_endpoint to = endpoint_of(address, 5060);
	const char *head = "INVITE sip:b@192.168.1.9 SIP/2.0\nVia: SIP/2.0/UDP 198.51.100.1\nFrom: <sip:o@x>;tag=1\n"
	                   "To: <sip:b@x>\nCall-ID: call\nCSeq: 1 INVITE\nContent-Type: application/sdp\n"
	                   "Content-Length: #\n\n";
	letter_write(&given, "%s%s", head, body_text);
	letter_write(&wanted, "%s%s", head, expected);
	harness_in(plane, &server, &to, letter_text(&given));
	assert_same(plane, letter_text(&plane->sent), letter_text(&wanted));
}

static void streams_of_two_hosts_stay(void **state)
{
	(void)state;
	another_phone_offers("192.168.1.3", "m=audio 8000 RTP/AVP 0\n");
	another_phone_offers("192.168.1.4", "m=audio 8000 RTP/AVP 0\n");
	const char *mixed = "v=0\nc=IN IP4 203.0.113.1\nm=audio 8000 RTP/AVP 0\nm=video 8002 RTP/AVP 31\n";
	receives("192.168.1.5", mixed, mixed);
	receives("192.168.1.5", "v=0\nc=IN IP4 203.0.113.1\nm=audio 8002 RTP/AVP 0\n",
	         "v=0\nc=IN IP4 192.168.1.4\nm=audio 8000 RTP/AVP 0\n");
	const char *unknown = "v=0\nc=IN IP4 203.0.113.1\nm=audio 8000 RTP/AVP 0\nm=video 8100 RTP/AVP 31\n";
	receives("192.168.1.5", unknown, unknown);
}

/* On hold only o= names the phone, and it stays the same for the whole dialog. */
static void hold_from_next_door(void **state)
{
	(void)state;
	asks("INVITE", 1, "", own(8000));
	hears(200, 1, "INVITE", "far", theirs());
	asks("INVITE", 2, "far",
	     "Content-Type: application/sdp\nContent-Length: #\n\nv=0\no=- 1 2 IN IP4 192.168.1.2\nc=IN IP4 0.0.0.0\n"
	     "m=audio 8000 RTP/AVP 0\n");
	assert_true(sends("o=- 1 2 IN IP4 203.0.113.1\r\nc=IN IP4 0.0.0.0\r\n"));
	receives("192.168.1.5", "v=0\no=- 1 2 IN IP4 203.0.113.1\nc=IN IP4 0.0.0.0\nm=audio 8000 RTP/AVP 0\n",
	         "v=0\no=- 1 2 IN IP4 192.168.1.2\nc=IN IP4 0.0.0.0\nm=audio 8000 RTP/AVP 0\n");
}

static void a_candidate_from_next_door(void **state)
{
	(void)state;
	another_phone_offers("192.168.1.3", "a=ice-ufrag:x\nm=audio 8000 RTP/AVP 0\na=rtcp-mux\n"
	                                    "a=candidate:1 1 UDP 1 192.168.1.3 8000 typ host\n");
	receives("192.168.1.5",
	         "v=0\nc=IN IP4 203.0.113.1\na=ice-ufrag:x\nm=audio 8000 RTP/AVP 0\na=rtcp-mux\n"
	         "a=candidate:1 1 UDP 1 203.0.113.1 8000 typ host\n",
	         "v=0\nc=IN IP4 192.168.1.3\na=ice-ufrag:x\nm=audio 8000 RTP/AVP 0\na=rtcp-mux\n"
	         "a=candidate:1 1 UDP 1 192.168.1.3 8000 typ host\n");
}

int main(void)
{
#define MEDIA_TEST(test) cmocka_unit_test_setup_teardown(test, conversation_setup, harness_teardown)
	const struct CMUnitTest tests[] = {
		MEDIA_TEST(rtcp_is_the_next_port),        MEDIA_TEST(rtcp_that_is_written_next_to_rtp_stays_there),
		MEDIA_TEST(rtcp_may_share_or_be_missing), MEDIA_TEST(streams_may_be_several),
		MEDIA_TEST(media_over_tcp_stay),          MEDIA_TEST(several_addresses_stay),
		MEDIA_TEST(services_of_the_host_stay),    MEDIA_TEST(who_has_solved_nat_is_left_alone),
		MEDIA_TEST(who_may_send_media),           MEDIA_TEST(flows_go_where_the_answer_says),
		MEDIA_TEST(streams_of_two_hosts_stay),    MEDIA_TEST(hold_from_next_door),
		MEDIA_TEST(a_candidate_from_next_door),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
