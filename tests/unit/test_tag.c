/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"

#include "sip/tag.h"

/* `tag` NULL: there is none to be found. */
static const struct {
	const char *value, *tag;
} values[] = {
	{ "<sip:a@b>;tag=1", "1" },
	{ "sip:a@b;tag=2", "2" },
	{ "\"A;tag=x <\\\"\" <sip:a@b;tag=y> ; x=\"z;tag=w\"; TAG =\r\n 3", "3" },
	{ "caller<sip:caller@example.com>;tag=323", "323" },
	{ "<sip:a@b;tag=y>", NULL },
	{ "<sip:a@b>", NULL },
	{ "sip:a@b", NULL },
	{ "<sip:a@b;tag=1", NULL },
	{ "\"A <sip:a@b>;tag=1", NULL },
	{ "<sip:a@b> x;tag=1", NULL },
	{ "<sip:a@b>;tag=", NULL },
	{ "", NULL },
};

static void tags_are_found_behind_the_address(void **state)
{
	(void)state;
	for (size_t index = 0; index < sizeof(values) / sizeof(values[0]); index++) {
		struct text tag = TEXT("-");
		if (sip_tag_find(text_of(values[index].value), &tag) != (values[index].tag != NULL))
			fail_msg("%s", values[index].value);
		assert_text(tag, values[index].tag != NULL ? values[index].tag : "-");
	}
}

static void find_within(struct text text)
{
	struct text tag;
	if (sip_tag_find(text, &tag))
		assert_true(is_slice_of(text, tag));
}

static void any_input_is_survived(void **state)
{
	(void)state;
	assert_false(sip_tag_find((struct text){ NULL, 0 }, &(struct text){ NULL, 0 }));
	for (size_t index = 0; index < sizeof(values) / sizeof(values[0]); index++)
		try_everything(text_of(values[index].value), find_within);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_are_found_behind_the_address),
		cmocka_unit_test(any_input_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
