/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a response gives away of the request as it arrived. */
#include "../programs/cmocka_all.h"

#include "path/echo.h"

#include <stdio.h>
#include <stdlib.h>

enum { RESPONSE_MAX = 2048 };

static struct correspondence correspondence = { .host = "203.0.113.2", .salt = 1 };
static sipalg_address server;

static const struct echoed {
	const char *from, *to; /* a part of the response that is replaced; NULL: none */
	enum fault_kind fault; /* of the one finding; FAULT_NONE: there is none */
	enum confidence confidence;
	const char *seen; /* NULL: not told */
} echoed[] = {
	{ NULL, NULL, FAULT_NONE, CONFIDENCE_HINT, NULL },
	{ ";rport", ";rport=4711;received=198.51.100.7", FAULT_NAT, CONFIDENCE_CERTAIN, "198.51.100.7" },
	{ ";rport", ";received=10.1.0.2;rport=5060", FAULT_ALG_UNDOES_ON_RETURN, CONFIDENCE_HINT, "10.1.0.2" },
	{ ";rport", ";received=nonsense", FAULT_NONE, CONFIDENCE_HINT, NULL },
	{ "UDP 10.1.0.2:5060", "UDP 198.51.100.7:5060", FAULT_ALG_REWRITES, CONFIDENCE_CERTAIN, NULL },
	{ "UDP 10.1.0.2:5060", "UDP 10.1.0.2:1024", FAULT_ALG_REWRITES, CONFIDENCE_CERTAIN, NULL },
	{ "UDP 10.1.0.2:5060", "UDP  10.1.0.2 : 5060", FAULT_NONE, CONFIDENCE_HINT, NULL },
	{ "branch=z9hG4bK0", "branch=z9hG4bK9", FAULT_BRANCH_REWRITTEN, CONFIDENCE_CERTAIN, NULL },
	{ "From: <sip:sipalg@10.1.0.2", "From: <sip:sipalg@198.51.100.7", FAULT_FROM_TO_REWRITTEN, CONFIDENCE_CERTAIN,
	  NULL },
	{ "To: <sip:203.0.113.2>", "To: <sip:203.0.113.9>", FAULT_FROM_TO_REWRITTEN, CONFIDENCE_CERTAIN, NULL },
	{ "To: <sip:203.0.113.2>", "To: <sip:203.0.113.2>;tag=of-the-server", FAULT_NONE, CONFIDENCE_HINT, NULL },
	{ ";tag=0", ";tag=9", FAULT_TAG_REWRITTEN, CONFIDENCE_CERTAIN, NULL },
	{ "Call-ID: 0", "Call-ID: 9", FAULT_CALL_ID_REWRITTEN, CONFIDENCE_CERTAIN, NULL },
	{ "Call-ID: 0", "i: 0", FAULT_NONE, CONFIDENCE_HINT, NULL },
	{ "SIP/2.0 404", "SIP/9.0 404", FAULT_NONE, CONFIDENCE_HINT, NULL }, /* what cannot be read says nothing */
};

/* A server's response to the letter, with a part replaced. */
static struct text write_response(const struct letter *letter, const struct echoed *row, char out[RESPONSE_MAX])
{
	char plain[RESPONSE_MAX];
	const char *header = memchr(letter->bytes, '\n', letter->length);
	int length = snprintf(plain, sizeof plain, "SIP/2.0 404 Not Found\r\n%.*s",
	                      (int)(letter->length - (size_t)(header + 1 - letter->bytes)), header + 1);
	const char *found = row->from == NULL ? NULL : strstr(plain, row->from);
	if (row->from == NULL)
		return (struct text){ memcpy(out, plain, (size_t)length), (size_t)length };
	assert_non_null(found);
	length = snprintf(out, RESPONSE_MAX, "%.*s%s%s", (int)(found - plain), plain, row->to,
	                  found + strlen(row->from));
	return (struct text){ out, (size_t)length };
}

static void what_came_back_other_than_sent_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof echoed / sizeof echoed[0]; i++) {
		const struct echoed *row = &echoed[i];
		struct report *report = report_create("path", "test");
		struct letter letter;
		char response[RESPONSE_MAX], seen_text[SIPALG_ADDRESS_TEXT_MAX];
		sipalg_address seen;
		assert_true(letter_compose(&correspondence, LETTER_OPTIONS, 1, &letter));
		echo_judge(report, &correspondence, &server, &letter, write_response(&letter, row, response), &seen);
		if (report->finding_count != (row->fault != FAULT_NONE) ||
		    (row->fault != FAULT_NONE &&
		     (report->findings[0].fault != row->fault || report->findings[0].confidence != row->confidence)))
			fail_msg("row %zu: %zu findings, %s", i, report->finding_count,
			         report->finding_count > 0 ? fault_of(report->findings[0].fault)->name : "none");
		assert_int_equal(sipalg_address_is_none(&seen), row->seen == NULL);
		if (row->seen != NULL) {
			sipalg_address_write(&seen, seen_text);
			assert_string_equal(seen_text, row->seen);
		}
		report_destroy(report);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_back_other_than_sent_is_found),
	};
	correspondence.inside = (sipalg_endpoint){ .address = sipalg_address_from_ipv4(0x0a010002), .port = 5060 };
	server = sipalg_address_from_ipv4(0xcb007102);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
