/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the far end to us: what comes back as we wrote it, and what does not. */
#include "support.h"

static const struct {
	const char *probe;
	struct mangling manglings[REPLACEMENTS_MAX]; /* of what the far end sent */
	enum fault_kind faults[EXPECTED_MAX];
} cases[] = {
	{ "answer-register",
	  { { "UDP " OUTSIDE, "UDP " INSIDE }, { "check@" OUTSIDE, "check@" INSIDE } },
	  { FAULT_NONE } },
	{ "answer-register", { { "UDP " OUTSIDE, "UDP " INSIDE } }, { FAULT_NOT_RESTORED } },
	{ "answer-register", { { "check@" OUTSIDE, "check@" INSIDE } }, { FAULT_NOT_RESTORED } },
	{ "answer-register",
	  { { "UDP " OUTSIDE ":40000", "UDP " INSIDE ":5060" }, { "check@" OUTSIDE, "check@" INSIDE } },
	  { FAULT_NOT_RESTORED } },
	{ "answer-register", { { OUTSIDE, INSIDE } }, { FAULT_RPORT_HIDDEN } },
	{ "answer-register",
	  { { "UDP " OUTSIDE, "UDP " INSIDE }, { "check@" OUTSIDE, "check@" INSIDE }, { "expires=600", "expires=60" } },
	  { FAULT_TIMER_ALTERED } },
	/* A Request-URI may come back as we wrote it, or as the far end knows it. */
	{ "ask-invite", { { "INVITE sip:check@" OUTSIDE, "INVITE sip:check@" INSIDE } }, { FAULT_NONE } },
	{ "ask-invite", { { "Max-Forwards: 70", "Max-Forwards: 70" } }, { FAULT_NONE } },
	{ "ask-invite",
	  { { "INVITE sip:check@" OUTSIDE ":40000", "INVITE sip:check@" INSIDE ":5060" } },
	  { FAULT_REQUEST_URI_REWRITTEN } },
	{ "ask-invite", { { "1 IN IP4 198.51.100.7", "1 IN IP4 " SERVER } }, { FAULT_SDP_ORIGIN_ALTERED } },
	{ "ask-invite", { { "c=IN IP4 " SERVER, "c=IN IP4 198.51.100.7" } }, { FAULT_SDP_ADDRESS_WRONG } },
	{ "ask-invite", { { "Session-Expires: 1800", "Session-Expires: 90" } }, { FAULT_TIMER_ALTERED } },
	{ "ask-to-address", { { "To: <sip:check@" OUTSIDE, "To: <sip:check@" INSIDE } }, { FAULT_FROM_TO_REWRITTEN } },
	{ "ask-notify",
	  { { "Contact: <sip:check@" OUTSIDE, "Contact: <sip:check@" INSIDE } },
	  { FAULT_OTHER_BODY_ALTERED } },
	{ "ask-message", { { OUTSIDE ":40000.", INSIDE ":40000." } }, { FAULT_OTHER_BODY_ALTERED } },
	{ "ask-options", { { "UDP " SERVER, "UDP 192.168.1.1" } }, { FAULT_NOT_RESTORED } },
};

/* As we would see them if all came back as we wrote it. */
static struct blanks wished_blanks(void)
{
	struct blanks blanks = usual_blanks();
	blanks_set(&blanks, "contact", TEXT(INSIDE ":40000"));
	blanks_set(&blanks, "requested-contact", TEXT("<sip:check@" INSIDE ":40000>"));
	blanks_set(&blanks, "via",
	           TEXT("SIP/2.0/UDP " INSIDE ":40000;branch=z9hG4bK1;received=" OUTSIDE ";rport=40000"));
	return blanks;
}

static void judge_case(const char *probe, const struct mangling *manglings, struct charges *charges)
{
	static struct composed wished, sent, received;
	struct blanks blanks = usual_blanks(), wishes = wished_blanks();
	struct judge judge = usual_judge();
	compose_probe(arrival_named(probe), &wishes, &wished);
	compose_probe(arrival_named(probe), &blanks, &sent);
	mangle(&sent, manglings, &received);
	mend_length(&received);
	judge_inbound(&judge, composed_text(&wished), composed_text(&sent), composed_text(&received), charges);
}

static void each_mangling_shows_its_fault(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char what[200];
		struct charges charges;
		judge_case(cases[i].probe, cases[i].manglings, &charges);
		snprintf(what, sizeof what, "case %zu, %s: \"%s\" => \"%s\"", i, cases[i].probe,
		         cases[i].manglings[0].find, cases[i].manglings[0].replace);
		assert_charges(what, &charges, cases[i].faults);
	}
}

static void what_comes_back_is_told(void **state)
{
	struct charges charges;
	(void)state;
	judge_case("answer-register",
	           (const struct mangling[REPLACEMENTS_MAX]){ { "UDP " OUTSIDE, "UDP " INSIDE },
	                                                      { "check@" OUTSIDE, "check@" INSIDE } },
	           &charges);
	assert_true(charges.restored);
	judge_case("answer-register", (const struct mangling[REPLACEMENTS_MAX]){ { "Via", "Via" } }, &charges);
	assert_false(charges.restored);
}

/* Plain NAT: the far end sees what we wrote. */
static void without_rewriting_nothing_has_to_come_back(void **state)
{
	static struct composed sent;
	static const enum fault_kind none[] = { FAULT_NONE };
	struct blanks blanks = wished_blanks();
	struct judge judge = usual_judge();
	(void)state;
	for (size_t i = 0; i < arrival_count; i++) {
		struct charges charges;
		compose_probe(&arrival_table[i], &blanks, &sent);
		judge_inbound(&judge, composed_text(&sent), composed_text(&sent), composed_text(&sent), &charges);
		assert_charges(arrival_table[i].name, &charges, none);
		assert_false(charges.restored);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mangling_shows_its_fault),
		cmocka_unit_test(what_comes_back_is_told),
		cmocka_unit_test(without_rewriting_nothing_has_to_come_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
