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
static enum sip_result status_line_read(struct cursor line, struct sip_message *message)
{
	uint32_t status;
	cursor_skip_blanks(&line);
	const char *start = line.at;
	if (!cursor_take_number(&line, 699, &status) || line.at - start != 3 || status < 100)
		return SIP_MALFORMED;
	message->is_request = false;
	message->status = (uint16_t)status;
	message->request_uri = (struct text){ start, 0 };
	return cursor_is_end(line) || *line.at == ' ' ? SIP_WHOLE : SIP_MALFORMED;
}

/* Method SP Request-URI SP SIP/2.0. The first blank ends the method and the last one begins the version, so extra
 * blanks beside and within the URI (RFC 4475 3.1.2.8 to 10) leave no doubt about either; whether the URI can be read is
 * for its reader to say. */
static enum sip_result request_line_read(struct cursor line, struct sip_message *message)
{
	const char *start = line.at;
	cursor_trim_end(&line);
	struct text method = cursor_take_class(&line, CHARACTER_TOKEN);
	if (line.at == start || !cursor_begins(line, ' ') || cursor_left(line) < 8)
		return SIP_NOT_SIP;
	struct text version = { line.end - 7, 7 };
	if (!text_is_word(version, TEXT("sip/2.0")))
		return text_begins_word(version, TEXT("sip/")) ? SIP_MALFORMED : SIP_NOT_SIP;
	if (!character_is(version.start[-1], CHARACTER_BLANK))
		return SIP_MALFORMED;
	line.end = version.start;
	message->request_uri = cursor_trimmed(line);
	message->is_request = true;
	message->status = 0;
	message->method_name = method;
	message->method = method_find(method);
	return message->request_uri.length > 0 ? SIP_WHOLE : SIP_MALFORMED;
}

static enum sip_result start_line_read(struct cursor line, struct sip_message *message)
{
	if (text_begins_word(cursor_rest(line), TEXT("sip/2.0 "))) {
		line.at += 8;
		return status_line_read(line, message);
	}
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
	message->headers[message->header_count++] = (struct sip_header){ kind, value };
	if (message->first[kind] == 0)
		message->first[kind] = (uint16_t)message->header_count;
	return SIP_WHOLE;
}

/* A line that begins with a blank continues the one before it (RFC 3261 7.3.1). */
static inline bool line_continues(struct cursor cursor)
{
	return cursor_begins_class(cursor, CHARACTER_BLANK) && (*cursor.at == ' ' || *cursor.at == '\t');
}

/* The value behind name and colon (HCOLON, RFC 3261 25.1), without the blanks round it. False: there is no colon. */
static inline bool value_read(struct cursor header, struct text *value)
{
	while (line_continues(header))
		header.at++;
	if (!cursor_take_byte(&header, ':'))
		return false;
	*value = cursor_trimmed(header);
	return true;
}

/* The empty line; it may be a bare LF. */
static inline bool empty_line_take(struct cursor *cursor)
{
	struct cursor behind = *cursor;
	if (!cursor_begins_class(behind, CHARACTER_BLANK))
		return false;
	cursor_take_byte(&behind, '\r');
	if (!cursor_take_byte(&behind, '\n'))
		return false;
	*cursor = behind;
	return true;
}

/* Goes behind a header and the lines that continue it. False: its line does not end. */
static inline bool header_skip(struct cursor *cursor)
{
	do {
		if (!cursor_skip_line(cursor))
			return false;
	} while (line_continues(*cursor));
	return true;
}

/* Takes one header off. A line without a colon is no header: it is passed over like an unknown one. */
static inline enum sip_result header_take(struct cursor *cursor, struct sip_message *message)
{
	struct text value;
	size_t name_length = 0;
	const char *start = cursor->at;
	enum sip_header_kind kind = header_kind(cursor_rest(*cursor), &name_length);
	if (!header_skip(cursor))
		return SIP_MALFORMED;
	if (kind == SIP_HEADER_OTHER || !value_read((struct cursor){ start + name_length, cursor->at }, &value))
		return SIP_WHOLE;
	return header_add(message, kind, value);
}

/* Reads the headers and the empty line behind them. Without that line nobody can tell whether more were to come, even
 * where the datagram ends with a line end: MALFORMED. */
static enum sip_result headers_take(struct cursor *cursor, struct sip_message *message)
{
	enum sip_result result = line_continues(*cursor) ? SIP_MALFORMED : SIP_WHOLE;
	while (result == SIP_WHOLE && !empty_line_take(cursor))
		result = header_take(cursor, message);
	return result;
}

/* ---- What the headers must say ---- */

/* CSeq: number LWS method (RFC 3261 20.16). In a request the method is that of the start line (8.1.1.5; RFC 4475
 * 3.3.14 and 15): with two methods it would be a guess which transaction it is. */
static bool cseq_read(struct sip_message *message)
{
	uint32_t number;
	struct cursor cursor = cursor_of(sip_message_header(message, SIP_HEADER_CSEQ));
	if (!cursor_take_number(&cursor, UINT32_MAX, &number) || !cursor_begins_class(cursor, CHARACTER_BLANK))
		return false;
	cursor_skip_blanks(&cursor);
	struct text method = cursor_rest(cursor);
	message->cseq = number;
	if (message->is_request)
		return text_equal(method, message->method_name);
	cursor_skip_class(&cursor, CHARACTER_TOKEN);
	message->method_name = method;
	message->method = method_find(method);
	return method.length > 0 && cursor_is_end(cursor);
}

static bool body_read(struct text rest, size_t left, struct sip_message *message)
{
	uint64_t length;
	message->body = rest;
	message->content_length = sip_message_header(message, SIP_HEADER_CONTENT_LENGTH);
	if (message->first[SIP_HEADER_CONTENT_LENGTH] == 0)
		return true;
	if (!text_read_number(message->content_length, rest.length + left, &length))
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

/* Takes a header off whose value is wanted only if it is a Content-Length. False: its line does not end. */
static bool content_length_take(struct cursor *cursor, struct text *value)
{
	struct text line = cursor_rest(*cursor);
	size_t name_length;
	bool is_wanted =
	        header_is(line, TEXT("content-length"), &name_length) || header_is(line, TEXT("l"), &name_length);
	*value = (struct text){ 0 };
	if (!header_skip(cursor))
		return false;
	if (is_wanted && !value_read((struct cursor){ line.start + name_length, cursor->at }, value))
		*value = (struct text){ 0 };
	return true;
}

bool sip_header_frame(struct text header, uint64_t *body_length)
{
	struct text value, content_length = { 0 };
	struct cursor cursor = cursor_of(header);
	*body_length = 0;
	if (!cursor_skip_line(&cursor))
		return false;
	while (!empty_line_take(&cursor)) {
		if (!content_length_take(&cursor, &value))
			return false;
		if (value.start == NULL)
			continue;
		if (content_length.start != NULL && !text_equal(content_length, value))
			return false;
		content_length = value;
	}
	return content_length.start == NULL || text_read_number(content_length, PTRDIFF_MAX, body_length);
}

enum sip_result sip_message_parse(struct text datagram, struct sip_message *message)
{
	return sip_message_parse_header(datagram, 0, message);
}

enum sip_result sip_message_parse_header(struct text header, size_t body_left, struct sip_message *message)
{
	if (header.length == 0)
		return SIP_NOT_SIP;
	struct cursor line, cursor = cursor_of(header);
	while (cursor_begins(cursor, '\r') || cursor_begins(cursor, '\n'))
		cursor.at++;
	if (!cursor_take_line(&cursor, &line))
		return SIP_NOT_SIP;
	message->whole = header;
	message->header_count = 0;
	memset(message->first, 0, sizeof(message->first));
	enum sip_result result = start_line_read(line, message);
	if (result == SIP_WHOLE)
		result = headers_take(&cursor, message);
	if (result != SIP_WHOLE)
		return result;
	if (!has_required_headers(message) || !cseq_read(message) ||
	    !body_read(cursor_rest(cursor), body_left, message))
		return SIP_MALFORMED;
	return SIP_WHOLE;
}
