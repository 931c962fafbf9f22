/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of reading and of writing captures share. */
#ifndef TESTS_CAPTURE_LINKS_H
#define TESTS_CAPTURE_LINKS_H

#include "../unit/support.h"
#include "capture/capture.h"
#include "composer.h"

#define SECOND UINT64_C(1000000000)

enum { LINK_CASES = 11 };

struct link_case {
	int type;
	int tags;
	bool is_pppoe;
};

extern const struct link_case link_cases[LINK_CASES];

struct composer begin_link(const struct link_case *link, bool is_ng);
struct capture *open_composed(struct composer *composer);

/* Nothing is left, and nothing was wrong; closes it. */
void expect_end(struct capture *capture);
void assert_endpoint(const sipalg_endpoint *found, const sipalg_endpoint *wanted);

/* The same bytes each time. */
struct text long_payload(size_t length);

#endif
