/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fetches a page from the gateway, by libcurl: from no other host, not much, and not for long. */
#ifndef ADVICE_FETCH_H
#define ADVICE_FETCH_H

#include "advice/gateway.h"
#include "base/text.h"

enum { FETCH_MAX = 65536, FETCH_HEADER_MAX = 128 };

struct page {
	char *body; /* zero-terminated; free it with page_clear() */
	size_t length;
	char server[FETCH_HEADER_MAX], realm[FETCH_HEADER_MAX]; /* headers of the last answer; "": none */
};

/* False: nothing came. A page longer than FETCH_MAX is cut. */
bool page_fetch(const struct gateway *gateway, const char *url, struct page *page);
void page_clear(struct page *page);

/* Takes one line of an answer's head. */
void page_read_header(struct page *page, struct text line);

#endif
