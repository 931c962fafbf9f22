/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/multipart.h"

#include "base/characters.h"

/* Takes a line off; the last may lack its end. */
static bool any_line_take(struct text *rest, struct text *line)
{
	if (rest->length == 0)
		return false;
	if (!text_take_line(rest, line))
		*line = text_take(rest, rest->length);
	return true;
}

/* "--" boundary, "--" behind it when it is the last, and blanks. */
static bool is_delimiter(struct text line, struct text boundary, bool *is_closing)
{
	if (line.length < boundary.length + 2 || line.start[0] != '-' || line.start[1] != '-' ||
	    !text_equal(text_first(text_from(line, 2), boundary.length), boundary))
		return false;
	struct text behind = text_from(line, boundary.length + 2);
	*is_closing = behind.length >= 2 && behind.start[0] == '-' && behind.start[1] == '-';
	behind = text_from(behind, *is_closing ? 2 : 0);
	return text_span(behind, CHARACTER_BLANK) == behind.length;
}

/* Goes behind the next delimiter line; `before` is what stands before it, without the line end that is the
 * delimiter's. */
static bool delimiter_find(struct multipart *multipart, struct text *before)
{
	struct text line, rest = multipart->rest;
	while (any_line_take(&rest, &line)) {
		if (!is_delimiter(line, multipart->boundary, &multipart->is_closed))
			continue;
		size_t length = text_offset(multipart->rest, line);
		if (length > 0 && multipart->rest.start[length - 1] == '\n')
			length--;
		if (length > 0 && multipart->rest.start[length - 1] == '\r')
			length--;
		*before = text_first(multipart->rest, length);
		multipart->rest = rest;
		return true;
	}
	return false;
}

enum multipart_result multipart_begin(struct text body, struct text boundary, struct multipart *multipart)
{
	struct text preamble;
	*multipart = (struct multipart){ boundary, body, false };
	if (boundary.length == 0 || !delimiter_find(multipart, &preamble))
		return MULTIPART_BAD;
	return multipart->is_closed ? MULTIPART_NONE : MULTIPART_PART;
}

static bool encoding_is_plain(struct text value)
{
	return text_equal_nocase(value, TEXT("7bit")) || text_equal_nocase(value, TEXT("8bit")) ||
	       text_equal_nocase(value, TEXT("binary")) || text_equal_nocase(value, TEXT("identity"));
}

static void part_header_read(struct text header, struct multipart_part *part)
{
	size_t colon = text_find(header, ':');
	struct text name = text_trim(text_first(header, colon));
	struct text value = text_trim(text_from(header, colon + 1));
	if (text_equal_nocase(name, TEXT("content-type")))
		part->content_type = value;
	else if (text_equal_nocase(name, TEXT("content-transfer-encoding")) ||
	         text_equal_nocase(name, TEXT("content-encoding")))
		part->is_encoded = part->is_encoded || !encoding_is_plain(value);
}

/* Takes the part's next header off, with its folded lines. False: the empty line is reached, or the end. */
static bool part_header_take(struct text *rest, struct text *header)
{
	struct text line, begin = *rest;
	if (!any_line_take(rest, &line) || line.length == 0)
		return false;
	while (rest->length > 0 && (*rest->start == ' ' || *rest->start == '\t'))
		if (!any_line_take(rest, &line))
			break;
	*header = text_first(begin, begin.length - rest->length);
	return true;
}

enum multipart_result multipart_next(struct multipart *multipart, struct multipart_part *part)
{
	struct text header;
	if (multipart->is_closed)
		return MULTIPART_NONE;
	if (!delimiter_find(multipart, &part->body))
		return MULTIPART_BAD;
	part->content_type = text_first(part->body, 0);
	part->is_encoded = false;
	while (part_header_take(&part->body, &header))
		part_header_read(header, part);
	return MULTIPART_PART;
}
