/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmocka_all.h"

#include "report/letters.h"
#include "report/report.h"

#include <string.h>

static void test_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < FAULT_COUNT; i++) {
		const struct fault *fault = fault_of((enum fault_kind)i);
		assert_int_equal(fault->kind, i);
		assert_int_equal(fault_find(fault->name), i);
		if (i == FAULT_NONE)
			continue;
		assert_int_equal(strspn(fault->name, "abcdefghijklmnopqrstuvwxyz-"), strlen(fault->name));
		const char *texts[] = { fault->suffer, fault->means, fault->remedy };
		assert_true(strlen(fault->title) > 10 && fault->title[strlen(fault->title) - 1] != '.');
		for (size_t j = 0; j < 3; j++)
			assert_true(strlen(texts[j]) > 8 && texts[j][strlen(texts[j]) - 1] == '.');
	}
	assert_int_equal(fault_find("no-such-fault"), FAULT_NONE);
	assert_int_equal(fault_of((enum fault_kind)(FAULT_COUNT + 7))->kind, FAULT_NONE);
}

struct judged {
	struct {
		enum fault_kind fault;
		enum confidence confidence;
	} findings[3];
	bool could_tell;
	enum verdict verdict;
	int exit_code;
};

static void test_verdicts(void **state)
{
	(void)state;
	static const struct judged table[] = {
		{ { { 0 } }, true, VERDICT_NO_ALG, 0 },
		{ { { 0 } }, false, VERDICT_UNKNOWN, 2 },
		{ { { FAULT_NAT, CONFIDENCE_CERTAIN } }, true, VERDICT_NO_ALG, 0 },
		{ { { FAULT_ALG_REWRITES, CONFIDENCE_CERTAIN } }, true, VERDICT_ALG_HARMLESS, 0 },
		{ { { FAULT_ALG_REWRITES, CONFIDENCE_CERTAIN } }, false, VERDICT_UNKNOWN, 2 },
		{ { { FAULT_HALF_REWRITTEN, CONFIDENCE_LIKELY } }, true, VERDICT_ALG_HARMFUL, 1 },
		{ { { FAULT_HALF_REWRITTEN, CONFIDENCE_LIKELY } }, false, VERDICT_ALG_HARMFUL, 1 },
		{ { { FAULT_HALF_REWRITTEN, CONFIDENCE_HINT } }, true, VERDICT_NO_ALG, 0 },
		{ { { FAULT_SIP_PORT_BLOCKED, CONFIDENCE_CERTAIN } }, true, VERDICT_FAULTS, 1 },
		{ { { FAULT_MEDIA_BLOCKED_IN, CONFIDENCE_CERTAIN }, { FAULT_ALG_REWRITES, CONFIDENCE_CERTAIN } },
		  true,
		  VERDICT_ALG_HARMFUL,
		  1 },
		{ { { FAULT_MEDIA_BLOCKED_IN, CONFIDENCE_CERTAIN }, { FAULT_HALF_REWRITTEN, CONFIDENCE_HINT } },
		  true,
		  VERDICT_FAULTS,
		  1 },
	};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct report *report = report_create("check", "x");
		for (size_t j = 0; j < 3 && table[i].findings[j].fault != FAULT_NONE; j++)
			report_find(report, table[i].findings[j].fault, table[i].findings[j].confidence, "%s", "");
		report_judge(report, table[i].could_tell);
		assert_int_equal(report->verdict, table[i].verdict);
		assert_int_equal(report_exit_code(report), table[i].exit_code);
		report_destroy(report);
	}
}

/* Beyond its limits a report counts. */
static void test_limits(void **state)
{
	(void)state;
	struct report *report = report_create("check", "x");
	for (int i = 0; i < REPORT_FAULT_FINDINGS_MAX; i++)
		assert_non_null(report_find(report, FAULT_NAT, CONFIDENCE_CERTAIN, "%d", i));
	assert_null(report_find(report, FAULT_NAT, CONFIDENCE_CERTAIN, "one more"));
	report_place(report, NULL, "nowhere");
	report_show_messages(report, NULL, NULL, NULL);
	assert_int_equal(report->repeated[FAULT_NAT], 1);
	for (int i = 0; i < REPORT_ITEMS_MAX + 5; i++)
		report_add_note(report, "%d", i);
	assert_int_equal(report->note_count, REPORT_ITEMS_MAX);
	assert_int_equal(report->left_out, 5);
	for (int i = 0; i < REPORT_LADDERS_MAX; i++)
		assert_non_null(report_add_ladder(report, "ladder"));
	assert_null(report_add_ladder(report, "one more"));
	struct ladder *ladder = &report->ladders[0];
	for (int i = 0; i < LADDER_COLUMNS_MAX + 2; i++)
		ladder_column(ladder, (char[]){ (char)('a' + i), '\0' });
	assert_int_equal(ladder->column_count, LADDER_COLUMNS_MAX);
	for (int i = 0; i < LADDER_ROWS_MAX + 2; i++)
		ladder_add(ladder, &(struct ladder_row){ .from = 0, .to = 1 }, "INVITE", NULL);
	ladder_add(ladder, &(struct ladder_row){ .from = 0, .to = 99 }, "INVITE", NULL);
	assert_int_equal(ladder->row_count, LADDER_ROWS_MAX);
	assert_int_equal(ladder->more, 3);
	report_destroy(report);
}

static void test_letters(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t length;
		bool valid, visible;
		const char *shown;
	} table[] = {
		{ "a", 1, true, true, "a" },
		{ "\n", 1, true, false, "\\n" },
		{ "\033", 1, true, false, "\\x1b" },
		{ "\xc3\xb6", 2, true, true, "\\u00f6" },
		{ "\xc3", 1, false, false, "\\xc3" },
		{ "\xc0\x80", 1, false, false, "\\xc0" },
		{ "\xe0\x80\x80", 1, false, false, "\\xe0" },
		{ "\xed\xa0\x80", 1, false, false, "\\xed" },
		{ "\xf4\x90\x80\x80", 1, false, false, "\\xf4" },
		{ "\xe2\x80\xae", 3, true, false, "\\u202e" },
		{ "\xf0\x9f\x98\x80", 4, true, true, "\\u1f600" },
		{ "\xff", 1, false, false, "\\xff" },
		{ "\xc2\x9b", 2, true, false, "\\u009b" },
	};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct text text = { table[i].bytes, strlen(table[i].bytes) };
		struct letter letter = letter_next(text);
		char shown[LETTER_TEXT_MAX];
		assert_int_equal(letter.length, table[i].length);
		assert_int_equal(letter.valid, table[i].valid);
		assert_int_equal(letter_is_visible(letter), table[i].visible);
		assert_int_equal(letter_write(text, letter, true, shown), strlen(table[i].shown));
		assert_string_equal(shown, table[i].shown);
	}
	assert_int_equal(letter_next((struct text){ "", 0 }).length, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_letters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
