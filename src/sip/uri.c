/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/uri.h"

#include "sip/host.h"
#include "sip/parameter.h"

static bool scheme_take(struct text *rest, struct sip_uri *uri)
{
	struct text scheme = text_take_span(rest, CHARACTER_TOKEN);
	if (scheme.length == 0 || !text_take_byte(rest, ':'))
		return false;
	if (token_is(scheme, TEXT("sip")))
		uri->scheme = SIP_SCHEME_SIP;
	else if (token_is(scheme, TEXT("sips")))
		uri->scheme = SIP_SCHEME_SIPS;
	return true;
}

/* An '@' can only end userinfo: everywhere else the grammar wants it escaped. So whatever stands before it is userinfo,
 * ';' and '?' included. */
static void user_take(struct text *rest, struct text *user)
{
	size_t length = text_span(*rest, CHARACTER_URI);
	if (length == rest->length || rest->start[length] != '@')
		return;
	*user = text_take(rest, length);
	*rest = text_from(*rest, 1);
}

static bool parameters_read(struct text parameters, struct sip_uri *uri)
{
	struct sip_parameter parameter;
	enum sip_parameter_result result;
	while ((result = parameter_take(&parameters, &parameter)) == SIP_PARAMETER_READ) {
		if (token_is(parameter.name, TEXT("transport")))
			uri->transport = parameter.value;
		else if (token_is(parameter.name, TEXT("maddr")) && !host_read(parameter.value, &uri->maddr))
			return false;
	}
	return result == SIP_PARAMETER_NONE && parameters.length == 0;
}

/* What follows the port: ;parameters ?headers. */
static bool tail_read(struct text tail, struct sip_uri *uri)
{
	if (tail.length == 0)
		return true;
	if (text_span(tail, CHARACTER_URI) != tail.length || (*tail.start != ';' && *tail.start != '?'))
		return false;
	uri->parameters = text_take(&tail, text_find(tail, '?'));
	uri->headers = text_from(tail, 1);
	return parameters_read(uri->parameters, uri);
}

bool sip_uri_parse(struct text text, struct sip_uri *uri)
{
	*uri = (struct sip_uri){ .scheme = SIP_SCHEME_OTHER };
	if (!scheme_take(&text, uri))
		return false;
	if (uri->scheme == SIP_SCHEME_OTHER)
		return text.length > 0;
	user_take(&text, &uri->user);
	if (!host_take(&text, &uri->host))
		return false;
	if (text_take_byte(&text, ':') && !port_take(&text, &uri->port_text, &uri->port))
		return false;
	return tail_read(text, uri);
}
