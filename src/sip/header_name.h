/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which header a line begins: by long or compact name in any case (RFC 3261 7.3.1, 7.3.3). */
#ifndef SIP_HEADER_NAME_H
#define SIP_HEADER_NAME_H

#include "base/characters.h"
#include "sip/message.h"

struct header_name {
	struct text name;
	enum sip_header_kind kind;
};

/* Sorted by first letter, of one letter the most frequent first. */
static const struct header_name header_names[] = {
	{ { "authorization", 13 }, SIP_HEADER_AUTHORIZATION },
	{ { "contact", 7 }, SIP_HEADER_CONTACT },
	{ { "call-id", 7 }, SIP_HEADER_CALL_ID },
	{ { "cseq", 4 }, SIP_HEADER_CSEQ },
	{ { "content-length", 14 }, SIP_HEADER_CONTENT_LENGTH },
	{ { "content-type", 12 }, SIP_HEADER_CONTENT_TYPE },
	{ { "c", 1 }, SIP_HEADER_CONTENT_TYPE },
	{ { "content-encoding", 16 }, SIP_HEADER_CONTENT_ENCODING },
	{ { "expires", 7 }, SIP_HEADER_EXPIRES },
	{ { "e", 1 }, SIP_HEADER_CONTENT_ENCODING },
	{ { "from", 4 }, SIP_HEADER_FROM },
	{ { "f", 1 }, SIP_HEADER_FROM },
	{ { "i", 1 }, SIP_HEADER_CALL_ID },
	{ { "identity-info", 13 }, SIP_HEADER_IDENTITY_INFO },
	{ { "l", 1 }, SIP_HEADER_CONTENT_LENGTH },
	{ { "m", 1 }, SIP_HEADER_CONTACT },
	{ { "n", 1 }, SIP_HEADER_IDENTITY_INFO },
	{ { "path", 4 }, SIP_HEADER_PATH },
	{ { "proxy-authorization", 19 }, SIP_HEADER_PROXY_AUTHORIZATION },
	{ { "record-route", 12 }, SIP_HEADER_RECORD_ROUTE },
	{ { "route", 5 }, SIP_HEADER_ROUTE },
	{ { "session-expires", 15 }, SIP_HEADER_SESSION_EXPIRES },
	{ { "subscription-state", 18 }, SIP_HEADER_SUBSCRIPTION_STATE },
	{ { "service-route", 13 }, SIP_HEADER_SERVICE_ROUTE },
	{ { "to", 2 }, SIP_HEADER_TO },
	{ { "t", 1 }, SIP_HEADER_TO },
	{ { "via", 3 }, SIP_HEADER_VIA },
	{ { "v", 1 }, SIP_HEADER_VIA },
	{ { "x", 1 }, SIP_HEADER_SESSION_EXPIRES },
};

/* Where in header_names the names of a letter begin and end. */
static const struct {
	uint8_t begin, end;
} header_letters[26] = {
	['a' - 'a'] = { 0, 1 },   ['c' - 'a'] = { 1, 8 },   ['e' - 'a'] = { 8, 10 },  ['f' - 'a'] = { 10, 12 },
	['i' - 'a'] = { 12, 14 }, ['l' - 'a'] = { 14, 15 }, ['m' - 'a'] = { 15, 16 }, ['n' - 'a'] = { 16, 17 },
	['p' - 'a'] = { 17, 19 }, ['r' - 'a'] = { 19, 21 }, ['s' - 'a'] = { 21, 24 }, ['t' - 'a'] = { 24, 26 },
	['v' - 'a'] = { 26, 28 }, ['x' - 'a'] = { 28, 29 },
};

/* Takes name, blanks and colon of a header off (HCOLON, RFC 3261 25.1), if it is one the gateway looks at. */
static inline enum sip_header_kind header_name_take(struct text *rest)
{
	unsigned letter = ((unsigned)(uint8_t)*rest->start | 0x20) - 'a';
	if (letter >= 26)
		return SIP_HEADER_OTHER;
	for (size_t index = header_letters[letter].begin; index < header_letters[letter].end; index++) {
		struct text name = header_names[index].name;
		if (rest->length <= name.length || character_is(rest->start[name.length], CHARACTER_TOKEN) ||
		    !text_is_word(text_first(*rest, name.length), name))
			continue;
		struct text behind = text_from(*rest, name.length);
		while (behind.length > 0 && (*behind.start == ' ' || *behind.start == '\t'))
			text_skip(&behind, 1);
		if (!text_take_byte(&behind, ':'))
			return SIP_HEADER_OTHER;
		*rest = behind;
		return header_names[index].kind;
	}
	return SIP_HEADER_OTHER;
}

#endif
