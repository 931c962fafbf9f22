/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"

#include "sip/message.h"

static void assert_composed(const char *pattern, size_t size, bool bare_lf, const char *expected)
{
	static struct composed out;
	struct blanks blanks = { .count = 0 };
	blanks_set(&blanks, "a", TEXT("first"));
	blanks_set(&blanks, "b", TEXT("2"));
	blanks_set(&blanks, "a", TEXT("1"));
	assert_true(compose(&(struct pattern){ pattern, size, bare_lf }, &blanks, &out));
	assert_int_equal(out.length, strlen(expected));
	assert_memory_equal(out.bytes, expected, out.length);
}

static void patterns_are_filled_in(void **state)
{
	(void)state;
	assert_composed("", 0, false, "");
	assert_composed("{a}-{b}\n", 0, false, "1-2\r\n");
	assert_composed("{a}-{b}\n", 0, true, "1-2\n");
	assert_composed("x: {length}\n\nbody\n", 0, false, "x: 6\r\n\r\nbody\r\n");
	assert_composed("x: {length-less-8}\n\nbody\nEXCESS\n", 0, false, "x: 6\r\n\r\nbody\r\nEXCESS\r\n");
	assert_composed("\nx: {length}\n\nbody", 0, false, "\r\nx: 4\r\n\r\nbody");
}

static void a_message_has_the_size_it_shall_have(void **state)
{
	static struct composed out;
	static const size_t sizes[] = { 90, 99, 100, 101, 150, 151, 152, 999, 1000, 1001, 1472, 8000, 8192 };
	struct blanks blanks = { .count = 0 };
	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		assert_true(compose(&(struct pattern){ "x: {length}\n\nv=0\n{fill}", sizes[i], false }, &blanks, &out));
		assert_int_equal(out.length, sizes[i]);
		char *end = memmem(out.bytes, out.length, "\r\n\r\n", 4);
		assert_non_null(end);
		assert_int_equal(strtoul(out.bytes + 3, NULL, 10), out.length - (size_t)(end + 4 - out.bytes));
	}
}

static void what_cannot_be_composed_is_told(void **state)
{
	static struct composed out;
	struct blanks blanks = { .count = 0 };
	(void)state;
	assert_false(compose(&(struct pattern){ .text = "{unknown}" }, &blanks, &out));
	assert_false(compose(&(struct pattern){ .text = "x\n\n{fill}", .size = COMPOSE_MAX + 1 }, &blanks, &out));
}

/* Whoever looks at the messages must see SIP: what an ALG does with nonsense says nothing. */
static void assert_probes_are_sip(const struct probe *table, size_t count)
{
	static struct composed out;
	static struct sip_message message;
	struct blanks blanks = usual_blanks();
	for (size_t i = 0; i < count; i++) {
		if (table[i].bytes.length > 0)
			continue;
		bool is_answer_to_other = table[i].answers && strcmp(table[i].answers, "invite") != 0;
		compose_probe(&table[i], &blanks, &out);
		if (sip_message_parse(composed_text(&out), &message) != SIP_WHOLE && !is_answer_to_other)
			fail_msg("%s is no SIP:\n%.*s", table[i].name, (int)out.length, out.bytes);
		if (memmem(out.bytes, out.length, MARK, strlen(MARK)) == NULL)
			fail_msg("%s bears no mark", table[i].name);
	}
}

static void probes_are_sip(void **state)
{
	(void)state;
	assert_probes_are_sip(probe_table, probe_count);
	assert_probes_are_sip(arrival_table, arrival_count);
	assert_probes_are_sip(reply_table, reply_count);
	for (size_t i = 0; i < stream_count; i++) {
		assert_non_null(probe_named(stream_table[i].first));
		if (stream_table[i].second)
			assert_non_null(probe_named(stream_table[i].second));
	}
}

static void names_of_probes_are_unique(void **state)
{
	(void)state;
	for (size_t i = 0; i < probe_count; i++)
		assert_ptr_equal(probe_named(probe_table[i].name), &probe_table[i]);
	for (size_t i = 0; i < arrival_count; i++)
		assert_ptr_equal(arrival_named(arrival_table[i].name), &arrival_table[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_are_filled_in),
		cmocka_unit_test(a_message_has_the_size_it_shall_have),
		cmocka_unit_test(what_cannot_be_composed_is_told),
		cmocka_unit_test(probes_are_sip),
		cmocka_unit_test(names_of_probes_are_unique),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
