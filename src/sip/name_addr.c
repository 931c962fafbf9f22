/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/parameter.h"
#include "sip/uri.h"

/* Words and quoted strings before '<'. Words may hold more than tokens: the field writes names in UTF-8 unquoted. */
static bool display_name_skip(struct cursor *cursor)
{
	struct text quoted;
	while (!cursor_is_end(*cursor) && *cursor->at != '<') {
		if (*cursor->at == '"') {
			if (!quoted_take(cursor, &quoted))
				return false;
		} else if (cursor_take_class(cursor, CHARACTER_VALUE).length == 0) {
			return false;
		}
		cursor_skip_blanks(cursor);
	}
	return !cursor_is_end(*cursor);
}

/* <URI>; blanks within the brackets do not belong to it (RFC 4475 3.1.2.14). */
static bool bracketed_uri_take(struct cursor *cursor, struct text *uri)
{
	struct cursor inside = { cursor->at + 1, cursor->end };
	if (!cursor_skip_to(cursor, '>'))
		return false;
	inside.end = cursor->at++;
	*uri = cursor_trimmed(inside);
	return uri->length > 0;
}

/* A bare URI ends at the first blank, ';' or ','. With '?' it would have to stand in <> (RFC 3261 20; RFC 4475
 * 3.1.2.13): where it ends is a guess then. */
static bool is_bare_uri(struct text word, struct cursor behind)
{
	return word.length > 0 && (cursor_is_end(behind) || *behind.at == ';' || *behind.at == ',') &&
	       text_find(word, '?') == word.length;
}

static bool uri_take(struct cursor *cursor, struct text *uri)
{
	struct cursor behind = *cursor;
	if (cursor_begins_class(*cursor, CHARACTER_VALUE)) {
		struct text word = cursor_take_class(&behind, CHARACTER_VALUE);
		cursor_skip_blanks(&behind);
		if (is_bare_uri(word, behind)) {
			*uri = word;
			*cursor = behind;
			return true;
		}
	}
	return display_name_skip(cursor) && bracketed_uri_take(cursor, uri);
}

static bool star_take(struct cursor *cursor)
{
	struct cursor behind = *cursor;
	if (!cursor_take_byte(&behind, '*'))
		return false;
	cursor_skip_blanks(&behind);
	if (!cursor_is_end(behind))
		return false;
	*cursor = behind;
	return true;
}

static bool parameters_take(struct cursor *cursor, struct text *parameters)
{
	struct sip_parameter parameter;
	enum sip_parameter_result result;
	cursor_skip_blanks(cursor);
	const char *start = cursor->at;
	do
		result = parameter_take(cursor, &parameter);
	while (result == SIP_PARAMETER_READ);
	*parameters = cursor_since_trimmed(*cursor, start);
	return result == SIP_PARAMETER_NONE;
}

bool sip_name_addr_next(struct text *rest, struct sip_name_addr *entry)
{
	if (list_ends(rest))
		return false;
	struct cursor cursor = cursor_of(*rest);
	entry->uri = text_first(*rest, 0);
	entry->parameters = text_first(*rest, 0);
	entry->is_star = star_take(&cursor);
	if (!entry->is_star && !uri_take(&cursor, &entry->uri))
		return false;
	if (!cursor_is_end(cursor) && (!parameters_take(&cursor, &entry->parameters) || !list_comma_take(&cursor)))
		return false;
	*rest = cursor_rest(cursor);
	return true;
}
