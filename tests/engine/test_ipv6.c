/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv6: routed networks, NAT66 and prefix translation. */
#include "ipv6.h"

/* ---- Routed: nothing is edited, and the ports are open ---- */

#define ROUTED_INVITE                                                                                                  \
	"INVITE sip:b@x SIP/2.0\nVia: SIP/2.0/UDP [2001:DB8:5::2]:5060;branch=1\n" DIALOG(                             \
	        "1 INVITE") "Contact: <sip:a@[2001:db8:5:0::2]>\n" BODY                                                \
	                    "o=- 1 1 IN IP6 2001:db8:5::2\nc=IN IP6 2001:DB8:5::2\nm=audio 8000 RTP/AVP "              \
	                    "0\na=rtcp:8005\n"
#define ROUTED_ANSWER                                                                                                  \
	"SIP/2.0 200 OK\nVia: SIP/2.0/UDP [2001:DB8:5::2]:5060;branch=1\n" ANSWERED(                                   \
	        "1 INVITE") "Contact: <sip:b@[2001:db8:99::1]>\n" BODY                                                 \
	                    "c=IN IP6 2001:db8:99::9\nm=audio 30000 RTP/AVP 0\n"

static void a_routed_call_is_opened_and_closed(void **state)
{
	(void)state;
	live_routed();
	goes_out(ROUTED_INVITE, ROUTED_INVITE);
	assert_reason(plane, SIPALG_REASON_OPENED);
	assert_true(is_open_to("2001:db8:5::2", 5060, "2001:db8:99::1"));
	assert_false(is_open_to("2001:db8:5::2", 5060, "2001:db8:99::9"));
	assert_true(is_open_to("2001:db8:5::2", 8000, "2001:db8:1234::1"));
	assert_true(is_open_to("2001:db8:5::2", 8005, "2001:db8:1234::1"));
	assert_null(binding_of("2001:db8:5::2", 8001));
	comes_in(ROUTED_ANSWER, ROUTED_ANSWER);
	assert_reason(plane, SIPALG_REASON_NOTHING_TO_DO);
	assert_int_equal(harness_count(plane, SIPALG_COMMAND_ENTER_FLOW), 2);
	harness_wait(plane, 300);
	assert_non_null(binding_of("2001:db8:5::2", 8000));
#define ROUTED_BYE "BYE sip:b@x SIP/2.0\nVia: SIP/2.0/UDP [2001:db8:5::2];branch=2\n" ANSWERED("2 BYE") "\n"
#define ROUTED_GONE "SIP/2.0 200 OK\nVia: SIP/2.0/UDP [2001:db8:5::2];branch=2\n" ANSWERED("2 BYE") "\n"
	goes_out(ROUTED_BYE, ROUTED_BYE);
	comes_in(ROUTED_GONE, ROUTED_GONE);
	assert_null(binding_of("2001:db8:5::2", 8000));
	assert_null(binding_of("2001:db8:5::2", 8005));
	harness_wait_for_the_end(plane);
}

#define ROUTED_REGISTER                                                                                                \
	"REGISTER sip:x SIP/2.0\nVia: SIP/2.0/UDP [2001:db8:5::2];branch=r\nFrom: <sip:a@x>;tag=1\n"                   \
	"To: <sip:a@x>\nCall-ID: reg\nCSeq: 1 REGISTER\nContact: <sip:a@[2001:db8:5::2]:5062>;expires=600\n\n"
#define ROUTED_REGISTERED                                                                                              \
	"SIP/2.0 200 OK\nVia: SIP/2.0/UDP [2001:db8:5::2];branch=r\nFrom: <sip:a@x>;tag=1\n"                           \
	"To: <sip:a@x>;tag=2\nCall-ID: reg\nCSeq: 1 REGISTER\n"                                                        \
	"Contact: <sip:a@[2001:0db8:5::0002]:5062>;expires=600\n\n"

static void a_routed_registration_is_kept_open(void **state)
{
	(void)state;
	live_routed();
	goes_out(ROUTED_REGISTER, ROUTED_REGISTER);
	comes_in(ROUTED_REGISTERED, ROUTED_REGISTERED);
	assert_int_equal(harness_count(plane, SIPALG_COMMAND_HOLD_FLOW), 1);
	uint32_t cursor = 0;
	sipalg_registration_view view;
	assert_true(sipalg_engine_next_registration(plane->engine, &cursor, &view));
	assert_true(view.granted && sipalg_endpoint_equal(&view.inside, &view.outside));
	assert_int_equal(view.inside.port, 5062);
	harness_wait(plane, 600);
	assert_true(is_open_to("2001:db8:5::2", 5062, "2001:db8:99::1"));
	harness_wait(plane, 60);
	assert_null(binding_of("2001:db8:5::2", 5062));
	harness_wait_for_the_end(plane);
}

/* The router's own ports and settings say nothing about a host that has an address of its own. */
static void routed_ports_are_their_own(void **state)
{
	(void)state;
	live_routed();
	sipalg_engine_reserve_port(plane->engine, SIPALG_PROTOCOL_UDP, 8000, true);
	offers_unchanged("c=IN IP6 2001:db8:5::2\nm=audio 8000 RTP/AVP 0\nm=video 443 RTP/AVP 96\n");
	assert_reason(plane, SIPALG_REASON_OPENED);
	assert_non_null(binding_of("2001:db8:5::2", 8000));
	assert_null(binding_of("2001:db8:5::2", 443));
	sipalg_packet packet = { .source = phone, .destination = server6, .direction = SIPALG_OUTBOUND };
	packet.outside = plane->outside[0];
	assert_false(sipalg_engine_wants_mapping(plane->engine, &packet));
	sipalg_endpoint foreseen = sipalg_engine_foresee(plane->engine, &packet);
	assert_true(sipalg_endpoint_equal(&foreseen, &phone));
}

/* Who has no outside address of its own needs none where it is routed. */
static void routed_networks_need_no_outside_address(void **state)
{
	(void)state;
	live_routed();
	memset(plane->outside, 0, sizeof(plane->outside));
	goes_out(ROUTED_INVITE, ROUTED_INVITE);
	assert_reason(plane, SIPALG_REASON_OPENED);
	live_behind_nat66();
	offers_unchanged("c=IN IP6 fd00:5::2\nm=audio 8000 RTP/AVP 0\n");
	assert_reason(plane, SIPALG_REASON_NO_OUTSIDE);
}

static void what_is_signed_is_opened_where_nothing_is_edited(void **state)
{
	(void)state;
	const char *message = "INVITE sip:b@x SIP/2.0\nVia: SIP/2.0/UDP [2001:db8:5::2];branch=1\n" DIALOG(
	        "1 INVITE") "Identity: \"x\"\nIdentity-Info: <https://x/>;alg=rsa-sha1\n"
	                    "Contact: <sip:a@[2001:db8:5::2]>\n" BODY
	                    "c=IN IP6 2001:db8:5::2\nm=audio 8000 RTP/AVP 0\n";
	live_routed();
	goes_out(message, message);
	assert_reason(plane, SIPALG_REASON_OPENED);
	live_in("2001:db8:5::2", "2001:db8:5::/48", SIPALG_TRANSLATION_PORTS, NULL);
	goes_out(message, message);
	assert_reason(plane, SIPALG_REASON_SIGNED);
	assert_int_equal(plane->binding_count, 0);
}

static void public_ipv4_may_be_routed(void **state)
{
	(void)state;
	live_in("192.0.2.2", "192.0.2.0/24", SIPALG_TRANSLATION_NONE, NULL);
	offers_unchanged("c=IN IP4 192.0.2.2\nm=audio 8000 RTP/AVP 0\n");
	assert_reason(plane, SIPALG_REASON_OPENED);
	assert_true(is_open_to("192.0.2.2", 8000, "198.51.100.77"));
}

static void another_inside_host_is_opened_to_the_answer_only(void **state)
{
	(void)state;
	live_routed();
	offers_unchanged("c=IN IP6 2001:db8:5::77\nm=audio 8000 RTP/AVP 0\n");
	assert_non_null(binding_of("2001:db8:5::77", 8000));
	assert_false(is_open_to("2001:db8:5::77", 8000, "2001:db8:99::9"));
	const char *answer = "SIP/2.0 200 OK\nVia: SIP/2.0/UDP phone.invalid;branch=1\n" ANSWERED("1 INVITE") BODY
	        "c=IN IP6 2001:db8:99::9\nm=audio 30000 RTP/AVP 0\n";
	comes_in(answer, answer);
	assert_true(is_open_to("2001:db8:5::77", 8000, "2001:db8:99::9"));
	assert_false(is_open_to("2001:db8:5::77", 8000, "2001:db8:99::1"));
}

/* ---- Addresses that nobody outside can reach ---- */

static void some_addresses_are_never_opened(void **state)
{
	(void)state;
	static const char *const hosts[] = { "fe80::2",       "fe80::2%eth0",     "::",        "::1",      "ff02::1",
		                             "phone.invalid", "::ffff:192.0.2.2", "fd00:5::2", "192.0.2.2" };
	const sipalg_network all = network_of("::/0", SIPALG_TRANSLATION_NONE, NULL);
	char description[256];
	harness_set_networks(plane, &all, 1);
	phone = endpoint_of("2001:db8:5::2", 5060);
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		snprintf(description, sizeof(description),
		         "o=- 1 1 IN IP6 %s\nc=IN IP6 %s\nm=audio 8000 RTP/AVP 0\na=candidate:1 1 UDP 1 %s 8000 typ "
		         "host\n"
		         "a=altc:1 IP6 %s 8000\n",
		         hosts[i], hosts[i], strcmp(hosts[i], "192.0.2.2") == 0 ? "x" : hosts[i], hosts[i]);
		offers_unchanged(description);
		assert_int_equal(plane->binding_count, 0);
	}
}

/* From a phone that is itself at a unique local address, over a network that does not translate: somebody outside can
 * reach it, for the answer has to come back. */
static void unique_local_addresses_are_opened_to_their_like(void **state)
{
	(void)state;
	live_in("fd00:5::2", "fd00:5::/48", SIPALG_TRANSLATION_NONE, NULL);
	offers_unchanged("c=IN IP6 fd00:5::2\nm=audio 8000 RTP/AVP 0\n");
	assert_reason(plane, SIPALG_REASON_OPENED);
	assert_non_null(binding_of("fd00:5::2", 8000));
}

static void zones_are_names(void **state)
{
	(void)state;
	live_behind_nat66();
	goes_out("OPTIONS sip:x SIP/2.0\nVia: SIP/2.0/UDP [fd00:5::2];branch=1\n" DIALOG(
	                 "1 OPTIONS") "Contact: <sip:a@[fe80::2%25eth0]>, <sip:a@[fd00:5::2]>\n\n",
	         "OPTIONS sip:x SIP/2.0\nVia: SIP/2.0/UDP [2001:db8::1];branch=1\n" DIALOG(
	                 "1 OPTIONS") "Contact: <sip:a@[fe80::2%25eth0]>, <sip:a@[2001:db8::1]>\n\n");
}

/* ---- NAT66 ---- */

static void every_place_is_rewritten(void **state)
{
	(void)state;
	live_behind_nat66();
	goes_out("INVITE sip:b@[2001:db8:99::1] SIP/2.0\nVia: SIP/2.0/UDP [fd00:5::2]:5060;branch=1\n" DIALOG(
	                 "1 INVITE") "Contact: <sip:a@[FD00:5::2]>\nRecord-Route: <sip:[fd00:5::0:2]:5060;lr>\n"
	                             "Path: <sip:[fd00:5::0:2]:5060;lr>\nUser-Agent: [fd00:5::2]\n" BODY
	                             "o=- 1 1 IN IP6 fd00:5::2\nc=IN IP6 fd00:5::2\nm=audio 8000 RTP/AVP 0\n"
	                             "a=rtcp:8001 IN IP6 FD00:5:0::2\n",
	         "INVITE sip:b@[2001:db8:99::1] SIP/2.0\nVia: SIP/2.0/UDP [2001:db8::1]:5060;branch=1\n" DIALOG(
	                 "1 INVITE") "Contact: <sip:a@[2001:db8::1]>\nRecord-Route: <sip:[2001:db8::1]:5060;lr>\n"
	                             "Path: <sip:[2001:db8::1]:5060;lr>\nUser-Agent: [fd00:5::2]\n" BODY
	                             "o=- 1 1 IN IP6 2001:db8::1\nc=IN IP6 2001:db8::1\nm=audio 8000 RTP/AVP 0\n"
	                             "a=rtcp:8001 IN IP6 2001:db8::1\n");
	assert_reason(plane, SIPALG_REASON_EDITED);
	comes_in(
	        "SIP/2.0 200 OK\nVia: SIP/2.0/UDP [2001:db8::1]:5060;branch=1;received=fd00::1\n" ANSWERED(
	                "1 INVITE") "Record-Route: <sip:[2001:DB8::1]:5060;lr>\nContact: <sip:b@[2001:db8:99::1]>\n\n",
	        "SIP/2.0 200 OK\nVia: SIP/2.0/UDP [fd00:5::2]:5060;branch=1;received=fd00::1\n" ANSWERED(
	                "1 INVITE") "Record-Route: <sip:[fd00:5::0:2]:5060;lr>\nContact: <sip:b@[2001:db8:99::1]>\n\n");
	comes_in(
	        "BYE sip:a@[2001:db8::1] SIP/2.0\nVia: SIP/2.0/UDP [2001:db8:99::1];branch=9\nFrom: <sip:b@x>;tag=far\n"
	        "To: <sip:a@x>;tag=near\nCall-ID: call\nCSeq: 1 BYE\n\n",
	        "BYE sip:a@[FD00:5::2] SIP/2.0\nVia: SIP/2.0/UDP [2001:db8:99::1];branch=9\nFrom: <sip:b@x>;tag=far\n"
	        "To: <sip:a@x>;tag=near\nCall-ID: call\nCSeq: 1 BYE\n\n");
	assert_reason(plane, SIPALG_REASON_RESTORED);
}

#define OPTIONS(via, branch)                                                                                           \
	"OPTIONS sip:x SIP/2.0\nVia: SIP/2.0/UDP " via ";branch=" branch "\n" DIALOG("1 OPTIONS") "\n"
#define OPTIONS_OK(via, branch) "SIP/2.0 200 OK\nVia: SIP/2.0/UDP " via ";branch=" branch "\n" DIALOG("1 OPTIONS") "\n"

/* A port that was not written is, when the neighbour has 5060 already; the brackets stay where they belong. */
static void a_port_is_added_behind_the_brackets(void **state)
{
	(void)state;
	live_behind_nat66();
	phone = endpoint_of("fd00:5::3", 5060);
	goes_out(OPTIONS("[fd00:5::3]", "n"), OPTIONS("[2001:db8::1]", "n"));
	phone = endpoint_of("fd00:5::2", 5060);
	goes_out(OPTIONS("[FD00:5::2]", "1"), OPTIONS("[2001:db8::1]:5062", "1"));
	goes_out(OPTIONS("[fd00:5::2] : 5060", "2"), OPTIONS("[2001:db8::1] : 5062", "2"));
	goes_out(OPTIONS("[FD00:5:0:0:0:0:0:2]", "3"), OPTIONS("[2001:db8::1]:5062", "3"));
	comes_in(OPTIONS_OK("[2001:db8::1]:5062", "2"), OPTIONS_OK("[fd00:5::2]:5060", "2"));
	comes_in(OPTIONS_OK("[2001:db8::1]:5062", "1"), OPTIONS_OK("[FD00:5::2]", "1"));
	comes_in(OPTIONS_OK("[2001:db8::1]:5062", "3"), OPTIONS_OK("[FD00:5:0:0:0:0:0:2]", "3"));
}

/* The longest there is fits. */
static void the_longest_address_fits(void **state)
{
	(void)state;
	live_in("fd00:5:aaaa:bbbb:cccc:dddd:eeee:ffff", "fd00:5::/32", SIPALG_TRANSLATION_PORTS, NULL);
	plane->outside[0] = endpoint_of("2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", 0).address;
	sipalg_engine_reserve_port(plane->engine, SIPALG_PROTOCOL_UDP, 5060, true);
	goes_out(OPTIONS("[FD00:5:aaaa:bbbb:cccc:dddd:238.238.255.255]", "1"),
	         OPTIONS("[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:5062", "1"));
	comes_in(OPTIONS_OK("[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:5062", "1"),
	         OPTIONS_OK("[FD00:5:aaaa:bbbb:cccc:dddd:238.238.255.255]", "1"));
}

#define REGISTER(contact)                                                                                              \
	"REGISTER sip:x SIP/2.0\nVia: SIP/2.0/UDP x.invalid;branch=r\nFrom: <sip:a@x>;tag=1\nTo: <sip:a@x>\n"          \
	"Call-ID: reg\nCSeq: 1 REGISTER\nContact: <sip:a@" contact ">\n\n"
#define CALL(uri)                                                                                                      \
	"INVITE sip:a@" uri " SIP/2.0\nVia: SIP/2.0/UDP [2001:db8:99::1];branch=c\nFrom: <sip:b@x>;tag=c\n"            \
	"To: <sip:a@x>\nCall-ID: in\nCSeq: 1 INVITE\n\n"

/* Of what has been registered the latest counts, be it the third spelling. */
static void the_registered_contact_comes_back_as_spelt(void **state)
{
	(void)state;
	static const char *const spellings[][2] = {
		{ REGISTER("[FD00:5::2]"), CALL("[FD00:5::2]") },
		{ REGISTER("[fd00:5::2]"), CALL("[fd00:5::2]") },
		{ REGISTER("[fd00:05::2]:5060"), CALL("[fd00:05::2]:5060") },
		{ REGISTER("[fd00:5:0:0:0:0:0:2]"), CALL("[fd00:5:0:0:0:0:0:2]") },
		{ REGISTER("[fd00:5::2]"), CALL("[fd00:5::2]") },
		{ REGISTER("[FD00:5::2]"), CALL("[FD00:5::2]") },
	};
	live_behind_nat66();
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		bool has_port = strstr(spellings[i][0], ":5060>");
		goes_out(spellings[i][0], has_port ? REGISTER("[2001:db8::1]:5060") : REGISTER("[2001:db8::1]"));
		comes_in(has_port ? CALL("[2001:db8::1]:5060") : CALL("[2001:db8::1]"), spellings[i][1]);
	}
}

/* ---- Prefix translation ---- */

static void a_prefix_is_translated_and_the_port_stays(void **state)
{
	(void)state;
	live_behind_prefix();
	static const char *const ports[] = { "443", "5060", "1500" };
	sipalg_engine_reserve_port(plane->engine, SIPALG_PROTOCOL_UDP, 5060, true);
	for (size_t i = 0; i < 3; i++) {
		char via[64], seen[64], message[512], expected[512];
		snprintf(via, sizeof(via), "[fd00:5::2]:%s", ports[i]);
		snprintf(seen, sizeof(seen), "[2001:db8:6::2]:%s", ports[i]);
		snprintf(message, sizeof(message), OPTIONS("%s", "1"), via);
		snprintf(expected, sizeof(expected), OPTIONS("%s", "1"), seen);
		goes_out(message, expected);
	}
	offers("o=- 1 1 IN IP6 fd00:5::2\nc=IN IP6 fd00:5::2\nm=audio 8000 RTP/AVP 0\n",
	       "o=- 1 1 IN IP6 2001:db8:6::2\nc=IN IP6 2001:db8:6::2\nm=audio 8000 RTP/AVP 0\n");
	comes_in(OPTIONS_OK("[2001:db8:6::2]:5060", "1"), OPTIONS_OK("[fd00:5::2]:5060", "1"));
}

/* Two hosts may have the same port, and each gets its own spelling back, though the Call-ID be the same. */
static void hosts_do_not_share_their_spellings(void **state)
{
	(void)state;
	live_behind_prefix();
	phone = endpoint_of("fd00:5::3", 5060);
	goes_out(OPTIONS("[FD00:5::3]", "1"), OPTIONS("[2001:db8:6::3]", "1"));
	goes_out(OPTIONS("[fd00:5::3]", "2"), OPTIONS("[2001:db8:6::3]", "2"));
	phone = endpoint_of("fd00:5::2", 5060);
	goes_out(OPTIONS("[fd00:5::2]", "1"), OPTIONS("[2001:db8:6::2]", "1"));
	goes_out(OPTIONS("[FD00:5::2]", "2"), OPTIONS("[2001:db8:6::2]", "2"));
	comes_in(OPTIONS_OK("[2001:db8:6::2]", "1"), OPTIONS_OK("[fd00:5::2]", "1"));
	comes_in(OPTIONS_OK("[2001:db8:6::2]", "2"), OPTIONS_OK("[FD00:5::2]", "2"));
	phone = endpoint_of("fd00:5::3", 5060);
	comes_in(OPTIONS_OK("[2001:db8:6::3]", "1"), OPTIONS_OK("[FD00:5::3]", "1"));
	comes_in(OPTIONS_OK("[2001:db8:6::3]", "2"), OPTIONS_OK("[fd00:5::3]", "2"));
}

static void a_translated_neighbour_is_met_inside(void **state)
{
	(void)state;
	live_behind_prefix();
	offers("o=- 1 1 IN IP6 fd00:5::2\nc=IN IP6 fd00:5::2\nm=audio 8000 RTP/AVP 0\n",
	       "o=- 1 1 IN IP6 2001:db8:6::2\nc=IN IP6 2001:db8:6::2\nm=audio 8000 RTP/AVP 0\n");
	phone = endpoint_of("fd00:5::3", 5060);
#define FROM_NEXT_DOOR(address)                                                                                        \
	"INVITE sip:c@x SIP/2.0\nVia: SIP/2.0/UDP [2001:db8:99::1];branch=i\nFrom: <sip:a@x>;tag=near\n"               \
	"To: <sip:c@x>\nCall-ID: in\nCSeq: 1 INVITE\n" BODY "o=- 1 1 IN IP6 " address "\nc=IN IP6 " address            \
	"\nm=audio 8000 RTP/AVP 0\n"
	comes_in(FROM_NEXT_DOOR("2001:DB8:6::2"), FROM_NEXT_DOOR("fd00:5::2"));
}

/* What is bound in a way that is no longer so ends, flows included. */
static void another_translation_ends_what_was_bound(void **state)
{
	(void)state;
	live_behind_prefix();
	goes_out(OPTIONS("[fd00:5::2]", "1"), OPTIONS("[2001:db8:6::2]", "1"));
	live_behind_prefix();
	assert_non_null(binding_of("fd00:5::2", 5060));
	live_in("fd00:5::2", "fd00:5::/48", SIPALG_TRANSLATION_PREFIX, "2001:db8:7::/48");
	harness_wait(plane, 0);
	assert_int_equal(plane->binding_count, 0);
	goes_out(OPTIONS("[fd00:5::2]", "1"), OPTIONS("[2001:db8:7::2]", "1"));
	live_behind_nat66();
	harness_wait(plane, 0);
	goes_out(OPTIONS("[fd00:5::2]", "1"), OPTIONS("[2001:db8::1]", "1"));
	live_in("fd00:5::2", "fd00:5::/48", SIPALG_TRANSLATION_NONE, NULL);
	harness_wait(plane, 0);
	goes_out(OPTIONS("[fd00:5::2]", "1"), OPTIONS("[fd00:5::2]", "1"));
}

static void pinholes_found_at_start_go_on(void **state)
{
	(void)state;
	live_routed();
	sipalg_command open = { .kind = SIPALG_COMMAND_OPEN, .signalling = true, .lease_s = 100 };
	open.inside = open.outside = endpoint_of("2001:db8:5::2", 443);
	uint32_t binding;
	assert_true(sipalg_engine_restore_binding(plane->engine, plane->now_ns, &open, &binding));
	live_behind_nat66();
	open.inside = endpoint_of("fd00:5::2", 443);
	open.outside = endpoint_of("2001:db8::1", 443);
	assert_false(sipalg_engine_restore_binding(plane->engine, plane->now_ns, &open, &binding));
}

int main(void)
{
#define IPV6_TEST(test) cmocka_unit_test_setup_teardown(test, ipv6_setup, harness_teardown)
	const struct CMUnitTest tests[] = {
		IPV6_TEST(a_routed_call_is_opened_and_closed),
		IPV6_TEST(a_routed_registration_is_kept_open),
		IPV6_TEST(routed_ports_are_their_own),
		IPV6_TEST(routed_networks_need_no_outside_address),
		IPV6_TEST(what_is_signed_is_opened_where_nothing_is_edited),
		IPV6_TEST(public_ipv4_may_be_routed),
		IPV6_TEST(another_inside_host_is_opened_to_the_answer_only),
		IPV6_TEST(some_addresses_are_never_opened),
		IPV6_TEST(unique_local_addresses_are_opened_to_their_like),
		IPV6_TEST(zones_are_names),
		IPV6_TEST(every_place_is_rewritten),
		IPV6_TEST(a_port_is_added_behind_the_brackets),
		IPV6_TEST(the_longest_address_fits),
		IPV6_TEST(the_registered_contact_comes_back_as_spelt),
		IPV6_TEST(a_prefix_is_translated_and_the_port_stays),
		IPV6_TEST(hosts_do_not_share_their_spellings),
		IPV6_TEST(a_translated_neighbour_is_met_inside),
		IPV6_TEST(another_translation_ends_what_was_bound),
		IPV6_TEST(pinholes_found_at_start_go_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
