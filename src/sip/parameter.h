/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parameters behind a URI, a Via or a name-addr: ;name=value;flag;name="quoted" (RFC 3261 25.1). */
#ifndef SIP_PARAMETER_H
#define SIP_PARAMETER_H

#include "base/characters.h"

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
static inline bool quoted_take(struct text *rest, struct text *inside)
{
	for (size_t at = 1; at < rest->length; at++) {
		if (rest->start[at] == '"') {
			struct text taken = text_take(rest, at + 1);
			*inside = (struct text){ taken.start + 1, at - 1 };
			return true;
		}
		if (rest->start[at] == '\\')
			at++;
	}
	return false;
}

static inline bool parameter_value_take(struct text *rest, struct text *value)
{
	if (text_begins_with(*rest, '"'))
		return quoted_take(rest, value);
	*value = text_take_span(rest, CHARACTER_VALUE);
	return value->length > 0;
}

/* Takes the value behind a name off, if there is one. */
static inline bool parameter_equals_take(struct text *rest, struct text *value)
{
	struct text behind = *rest;
	*value = text_first(*rest, 0);
	text_skip_blanks(&behind);
	if (!text_take_byte(&behind, '='))
		return true;
	text_skip_blanks(&behind);
	*rest = behind;
	return parameter_value_take(rest, value);
}

/* Takes the next parameter off. An empty one (";;", or a ';' at the end) is skipped: the field has them and they say
 * nothing. */
static inline enum sip_parameter_result parameter_take(struct text *rest, struct sip_parameter *parameter)
{
	do {
		text_skip_blanks(rest);
		if (!text_take_byte(rest, ';'))
			return SIP_PARAMETER_NONE;
		text_skip_blanks(rest);
		parameter->name = text_take_span(rest, CHARACTER_NAME);
	} while (parameter->name.length == 0 && (rest->length == 0 || *rest->start == ';' || *rest->start == ','));
	if (parameter->name.length == 0 || !parameter_equals_take(rest, &parameter->value))
		return SIP_PARAMETER_BAD;
	return SIP_PARAMETER_READ;
}

/* The part of `whole` before `rest`, which is its tail, without blanks at its end. */
static inline struct text text_before(struct text whole, struct text rest)
{
	return text_trim_end((struct text){ whole.start, whole.length - rest.length });
}

/* Skips the blanks before an entry of a list. True: there is none. */
static inline bool list_ends(struct text *rest)
{
	if (rest->length > 0)
		text_skip_blanks(rest);
	return rest->length == 0;
}

/* Takes the comma between entries of a list and the blanks round it off, or stands at the end. False: something else
 * follows, or nothing behind the comma. */
static inline bool list_comma_take(struct text *rest)
{
	text_skip_blanks(rest);
	if (rest->length == 0)
		return true;
	if (!text_take_byte(rest, ','))
		return false;
	text_skip_blanks(rest);
	return rest->length > 0;
}

#endif
