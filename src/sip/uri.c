/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/uri.h"

#include "sip/host.h"
#include "sip/parameter.h"

static bool scheme_take(struct text *rest, struct sip_uri *uri)
{
	struct text scheme = text_take_span(rest, CHARACTER_TOKEN);
	if (scheme.length == 0 || !text_take_byte(rest, ':'))
		return false;
	if (text_is_word(scheme, TEXT("sip")))
		uri->scheme = SIP_SCHEME_SIP;
	else if (text_is_word(scheme, TEXT("sips")))
		uri->scheme = SIP_SCHEME_SIPS;
	return true;
}

/* An '@' can only end userinfo: everywhere else the grammar wants it escaped. So whatever stands before it is userinfo,
 * ';' and '?' included. */
static void user_take(struct text *rest, struct text *user)
{
	size_t length = text_find(*rest, '@');
	if (length == rest->length)
		return;
	*user = text_take(rest, length);
	text_skip(rest, 1);
}

/* ;name=value, where blanks and quotes have no place. */
static bool parameter_read(struct text *rest, struct sip_uri *uri)
{
	struct text value = text_first(*rest, 0);
	struct text name = text_take_span(rest, CHARACTER_NAME);
	if (text_take_byte(rest, '='))
		value = text_take_span(rest, CHARACTER_URI);
	if (text_is_word(name, TEXT("transport")))
		uri->transport = value;
	else if (text_is_word(name, TEXT("maddr")) && !host_read(value, &uri->maddr))
		return false;
	return true;
}

/* What follows the port: ;parameters ?headers. */
static bool tail_read(struct text rest, struct sip_uri *uri)
{
	struct text parameters = rest;
	while (text_take_byte(&rest, ';'))
		if (!parameter_read(&rest, uri))
			return false;
	uri->parameters = text_first(parameters, parameters.length - rest.length);
	if (rest.length == 0)
		return true;
	if (!text_take_byte(&rest, '?'))
		return false;
	uri->headers = rest;
	for (size_t index = 0; index < rest.length; index++)
		if (!character_is(rest.start[index], CHARACTER_URI) && rest.start[index] != '?')
			return false;
	return true;
}

static void uri_clear(struct sip_uri *uri, struct text nothing)
{
	uri->scheme = SIP_SCHEME_OTHER;
	uri->user = uri->host.name = uri->port_text = uri->parameters = uri->headers = nothing;
	uri->maddr.name = uri->transport = nothing;
	uri->host.is_address = uri->maddr.is_address = false;
	uri->port = 0;
}

bool sip_uri_parse(struct text text, struct sip_uri *uri)
{
	uri_clear(uri, text_first(text, 0));
	if (text.length == 0 || !scheme_take(&text, uri))
		return false;
	if (uri->scheme == SIP_SCHEME_OTHER)
		return text.length > 0;
	user_take(&text, &uri->user);
	if (!host_take(&text, &uri->host))
		return false;
	if (text_take_byte(&text, ':') && !port_take(&text, &uri->port_text, &uri->port))
		return false;
	return text.length == 0 || tail_read(text, uri);
}
