/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/text.h"

#include "base/cursor.h"

static char letter_small(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
}

bool text_equal_nocase(struct text left, struct text right)
{
	return left.length == right.length && text_begins_nocase(left, right);
}

bool text_begins_nocase(struct text text, struct text prefix)
{
	if (text.length < prefix.length)
		return false;
	for (size_t index = 0; index < prefix.length; index++)
		if (letter_small(text.start[index]) != letter_small(prefix.start[index]))
			return false;
	return true;
}

struct text text_trim(struct text text)
{
	return text.length > 0 ? cursor_trimmed(cursor_of(text)) : text;
}

bool text_read_number(struct text text, uint64_t max, uint64_t *number)
{
	uint64_t value = 0;
	if (text.length == 0)
		return false;
	for (size_t index = 0; index < text.length; index++) {
		uint64_t digit = (uint64_t)(uint8_t)text.start[index] - '0';
		if (digit > 9 || value > UINT64_MAX / 10 || value * 10 > UINT64_MAX - digit)
			return false;
		value = value * 10 + digit;
	}
	if (value > max)
		return false;
	*number = value;
	return true;
}
