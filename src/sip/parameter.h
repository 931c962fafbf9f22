/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parameters behind a URI, a Via or a name-addr: ;name=value;flag;name="quoted" (RFC 3261 25.1), and the commas between
 * the entries of a list. */
#ifndef SIP_PARAMETER_H
#define SIP_PARAMETER_H

#include "base/cursor.h"

struct sip_parameter {
	struct text name;
	struct text value; /* without quotes; empty: none */
};

enum sip_parameter_result {
	SIP_PARAMETER_NONE = 0, /* no ';' follows: the list ends here */
	SIP_PARAMETER_BAD,
	SIP_PARAMETER_READ,
};

/* Takes a quoted string off, of which the opening quote is the first byte. False: it never ends. */
static inline bool quoted_take(struct cursor *cursor, struct text *inside)
{
	const char *start = cursor->at + 1;
	for (const char *at = start; at < cursor->end; at++) {
		if (*at == '"') {
			*inside = (struct text){ start, (size_t)(at - start) };
			cursor->at = at + 1;
			return true;
		}
		if (*at == '\\')
			at++;
	}
	return false;
}

static inline bool parameter_value_take(struct cursor *cursor, struct text *value)
{
	if (cursor_begins(*cursor, '"'))
		return quoted_take(cursor, value);
	const char *start = cursor->at;
	cursor_skip_class_far(cursor, CHARACTER_VALUE);
	*value = cursor_since(*cursor, start);
	return value->length > 0;
}

/* Takes the value behind a name off, if there is one. */
static inline bool parameter_equals_take(struct cursor *cursor, struct text *value)
{
	*value = (struct text){ cursor->at, 0 };
	cursor_skip_blanks(cursor);
	if (!cursor_take_byte(cursor, '='))
		return true;
	cursor_skip_blanks(cursor);
	return parameter_value_take(cursor, value);
}

/* Takes the next parameter off. An empty one (";;", or a ';' at the end) is skipped: the field has them and they say
 * nothing. */
static inline enum sip_parameter_result parameter_take(struct cursor *cursor, struct sip_parameter *parameter)
{
	do {
		cursor_skip_blanks(cursor);
		if (!cursor_take_byte(cursor, ';'))
			return SIP_PARAMETER_NONE;
		cursor_skip_blanks(cursor);
		parameter->name = cursor_take_class(cursor, CHARACTER_NAME);
	} while (parameter->name.length == 0 && (cursor_is_end(*cursor) || *cursor->at == ';' || *cursor->at == ','));
	if (parameter->name.length == 0 || !parameter_equals_take(cursor, &parameter->value))
		return SIP_PARAMETER_BAD;
	return SIP_PARAMETER_READ;
}

/* Skips the blanks before an entry of a list. True: there is none. */
static inline bool list_ends(struct text *rest)
{
	while (rest->length > 0 && character_is(*rest->start, CHARACTER_BLANK))
		*rest = text_from(*rest, 1);
	return rest->length == 0;
}

/* Takes the comma between entries of a list and the blanks round it off, or stands at the end. False: something else
 * follows, or nothing behind the comma. */
static inline bool list_comma_take(struct cursor *cursor)
{
	cursor_skip_blanks(cursor);
	if (cursor_is_end(*cursor))
		return true;
	if (!cursor_take_byte(cursor, ','))
		return false;
	cursor_skip_blanks(cursor);
	return !cursor_is_end(*cursor);
}

#endif
