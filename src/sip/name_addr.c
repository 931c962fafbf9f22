/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/parameter.h"
#include "sip/uri.h"

/* A bare URI ends at the first blank, ';' or ','. With '?' it would have to stand in <> (RFC 3261 20; RFC
 * 4475 3.1.2.13): where it ends is a guess then. */
static bool bare_uri_take(struct text *rest, struct text *uri)
{
	*uri = text_take_span(rest, CHARACTER_VALUE);
	text_skip_blanks(rest);
	return uri->length > 0 && text_find(*uri, '?') == uri->length &&
	       (rest->length == 0 || *rest->start == ';' || *rest->start == ',');
}

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
	*uri = text_trim(text_from(text_first(*rest, end), 1));
	*rest = text_from(*rest, end + 1);
	return uri->length > 0;
}

static bool uri_take(struct text *rest, struct text *uri)
{
	struct text bare = *rest;
	if (bare_uri_take(&bare, uri)) {
		*rest = bare;
		return true;
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
	struct text left = *rest;
	struct sip_parameter parameter;
	enum sip_parameter_result result;
	text_skip_blanks(&left);
	if (left.length == 0) {
		*rest = left;
		return false;
	}
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
