/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A message as its header lines and what follows them, however damaged it is: what arrived behind an ALG need not be
 * SIP any more. */
#ifndef COMPARE_LINES_H
#define COMPARE_LINES_H

#include "base/text.h"
#include "sip/message.h"

enum { LINES_MAX = 128 };

struct header_line {
	struct text whole; /* folds included, the line end at its end not */
	struct text name;  /* empty: the start line, or a line without colon */
	struct text value; /* without blanks at its ends */
	enum sip_header_kind kind;
	bool bare_lf; /* its end is LF alone */
};

struct message_lines {
	struct text lead; /* line ends before the first line */
	struct header_line list[LINES_MAX];
	size_t count;
	bool ended;        /* an empty line stands behind the headers */
	struct text after; /* all that follows it */
};

/* Lines beyond LINES_MAX are part of `after`. */
void lines_read(struct text message, struct message_lines *lines);

/* The first line of that kind; NULL: there is none. */
const struct header_line *lines_find(const struct message_lines *lines, enum sip_header_kind kind);

/* The name in its long form and small letters is the same. */
bool header_names_match(const struct header_line *left, const struct header_line *right);

/* Equal but for the case of letters. */
bool text_equal_in_any_case(struct text left, struct text right);

#endif
