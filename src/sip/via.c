/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/via.h"

#include "sip/host.h"
#include "sip/parameter.h"

/* A token, and the blanks round it. */
static struct text word_take(struct cursor *cursor)
{
	cursor_skip_blanks(cursor);
	struct text word = cursor_take_class(cursor, CHARACTER_TOKEN);
	cursor_skip_blanks(cursor);
	return word;
}

/* SIP / 2.0 / with blanks wherever the grammar has them. Another protocol or version may have another grammar. */
static bool version_take(struct cursor *cursor)
{
	return text_is_word(word_take(cursor), TEXT("sip")) && cursor_take_byte(cursor, '/') &&
	       text_equal(word_take(cursor), TEXT("2.0")) && cursor_take_byte(cursor, '/');
}

/* sent-protocol, and at least one blank. */
static bool protocol_take(struct cursor *cursor, struct text *transport)
{
	if (cursor_left(*cursor) > 8 && memcmp(cursor->at, "SIP/2.0/", 8) == 0)
		cursor->at += 8;
	else if (!version_take(cursor))
		return false;
	cursor_skip_blanks(cursor);
	*transport = cursor_take_class(cursor, CHARACTER_TOKEN);
	if (transport->length == 0 || !cursor_begins_class(*cursor, CHARACTER_BLANK))
		return false;
	cursor_skip_blanks(cursor);
	return true;
}

static bool sent_by_take(struct cursor *cursor, struct sip_via *via)
{
	if (!host_take(cursor, &via->host))
		return false;
	cursor_skip_blanks(cursor);
	via->port_text = (struct text){ cursor->at, 0 };
	via->port = 0;
	if (!cursor_take_byte(cursor, ':'))
		return true;
	cursor_skip_blanks(cursor);
	return port_take(cursor, &via->port_text, &via->port);
}

static bool parameters_take(struct cursor *cursor, struct sip_via *via)
{
	struct sip_parameter parameter;
	enum sip_parameter_result result;
	cursor_skip_blanks(cursor);
	const char *start = cursor->at;
	via->branch = (struct text){ start, 0 };
	via->maddr.name = (struct text){ start, 0 };
	via->maddr.is_address = false;
	while ((result = parameter_take(cursor, &parameter)) == SIP_PARAMETER_READ) {
		if (text_is_word(parameter.name, TEXT("branch")))
			via->branch = parameter.value;
		else if (text_is_word(parameter.name, TEXT("maddr")) && !host_read(parameter.value, &via->maddr))
			return false;
	}
	via->parameters = cursor_since_trimmed(*cursor, start);
	return result == SIP_PARAMETER_NONE;
}

bool sip_via_next(struct text *rest, struct sip_via *via)
{
	if (list_ends(rest))
		return false;
	struct cursor cursor = cursor_of(*rest);
	if (!protocol_take(&cursor, &via->transport) || !sent_by_take(&cursor, via) || !parameters_take(&cursor, via) ||
	    !list_comma_take(&cursor))
		return false;
	*rest = cursor_rest(cursor);
	return true;
}
