/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"

#include "base/cursor.h"

static void numbers_are_digits_within_bounds(void **state)
{
	static const struct {
		const char *text;
		uint64_t max;
		bool read;
		uint64_t number;
	} cases[] = {
		{ "0", 0, true, 0 },
		{ "5060", 65535, true, 5060 },
		{ "0068", 255, true, 68 },
		{ "65535", 65535, true, 65535 },
		{ "65536", 65535, false, 0 },
		{ "18446744073709551615", UINT64_MAX, true, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, false, 0 },
		{ "36893488147419103232", UINT64_MAX, false, 0 }, /* 2^65: wraps to 0 in 64 bits */
		{ "99999999999999999999", UINT64_MAX, false, 0 },
		{ "000000000000000000000000007", 10, true, 7 },
		{ "", 10, false, 0 },
		{ "-1", 10, false, 0 },
		{ "+1", 10, false, 0 },
		{ " 1", 10, false, 0 },
		{ "1 ", 10, false, 0 },
		{ "0x1", 10, false, 0 },
	};
	(void)state;
	for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
		uint64_t number = 4711;
		assert_int_equal(text_read_number(text_of(cases[index].text), cases[index].max, &number),
		                 cases[index].read);
		assert_int_equal(number, cases[index].read ? cases[index].number : 4711);
	}
}

static void comparing_ignores_case_of_letters_only(void **state)
{
	(void)state;
	assert_true(text_is_word(TEXT("cALL-Id"), TEXT("call-id")));
	assert_false(text_is_word(TEXT("Call\rID"), TEXT("call-id")));
	assert_false(text_is_word(TEXT("vi"), TEXT("via")));
	assert_true(text_begins_word(TEXT("SIP/2.0 200"), TEXT("sip/")));
	assert_false(text_begins_word(TEXT("SI"), TEXT("sip")));
	assert_false(text_begins_word(TEXT("S\tP/2.0"), TEXT("sip/")));
	assert_true(text_equal((struct text){ NULL, 0 }, TEXT("")));
	assert_false(text_equal(TEXT("a"), TEXT("A")));
}

/* text_is_word() compares eight, four or one byte at a time: words of every length, each with one byte wrong. */
static void words_of_every_length_are_compared_whole(void **state)
{
	static const char small[] = "proxy-authorization-x/2.0";
	(void)state;
	for (size_t length = 0; length < sizeof(small); length++) {
		char bytes[sizeof(small)];
		for (size_t index = 0; index < length; index++)
			bytes[index] = small[index] >= 'a' && index % 3 != 0 ? (char)(small[index] - 32) : small[index];
		struct text word = { small, length }, text = { bytes, length };
		assert_true(text_is_word(text, word));
		assert_false(text_is_word(text_from(text, 1), word) && length > 0);
		for (size_t index = 0; index < length; index++) {
			char right = bytes[index];
			bytes[index] = (char)(small[index] ^ (small[index] == '-' ? 0x20 : 0x01));
			assert_false(text_is_word(text, word));
			bytes[index] = right;
		}
	}
}

static void blanks_are_trimmed_at_both_ends(void **state)
{
	(void)state;
	assert_text(text_trim(TEXT("\r\n \t a b\t\r\n ")), "a b");
	assert_text(text_trim(TEXT(" \r\n")), "");
	assert_text(text_trim(TEXT("")), "");
}

static void lines_end_in_crlf_or_lf(void **state)
{
	struct cursor line = cursor_of(TEXT(""));
	struct cursor cursor = cursor_of(TEXT("one\r\ntwo\n\r\n\nthree\r"));
	(void)state;
	assert_true(cursor_take_line(&cursor, &line));
	assert_text(cursor_rest(line), "one");
	assert_true(cursor_take_line(&cursor, &line));
	assert_text(cursor_rest(line), "two");
	assert_true(cursor_take_line(&cursor, &line));
	assert_text(cursor_rest(line), "");
	assert_true(cursor_take_line(&cursor, &line));
	assert_text(cursor_rest(line), "");
	assert_false(cursor_take_line(&cursor, &line));
	assert_true(cursor_take_any_line(&cursor, &line));
	assert_text(cursor_rest(line), "three\r");
	assert_false(cursor_take_any_line(&cursor, &line));
}

/* An empty line at the very beginning has no byte before it that could be a CR. */
static void nothing_before_the_first_line_is_looked_at(void **state)
{
	struct guarded guarded = guarded_open(16);
	struct cursor line = cursor_of(TEXT("")), cursor = cursor_of(guarded_put_first(&guarded, TEXT("\nx")));
	(void)state;
	assert_true(cursor_take_line(&cursor, &line));
	assert_true(cursor_is_end(line));
	guarded_close(&guarded);
}

static void finding_and_cutting_stay_within(void **state)
{
	struct text text = TEXT("abc");
	(void)state;
	assert_int_equal(text_find(text, 'c'), 2);
	assert_int_equal(text_find(text, 'x'), 3);
	assert_int_equal(text_find((struct text){ NULL, 0 }, 'x'), 0);
	assert_text(text_from(text, 7), "");
	assert_text(text_first(text, 7), "abc");
	assert_int_equal(text_offset(text, text_from(text, 2)), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_digits_within_bounds),
		cmocka_unit_test(comparing_ignores_case_of_letters_only),
		cmocka_unit_test(words_of_every_length_are_compared_whole),
		cmocka_unit_test(blanks_are_trimmed_at_both_ends),
		cmocka_unit_test(lines_end_in_crlf_or_lf),
		cmocka_unit_test(nothing_before_the_first_line_is_looked_at),
		cmocka_unit_test(finding_and_cutting_stay_within),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
