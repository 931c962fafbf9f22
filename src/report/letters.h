/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hostile bytes, letter by letter: which of them may be shown to a person. */
#ifndef REPORT_LETTERS_H
#define REPORT_LETTERS_H

#include "base/text.h"

/* One character of UTF-8 (RFC 3629), or one byte that is none. */
struct letter {
	uint32_t code; /* the code point, or the byte */
	size_t length; /* bytes; 0: the text is empty */
	bool valid;    /* UTF-8 */
};

struct letter letter_next(struct text rest);

/* Whether a person sees something, and it is what it seems: no control character, nothing that turns the direction of
 * writing or has no width, nothing unassigned to letters. Line ends are not. */
bool letter_is_visible(struct letter letter);

enum { LETTER_TEXT_MAX = 16 };

/* How the letter is written for people: itself when visible (and `plain_only` does not forbid letters beyond ASCII),
 * else "\r", "\n", "\t", "\x1b" or "\u202e". Returns the number of columns; `out` is zero-terminated. */
size_t letter_write(struct text rest, struct letter letter, bool plain_only, char out[LETTER_TEXT_MAX]);

#endif
