/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A SIP message as a careless ALG sees it: text in which lines are looked for and changed on the spot. */
#ifndef MEDDLER_DRAFT_H
#define MEDDLER_DRAFT_H

#include <stdbool.h>
#include <stddef.h>

enum { DRAFT_MAX = 70000 };

struct draft {
	size_t length;
	char bytes[DRAFT_MAX + 1]; /* a zero behind the message, so that searches end */
};

/* A part of the draft, from `start` on; of no length: there is none. */
struct span {
	size_t start, length;
};

/* Changes a part into another text; everything behind it moves. */
void draft_replace(struct draft *draft, struct span part, const char *text, size_t length);

/* The first place of a text (as C text) within a part. */
struct span draft_find(const struct draft *draft, struct span within, const char *text);

/* Every `from` within a part becomes `to`. Returns how often. */
size_t draft_replace_all(struct draft *draft, struct span within, const char *from, const char *to);

/* The next header line of that name (or its compact form, "" for none) that begins at `from` or later, folds and line
 * end included. */
struct span draft_header(const struct draft *draft, size_t from, const char *name, const char *compact);

/* Behind the empty line; of no length: no body, or no empty line. */
struct span draft_body(const struct draft *draft);

/* The next line of the body that begins with that text, at `from` or later, line end included. */
struct span draft_body_line(const struct draft *draft, size_t from, const char *beginning);

/* Adds so much to Content-Length, where there is one. */
void draft_length_add(struct draft *draft, long difference);

/* The number that begins at most a few blanks behind `after`; false: none is there. */
bool draft_number(const struct draft *draft, size_t after, struct span *digits, unsigned long *number);

/* Puts a number in the place of digits. */
void draft_number_put(struct draft *draft, struct span digits, unsigned long number);

#endif
