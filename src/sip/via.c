/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/via.h"

#include "sip/host.h"
#include "sip/parameter.h"

/* A token, and the blanks round it. */
static struct text word_take(struct text *rest)
{
	text_skip_blanks(rest);
	struct text word = text_take_span(rest, CHARACTER_TOKEN);
	text_skip_blanks(rest);
	return word;
}

/* sent-protocol: SIP / 2.0 / UDP and at least one blank. Another protocol or version may have another grammar. */
static bool protocol_take(struct text *rest, struct text *transport)
{
	if (rest->length > 8 && memcmp(rest->start, "SIP/2.0/", 8) == 0) {
		text_skip(rest, 8);
	} else if (!text_is_word(word_take(rest), TEXT("sip")) || !text_take_byte(rest, '/') ||
	           !text_equal(word_take(rest), TEXT("2.0")) || !text_take_byte(rest, '/')) {
		return false;
	}
	text_skip_blanks(rest);
	*transport = text_take_span(rest, CHARACTER_TOKEN);
	size_t blanks = text_span(*rest, CHARACTER_BLANK);
	text_skip(rest, blanks);
	return transport->length > 0 && blanks > 0;
}

static bool sent_by_take(struct text *rest, struct sip_via *via)
{
	if (!host_take(rest, &via->host))
		return false;
	text_skip_blanks(rest);
	via->port_text = text_first(*rest, 0);
	via->port = 0;
	if (!text_take_byte(rest, ':'))
		return true;
	text_skip_blanks(rest);
	return port_take(rest, &via->port_text, &via->port);
}

static bool parameters_take(struct text *rest, struct sip_via *via)
{
	struct sip_parameter parameter;
	enum sip_parameter_result result;
	text_skip_blanks(rest);
	struct text parameters = *rest;
	via->branch = via->maddr.name = text_first(*rest, 0);
	via->maddr.is_address = false;
	while ((result = parameter_take(rest, &parameter)) == SIP_PARAMETER_READ) {
		if (text_is_word(parameter.name, TEXT("branch")))
			via->branch = parameter.value;
		else if (text_is_word(parameter.name, TEXT("maddr")) && !host_read(parameter.value, &via->maddr))
			return false;
	}
	via->parameters = text_before(parameters, *rest);
	return result == SIP_PARAMETER_NONE;
}

bool sip_via_next(struct text *rest, struct sip_via *via)
{
	if (list_ends(rest))
		return false;
	struct text left = *rest;
	if (!protocol_take(&left, &via->transport) || !sent_by_take(&left, via) || !parameters_take(&left, via) ||
	    !list_comma_take(&left))
		return false;
	*rest = left;
	return true;
}
