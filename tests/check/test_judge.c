/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From us to the far end: what an ALG does to a probe, and the fault that shows. */
#include "support.h"

#define ALL_OUT                                                                                                        \
	{                                                                                                              \
		INSIDE, OUTSIDE                                                                                        \
	}

static const struct {
	const char *probe;
	struct mangling manglings[REPLACEMENTS_MAX];
	bool wrong_length; /* Content-Length stays as it was */
	enum fault_kind faults[EXPECTED_MAX];
} cases[] = {
	/* ---- Right: everything that says where to send ---- */
	{ "register", { ALL_OUT }, false, { FAULT_NONE } },
	{ "invite", { ALL_OUT }, false, { FAULT_NONE } },
	{ "invite", { ALL_OUT, { ":40000", ":50000" }, { "12000", "30000" } }, false, { FAULT_HALF_REWRITTEN } },
	{ "invite", { ALL_OUT, { "audio 12000", "audio 30000" } }, false, { FAULT_NONE } },
	{ "compact", { ALL_OUT }, false, { FAULT_NONE } },
	{ "folded", { ALL_OUT }, false, { FAULT_NONE } },
	{ "via-blanks", { ALL_OUT }, false, { FAULT_NONE } },
	{ "bare-lf", { ALL_OUT }, true, { FAULT_NONE } },
	{ "leading-crlf", { ALL_OUT }, false, { FAULT_NONE } },
	{ "no-content-length", { ALL_OUT }, false, { FAULT_NONE } },
	{ "contact-two", { ALL_OUT }, false, { FAULT_NONE } },
	{ "contact-sips", { ALL_OUT }, false, { FAULT_NONE } },
	{ "contact-maddr", { ALL_OUT }, false, { FAULT_NONE } },
	{ "contact-other-port", { ALL_OUT, { ":40002", ":40102" } }, false, { FAULT_NONE } },
	{ "record-route", { ALL_OUT }, false, { FAULT_NONE } },
	{ "path", { ALL_OUT }, false, { FAULT_NONE } },
	{ "sdp-four-streams", { ALL_OUT, { "12006", "12016" } }, false, { FAULT_NONE } },
	{ "sdp-two-connections", { ALL_OUT }, false, { FAULT_NONE } },
	{ "sdp-rtcp", { ALL_OUT, { "rtcp:12003", "rtcp:12005" } }, false, { FAULT_NONE } },
	{ "sdp-ice", { ALL_OUT }, false, { FAULT_NONE } },
	/* An ICE offer or a signed message that is left alone is right, too. */
	{ "sdp-ice", { { INSIDE ":40000", OUTSIDE ":40000" } }, false, { FAULT_NONE } },
	{ "signed", { { INSIDE ":40000", OUTSIDE ":40000" } }, false, { FAULT_NONE } },
	{ "sdp-hold",
	  { { INSIDE ":40000", OUTSIDE ":40000" }, { "1 IN IP4 " INSIDE, "1 IN IP4 " OUTSIDE } },
	  false,
	  { FAULT_NONE } },
	/* The first of two NATs cannot know what the server sees. */
	{ "invite", { { INSIDE, "100.64.3.4" }, { ":40000", ":40001" } }, false, { FAULT_NONE } },

	/* ---- Rewritten by halves ---- */
	{ "invite",
	  { { "UDP " INSIDE, "UDP " OUTSIDE } },
	  false,
	  { FAULT_CONTACT_NOT_REWRITTEN, FAULT_SDP_NOT_REWRITTEN } },
	{ "register", { { "UDP " INSIDE, "UDP " OUTSIDE } }, false, { FAULT_CONTACT_NOT_REWRITTEN } },
	{ "register", { { "check@" INSIDE, "check@" OUTSIDE } }, false, { FAULT_HALF_REWRITTEN } },
	{ "invite", { { INSIDE ":40000", OUTSIDE ":40000" } }, false, { FAULT_SDP_NOT_REWRITTEN } },
	{ "contact-two",
	  { { "UDP " INSIDE, "UDP " OUTSIDE }, { "check@" INSIDE, "check@" OUTSIDE } },
	  false,
	  { FAULT_CONTACT_NOT_REWRITTEN } },
	{ "contact-sips", { { "UDP " INSIDE, "UDP " OUTSIDE } }, false, { FAULT_CONTACT_NOT_REWRITTEN } },
	{ "contact-maddr", { { INSIDE ":40000", OUTSIDE ":40000" } }, false, { FAULT_HALF_REWRITTEN } },
	{ "record-route", { ALL_OUT, { "<sip:" OUTSIDE, "<sip:" INSIDE } }, false, { FAULT_HALF_REWRITTEN } },
	{ "path", { ALL_OUT, { "<sip:" OUTSIDE, "<sip:" INSIDE } }, false, { FAULT_HALF_REWRITTEN } },
	{ "register",
	  { ALL_OUT, { "UDP " OUTSIDE ":40000", "UDP " OUTSIDE ":5060" } },
	  false,
	  { FAULT_HALF_REWRITTEN } },
	{ "sdp-rtcp", { ALL_OUT, { "12003 IN IP4 " OUTSIDE, "12003 IN IP4 " INSIDE } }, false, { FAULT_RTCP_IGNORED } },
	{ "sdp-ice",
	  { ALL_OUT, { "0 " OUTSIDE, "0 " INSIDE }, { "1 " OUTSIDE, "1 " INSIDE } },
	  false,
	  { FAULT_ICE_MISMATCH } },

	/* ---- What is no place to send to ---- */
	{ "from-to-address", { { INSIDE ">", OUTSIDE ">" } }, false, { FAULT_FROM_TO_REWRITTEN } },
	{ "from-to-address", { ALL_OUT }, false, { FAULT_FROM_TO_REWRITTEN } },
	{ "call-id-address",
	  { { "@" INSIDE, "@" OUTSIDE } },
	  false,
	  { FAULT_CALL_ID_REWRITTEN, FAULT_HALF_REWRITTEN } },
	{ "contact-display-name", { ALL_OUT }, false, { FAULT_DISPLAY_NAME_REWRITTEN } },
	{ "register", { { "branch=z9hG4bK", "branch=z9hG4bKx" } }, false, { FAULT_BRANCH_REWRITTEN } },
	{ "register", { { "tag=f", "tag=g" } }, false, { FAULT_TAG_REWRITTEN } },
	{ "register",
	  { { "REGISTER sip:check@" SERVER, "REGISTER sip:check@198.51.100.1" } },
	  false,
	  { FAULT_REQUEST_URI_REWRITTEN } },
	{ "register", { { ";rport", ";rport=40000" } }, false, { FAULT_RPORT_HIDDEN } },
	{ "register", { { ";rport", "" } }, false, { FAULT_RPORT_HIDDEN } },
	{ "register", { { "Max-Forwards: 70", "Max-Forwards: 69" } }, false, { FAULT_MAX_FORWARDS_LOWERED } },
	{ "register", { { "Expires: 600", "Expires: 60" } }, false, { FAULT_TIMER_ALTERED } },
	{ "timers", { { "Session-Expires: 1800", "Session-Expires: 900" } }, false, { FAULT_TIMER_ALTERED } },
	{ "timers", { { "Min-SE: 90", "Min-SE: 1800" } }, false, { FAULT_TIMER_ALTERED } },
	{ "contact-two", { { "expires=300", "expires=60" } }, false, { FAULT_TIMER_ALTERED } },
	{ "register",
	  { { "Via: ", "Via: SIP/2.0/UDP " OUTSIDE ";branch=z9hG4bKproxy\r\nVia: " } },
	  false,
	  { FAULT_HEADER_ADDED } },
	{ "register", { { "Expires: 600\r\n", "" } }, false, { FAULT_HEADER_REMOVED } },
	{ "register",
	  { { "Max-Forwards: 70\r\n", "" }, { "Expires:", "Max-Forwards: 70\r\nExpires:" } },
	  false,
	  { FAULT_HEADERS_REORDERED } },
	{ "odd-headers", { { "max-forwards:  70", "Max-Forwards: 70" } }, false, { FAULT_HEADER_RECASED } },
	{ "compact", { { "\r\nt: ", "\r\nTo: " } }, false, { FAULT_HEADER_RECASED } },
	{ "folded", { { "Contact:\r\n ", "Contact: " } }, false, { FAULT_HEADER_RECASED } },
	{ "bare-lf", { { "\n", "\r\n" } }, true, { FAULT_HEADER_RECASED, FAULT_CONTENT_LENGTH_WRONG } },
	{ "register", { { "CSeq: 1 ", "CSeq: 2 " } }, false, { FAULT_MESSAGE_CORRUPTED } },
	{ "register", { { ";rport", "rport" } }, false, { FAULT_BRANCH_REWRITTEN, FAULT_RPORT_HIDDEN } },
	{ "register", { { "REGISTER sip", "REGISTERED sip" } }, false, { FAULT_MESSAGE_CORRUPTED } },
	{ "digest", { { "uri=\"sip:check@" SERVER, "uri=\"sip:check@" OUTSIDE } }, false, { FAULT_MESSAGE_CORRUPTED } },

	/* ---- Contact ---- */
	{ "register",
	  { ALL_OUT, { "check@" OUTSIDE ":40000", "check@198.51.100.9:40000" } },
	  false,
	  { FAULT_CONTACT_UNREACHABLE } },
	{ "register",
	  { ALL_OUT, { "check@" OUTSIDE ":40000", "check@" OUTSIDE ":70000" } },
	  false,
	  { FAULT_CONTACT_PORT_WRONG } },

	/* ---- Bodies ---- */
	{ "invite", { { INSIDE, "100.64.33.44" } }, true, { FAULT_CONTENT_LENGTH_WRONG } },
	{ "multipart",
	  { { INSIDE ":40000>", "100.64.33.44:40000>" },
	    { "IP4 " INSIDE, "IP4 100.64.33.44" },
	    { "UDP " INSIDE, "UDP 100.64.33.44" } },
	  true,
	  { FAULT_MULTIPART_BROKEN } },
	{ "multipart",
	  { { INSIDE ":40000</contact>", OUTSIDE ":40000</contact>" } },
	  false,
	  { FAULT_MULTIPART_BROKEN } },
	{ "sipfrag",
	  { { "Contact: <sip:check@" INSIDE, "Contact: <sip:check@" OUTSIDE } },
	  false,
	  { FAULT_OTHER_BODY_ALTERED, FAULT_HALF_REWRITTEN } },
	{ "message", { { INSIDE ":40000; write", OUTSIDE ":40000; write" } }, false, { FAULT_OTHER_BODY_ALTERED } },
	{ "invite", { { "a=sendrecv\r\n", "" } }, true, { FAULT_BODY_TRUNCATED } },
	{ "invite", { { "a=sendrecv\r\n", "a=sen" } }, true, { FAULT_BODY_TRUNCATED } },
	{ "invite", { { "s=-\r\n", "s=-\r\ni=(o=IN IP4 " INSIDE ")\r\n" } }, false, { FAULT_SDP_LINE_ADDED } },
	{ "invite", { { "a=rtpmap:0 PCMU/8000\r\n", "" } }, false, { FAULT_OTHER_BODY_ALTERED } },
	{ "sdp-hold", { { "1 IN IP4 " INSIDE, "1 IN IP4 0.0.0.0" } }, false, { FAULT_SDP_ORIGIN_ALTERED } },
	{ "sdp-origin-name", { { "phone.example.com", OUTSIDE } }, false, { FAULT_SDP_ORIGIN_ALTERED } },
	{ "sdp-two-connections",
	  { ALL_OUT, { "s=-\r\nc=IN IP4 " OUTSIDE, "s=-\r\nc=IN IP4 " SERVER } },
	  false,
	  { FAULT_SDP_ADDRESS_WRONG } },
	{ "invite", { ALL_OUT, { "audio 12000", "audio 70000" } }, false, { FAULT_SDP_PORT_WRONG } },
	{ "invite", { ALL_OUT, { "audio 12000", "audio 0" } }, false, { FAULT_SDP_PORT_WRONG } },
	{ "invite", { ALL_OUT, { "audio 12000", "audio 30001" } }, false, { FAULT_SDP_PORT_WRONG } },
	{ "sdp-odd-port", { ALL_OUT, { "audio 12001", "audio 12000" } }, false, { FAULT_SDP_PORT_WRONG } },
	{ "invite", { { "audio 12000", "audio 12002" } }, false, { FAULT_SDP_PORT_WRONG } },
};

/* What the manglings leave as the message's length is right, unless the case is about it. */
static void each_mangling_shows_its_fault(void **state)
{
	static struct composed sent, received;
	struct blanks blanks = usual_blanks();
	struct judge judge = usual_judge();
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char what[200];
		struct charges charges;
		compose_probe(probe_named(cases[i].probe), &blanks, &sent);
		mangle(&sent, cases[i].manglings, &received);
		if (!cases[i].wrong_length)
			mend_length(&received);
		judge_outbound(&judge, composed_text(&sent), composed_text(&received), &charges);
		snprintf(what, sizeof what, "case %zu, %s: \"%s\" => \"%s\"", i, cases[i].probe,
		         cases[i].manglings[0].find, cases[i].manglings[0].replace);
		assert_charges(what, &charges, cases[i].faults);
	}
}

static void what_arrives_as_sent_is_right(void **state)
{
	static struct composed sent;
	static const enum fault_kind none[] = { FAULT_NONE };
	struct blanks blanks = usual_blanks();
	struct judge judge = usual_judge();
	(void)state;
	for (size_t i = 0; i < probe_count; i++) {
		struct charges charges;
		if (probe_table[i].bytes.length > 0)
			continue;
		compose_probe(&probe_table[i], &blanks, &sent);
		judge_outbound(&judge, composed_text(&sent), composed_text(&sent), &charges);
		assert_charges(probe_table[i].name, &charges, none);
		assert_false(charges.rewritten);
	}
}

/* Whatever arrives, cut or changed anywhere, is judged without harm, and a changed message is never "as sent". */
static void anything_is_judged(void **state)
{
	static struct composed sent, received;
	struct blanks blanks = usual_blanks();
	struct judge judge = usual_judge();
	struct charges charges;
	(void)state;
	for (size_t i = 0; i < probe_count; i++) {
		if (probe_table[i].bytes.length > 0 || probe_table[i].pattern.size > 0)
			continue;
		compose_probe(&probe_table[i], &blanks, &sent);
		for (size_t at = 0; at < sent.length; at++) {
			char *copy = malloc(at + 1); /* so that a byte read too far is seen */
			memcpy(copy, sent.bytes, at);
			judge_outbound(&judge, composed_text(&sent), (struct text){ copy, at }, &charges);
			free(copy);
			/* What stands behind a message's end does not belong to it (RFC 3261 18.3). */
			bool excess = strcmp(probe_table[i].name, "trailing-bytes") == 0 && at + 9 > sent.length;
			if (charges.count == 0 && !excess)
				fail_msg("%s cut at %zu is as sent", probe_table[i].name, at);
			received = sent;
			received.bytes[at] ^= at % 3 == 0 ? 0x01 : at % 3 == 1 ? 0x20 : (char)0x80;
			judge_outbound(&judge, composed_text(&sent), composed_text(&received), &charges);
			if (charges.count == 0 && !charges.rewritten && at + 8 < sent.length)
				fail_msg("%s changed at %zu is as sent", probe_table[i].name, at);
		}
	}
}

static void what_is_rewritten_is_told(void **state)
{
	static struct composed sent, received;
	struct blanks blanks = usual_blanks();
	struct judge judge = usual_judge();
	struct charges charges;
	(void)state;
	compose_probe(probe_named("invite"), &blanks, &sent);
	mangle(&sent, (const struct mangling[REPLACEMENTS_MAX]){ ALL_OUT }, &received);
	mend_length(&received);
	judge_outbound(&judge, composed_text(&sent), composed_text(&received), &charges);
	assert_true(charges.rewritten);
	assert_false(charges.second_nat);
	mangle(&sent, (const struct mangling[REPLACEMENTS_MAX]){ { INSIDE, "10.1.1.1" } }, &received);
	judge_outbound(&judge, composed_text(&sent), composed_text(&received), &charges);
	assert_true(charges.second_nat);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mangling_shows_its_fault),
		cmocka_unit_test(what_arrives_as_sent_is_right),
		cmocka_unit_test(anything_is_judged),
		cmocka_unit_test(what_is_rewritten_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
