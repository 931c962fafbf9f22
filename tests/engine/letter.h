/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages as tests write them: lines end with "\n", the length of the body is "#", and letter_seal() makes both what
 * SIP wants. */
#ifndef TESTS_ENGINE_LETTER_H
#define TESTS_ENGINE_LETTER_H

#include "../unit/support.h"

enum { LETTER_MAX = 70000 };

struct letter {
	size_t length;
	char bytes[LETTER_MAX];
};

/* Appends as printf() does. */
void letter_add(struct letter *letter, const char *format, ...) __attribute__((format(printf, 2, 3)));
void letter_add_text(struct letter *letter, struct text text);

/* "\n" becomes CR LF (or stays), "#" in the headers the number of bytes behind the empty line. */
void letter_seal(struct letter *letter, bool with_cr);

/* The whole letter in one go, sealed. */
void letter_write(struct letter *letter, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline struct text letter_text(const struct letter *letter)
{
	return (struct text){ letter->bytes, letter->length };
}

static inline void letter_clear(struct letter *letter)
{
	letter->length = 0;
}

void letter_copy(struct letter *letter, struct text text);

/* The lines (folds and line ends included) of every header of that name, long or compact, in their order. */
void letter_add_headers(struct letter *letter, struct text message, const char *long_name, char compact);

/* The value of the first such header, without the blanks around it; empty when there is none. */
struct text header_of(struct text message, const char *long_name, char compact);

/* What stands between < and > of the value. */
struct text uri_of(struct text value);

/* What is behind the empty line. */
struct text body_of(struct text message);

/* The Content-Type header and the body with a length of its own; `message` may have none. */
void letter_add_body(struct letter *letter, struct text message);

#endif
