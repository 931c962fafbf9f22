/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A slice of somebody else's bytes: never zero-terminated, never written, never owned. Only this file and text.c do
 * arithmetic on the bytes of a message. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "sipalg/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
	const char *start;
	size_t length;
};

/* A slice of a string literal. */
#define TEXT(literal) ((struct text){ (literal), sizeof(literal) - 1 })

static inline bool text_is_empty(struct text text)
{
	return text.length == 0;
}

/* The part from `from` to the end; empty when it begins past the end. */
static inline struct text text_from(struct text text, size_t from)
{
	if (from > text.length)
		from = text.length;
	return (struct text){ text.start + from, text.length - from };
}

/* The first `length` bytes, or all of them when there are fewer. */
static inline struct text text_first(struct text text, size_t length)
{
	return (struct text){ text.start, length < text.length ? length : text.length };
}

/* The distance of `part` from the start of `whole`, of which it is a slice. */
static inline size_t text_offset(struct text whole, struct text part)
{
	return (size_t)(part.start - whole.start);
}

static inline bool text_equal(struct text left, struct text right)
{
	return left.length == right.length && (left.length == 0 || memcmp(left.start, right.start, left.length) == 0);
}

/* Equal but for the case of ASCII letters. */
bool text_equal_nocase(struct text left, struct text right);
bool text_begins_nocase(struct text text, struct text prefix);

/* The index of the first `byte`, or text.length when there is none. */
size_t text_find(struct text text, char byte);

/* Without blanks at both ends; blanks are SP, HTAB, CR and LF (folded lines, RFC 3261 7.3.1). */
struct text text_trim(struct text text);

/* Reads a decimal number of digits only, at most `max`. False: empty, anything but digits, or too large. */
SIPALG_MUST_USE
bool text_read_number(struct text text, uint64_t max, uint64_t *number);

#endif
