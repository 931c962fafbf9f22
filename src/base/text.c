/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/text.h"

#include "base/cursor.h"

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
