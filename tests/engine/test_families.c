/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptions that name addresses of both families: each goes its own way. */
#include "ipv6.h"

static void ipv6_in_ipv4_signalling_is_opened(void **state)
{
	(void)state;
	live_routed();
	phone = endpoint_of("192.168.1.2", 5060);
	offers("o=- 1 1 IN IP4 192.168.1.2\nc=IN IP4 192.168.1.2\nm=audio 8000 RTP/AVP 0\nm=video 8010 RTP/AVP 96\n"
	       "c=IN IP6 2001:DB8:5::2\n",
	       "o=- 1 1 IN IP4 203.0.113.1\nc=IN IP4 203.0.113.1\nm=audio 8000 RTP/AVP 0\nm=video 8010 RTP/AVP 96\n"
	       "c=IN IP6 2001:DB8:5::2\n");
	assert_non_null(binding_of("192.168.1.2", 8000));
	assert_non_null(binding_of("2001:db8:5::2", 8010));
	assert_null(binding_of("192.168.1.2", 8010));
	/* Whether that host is the phone nobody can tell: only where the answer says may media come from. */
	assert_false(is_open_to("2001:db8:5::2", 8010, "2001:db8:99::9"));
	const char *answer = "SIP/2.0 200 OK\nVia: SIP/2.0/UDP phone.invalid;branch=1\n" ANSWERED("1 INVITE") BODY
	        "c=IN IP4 198.51.100.9\nm=audio 30000 RTP/AVP 0\n"
	        "m=video 30010 RTP/AVP 96\nc=IN IP6 2001:db8:99::9\n";
	comes_in(answer, answer);
	assert_true(is_open_to("2001:db8:5::2", 8010, "2001:db8:99::9"));
	assert_int_equal(harness_count(plane, SIPALG_COMMAND_ENTER_FLOW), 4);
}

static void ipv4_in_ipv6_signalling_is_translated(void **state)
{
	(void)state;
	live_routed();
	offers("c=IN IP4 192.168.1.2\nm=audio 8000 RTP/AVP 0\n", "c=IN IP4 203.0.113.1\nm=audio 8000 RTP/AVP 0\n");
	assert_reason(plane, SIPALG_REASON_EDITED);
	plane->outside[1] = (sipalg_address){ 0 };
	offers_unchanged("c=IN IP4 192.168.1.3\nm=audio 8000 RTP/AVP 0\n");
	assert_reason(plane, SIPALG_REASON_NOTHING_TO_DO);
}

/* Media of one family cannot be joined with an address of the other. */
static void families_are_not_joined(void **state)
{
	(void)state;
	live_routed();
	offers_unchanged("c=IN IP6 2001:db8:5::77\nm=audio 8000 RTP/AVP 0\n");
	const char *answer = "SIP/2.0 200 OK\nVia: SIP/2.0/UDP phone.invalid;branch=1\n" ANSWERED("1 INVITE") BODY
	        "c=IN IP4 198.51.100.9\nm=audio 30000 RTP/AVP 0\n";
	comes_in(answer, answer);
	assert_int_equal(harness_count(plane, SIPALG_COMMAND_ENTER_FLOW), 0);
	assert_int_equal(harness_count(plane, SIPALG_COMMAND_ADMIT), 0);
}

/* RFC 4091: one stream, a line for each family. */
static void lines_of_a_group_go_their_own_ways(void **state)
{
	(void)state;
	live_routed();
	offers("o=- 1 1 IN IP6 2001:db8:5::2\nt=0 0\na=group:ANAT 1 2\nm=audio 8000 RTP/AVP 0\nc=IN IP6 2001:db8:5::2\n"
	       "a=mid:1\nm=audio 9000 RTP/AVP 0\nc=IN IP4 192.168.1.2\na=mid:2\n",
	       "o=- 1 1 IN IP6 2001:db8:5::2\nt=0 0\na=group:ANAT 1 2\nm=audio 8000 RTP/AVP 0\nc=IN IP6 2001:db8:5::2\n"
	       "a=mid:1\nm=audio 9000 RTP/AVP 0\nc=IN IP4 203.0.113.1\na=mid:2\n");
	assert_non_null(binding_of("2001:db8:5::2", 8000));
	assert_non_null(binding_of("2001:db8:5::2", 8001));
	assert_non_null(binding_of("192.168.1.2", 9000));
}

/* RFC 6947: a=altc names the endpoint of c= and m=, and that of the other family, RTCP behind each. */
static void alternatives_follow(void **state)
{
	(void)state;
	live_routed();
	sipalg_engine_reserve_port(plane->engine, SIPALG_PROTOCOL_UDP, 8000, true);
	offers("c=IN IP4 192.168.1.2\nm=audio 8000 RTP/AVP 0\na=altc:1 IP6 2001:db8:5::2 9000\n"
	       "a=altc:2 IP4 192.168.1.2 8000\na=altc:3 IP4 198.51.100.3 8000\na=altc:4 IP6 192.168.1.2 8000\n"
	       "a=altc:x\n",
	       "c=IN IP4 203.0.113.1\nm=audio 8002 RTP/AVP 0\na=altc:1 IP6 2001:db8:5::2 9000\n"
	       "a=altc:2 IP4 203.0.113.1 8002\na=altc:3 IP4 198.51.100.3 8000\na=altc:4 IP6 192.168.1.2 8000\n"
	       "a=altc:x\n");
	assert_non_null(binding_of("2001:db8:5::2", 9000));
	assert_non_null(binding_of("2001:db8:5::2", 9001));
	assert_int_equal(binding_of("192.168.1.2", 8001)->outside.port, 8003);
}

static void alternatives_share_rtcp_as_lines_do(void **state)
{
	(void)state;
	live_routed();
	offers_unchanged("c=IN IP6 2001:db8:5::2\nm=audio 8000 RTP/AVP 0\na=rtcp-mux\na=altc:1 IP6 2001:db8:5::2 9000\n"
	                 "m=image 8100 udptl t38\na=altc:1 IP6 2001:db8:5::2 9100\n");
	assert_null(binding_of("2001:db8:5::2", 9001));
	assert_non_null(binding_of("2001:db8:5::2", 9100));
	assert_null(binding_of("2001:db8:5::2", 9101));
}

/* ---- ICE of both families ---- */

#define ICE "a=ice-ufrag:abcd\na=ice-pwd:0123456789012345678901\n"
#define HOST6(port) "a=candidate:1 1 UDP 2130706431 2001:db8:5::2 " port " typ host\n"
#define HOST4(address, port) "a=candidate:2 1 UDP 2130706430 " address " " port " typ host\n"
#define REFLEXIVE4 "a=candidate:3 1 UDP 1694498815 203.0.113.1 8000 typ srflx raddr 192.168.1.2 rport 8000\n"
#define REFLEXIVE6 "a=candidate:4 1 UDP 1694498814 2001:db8:77::1 8000 typ srflx raddr 2001:db8:5::2 rport 8000\n"
#define STREAM(address) "c=IN IP4 " address "\nm=audio 8000 RTP/SAVPF 0\na=rtcp-mux\n" ICE

static void offers_with_ice(const char *description, const char *expected, enum sipalg_reason reason)
{
	offers(description, expected);
	assert_reason(plane, reason);
}

static void an_outside_ipv6_candidate_solves_nothing_for_ipv4(void **state)
{
	(void)state;
	live_routed();
	phone = endpoint_of("192.168.1.2", 5060);
	offers_with_ice(STREAM("192.168.1.2") HOST6("8000") HOST4("192.168.1.2", "8000"),
	                STREAM("203.0.113.1") HOST6("8000") HOST4("203.0.113.1", "8000"), SIPALG_REASON_EDITED);
	assert_non_null(binding_of("2001:db8:5::2", 8000));
	assert_non_null(binding_of("192.168.1.2", 8000));
	harness_wait_for_the_end(plane);
	offers_with_ice(STREAM("192.168.1.2") REFLEXIVE6 HOST4("192.168.1.2", "8000"),
	                STREAM("203.0.113.1") REFLEXIVE6 HOST4("203.0.113.1", "8000"), SIPALG_REASON_EDITED);
}

static void ipv4_that_is_solved_leaves_ipv6_to_be_opened(void **state)
{
	(void)state;
	live_routed();
	phone = endpoint_of("192.168.1.2", 5060);
	const char *offer = STREAM("192.168.1.2") HOST6("8000") HOST4("192.168.1.2", "8000") REFLEXIVE4;
	offers_with_ice(offer, offer, SIPALG_REASON_OPENED);
	assert_non_null(binding_of("2001:db8:5::2", 8000));
	assert_null(binding_of("192.168.1.2", 8000));
	const char *both = STREAM("192.168.1.2") HOST4("192.168.1.2", "8000") REFLEXIVE4 REFLEXIVE6;
	offers_with_ice(both, both, SIPALG_REASON_ALREADY_PUBLIC);
}

/* Candidates that come later (RFC 8838): of a family none is known, so that family stays, unless it is routed. */
static void a_trickled_family_stays(void **state)
{
	(void)state;
	live_routed();
	phone = endpoint_of("192.168.1.2", 5060);
	const char *only6 = STREAM("192.168.1.2") HOST6("8000");
	offers_with_ice(only6, only6, SIPALG_REASON_OPENED);
	phone = endpoint_of("2001:db8:5::2", 5060);
	const char *none = "c=IN IP6 2001:db8:5::2\nm=audio 8100 RTP/SAVPF 0\na=rtcp-mux\n" ICE;
	offers_with_ice(none, none, SIPALG_REASON_ALREADY_PUBLIC);
	assert_non_null(binding_of("2001:db8:5::2", 8100));
	live_behind_nat66();
	const char *translated = "c=IN IP6 fd00:5::2\nm=audio 8100 RTP/SAVPF 0\na=rtcp-mux\n" ICE;
	offers_with_ice(translated, translated, SIPALG_REASON_ALREADY_PUBLIC);
	assert_null(binding_of("fd00:5::2", 8100));
}

static void candidates_behind_nat66_are_translated_together(void **state)
{
	(void)state;
#define STREAM6(address, port)                                                                                         \
	"c=IN IP6 " address "\nm=audio " port " RTP/SAVPF 0\na=rtcp-mux\n" ICE                                         \
	"a=candidate:1 1 UDP 2130706431 " address " " port " typ host\n"
#define LINK_LOCAL "a=candidate:5 1 UDP 2130706431 fe80::2 8000 typ host\n"
	live_behind_nat66();
	sipalg_engine_reserve_port(plane->engine, SIPALG_PROTOCOL_UDP, 8000, true);
	offers_with_ice(STREAM6("fd00:5::2", "8000") LINK_LOCAL, STREAM6("2001:db8::1", "8002") LINK_LOCAL,
	                SIPALG_REASON_EDITED);
}

/* Many candidates of a routed phone must not keep what is translated from its place. */
static void pinholes_leave_room(void **state)
{
	(void)state;
	static char offer[4096], expected[4096];
	live_routed();
	phone = endpoint_of("192.168.1.2", 5060);
	int length = snprintf(offer, sizeof(offer), "%s", STREAM("192.168.1.2"));
	int other = snprintf(expected, sizeof(expected), "%s", STREAM("203.0.113.1"));
	for (unsigned i = 0; i < 30; i++) {
		char line[128];
		snprintf(line, sizeof(line), "a=candidate:1 1 UDP 1 2001:db8:5::2 %u typ host\n", 9000 + i);
		length += snprintf(offer + length, sizeof(offer) - (size_t)length, "%s", line);
		other += snprintf(expected + other, sizeof(expected) - (size_t)other, "%s", line);
	}
	snprintf(offer + length, sizeof(offer) - (size_t)length, "%s", HOST4("192.168.1.2", "8000"));
	snprintf(expected + other, sizeof(expected) - (size_t)other, "%s", HOST4("203.0.113.1", "8000"));
	offers_with_ice(offer, expected, SIPALG_REASON_EDITED);
	assert_non_null(binding_of("2001:db8:5::2", 9000));
	assert_null(binding_of("2001:db8:5::2", 9029));
}

int main(void)
{
#define IPV6_TEST(test) cmocka_unit_test_setup_teardown(test, ipv6_setup, harness_teardown)
	const struct CMUnitTest tests[] = {
		IPV6_TEST(ipv6_in_ipv4_signalling_is_opened),
		IPV6_TEST(ipv4_in_ipv6_signalling_is_translated),
		IPV6_TEST(families_are_not_joined),
		IPV6_TEST(lines_of_a_group_go_their_own_ways),
		IPV6_TEST(alternatives_follow),
		IPV6_TEST(alternatives_share_rtcp_as_lines_do),
		IPV6_TEST(an_outside_ipv6_candidate_solves_nothing_for_ipv4),
		IPV6_TEST(ipv4_that_is_solved_leaves_ipv6_to_be_opened),
		IPV6_TEST(a_trickled_family_stays),
		IPV6_TEST(candidates_behind_nat66_are_translated_together),
		IPV6_TEST(pinholes_leave_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
