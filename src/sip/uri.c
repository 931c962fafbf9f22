/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/uri.h"

#include "sip/host.h"
#include "sip/parameter.h"

static bool scheme_take(struct cursor *cursor, struct sip_uri *uri)
{
	if (cursor_left(*cursor) > 4 && memcmp(cursor->at, "sip:", 4) == 0) {
		uri->scheme = SIP_SCHEME_SIP;
		cursor->at += 4;
		return true;
	}
	struct text scheme = cursor_take_class(cursor, CHARACTER_TOKEN);
	if (scheme.length == 0 || !cursor_take_byte(cursor, ':'))
		return false;
	if (text_is_word(scheme, TEXT("sip")))
		uri->scheme = SIP_SCHEME_SIP;
	else if (text_is_word(scheme, TEXT("sips")))
		uri->scheme = SIP_SCHEME_SIPS;
	return true;
}

/* An '@' can only end userinfo: everywhere else the grammar wants it escaped. So whatever stands before it is userinfo,
 * ';' and '?' included. */
static void user_take(struct cursor *cursor, struct text *user)
{
	const char *start = cursor->at;
	if (!cursor_skip_to(cursor, '@'))
		return;
	*user = cursor_since(*cursor, start);
	cursor->at++;
}

/* ;name=value, where blanks and quotes have no place. */
static bool parameter_read(struct cursor *cursor, struct sip_uri *uri)
{
	struct text name = cursor_take_class(cursor, CHARACTER_TOKEN);
	struct text value = { cursor->at, 0 };
	if (cursor_take_byte(cursor, '='))
		value = cursor_take_class(cursor, CHARACTER_URI);
	if (text_is_word(name, TEXT("transport")))
		uri->transport = value;
	else if (text_is_word(name, TEXT("maddr")))
		return host_read(value, &uri->maddr);
	return true;
}

/* What follows the port: ;parameters ?headers. */
static bool tail_read(struct cursor cursor, struct sip_uri *uri)
{
	const char *start = cursor.at;
	while (cursor_take_byte(&cursor, ';'))
		if (!parameter_read(&cursor, uri))
			return false;
	uri->parameters = cursor_since(cursor, start);
	if (cursor_is_end(cursor))
		return true;
	if (!cursor_take_byte(&cursor, '?'))
		return false;
	uri->headers = cursor_rest(cursor);
	while (cursor_begins_class(cursor, CHARACTER_URI) || cursor_begins(cursor, '?'))
		cursor.at++;
	return cursor_is_end(cursor);
}

static void uri_clear(struct sip_uri *uri, struct text nothing)
{
	uri->scheme = SIP_SCHEME_OTHER;
	uri->user = nothing;
	uri->host.name = nothing;
	uri->host.is_address = false;
	uri->port_text = nothing;
	uri->parameters = nothing;
	uri->headers = nothing;
	uri->maddr.name = nothing;
	uri->maddr.is_address = false;
	uri->transport = nothing;
	uri->port = 0;
}

bool sip_uri_parse(struct text text, struct sip_uri *uri)
{
	uri_clear(uri, text_first(text, 0));
	if (text.length == 0)
		return false;
	struct cursor cursor = cursor_of(text);
	if (!scheme_take(&cursor, uri))
		return false;
	if (uri->scheme == SIP_SCHEME_OTHER)
		return !cursor_is_end(cursor);
	user_take(&cursor, &uri->user);
	if (!host_take(&cursor, &uri->host))
		return false;
	if (cursor_take_byte(&cursor, ':') && !port_take(&cursor, &uri->port_text, &uri->port))
		return false;
	return cursor_is_end(cursor) || tail_read(cursor, uri);
}
