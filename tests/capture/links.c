/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "links.h"

#include <pcap/dlt.h>

const struct link_case link_cases[LINK_CASES] = {
	{ DLT_EN10MB, 0, false }, { DLT_EN10MB, 1, false },    { DLT_EN10MB, 2, false },     { DLT_EN10MB, 0, true },
	{ DLT_EN10MB, 1, true },  { DLT_LINUX_SLL, 0, false }, { DLT_LINUX_SLL2, 0, false }, { DLT_RAW, 0, false },
	{ DLT_NULL, 0, false },   { DLT_LOOP, 0, false },      { DLT_PPP, 0, false },
};

struct composer begin_link(const struct link_case *link, bool is_ng)
{
	struct composer composer = composer_begin(link->type, is_ng);
	composer.tags = link->tags;
	composer.is_pppoe = link->is_pppoe;
	return composer;
}

struct capture *open_composed(struct composer *composer)
{
	struct problem problem = { "" };
	struct capture *capture = capture_open_stream(composer_reader(composer), "test", &problem);
	if (capture == NULL)
		print_error("%s\n", problem.text);
	assert_non_null(capture);
	return capture;
}

void expect_end(struct capture *capture)
{
	struct capture_item item;
	assert_false(capture_next(capture, &item));
	assert_null(capture_trouble(capture));
	capture_close(capture);
}

void assert_endpoint(const sipalg_endpoint *found, const sipalg_endpoint *wanted)
{
	assert_memory_equal(found->address.bytes, wanted->address.bytes, 16);
	assert_int_equal(found->port, wanted->port);
}

struct text long_payload(size_t length)
{
	static char bytes[60000];
	for (size_t i = 0; i < length; i++)
		bytes[i] = (char)('a' + i % 23);
	return (struct text){ bytes, length };
}
