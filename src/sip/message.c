/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/message.h"

#include "sip/header_name.h"

static const struct {
	struct text name;
	enum sip_method method;
} methods[] = {
	{ { "INVITE", 6 }, SIP_METHOD_INVITE },
	{ { "ACK", 3 }, SIP_METHOD_ACK },
	{ { "BYE", 3 }, SIP_METHOD_BYE },
	{ { "CANCEL", 6 }, SIP_METHOD_CANCEL },
	{ { "REGISTER", 8 }, SIP_METHOD_REGISTER },
	{ { "OPTIONS", 7 }, SIP_METHOD_OPTIONS },
	{ { "PRACK", 5 }, SIP_METHOD_PRACK },
	{ { "UPDATE", 6 }, SIP_METHOD_UPDATE },
	{ { "SUBSCRIBE", 9 }, SIP_METHOD_SUBSCRIBE },
	{ { "NOTIFY", 6 }, SIP_METHOD_NOTIFY },
	{ { "REFER", 5 }, SIP_METHOD_REFER },
	{ { "MESSAGE", 7 }, SIP_METHOD_MESSAGE },
	{ { "INFO", 4 }, SIP_METHOD_INFO },
	{ { "PUBLISH", 7 }, SIP_METHOD_PUBLISH },
};

/* Method names are case-sensitive (RFC 3261 7.1). */
static enum sip_method method_find(struct text name)
{
	for (size_t index = 0; index < sizeof(methods) / sizeof(methods[0]); index++)
		if (text_equal(name, methods[index].name))
			return methods[index].method;
	return SIP_METHOD_OTHER;
}

/* ---- Start line ---- */

/* SIP/2.0 SP 3DIGIT SP reason; the reason may be empty (RFC 4475 3.1.1.13), and some leave out the blank before it. */
static enum sip_result status_line_read(struct text rest, struct sip_message *message)
{
	uint64_t status;
	struct text digits = text_take_field(&rest);
	if (digits.length != 3 || !text_read_number(digits, 699, &status) || status < 100)
		return SIP_MALFORMED;
	message->is_request = false;
	message->status = (uint16_t)status;
	message->request_uri = text_first(digits, 0);
	return SIP_WHOLE;
}

/* Method SP Request-URI SP SIP/2.0. The first blank ends the method and the last one begins the version, so extra
 * blanks beside and within the URI (RFC 4475 3.1.2.8 to 10) leave no doubt about either; whether the URI can be read is
 * for its reader to say. */
static enum sip_result request_line_read(struct text line, struct sip_message *message)
{
	struct text rest = text_trim_end(line);
	struct text method = text_take_span(&rest, CHARACTER_TOKEN);
	if (method.length == 0 || !text_begins_with(rest, ' ') || rest.length < 8)
		return SIP_NOT_SIP;
	struct text version = text_from(rest, rest.length - 7);
	if (!text_is_word(version, TEXT("sip/2.0")))
		return text_is_word(text_first(version, 4), TEXT("sip/")) ? SIP_MALFORMED : SIP_NOT_SIP;
	struct text uri = text_first(rest, rest.length - 7);
	if (!character_is(uri.start[uri.length - 1], CHARACTER_BLANK))
		return SIP_MALFORMED;
	text_skip_blanks(&uri);
	message->request_uri = text_trim_end(uri);
	message->is_request = true;
	message->status = 0;
	message->method_name = method;
	message->method = method_find(method);
	return uri.length > 0 ? SIP_WHOLE : SIP_MALFORMED;
}

static enum sip_result start_line_read(struct text line, struct sip_message *message)
{
	if (text_is_word(text_first(line, 8), TEXT("sip/2.0 ")))
		return status_line_read(text_from(line, 8), message);
	return request_line_read(line, message);
}

/* ---- Headers ---- */

/* Of these there may be one only (RFC 3261 7.3.1, RFC 4475 3.3.9): with two, which one counts is a guess. */
static bool is_single(enum sip_header_kind kind)
{
	const uint32_t single = 1U << SIP_HEADER_FROM | 1U << SIP_HEADER_TO | 1U << SIP_HEADER_CALL_ID |
	                        1U << SIP_HEADER_CSEQ | 1U << SIP_HEADER_CONTENT_TYPE | 1U << SIP_HEADER_CONTENT_LENGTH;
	return (single >> kind & 1U) != 0;
}

static enum sip_result header_add(struct sip_message *message, enum sip_header_kind kind, struct text value)
{
	if (message->first[kind] != 0 && is_single(kind))
		return SIP_MALFORMED;
	if (message->header_count == SIPALG_HEADERS_MAX)
		return SIP_TOO_LARGE;
	struct sip_header *header = &message->headers[message->header_count++];
	header->kind = kind;
	header->value = value;
	if (message->first[kind] == 0)
		message->first[kind] = (uint16_t)message->header_count;
	return SIP_WHOLE;
}

/* A line that begins with a blank continues the one before it (RFC 3261 7.3.1). */
static inline bool line_continues(struct text rest)
{
	return rest.length > 0 && (*rest.start == ' ' || *rest.start == '\t');
}

/* Takes the line off and those that continue it. False: a line end is missing. */
static inline bool folded_take(struct text *rest, struct text *folded)
{
	struct text begin = *rest;
	do {
		const char *end = rest->length > 0 ? memchr(rest->start, '\n', rest->length) : NULL;
		if (end == NULL)
			return false;
		text_skip(rest, (size_t)(end + 1 - rest->start));
	} while (line_continues(*rest));
	*folded = (struct text){ begin.start, begin.length - rest->length };
	return true;
}

/* The value behind name and colon (HCOLON, RFC 3261 25.1), without the blanks round it. False: there is no colon. */
static inline bool value_read(struct text folded, struct text name, struct text *value)
{
	text_skip(&folded, name.length);
	while (line_continues(folded))
		text_skip(&folded, 1);
	if (!text_take_byte(&folded, ':'))
		return false;
	text_skip_blanks(&folded);
	*value = text_trim_end(folded);
	return true;
}

/* The empty line; it may be a bare LF. */
static bool empty_line_take(struct text *rest)
{
	size_t end = text_begins_with(*rest, '\r') ? 1 : 0;
	if (rest->length <= end || rest->start[end] != '\n')
		return false;
	text_skip(rest, end + 1);
	return true;
}

/* Takes one header off. A line without a colon is no header: it is passed over like an unknown one. */
static enum sip_result header_take(struct text *rest, struct sip_message *message)
{
	struct text folded, name = *rest, value;
	enum sip_header_kind kind = rest->length > 0 ? header_kind(*rest, &name) : SIP_HEADER_OTHER;
	if (!folded_take(rest, &folded))
		return SIP_MALFORMED;
	if (kind == SIP_HEADER_OTHER || !value_read(folded, name, &value))
		return SIP_WHOLE;
	return header_add(message, kind, value);
}

/* Reads the headers and the empty line behind them. Without that line nobody can tell whether more were to come, even
 * where the datagram ends with a line end: MALFORMED. */
static enum sip_result headers_take(struct text *rest, struct sip_message *message)
{
	enum sip_result result = line_continues(*rest) ? SIP_MALFORMED : SIP_WHOLE;
	while (result == SIP_WHOLE && !empty_line_take(rest))
		result = header_take(rest, message);
	return result;
}

/* ---- What the headers must say ---- */

/* CSeq: number LWS method (RFC 3261 20.16). In a request the method is that of the start line (8.1.1.5; RFC 4475
 * 3.3.14 and 15): with two methods it would be a guess which transaction it is. */
static bool cseq_read(struct sip_message *message)
{
	struct text rest = sip_message_header(message, SIP_HEADER_CSEQ);
	struct text number = text_take_field(&rest);
	struct text method = text_take_field(&rest);
	if (!text_read_number(number, UINT32_MAX, &message->cseq) || method.length == 0 || rest.length > 0)
		return false;
	if (message->is_request)
		return text_equal(method, message->method_name);
	if (text_span(method, CHARACTER_TOKEN) != method.length)
		return false;
	message->method_name = method;
	message->method = method_find(method);
	return true;
}

static bool body_read(struct text rest, struct sip_message *message)
{
	uint64_t length;
	message->body = rest;
	message->content_length = sip_message_header(message, SIP_HEADER_CONTENT_LENGTH);
	if (message->first[SIP_HEADER_CONTENT_LENGTH] == 0)
		return true;
	if (!text_read_number(message->content_length, rest.length, &length))
		return false;
	message->body = text_first(rest, (size_t)length);
	return true;
}

static bool has_required_headers(const struct sip_message *message)
{
	return message->first[SIP_HEADER_VIA] != 0 && message->first[SIP_HEADER_FROM] != 0 &&
	       message->first[SIP_HEADER_TO] != 0 && message->first[SIP_HEADER_CSEQ] != 0 &&
	       sip_message_header(message, SIP_HEADER_CALL_ID).length != 0;
}

/* ---- The message ---- */

static struct text skip_line_ends(struct text text)
{
	size_t length = 0;
	while (length < text.length && (text.start[length] == '\r' || text.start[length] == '\n'))
		length++;
	return text_from(text, length);
}

enum sip_result sip_message_parse(struct text datagram, struct sip_message *message)
{
	struct text line, rest = skip_line_ends(datagram);
	if (!text_take_line(&rest, &line))
		return SIP_NOT_SIP;
	message->whole = datagram;
	message->header_count = 0;
	memset(message->first, 0, sizeof(message->first));
	enum sip_result result = start_line_read(line, message);
	if (result == SIP_WHOLE)
		result = headers_take(&rest, message);
	if (result != SIP_WHOLE)
		return result;
	if (!has_required_headers(message) || !cseq_read(message) || !body_read(rest, message))
		return SIP_MALFORMED;
	return SIP_WHOLE;
}
