/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "track.h"

#include "rewrite/digits.h"
#include "rewrite/edits.h"

static struct edits edits;
static const struct text original = { "0123456789abcdefghij", 20 };

static void replace(size_t offset, size_t length, const char *replacement)
{
	edits_replace(&edits, text_first(text_from(edits.original, offset), length), SIPALG_PLACE_VIA, replacement,
	              strlen(replacement));
}

static void assert_applied(const char *expected)
{
	static char out[70000];
	size_t length = edits_apply(&edits, (uint8_t *)out);
	assert_false(edits.overflowed);
	assert_text(((struct text){ out, length }), expected);
	assert_int_equal((ptrdiff_t)length, (ptrdiff_t)edits.original.length + edits.growth);
}

static void nothing_changes_nothing(void **state)
{
	(void)state;
	edits_begin(&edits, original);
	assert_applied("0123456789abcdefghij");
	replace(3, 2, "34"); /* what stands there is no edit */
	assert_int_equal(edits.count, 0);
}

static void any_order_gives_the_same(void **state)
{
	(void)state;
	static const unsigned orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
		                               { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
	for (unsigned i = 0; i < 6; i++) {
		edits_begin(&edits, original);
		for (unsigned j = 0; j < 3; j++) {
			if (orders[i][j] == 0)
				replace(0, 2, "first");
			else if (orders[i][j] == 1)
				replace(2, 3, "");
			else
				replace(19, 1, "last");
		}
		assert_applied("first56789abcdefghilast");
	}
}

static void the_same_span_is_replaced_anew(void **state)
{
	(void)state;
	edits_begin(&edits, original);
	replace(2, 2, "x");
	replace(2, 2, "yyy");
	assert_int_equal(edits.count, 1);
	assert_applied("01yyy456789abcdefghij");
}

struct overlap {
	size_t offset, length;
	bool is_refused;
};

/* Beside a span from 5 to 9. */
static const struct overlap overlaps[] = {
	{ 0, 5, false }, { 0, 6, true }, { 4, 2, true }, { 6, 1, true }, { 8, 4, true },
	{ 9, 2, false }, { 4, 9, true }, { 5, 2, true }, { 5, 6, true }, { 7, 2, true },
};

static void overlapping_spans_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(overlaps) / sizeof(overlaps[0]); i++) {
		edits_begin(&edits, original);
		replace(5, 4, "x");
		replace(overlaps[i].offset, overlaps[i].length, "y");
		assert_int_equal(edits.overflowed, overlaps[i].is_refused);
		assert_int_equal(edits.count, overlaps[i].is_refused ? 1 : 2);
	}
}

static void a_replacement_has_a_longest_length(void **state)
{
	(void)state;
	edits_begin(&edits, original);
	replace(0, 1, "123456789012345678901234567890123456789012345678901234");
	assert_int_equal(edits.list[0].replacement_length, SIPALG_REPLACEMENT_MAX);
	assert_applied("123456789012345678901234567890123456789012345678901234123456789abcdefghij");
	replace(3, 1, "1234567890123456789012345678901234567890123456789012345");
	assert_true(edits.overflowed);
	assert_int_equal(edits.count, 1);
	edits_begin(&edits, original);
	assert_false(edits.overflowed);
}

static void the_list_may_be_full(void **state)
{
	(void)state;
	static char text[SIPALG_EDITS_MAX + 1];
	memset(text, 'a', sizeof(text));
	edits_begin(&edits, (struct text){ text, sizeof(text) });
	for (size_t i = 0; i < SIPALG_EDITS_MAX; i++)
		replace(i, 1, "b");
	assert_false(edits.overflowed);
	replace(7, 1, "c"); /* the same span needs no room */
	assert_false(edits.overflowed);
	replace(SIPALG_EDITS_MAX, 1, "b");
	assert_true(edits.overflowed);
	assert_int_equal(edits.count, SIPALG_EDITS_MAX);
}

static void growth_is_of_what_counts(void **state)
{
	(void)state;
	edits_begin(&edits, original);
	replace(0, 1, "xxx");
	replace(5, 4, "y");
	assert_int_equal(edits.growth, 2 - 3);
	replace(15, 5, "zzzzzzz");
	assert_int_equal(edits.growth, 2 - 3 + 2);
	replace(5, 4, "yyyy"); /* the very same span */
	assert_int_equal(edits.growth, 2 + 0 + 2);
	replace(6, 8, "refused");
	assert_int_equal(edits.growth, 2 + 0 + 2);
}

static void numbers_are_written(void **state)
{
	(void)state;
	edits_begin(&edits, original);
	edits_replace_number(&edits, text_first(original, 4), SIPALG_PLACE_SDP_MEDIA, 65535);
	assert_int_equal(edits.list[0].place, SIPALG_PLACE_SDP_MEDIA);
	assert_applied("65535456789abcdefghij");
}

static void digits_are_as_printf_has_them(void **state)
{
	(void)state;
	static const uint64_t numbers[] = { 0,     1,     9,     10,     99,         100,       5060,
		                            65535, 65536, 99999, 100000, UINT32_MAX, UINT64_MAX };
	uint64_t chance = 1;
	for (unsigned i = 0; i < 20000; i++) {
		uint64_t number = i < 13 ? numbers[i] : draw(&chance) >> draw(&chance) % 64;
		char expected[24], digits[DIGITS_MAX];
		size_t length = digits_write(number, digits);
		assert_true(length <= DIGITS_MAX);
		snprintf(expected, sizeof(expected), "%llu", (unsigned long long)number);
		assert_text(((struct text){ digits, length }), expected);
	}
}

/* Against the simplest way: a copy for each byte. */
static void agrees_with_a_naive_one(void **state)
{
	(void)state;
	static char text[2000], out[20000], expected[20000];
	static char replacements[2000][SIPALG_REPLACEMENT_MAX + 1];
	static int owner[2000];
	uint64_t chance = 5;
	for (unsigned round = 0; round < 500; round++) {
		size_t length = 1 + draw(&chance) % sizeof(text);
		for (size_t i = 0; i < length; i++)
			text[i] = (char)('a' + draw(&chance) % 26);
		memset(owner, -1, sizeof(owner));
		edits_begin(&edits, (struct text){ text, length });
		for (int edit = 0; edit < 60; edit++) {
			size_t offset = draw(&chance) % length, span = 1 + draw(&chance) % 20;
			bool is_free = offset + span <= length;
			for (size_t i = offset; is_free && i < offset + span; i++)
				is_free = owner[i] < 0;
			if (!is_free)
				continue;
			size_t count = draw(&chance) % (SIPALG_REPLACEMENT_MAX + 1);
			memset(replacements[edit], 'A' + edit % 26, count);
			replacements[edit][count] = '\0';
			for (size_t i = offset; i < offset + span; i++)
				owner[i] = edit;
			replace(offset, span, replacements[edit]);
		}
		size_t at = 0;
		for (size_t i = 0; i < length; i++) {
			if (owner[i] < 0)
				expected[at++] = text[i];
			else if (i == 0 || owner[i - 1] != owner[i])
				at += (size_t)sprintf(expected + at, "%s", replacements[owner[i]]);
		}
		assert_false(edits.overflowed);
		size_t written = edits_apply(&edits, (uint8_t *)out);
		assert_int_equal(written, at);
		assert_memory_equal(out, expected, at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_changes_nothing),
		cmocka_unit_test(any_order_gives_the_same),
		cmocka_unit_test(the_same_span_is_replaced_anew),
		cmocka_unit_test(overlapping_spans_are_refused),
		cmocka_unit_test(a_replacement_has_a_longest_length),
		cmocka_unit_test(the_list_may_be_full),
		cmocka_unit_test(growth_is_of_what_counts),
		cmocka_unit_test(numbers_are_written),
		cmocka_unit_test(digits_are_as_printf_has_them),
		cmocka_unit_test(agrees_with_a_naive_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
