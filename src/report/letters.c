/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/letters.h"

#include <stdio.h>
#include <wchar.h>

/* How many bytes begin with this one (RFC 3629 3), and the smallest code point they may stand for. */
static size_t sequence_length(unsigned char first, uint32_t *smallest)
{
	if (first < 0x80) {
		*smallest = 0;
		return 1;
	}
	if (first >= 0xc2 && first <= 0xdf) {
		*smallest = 0x80;
		return 2;
	}
	if (first >= 0xe0 && first <= 0xef) {
		*smallest = 0x800;
		return 3;
	}
	*smallest = 0x10000;
	return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

struct letter letter_next(struct text rest)
{
	if (text_is_empty(rest))
		return (struct letter){ 0 };
	unsigned char first = (unsigned char)rest.start[0];
	struct letter broken = { .code = first, .length = 1, .valid = false };
	uint32_t smallest;
	size_t length = sequence_length(first, &smallest);
	if (length == 0 || length > rest.length)
		return broken;
	uint32_t code = length == 1 ? first : first & (0x7fU >> length);
	for (size_t i = 1; i < length; i++) {
		unsigned char next = (unsigned char)rest.start[i];
		if ((next & 0xc0) != 0x80)
			return broken;
		code = code << 6 | (next & 0x3f);
	}
	if (code < smallest || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return broken;
	return (struct letter){ .code = code, .length = length, .valid = true };
}

bool letter_is_visible(struct letter letter)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = {
		{ 0x00, 0x1f },     { 0x7f, 0xa0 },     { 0xad, 0xad },        { 0x300, 0x36f },   { 0x600, 0x61c },
		{ 0x6dd, 0x6dd },   { 0x70f, 0x70f },   { 0x180e, 0x180e },    { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff },
		{ 0x2000, 0x200f }, { 0x2028, 0x202f }, { 0x205f, 0x206f },    { 0x20d0, 0x20ff }, { 0x3000, 0x3000 },
		{ 0x3164, 0x3164 }, { 0xe000, 0xf8ff }, { 0xfe00, 0xfe0f },    { 0xfe20, 0xfe2f }, { 0xfeff, 0xfeff },
		{ 0xffa0, 0xffa0 }, { 0xfff0, 0xffff }, { 0xe0000, 0x10ffff },
	};
	for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
		if (letter.code >= hidden[i].first && letter.code <= hidden[i].last)
			return false;
	return letter.valid && letter.length > 0;
}

static size_t escape(struct letter letter, char out[LETTER_TEXT_MAX])
{
	static const char named[] = "\r\n\t", names[] = "rnt";
	const char *found = letter.code != 0 && letter.code < 0x80 ? strchr(named, (int)letter.code) : NULL;
	if (found != NULL)
		return (size_t)snprintf(out, LETTER_TEXT_MAX, "\\%c", names[found - named]);
	if (letter.valid && letter.code >= 0x80)
		return (size_t)snprintf(out, LETTER_TEXT_MAX, "\\u%04x", (unsigned)letter.code);
	return (size_t)snprintf(out, LETTER_TEXT_MAX, "\\x%02x", (unsigned)letter.code);
}

size_t letter_write(struct text rest, struct letter letter, bool plain_only, char out[LETTER_TEXT_MAX])
{
	int columns = letter.code < 0x80 ? 1 : plain_only ? -1 : wcwidth((wchar_t)letter.code);
	if (!letter_is_visible(letter) || columns < 1)
		return escape(letter, out);
	memcpy(out, rest.start, letter.length);
	out[letter.length] = '\0';
	return (size_t)columns;
}
