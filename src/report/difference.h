/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two versions of a message, what was sent and what arrived, laid side by side: first the lines that belong together
 * (a header's name, an SDP letter), then within each pair the bytes that differ. */
#ifndef REPORT_DIFFERENCE_H
#define REPORT_DIFFERENCE_H

#include "base/text.h"

/* Which of the two. */
enum side { SIDE_SENT = 0, SIDE_RECEIVED, SIDE_COUNT };

enum line_kind {
	LINE_SAME = 0,
	LINE_CHANGED, /* on both sides, not alike */
	LINE_REMOVED, /* sent, never arrived */
	LINE_ADDED,   /* arrived, never sent */
	LINE_MOVED,   /* on both sides alike, in another place; a row for each side, the other is empty */
};

/* `length` bytes at `offset` of one version; the marked part of a line. */
struct span {
	size_t offset, length;
};

/* A pair of lines, in the order in which a reader meets them. */
struct difference_line {
	enum line_kind kind;
	struct span line[SIDE_COUNT];  /* with its line end; of length 0 where there is none */
	size_t first_mark[SIDE_COUNT]; /* place of its first in difference.marks, and how many are the line's */
	size_t mark_count[SIDE_COUNT];
};

struct difference {
	struct text version[SIDE_COUNT]; /* own copies, which go with the difference */
	bool present[SIDE_COUNT];        /* false: nothing was sent, or nothing arrived */
	struct difference_line *lines;
	size_t line_count;
	struct span *marks[SIDE_COUNT]; /* offsets count from the version's start; ascending, disjoint, never empty */
	size_t mark_count[SIDE_COUNT];
	bool equal; /* byte for byte */
};

/* Compares copies of the two; NULL for one that is absent: then all of the other is REMOVED or ADDED, and nothing is
 * marked. Outside the marks the pairs of lines are equal byte for byte. NULL: no memory. Free by
 * difference_destroy(). */
struct difference *difference_create(const struct text *sent, const struct text *received);
void difference_destroy(struct difference *difference);

#endif
