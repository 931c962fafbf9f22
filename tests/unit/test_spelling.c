/* SPDX-License-Identifier: GPL-2.0-or-later */
/* However an IPv6 address was written, it is written so again. */
#include "support.h"

#include "base/spelling.h"

static const char *const texts[] = {
	"2001:db8::1",
	"2001:DB8::1",
	"2001:Db8::a:B",
	"2001:0db8:0000:0000:0000:0000:0000:0001",
	"2001:0DB8:0000:0000:0000:0000:0000:0001",
	"2001:db8:0:0:0:0:0:1",
	"2001:db8:0::1",
	"2001:db8::0:1",
	"2001:db8::0:0:1",
	"2001:db8:0:0::1",
	"2001:db8::00:01",
	"2001:db8:1:2:3:4:5:6",
	"2001:db8:1:2:3:4:5::",
	"::2:3:4:5:6:7:8",
	"1::3:4:5:6:7:8",
	"fd00::",
	"FD00::",
	"::1",
	"0::1",
	"0:0:0:0:0:0:0:0",
	"::",
	"2001:db8::192.0.2.1",
	"2001:DB8:0:0:0:0:192.0.2.1",
	"64:ff9b::255.255.255.255",
	"::192.0.2.1",
	"FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:255.255.255.255",
	"aBcD:AbCd:abcd:ABCD:0aBc:00Ab:000A:a",
};

enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };

static sipalg_address read_address(const char *text)
{
	sipalg_address address;
	assert_true(sipalg_address_read(text, strlen(text), &address));
	return address;
}

static void assert_spelt(struct spelling spelling, const sipalg_address *address, const char *expected)
{
	char out[SIPALG_ADDRESS_TEXT_MAX + 1] = { 0 };
	size_t length = spelling_write(spelling, address, out);
	assert_int_equal(length, strlen(expected));
	assert_memory_equal(out, expected, length);
}

static void every_spelling_comes_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEXTS; i++) {
		sipalg_address address = read_address(texts[i]);
		struct spelling spelling = spelling_of(text_of(texts[i]), &address);
		assert_true(spelling_is_possible(spelling));
		assert_spelt(spelling, &address, texts[i]);
		struct kept_spelling kept = spelling_keep(spelling);
		assert_true(spelling_of_kept(&kept).code == spelling.code);
	}
}

static void the_usual_one_is_all_zero(void **state)
{
	(void)state;
	static const char *const usual[] = { "2001:db8::1", "::", "192.0.2.1", "2001:db8:1:2:3:4:5:6" };
	static const struct spelling zero;
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		sipalg_address address = read_address(usual[i]);
		struct spelling spelling = spelling_of(text_of(usual[i]), &address);
		assert_true(spelling_is_usual(spelling));
		assert_spelt(zero, &address, usual[i]);
	}
	sipalg_address address = read_address("2001:db8::a");
	struct spelling capital = spelling_of(TEXT("2001:db8::A"), &address);
	assert_false(spelling_is_usual(capital));
}

/* A snapshot may hold anything. */
static void what_no_text_has_is_impossible(void **state)
{
	(void)state;
	for (unsigned digits = 0; digits < 8; digits++)
		for (unsigned group = 0; group < 8; group++) {
			struct spelling spelling = { (uint64_t)digits << 4 << group * 7 };
			assert_int_equal(spelling_is_possible(spelling), digits <= 4 || (digits == 5 && group == 6));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_comes_back),
		cmocka_unit_test(the_usual_one_is_all_zero),
		cmocka_unit_test(what_no_text_has_is_impossible),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
