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

/* Compares with a word of small letters, digits and punctuation, in any case. Only letters have bit 6 of their bytes
 * set among these, and bit 5 makes them small; so nothing but a letter is changed before it is compared. Eight bytes at
 * a time, since the words are mostly constants. */
static inline bool text_is_word8(const char *start, const char *small)
{
	uint64_t bytes, word;
	memcpy(&bytes, start, sizeof(bytes));
	memcpy(&word, small, sizeof(word));
	return (bytes | (word >> 1 & UINT64_C(0x2020202020202020))) == word;
}

static inline bool text_is_word4(const char *start, const char *small)
{
	uint32_t bytes, word;
	memcpy(&bytes, start, sizeof(bytes));
	memcpy(&word, small, sizeof(word));
	return (bytes | (word >> 1 & UINT32_C(0x20202020))) == word;
}

static inline bool text_is_word2(const char *start, const char *small)
{
	uint16_t bytes, word;
	memcpy(&bytes, start, sizeof(bytes));
	memcpy(&word, small, sizeof(word));
	return (bytes | (word >> 1 & 0x2020)) == word;
}

static inline bool text_is_word(struct text text, struct text small)
{
	size_t length = small.length;
	if (text.length != length)
		return false;
	if (length >= 8) {
		for (size_t at = 0; at + 8 < length; at += 8)
			if (!text_is_word8(text.start + at, small.start + at))
				return false;
		return text_is_word8(text.start + length - 8, small.start + length - 8);
	}
	if (length >= 4)
		return text_is_word4(text.start, small.start) &&
		       text_is_word4(text.start + length - 4, small.start + length - 4);
	if (length >= 2)
		return text_is_word2(text.start, small.start) &&
		       text_is_word2(text.start + length - 2, small.start + length - 2);
	return length == 0 || (*text.start | (*small.start >> 1 & 0x20)) == *small.start;
}

static inline bool text_begins_word(struct text text, struct text small)
{
	return text.length >= small.length && text_is_word(text_first(text, small.length), small);
}

/* The index of the first `byte`, or text.length when there is none. */
static inline size_t text_find(struct text text, char byte)
{
	const char *found = text.length > 0 ? memchr(text.start, byte, text.length) : NULL;
	return found == NULL ? text.length : (size_t)(found - text.start);
}

/* Without blanks at both ends; blanks are SP, HTAB, CR and LF (folded lines, RFC 3261 7.3.1). */
struct text text_trim(struct text text);

/* Reads a decimal number of digits only, at most `max`. False: empty, anything but digits, or too large. */
SIPALG_MUST_USE
bool text_read_number(struct text text, uint64_t max, uint64_t *number);

#endif
