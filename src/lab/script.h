/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A scenario's text as a list of lines: files included, macros expanded, comments gone. */
#ifndef LAB_SCRIPT_H
#define LAB_SCRIPT_H

#include "lab/store.h"

struct line {
	const char *file;
	unsigned number;
	const char *text; /* with its indentation, without its end */
};

struct lines {
	struct line *list;
	size_t count, room;
};

enum {
	SCRIPT_LINES_MAX = 20000,
	SCRIPT_DEPTH_MAX = 12,  /* macros and files within each other */
	SCRIPT_MACROS_MAX = 64, /* in one scenario */
	SCRIPT_WORDS_MAX = 40,  /* of one statement */
};

struct words {
	char *list[SCRIPT_WORDS_MAX];
	size_t count;
};

/* Reads the file and what it includes (from the folder "include" beside it). False: *error says where and why. */
bool script_read(struct store *store, const char *path, struct lines *lines, const char **error);

/* How many blanks and tabs the line begins with; a line of nothing else has the value SIZE_MAX. */
size_t line_indent(const char *text);

/* Splits at blanks; "…" keeps blanks together. False: too many. */
bool words_split(struct store *store, const char *text, struct words *words);

#endif
