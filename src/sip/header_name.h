/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which header a line begins: by long or compact name in any case (RFC 3261 7.3.1, 7.3.3). */
#ifndef SIP_HEADER_NAME_H
#define SIP_HEADER_NAME_H

#include "base/characters.h"
#include "sip/message.h"

/* True when the line begins with that name; it goes to *name then. */
static inline bool header_is(struct text line, struct text small, struct text *name)
{
	if (line.length <= small.length || !text_is_word(text_first(line, small.length), small) ||
	    character_is(line.start[small.length], CHARACTER_TOKEN))
		return false;
	*name = (struct text){ line.start, small.length };
	return true;
}

static inline enum sip_header_kind header_kind_c(struct text line, struct text *name)
{
	if (header_is(line, TEXT("contact"), name))
		return SIP_HEADER_CONTACT;
	if (header_is(line, TEXT("call-id"), name))
		return SIP_HEADER_CALL_ID;
	if (header_is(line, TEXT("cseq"), name))
		return SIP_HEADER_CSEQ;
	if (header_is(line, TEXT("content-length"), name))
		return SIP_HEADER_CONTENT_LENGTH;
	if (header_is(line, TEXT("content-type"), name) || header_is(line, TEXT("c"), name))
		return SIP_HEADER_CONTENT_TYPE;
	if (header_is(line, TEXT("content-encoding"), name))
		return SIP_HEADER_CONTENT_ENCODING;
	return SIP_HEADER_OTHER;
}

static inline enum sip_header_kind header_kind_s(struct text line, struct text *name)
{
	if (header_is(line, TEXT("session-expires"), name))
		return SIP_HEADER_SESSION_EXPIRES;
	if (header_is(line, TEXT("subscription-state"), name))
		return SIP_HEADER_SUBSCRIPTION_STATE;
	if (header_is(line, TEXT("service-route"), name))
		return SIP_HEADER_SERVICE_ROUTE;
	return SIP_HEADER_OTHER;
}

static inline enum sip_header_kind header_kind_if(bool is_it, enum sip_header_kind kind)
{
	return is_it ? kind : SIP_HEADER_OTHER;
}

/* The kind of the header that begins the line, and its name. The line is not empty; it is looked at no further than its
 * name goes, so it may be the rest of the message. */
static inline enum sip_header_kind header_kind(struct text line, struct text *name)
{
	switch (*line.start | 0x20) {
	case 'a':
		return header_kind_if(header_is(line, TEXT("authorization"), name), SIP_HEADER_AUTHORIZATION);
	case 'c':
		return header_kind_c(line, name);
	case 'e':
		if (header_is(line, TEXT("expires"), name))
			return SIP_HEADER_EXPIRES;
		return header_kind_if(header_is(line, TEXT("e"), name), SIP_HEADER_CONTENT_ENCODING);
	case 'f':
		return header_kind_if(header_is(line, TEXT("from"), name) || header_is(line, TEXT("f"), name),
		                      SIP_HEADER_FROM);
	case 'i':
		if (header_is(line, TEXT("identity-info"), name))
			return SIP_HEADER_IDENTITY_INFO;
		return header_kind_if(header_is(line, TEXT("i"), name), SIP_HEADER_CALL_ID);
	case 'l':
		return header_kind_if(header_is(line, TEXT("l"), name), SIP_HEADER_CONTENT_LENGTH);
	case 'm':
		return header_kind_if(header_is(line, TEXT("m"), name), SIP_HEADER_CONTACT);
	case 'n':
		return header_kind_if(header_is(line, TEXT("n"), name), SIP_HEADER_IDENTITY_INFO);
	case 'p':
		if (header_is(line, TEXT("path"), name))
			return SIP_HEADER_PATH;
		return header_kind_if(header_is(line, TEXT("proxy-authorization"), name),
		                      SIP_HEADER_PROXY_AUTHORIZATION);
	case 'r':
		if (header_is(line, TEXT("record-route"), name))
			return SIP_HEADER_RECORD_ROUTE;
		return header_kind_if(header_is(line, TEXT("route"), name), SIP_HEADER_ROUTE);
	case 's':
		return header_kind_s(line, name);
	case 't':
		return header_kind_if(header_is(line, TEXT("to"), name) || header_is(line, TEXT("t"), name),
		                      SIP_HEADER_TO);
	case 'v':
		return header_kind_if(header_is(line, TEXT("via"), name) || header_is(line, TEXT("v"), name),
		                      SIP_HEADER_VIA);
	case 'x':
		return header_kind_if(header_is(line, TEXT("x"), name), SIP_HEADER_SESSION_EXPIRES);
	default:
		return SIP_HEADER_OTHER;
	}
}

#endif
