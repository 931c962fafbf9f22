/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which header a line begins: by long or compact name in any case (RFC 3261 7.3.1, 7.3.3). */
#ifndef SIP_HEADER_NAME_H
#define SIP_HEADER_NAME_H

#include "base/cursor.h"
#include "sip/message.h"

/* True when the line begins with that name; its length goes to *length then. */
static inline bool header_is(struct text line, struct text small, size_t *length)
{
	if (line.length <= small.length || !text_begins_word(line, small) ||
	    character_is(line.start[small.length], CHARACTER_TOKEN))
		return false;
	*length = small.length;
	return true;
}

static inline enum sip_header_kind header_kind_c(struct text line, size_t *length)
{
	if (header_is(line, TEXT("contact"), length))
		return SIP_HEADER_CONTACT;
	if (header_is(line, TEXT("call-id"), length))
		return SIP_HEADER_CALL_ID;
	if (header_is(line, TEXT("cseq"), length))
		return SIP_HEADER_CSEQ;
	if (header_is(line, TEXT("content-length"), length))
		return SIP_HEADER_CONTENT_LENGTH;
	if (header_is(line, TEXT("content-type"), length) || header_is(line, TEXT("c"), length))
		return SIP_HEADER_CONTENT_TYPE;
	if (header_is(line, TEXT("content-encoding"), length))
		return SIP_HEADER_CONTENT_ENCODING;
	return SIP_HEADER_OTHER;
}

static inline enum sip_header_kind header_kind_s(struct text line, size_t *length)
{
	if (header_is(line, TEXT("session-expires"), length))
		return SIP_HEADER_SESSION_EXPIRES;
	if (header_is(line, TEXT("subscription-state"), length))
		return SIP_HEADER_SUBSCRIPTION_STATE;
	if (header_is(line, TEXT("service-route"), length))
		return SIP_HEADER_SERVICE_ROUTE;
	return SIP_HEADER_OTHER;
}

static inline enum sip_header_kind header_kind_if(bool is_it, enum sip_header_kind kind)
{
	return is_it ? kind : SIP_HEADER_OTHER;
}

/* The kind of the header that begins the line, and how long its name is. The line is looked at no further than that, so
 * it may be the rest of the message. */
static inline enum sip_header_kind header_kind(struct text line, size_t *length)
{
	if (line.length == 0)
		return SIP_HEADER_OTHER;
	switch (*line.start | 0x20) {
	case 'a':
		return header_kind_if(header_is(line, TEXT("authorization"), length), SIP_HEADER_AUTHORIZATION);
	case 'c':
		return header_kind_c(line, length);
	case 'e':
		if (header_is(line, TEXT("expires"), length))
			return SIP_HEADER_EXPIRES;
		return header_kind_if(header_is(line, TEXT("e"), length), SIP_HEADER_CONTENT_ENCODING);
	case 'f':
		return header_kind_if(header_is(line, TEXT("from"), length) || header_is(line, TEXT("f"), length),
		                      SIP_HEADER_FROM);
	case 'i':
		if (header_is(line, TEXT("identity-info"), length))
			return SIP_HEADER_IDENTITY_INFO;
		return header_kind_if(header_is(line, TEXT("i"), length), SIP_HEADER_CALL_ID);
	case 'l':
		return header_kind_if(header_is(line, TEXT("l"), length), SIP_HEADER_CONTENT_LENGTH);
	case 'm':
		return header_kind_if(header_is(line, TEXT("m"), length), SIP_HEADER_CONTACT);
	case 'n':
		return header_kind_if(header_is(line, TEXT("n"), length), SIP_HEADER_IDENTITY_INFO);
	case 'p':
		if (header_is(line, TEXT("path"), length))
			return SIP_HEADER_PATH;
		return header_kind_if(header_is(line, TEXT("proxy-authorization"), length),
		                      SIP_HEADER_PROXY_AUTHORIZATION);
	case 'r':
		if (header_is(line, TEXT("record-route"), length))
			return SIP_HEADER_RECORD_ROUTE;
		return header_kind_if(header_is(line, TEXT("route"), length), SIP_HEADER_ROUTE);
	case 's':
		return header_kind_s(line, length);
	case 't':
		return header_kind_if(header_is(line, TEXT("to"), length) || header_is(line, TEXT("t"), length),
		                      SIP_HEADER_TO);
	case 'v':
		return header_kind_if(header_is(line, TEXT("via"), length) || header_is(line, TEXT("v"), length),
		                      SIP_HEADER_VIA);
	case 'x':
		return header_kind_if(header_is(line, TEXT("x"), length), SIP_HEADER_SESSION_EXPIRES);
	default:
		return SIP_HEADER_OTHER;
	}
}

#endif
