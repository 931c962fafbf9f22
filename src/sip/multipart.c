/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/multipart.h"

#include "base/cursor.h"

/* "--" boundary, "--" behind it when it is the last, and blanks. */
static bool is_delimiter(struct cursor line, struct text boundary, bool *is_closing)
{
	if (cursor_left(line) < boundary.length + 2 || line.at[0] != '-' || line.at[1] != '-' ||
	    memcmp(line.at + 2, boundary.start, boundary.length) != 0)
		return false;
	line.at += boundary.length + 2;
	*is_closing = cursor_left(line) >= 2 && line.at[0] == '-' && line.at[1] == '-';
	if (*is_closing)
		line.at += 2;
	cursor_skip_blanks(&line);
	return cursor_is_end(line);
}

/* What stands before a delimiter line; the line end right before it is the delimiter's. */
static struct text text_before(struct text whole, struct cursor delimiter)
{
	size_t length = text_offset(whole, cursor_rest(delimiter));
	if (length > 0 && whole.start[length - 1] == '\n')
		length--;
	if (length > 0 && whole.start[length - 1] == '\r')
		length--;
	return text_first(whole, length);
}

/* Goes behind the next delimiter line. */
static bool delimiter_find(struct multipart *multipart, struct text *before)
{
	struct cursor line, cursor = cursor_of(multipart->rest);
	while (cursor_take_any_line(&cursor, &line)) {
		if (!is_delimiter(line, multipart->boundary, &multipart->is_closed))
			continue;
		*before = text_before(multipart->rest, line);
		multipart->rest = cursor_rest(cursor);
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
	return text_is_word(value, TEXT("7bit")) || text_is_word(value, TEXT("8bit")) ||
	       text_is_word(value, TEXT("binary")) || text_is_word(value, TEXT("identity"));
}

static void part_header_read(struct text header, struct multipart_part *part)
{
	size_t colon = text_find(header, ':');
	struct text name = text_trim(text_first(header, colon));
	struct text value = text_trim(text_from(header, colon + 1));
	if (text_is_word(name, TEXT("content-type")))
		part->content_type = value;
	else if (text_is_word(name, TEXT("content-transfer-encoding")) || text_is_word(name, TEXT("content-encoding")))
		part->is_encoded = part->is_encoded || !encoding_is_plain(value);
}

/* Takes the part's next header off, with its folded lines. False: the empty line is reached, or the end. */
static bool part_header_take(struct cursor *cursor, struct text *header)
{
	struct cursor line;
	const char *start = cursor->at;
	if (!cursor_take_any_line(cursor, &line) || cursor_is_end(line))
		return false;
	while ((cursor_begins(*cursor, ' ') || cursor_begins(*cursor, '\t')) && cursor_take_any_line(cursor, &line))
		continue;
	*header = cursor_since(*cursor, start);
	return true;
}

enum multipart_result multipart_next(struct multipart *multipart, struct multipart_part *part)
{
	struct text header;
	if (multipart->is_closed)
		return MULTIPART_NONE;
	if (!delimiter_find(multipart, &part->body))
		return MULTIPART_BAD;
	struct cursor cursor = cursor_of(part->body);
	part->content_type = text_first(part->body, 0);
	part->is_encoded = false;
	while (part_header_take(&cursor, &header))
		part_header_read(header, part);
	part->body = cursor_rest(cursor);
	return MULTIPART_PART;
}
