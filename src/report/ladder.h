/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who sent what to whom, in the order of time: a column for each host, a row for each message. */
#ifndef REPORT_LADDER_H
#define REPORT_LADDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LADDER_COLUMNS_MAX = 8,
	LADDER_ROWS_MAX = 200, /* more are counted, not drawn */
};

enum mark {
	MARK_NONE = 0, /* nothing to say about it */
	MARK_GOOD,     /* as it should be */
	MARK_CHANGED,  /* altered on the way */
	MARK_LOST,     /* never arrived */
	MARK_BAD,      /* arrived, and breaks something */
};

/* "", "good", "changed", "lost", "bad". */
const char *mark_word(enum mark mark);

struct ladder_row {
	uint64_t time_us; /* since the ladder's begin */
	size_t from, to;  /* columns; equal: a remark at that host */
	enum mark mark;
	bool media;   /* a stream of packets, not a message */
	char *label;  /* "INVITE", "200 OK", "RTP 812 packets" */
	char *remark; /* why it is marked; NULL: none */
};

struct ladder {
	char *title;
	char *columns[LADDER_COLUMNS_MAX];
	size_t column_count;
	struct ladder_row *rows;
	size_t row_count, row_room;
	uint64_t more; /* rows that were not kept */
};

/* The column with this name, added when there is none; the last one when there is no room. */
size_t ladder_column(struct ladder *ladder, const char *name);

/* Adds a row; the texts are copied; `remark` may be NULL. Without memory or room the row is counted in `more`. */
void ladder_add(struct ladder *ladder, const struct ladder_row *row, const char *label, const char *remark);

void ladder_clear(struct ladder *ladder);

#endif
