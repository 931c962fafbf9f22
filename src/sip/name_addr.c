/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/parameter.h"
#include "sip/uri.h"

/* Words and quoted strings before '<'. Words may hold more than tokens: the field writes names in UTF-8 unquoted. */
static bool display_name_skip(struct text *rest)
{
	struct text word;
	while (rest->length > 0 && *rest->start != '<') {
		if (*rest->start == '"') {
			if (!quoted_take(rest, &word))
				return false;
		} else if (text_take_span(rest, CHARACTER_VALUE).length == 0) {
			return false;
		}
		text_skip_blanks(rest);
	}
	return rest->length > 0;
}

/* <URI>; blanks within the brackets do not belong to it (RFC 4475 3.1.2.14). */
static bool bracketed_uri_take(struct text *rest, struct text *uri)
{
	size_t end = text_find(*rest, '>');
	if (end == rest->length)
		return false;
	struct text inside = text_take(rest, end);
	text_skip(rest, 1);
	text_skip(&inside, 1);
	text_skip_blanks(&inside);
	*uri = text_trim_end(inside);
	return uri->length > 0;
}

/* A bare URI ends at the first blank, ';' or ','. With '?' it would have to stand in <> (RFC 3261 20; RFC 4475
 * 3.1.2.13): where it ends is a guess then. */
static bool is_bare_uri(struct text word, struct text behind)
{
	return word.length > 0 && (behind.length == 0 || *behind.start == ';' || *behind.start == ',') &&
	       text_find(word, '?') == word.length;
}

static bool uri_take(struct text *rest, struct text *uri)
{
	struct text behind = *rest;
	if (!text_begins_with(*rest, '<') && !text_begins_with(*rest, '"')) {
		struct text word = text_take_span(&behind, CHARACTER_VALUE);
		text_skip_blanks(&behind);
		if (is_bare_uri(word, behind)) {
			*uri = word;
			*rest = behind;
			return true;
		}
	}
	return display_name_skip(rest) && bracketed_uri_take(rest, uri);
}

static bool star_take(struct text *rest)
{
	struct text behind = *rest;
	if (!text_take_byte(&behind, '*'))
		return false;
	text_skip_blanks(&behind);
	if (behind.length > 0)
		return false;
	*rest = behind;
	return true;
}

bool sip_name_addr_next(struct text *rest, struct sip_name_addr *entry)
{
	struct sip_parameter parameter;
	enum sip_parameter_result result;
	if (list_ends(rest))
		return false;
	struct text left = *rest;
	entry->uri = entry->parameters = text_first(left, 0);
	entry->is_star = star_take(&left);
	if (!entry->is_star && !uri_take(&left, &entry->uri))
		return false;
	text_skip_blanks(&left);
	struct text parameters = left;
	do
		result = parameter_take(&left, &parameter);
	while (result == SIP_PARAMETER_READ);
	entry->parameters = text_before(parameters, left);
	if (result != SIP_PARAMETER_NONE || !list_comma_take(&left))
		return false;
	*rest = left;
	return true;
}
