/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"
#include "walk.h"

#include "sip/uri.h"

enum { ENTRIES_MAX = 4 };

/* uris[0] NULL: the value holds no entry that can be read. */
static const struct {
	const char *value;
	struct {
		const char *uri, *parameters;
	} entries[ENTRIES_MAX];
	bool ends_unread; /* something is left that cannot be read */
} lists[] = {
	{ "<sip:a@b>", { { "sip:a@b", "" } }, false },
	{ "sip:a@b", { { "sip:a@b", "" } }, false },
	{ "sip:a@b;tag=1", { { "sip:a@b", ";tag=1" } }, false }, /* the parameter is the header's: RFC 3261 20 */
	{ "<sip:a@b;lr>;expires=60", { { "sip:a@b;lr", ";expires=60" } }, false },
	{ "Alice <sip:a@b>", { { "sip:a@b", "" } }, false },
	{ "caller<sip:caller@example.com>;tag=323", { { "sip:caller@example.com", ";tag=323" } }, false }, /* 3.1.1.6 */
	{ "A. B. Bell\r\n <sip:a@b> ;\r\n tag = x", { { "sip:a@b", ";\r\n tag = x" } }, false },
	{ "\"a, <sip:x@y>; \\\" z\" <sip:a@b>;q=0.5", { { "sip:a@b", ";q=0.5" } }, false },
	{ "\"Watson\" < sip:t.watson@example.org >", { { "sip:t.watson@example.org", "" } }, false }, /* 3.1.2.14 */
	{ "\xc3\x9c"
	  "bung <sip:a@b>",
	  { { "sip:a@b", "" } },
	  false },
	{ "<sip:a,b@c>,<sip:d@e>", { { "sip:a,b@c", "" }, { "sip:d@e", "" } }, false },
	{ "sip:a@b , \"x,y\" <sip:c@d>;e=\"f,g\";h ,\r\n <sip:i@j>",
	  { { "sip:a@b", "" }, { "sip:c@d", ";e=\"f,g\";h" }, { "sip:i@j", "" } },
	  false },
	{ "<sip:a@b>;+sip.instance=\"<urn:uuid:0-1>\";reg-id=1",
	  { { "sip:a@b", ";+sip.instance=\"<urn:uuid:0-1>\";reg-id=1" } },
	  false },
	{ "\"Joe\" <sip:joe@example.org>;;;;", { { "sip:joe@example.org", ";;;;" } }, false }, /* RFC 4475 3.1.2.1 */
	{ "*", { { "", "" } }, false },
	{ " * ", { { "", "" } }, false },
	{ "", { { NULL, NULL } }, false },
	{ " \r\n ", { { NULL, NULL } }, false },
	{ "<tel:+4930>", { { "tel:+4930", "" } }, false },
	/* what cannot be read is reported, and the entries before it are not lost */
	{ "<sip:a@b>, <sip:c@d", { { "sip:a@b", "" } }, true },
	{ "<sip:a@b>,", { { NULL, NULL } }, true },
	{ "<sip:a@b>,,<sip:c@d>", { { "sip:a@b", "" } }, true },
	{ ",<sip:a@b>", { { NULL, NULL } }, true },
	{ "<sip:a@b> x", { { NULL, NULL } }, true },
	{ "<sip:a@b><sip:c@d>", { { NULL, NULL } }, true },
	{ "\"Mr. J. User <sip:j.user@example.com>", { { NULL, NULL } }, true },               /* RFC 4475 3.1.2.6 */
	{ "sip:user@example.com?Route=%3Csip:sip.example.com%3E", { { NULL, NULL } }, true }, /* 3.1.2.13 */
	{ "<>", { { NULL, NULL } }, true },
	{ "< >", { { NULL, NULL } }, true },
	{ "Alice", { { "Alice", "" } }, false }, /* whether it is a URI is for its reader to say */
	{ "Alice Bob", { { NULL, NULL } }, true },
	{ "Alice; Bob <sip:a@b>", { { NULL, NULL } }, true },
	{ "<sip:a@b>;x=", { { NULL, NULL } }, true },
	{ "<sip:a@b>;x=\"y", { { NULL, NULL } }, true },
	{ "<sip:a@b>;=y", { { NULL, NULL } }, true },
	{ ";tag=1", { { NULL, NULL } }, true },
};

static void lists_are_taken_apart(void **state)
{
	(void)state;
	for (size_t index = 0; index < sizeof(lists) / sizeof(lists[0]); index++) {
		struct text rest = text_of(lists[index].value);
		struct sip_name_addr entry;
		size_t count = 0;
		while (sip_name_addr_next(&rest, &entry)) {
			if (count == ENTRIES_MAX || lists[index].entries[count].uri == NULL)
				fail_msg("%s: too many entries", lists[index].value);
			assert_text(entry.uri, lists[index].entries[count].uri);
			assert_text(entry.parameters, lists[index].entries[count].parameters);
			count++;
		}
		if (count < ENTRIES_MAX && lists[index].entries[count].uri != NULL)
			fail_msg("%s: too few entries", lists[index].value);
		if ((rest.length > 0) != lists[index].ends_unread)
			fail_msg("%s: \"%.*s\" is left", lists[index].value, (int)rest.length, rest.start);
	}
}

static void a_star_is_told_apart(void **state)
{
	struct text rest = TEXT("*"), two = TEXT("*, <sip:a@b>");
	struct sip_name_addr entry;
	(void)state;
	assert_true(sip_name_addr_next(&rest, &entry));
	assert_true(entry.is_star);
	rest = TEXT("<sip:*@b>");
	assert_true(sip_name_addr_next(&rest, &entry));
	assert_false(entry.is_star);
	assert_true(sip_name_addr_next(&two, &entry));
	assert_false(entry.is_star); /* RFC 3261 20.10: it stands alone or is none */
}

static void parameters_are_found_by_name(void **state)
{
	static const char list[] = " ; Tag = abc;FLAG;\r\n q=\"a;tag=\\\"x\";Expires=3600;last=";
	struct text value = TEXT("-"), parameters = TEXT(list);
	(void)state;
	assert_true(sip_parameter_find(parameters, TEXT("tag"), &value));
	assert_text(value, "abc");
	assert_true(sip_parameter_find(parameters, TEXT("flag"), &value));
	assert_text(value, "");
	assert_true(sip_parameter_find(parameters, TEXT("q"), &value));
	assert_text(value, "a;tag=\\\"x");
	assert_true(sip_parameter_find(parameters, TEXT("expires"), &value));
	assert_text(value, "3600");
	assert_false(sip_parameter_find(parameters, TEXT("last"), &value));
	assert_false(sip_parameter_find(parameters, TEXT("ta"), &value));
	assert_false(sip_parameter_find(TEXT(""), TEXT("tag"), &value));
	assert_false(sip_parameter_find((struct text){ NULL, 0 }, TEXT("tag"), &value));
}

static void any_input_is_survived(void **state)
{
	(void)state;
	for (size_t index = 0; index < sizeof(lists) / sizeof(lists[0]); index++)
		try_everything(text_of(lists[index].value), walk_name_addrs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_taken_apart),
		cmocka_unit_test(a_star_is_told_apart),
		cmocka_unit_test(parameters_are_found_by_name),
		cmocka_unit_test(any_input_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
