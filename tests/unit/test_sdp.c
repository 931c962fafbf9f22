/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"
#include "walk.h"

#include "sdp/sdp.h"

static struct sdp sdp;

static enum sdp_result parse(const char *string)
{
	return sdp_parse(text_of(string), &sdp);
}

static const char plain[] = "v=0\r\no=- 42 1 IN IP4 192.168.1.42\r\ns=-\r\nc=IN IP4 192.168.1.42\r\nt=0 0\r\n"
                            "m=audio 12000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=sendrecv\r\n"
                            "m=video 49170/2 RTP/AVP 31\r\nc=IN IP4 192.0.2.9\r\na=rtcp:49180 IN IP4 192.0.2.10\r\n"
                            "a=inactive\r\n";

static void a_plain_description_is_read(void **state)
{
	(void)state;
	assert_int_equal(parse(plain), SDP_WHOLE);
	assert_text(sdp.origin.host.name, "192.168.1.42");
	assert_true(sdp.origin.host.is_address && sdp.origin.is_ip4 && !sdp.origin.is_ip6);
	assert_int_equal(sdp.connection_count, 1);
	assert_int_equal(sipalg_address_to_ipv4(&sdp.connections[0].host.address), 0xc0a8012a);
	assert_int_equal(sdp.media_count, 2);
	assert_text(sdp.media[0].kind, "audio");
	assert_text(sdp.media[0].port_text, "12000");
	assert_text(sdp.media[0].protocol, "RTP/AVP");
	assert_int_equal(sdp.media[0].port, 12000);
	assert_int_equal(sdp.media[0].port_count, 1);
	assert_int_equal(sdp.media[0].connection_count, 0);
	assert_text(sdp.media[0].rtcp.port_text, "");
	assert_int_equal(sdp.media[0].direction, SDP_SENDRECV);
	assert_true(sdp.media[0].has_direction);
	assert_int_equal(sdp.media[1].port_count, 2);
	assert_text(sdp.media[1].port_text, "49170");
	assert_int_equal(sdp.media[1].connection_count, 1);
	assert_text(sdp.media[1].connections[0].host.name, "192.0.2.9");
	assert_int_equal(sdp.media[1].rtcp.port, 49180);
	assert_text(sdp.media[1].rtcp.address.host.name, "192.0.2.10");
	assert_int_equal(sdp.media[1].direction, SDP_INACTIVE);
	assert_false(sdp.has_ice);
}

/* The struct is not cleared by the reader: what an earlier description left behind must not show. */
static void nothing_is_left_of_the_one_before(void **state)
{
	(void)state;
	memset(&sdp, 0xff, sizeof(sdp));
	assert_int_equal(parse("m=audio 5 udptl t38"), SDP_WHOLE);
	assert_text(sdp.origin.host.name, "");
	assert_int_equal(sdp.connection_count, 0);
	assert_int_equal(sdp.direction, SDP_SENDRECV);
	assert_int_equal(sdp.candidate_count, 0);
	assert_int_equal(sdp.media_count, 1);
	assert_int_equal(sdp.media[0].connection_count, 0);
	assert_text(sdp.media[0].rtcp.port_text, "");
	assert_int_equal(sdp.media[0].rtcp.port, 0);
	assert_text(sdp.media[0].rtcp.address.host.name, "");
	assert_false(sdp.media[0].rtcp.address.host.is_address);
	assert_false(sdp.media[0].rtcp_mux || sdp.media[0].bundle_only || sdp.media[0].has_direction || sdp.has_ice);
}

static void connections_are_judged(void **state)
{
	static const struct {
		const char *line;
		enum sdp_result result;
		const char *name;
		bool is_address, is_ip4, is_ip6;
	} cases[] = {
		{ "c=IN IP4 192.0.2.1", SDP_WHOLE, "192.0.2.1", true, true, false },
		{ "c=in ip4 192.0.2.1", SDP_WHOLE, "192.0.2.1", true, true, false },
		{ "c= IN  IP4\t192.0.2.1 ", SDP_WHOLE, "192.0.2.1", true, true, false },
		{ "c=IN IP4 0.0.0.0", SDP_WHOLE, "0.0.0.0", true, true, false },
		{ "c=IN IP4 224.2.1.1/127", SDP_WHOLE, "224.2.1.1", true, true, false },
		{ "c=IN IP4 224.2.1.1/127/3", SDP_WHOLE, "224.2.1.1", true, true, false },
		{ "c=IN IP6 2001:db8::1", SDP_WHOLE, "2001:db8::1", true, false, true },
		{ "c=IN IP6 ff15::101/3", SDP_WHOLE, "ff15::101", true, false, true },
		{ "c=IN IP4 media.example.com", SDP_WHOLE, "media.example.com", false, true, false },
		{ "c=IN IP6 ::ffff:192.0.2.1", SDP_WHOLE, "::ffff:192.0.2.1", false, false, true },
		{ "c=IN IP4 2001:db8::1", SDP_WHOLE, "2001:db8::1", false, true, false }, /* contradicts itself */
		{ "c=IN IP6 192.0.2.1", SDP_WHOLE, "192.0.2.1", false, false, true },
		{ "c=IN IP4 192.0.2.256", SDP_WHOLE, "192.0.2.256", false, true, false },
		{ "c=ATM NSAP 47.0091", SDP_WHOLE, "47.0091", false, false, false },
		{ "c=IN IP5 192.0.2.1", SDP_WHOLE, "192.0.2.1", false, false, false },
		{ "c=IN IP4", SDP_BAD, NULL, false, false, false },
		{ "c=IN IP4 ", SDP_BAD, NULL, false, false, false },
		{ "c=IN IP4 /127", SDP_BAD, NULL, false, false, false },
		{ "c=", SDP_BAD, NULL, false, false, false },
		{ "c=192.0.2.1", SDP_BAD, NULL, false, false, false },
		{ "c=IN IP4 192.0.2.1 x", SDP_BAD, NULL, false, false, false },
	};
	(void)state;
	for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
		if (parse(cases[index].line) != cases[index].result)
			fail_msg("%s is not %d", cases[index].line, cases[index].result);
		if (cases[index].result != SDP_WHOLE)
			continue;
		assert_text(sdp.connections[0].host.name, cases[index].name);
		assert_int_equal(sdp.connections[0].host.is_address, cases[index].is_address);
		assert_int_equal(sdp.connections[0].is_ip4, cases[index].is_ip4);
		assert_int_equal(sdp.connections[0].is_ip6, cases[index].is_ip6);
	}
}

static void connections_belong_to_where_they_stand(void **state)
{
	(void)state;
	assert_int_equal(parse("c=IN IP4 10.0.0.1\nc=IN IP4 10.0.0.2\nm=audio 1 RTP/AVP 0\nm=video 2 RTP/AVP 0\n"
	                       "c=IN IP4 10.0.0.3\nc=IN IP4 10.0.0.4\nc=IN IP4 10.0.0.5\nc=IN IP4 10.0.0.6\n"),
	                 SDP_WHOLE);
	assert_int_equal(sdp.connection_count, 2);
	assert_int_equal(sdp.media[0].connection_count, 0);
	assert_int_equal(sdp.media[1].connection_count, 4);
	assert_text(sdp.media[1].connections[3].host.name, "10.0.0.6");
	assert_int_equal(
	        parse("c=IN IP4 1.1.1.1\nc=IN IP4 1.1.1.1\nc=IN IP4 1.1.1.1\nc=IN IP4 1.1.1.1\nc=IN IP4 1.1.1.1"),
	        SDP_TOO_LARGE);
}

static void media_lines_are_judged(void **state)
{
	static const struct {
		const char *line;
		enum sdp_result result;
		const char *kind;
		uint16_t port, count;
		const char *protocol;
	} cases[] = {
		{ "m=audio 49170 RTP/AVP 0", SDP_WHOLE, "audio", 49170, 1, "RTP/AVP" },
		{ "m=audio 0 RTP/AVP 0", SDP_WHOLE, "audio", 0, 1, "RTP/AVP" },
		{ "m=audio 65535 RTP/SAVPF 0", SDP_WHOLE, "audio", 65535, 1, "RTP/SAVPF" },
		{ "m=video 49170/2 RTP/AVP 31", SDP_WHOLE, "video", 49170, 2, "RTP/AVP" },
		{ "m=image 4000 udptl t38", SDP_WHOLE, "image", 4000, 1, "udptl" },
		{ "m=message 7394 TCP/MSRP *", SDP_WHOLE, "message", 7394, 1, "TCP/MSRP" },
		{ "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", SDP_WHOLE, "application", 9, 1, "UDP/DTLS/SCTP" },
		{ "m= x-new  7  novel", SDP_WHOLE, "x-new", 7, 1, "novel" },
		{ "m=audio 65536 RTP/AVP 0", SDP_BAD, NULL, 0, 0, NULL },
		{ "m=audio 4294967296 RTP/AVP 0", SDP_BAD, NULL, 0, 0, NULL },
		{ "m=audio x RTP/AVP 0", SDP_BAD, NULL, 0, 0, NULL },
		{ "m=audio 5x RTP/AVP 0", SDP_BAD, NULL, 0, 0, NULL },
		{ "m=audio -5 RTP/AVP 0", SDP_BAD, NULL, 0, 0, NULL },
		{ "m=audio 5/ RTP/AVP 0", SDP_BAD, NULL, 0, 0, NULL },
		{ "m=audio 5/0 RTP/AVP 0", SDP_BAD, NULL, 0, 0, NULL },
		{ "m=audio 5/70000 RTP/AVP 0", SDP_BAD, NULL, 0, 0, NULL },
		{ "m=audio 5/2x RTP/AVP 0", SDP_BAD, NULL, 0, 0, NULL },
		{ "m=audio 5", SDP_BAD, NULL, 0, 0, NULL },
		{ "m=audio", SDP_BAD, NULL, 0, 0, NULL },
		{ "m=", SDP_BAD, NULL, 0, 0, NULL },
	};
	(void)state;
	for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
		if (parse(cases[index].line) != cases[index].result)
			fail_msg("%s is not %d", cases[index].line, cases[index].result);
		if (cases[index].result != SDP_WHOLE)
			continue;
		assert_text(sdp.media[0].kind, cases[index].kind);
		assert_int_equal(sdp.media[0].port, cases[index].port);
		assert_int_equal(sdp.media[0].port_count, cases[index].count);
		assert_text(sdp.media[0].protocol, cases[index].protocol);
	}
}

static void origins_are_judged(void **state)
{
	static const struct {
		const char *line, *name;
		bool is_address;
	} cases[] = {
		{ "o=alice 2890844526 2890844526 IN IP4 192.0.2.1", "192.0.2.1", true },
		{ "o=- 1 1 IN IP6 2001:db8::1 ", "2001:db8::1", true },
		{ "o=Some Phone 1 2 IN IP4 192.0.2.1", "192.0.2.1", true },
		{ "o=- 1 1 IN IP4 host.example.com", "host.example.com", false },
		{ "o=- 1 1 IN IP6 192.0.2.1", "192.0.2.1", false },
		{ "o=- 1 XIN IP4 192.0.2.1", "192.0.2.1", false },
		{ "o=- 1 1\tIN IP4 192.0.2.1", "192.0.2.1", true },
		{ "o=192.0.2.1", "", false },
		{ "o=", "", false },
		{ "o=IN IP4 192.0.2.1", "", false },
		{ "s=no origin", "", false },
		{ "o=- 1 1 IN IP4 192.0.2.1\no=broken", "", false },
	};
	(void)state;
	for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
		assert_int_equal(parse(cases[index].line), SDP_WHOLE);
		assert_text(sdp.origin.host.name, cases[index].name);
		assert_int_equal(sdp.origin.host.is_address, cases[index].is_address);
	}
}

static void rtcp_is_judged(void **state)
{
	static const struct {
		const char *line;
		enum sdp_result result;
		uint16_t port;
		const char *name;
	} cases[] = {
		{ "a=rtcp:53020", SDP_WHOLE, 53020, "" },
		{ "a=rtcp:53020 ", SDP_WHOLE, 53020, "" },
		{ "a=rtcp:53020 IN IP4 192.0.2.1", SDP_WHOLE, 53020, "192.0.2.1" },
		{ "a=rtcp:53020 IN IP6 2001:db8::1", SDP_WHOLE, 53020, "2001:db8::1" },
		{ "a=rtcp:9 IN IP4 0.0.0.0", SDP_WHOLE, 9, "0.0.0.0" },
		{ "a=rtcp-fb:96 nack", SDP_WHOLE, 0, "" },
		{ "a=rtcp-xr:voip-metrics", SDP_WHOLE, 0, "" },
		{ "a=rtcp:65536", SDP_BAD, 0, "" },
		{ "a=rtcp:", SDP_BAD, 0, "" },
		{ "a=rtcp:x", SDP_BAD, 0, "" },
		{ "a=rtcp:5x", SDP_BAD, 0, "" },
		{ "a=rtcp:5 IN IP4", SDP_BAD, 0, "" },
		{ "a=rtcp:5 192.0.2.1", SDP_BAD, 0, "" },
		{ "a=rtcp:5 IN IP4 192.0.2.1 x", SDP_BAD, 0, "" },
		{ "a=rtcp:5\r\na=rtcp:7", SDP_BAD, 0, "" },
	};
	(void)state;
	for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
		char bytes[128];
		snprintf(bytes, sizeof(bytes), "m=audio 5 RTP/AVP 0\r\n%s\r\n", cases[index].line);
		if (parse(bytes) != cases[index].result)
			fail_msg("%s is not %d", cases[index].line, cases[index].result);
		if (cases[index].result != SDP_WHOLE)
			continue;
		assert_int_equal(sdp.media[0].rtcp.port, cases[index].port);
		assert_int_equal(sdp.media[0].rtcp.port_text.length > 0, cases[index].port > 0);
		assert_text(sdp.media[0].rtcp.address.host.name, cases[index].name);
		assert_false(sdp.media[0].rtcp_mux);
	}
}

static void directions_are_of_the_session_or_of_media(void **state)
{
	(void)state;
	assert_int_equal(parse("a=recvonly\nm=audio 1 RTP/AVP 0\nm=video 2 RTP/AVP 0\na=sendonly \nm=text 3 RTP/AVP 0\n"
	                       "a=sendrecv\n"),
	                 SDP_WHOLE);
	assert_int_equal(sdp.direction, SDP_RECVONLY);
	assert_false(sdp.media[0].has_direction);
	assert_true(sdp.media[1].has_direction);
	assert_int_equal(sdp.media[1].direction, SDP_SENDONLY);
	assert_true(sdp.media[2].has_direction);
	assert_int_equal(sdp.media[2].direction, SDP_SENDRECV);
}

static void properties_are_told_apart(void **state)
{
	(void)state;
	assert_int_equal(parse("m=audio 1 RTP/AVP 0\na=rtcp-mux\nm=audio 2 RTP/AVP 0\na=rtcp-mux-only\n"
	                       "m=audio 0 RTP/AVP 0\na=bundle-only\nm=audio 4 RTP/AVP "
	                       "0\na=rtcp-muxx\na=inactivex\na=RTCP-MUX\n"),
	                 SDP_WHOLE);
	assert_true(sdp.media[0].rtcp_mux && sdp.media[1].rtcp_mux && !sdp.media[2].rtcp_mux && !sdp.media[3].rtcp_mux);
	assert_true(sdp.media[2].bundle_only && !sdp.media[0].bundle_only);
	assert_false(sdp.media[3].has_direction);
	assert_false(sdp.has_ice);
	assert_int_equal(parse("a=ice-lite\n"), SDP_WHOLE);
	assert_true(sdp.has_ice);
	assert_int_equal(parse("a=ice-ufrag:8hhY\n"), SDP_WHOLE);
	assert_true(sdp.has_ice);
	assert_int_equal(parse("a=ice-options:trickle\n"), SDP_WHOLE);
	assert_false(sdp.has_ice);
}

static const char ice[] = "v=0\r\na=candidate:9 1 UDP 1 192.0.2.77 7000 typ relay raddr 10.0.0.1 rport 9\r\n"
                          "m=audio 45664 RTP/AVP 0\r\n"
                          "a=candidate:1 1 UDP 2130706431 10.0.1.1 8998 typ host\r\n"
                          "a=candidate:2 1 udp 1694498815 192.0.2.3 45664 typ srflx raddr 10.0.1.1 rport 8998\r\n"
                          "m=video 45666 RTP/AVP 0\r\n"
                          "a=candidate:3 1 TCP 2128609279 10.0.1.1 9 typ host tcptype active\r\n"
                          "a=candidate:4 1 UDP 2130706431 2001:db8::1 8998 TYP HOST generation 0\r\n"
                          "a=candidate:5 1 UDP 2130706431 0d5f.local 8998 typ host\r\n"
                          "a=candidate:6 1 UDP 2130706431 10.0.1.1 65536 typ host\r\n"
                          "a=candidate:7 1 UDP 2130706431 10.0.1.1 8998 host\r\n"
                          "a=candidate:8 1 UDP\r\na=candidate:\r\na=end-of-candidates\r\n";

static void candidates_are_listed(void **state)
{
	static const struct {
		const char *name;
		uint8_t media;
		bool is_udp, is_host, is_address;
		const char *port;
	} expected[] = {
		{ "192.0.2.77", SDP_CANDIDATE_SESSION, true, false, true, "7000" },
		{ "10.0.1.1", 0, true, true, true, "8998" },
		{ "192.0.2.3", 0, true, false, true, "45664" },
		{ "10.0.1.1", 1, false, true, true, "9" },
		{ "2001:db8::1", 1, true, true, true, "8998" },
		{ "0d5f.local", 1, true, true, false, "8998" },
	};
	(void)state;
	assert_int_equal(parse(ice), SDP_WHOLE);
	assert_true(sdp.has_ice);
	assert_int_equal(sdp.candidate_count, sizeof(expected) / sizeof(expected[0]));
	for (size_t index = 0; index < sdp.candidate_count; index++) {
		const struct sdp_candidate *candidate = &sdp.candidates[index];
		assert_text(candidate->host.name, expected[index].name);
		assert_int_equal(candidate->media, expected[index].media);
		assert_int_equal(candidate->is_udp, expected[index].is_udp);
		assert_int_equal(candidate->is_host, expected[index].is_host);
		assert_int_equal(candidate->host.is_address, expected[index].is_address);
		assert_text(candidate->port_text, expected[index].port);
		assert_int_equal(candidate->port, strtoul(expected[index].port, NULL, 10));
	}
}

static void an_unreadable_candidate_still_means_ice(void **state)
{
	(void)state;
	assert_int_equal(parse("m=audio 1 RTP/AVP 0\na=candidate:x\n"), SDP_WHOLE);
	assert_int_equal(sdp.candidate_count, 0);
	assert_true(sdp.has_ice);
}

static void lines_come_in_any_order_and_form(void **state)
{
	(void)state;
	assert_int_equal(parse("m=audio 7 RTP/AVP 0\nm =video 3227 RTP/AVP 31\n\r\n\n=\nx\nM=audio x\nz=0\nk=clear\n"
	                       "o=- 1 1 IN IP4 192.0.2.1\rno line end"),
	                 SDP_WHOLE);
	assert_int_equal(sdp.media_count, 1);
	assert_int_equal(parse(""), SDP_WHOLE);
	assert_int_equal(sdp.media_count, 0);
	assert_int_equal(sdp_parse((struct text){ NULL, 0 }, &sdp), SDP_WHOLE);
	assert_int_equal(parse("c=IN IP4 192.0.2.1\r"), SDP_WHOLE);
	assert_text(sdp.connections[0].host.name, "192.0.2.1");
}

static enum sdp_result parse_many(const char *line, size_t count)
{
	static char bytes[16384];
	size_t length = 0;
	for (size_t index = 0; index < count; index++)
		length += (size_t)snprintf(bytes + length, sizeof(bytes) - length, "%s\r\n", line);
	return sdp_parse((struct text){ bytes, length }, &sdp);
}

static void media_and_candidates_are_counted(void **state)
{
	(void)state;
	assert_int_equal(parse_many("m=audio 5 RTP/AVP 0", SIPALG_SDP_MEDIA_MAX), SDP_WHOLE);
	assert_int_equal(parse_many("m=audio 5 RTP/AVP 0", SIPALG_SDP_MEDIA_MAX + 1), SDP_TOO_LARGE);
	assert_int_equal(parse_many("a=candidate:1 1 UDP 1 10.0.1.1 8998 typ host", SIPALG_SDP_CANDIDATES_MAX),
	                 SDP_WHOLE);
	assert_int_equal(parse_many("a=candidate:1 1 UDP 1 10.0.1.1 8998 typ host", SIPALG_SDP_CANDIDATES_MAX + 1),
	                 SDP_TOO_LARGE);
}

static void any_input_is_survived(void **state)
{
	(void)state;
	try_everything(TEXT(plain), walk_sdp);
	try_everything(TEXT(ice), walk_sdp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_description_is_read),
		cmocka_unit_test(nothing_is_left_of_the_one_before),
		cmocka_unit_test(connections_are_judged),
		cmocka_unit_test(connections_belong_to_where_they_stand),
		cmocka_unit_test(media_lines_are_judged),
		cmocka_unit_test(origins_are_judged),
		cmocka_unit_test(rtcp_is_judged),
		cmocka_unit_test(directions_are_of_the_session_or_of_media),
		cmocka_unit_test(properties_are_told_apart),
		cmocka_unit_test(candidates_are_listed),
		cmocka_unit_test(an_unreadable_candidate_still_means_ice),
		cmocka_unit_test(lines_come_in_any_order_and_form),
		cmocka_unit_test(media_and_candidates_are_counted),
		cmocka_unit_test(any_input_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
