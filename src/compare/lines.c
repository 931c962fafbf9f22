/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compare/lines.h"

#include "base/cursor.h"
#include "sip/header_name.h"

/* Header names that have a compact form and that sip/header_name.h passes over (RFC 3261 20, RFC 3515, RFC 6665). */
static struct text long_name(struct text name)
{
	static const struct {
		char letter;
		struct text name;
	} compacts[] = { { 'k', TEXT("supported") },    { 's', TEXT("subject") },  { 'o', TEXT("event") },
		         { 'u', TEXT("allow-events") }, { 'r', TEXT("refer-to") }, { 'b', TEXT("referred-by") } };
	for (size_t i = 0; name.length == 1 && i < sizeof compacts / sizeof compacts[0]; i++)
		if ((*name.start | 0x20) == compacts[i].letter)
			return compacts[i].name;
	return name;
}

static char small_letter(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
}

bool text_equal_in_any_case(struct text left, struct text right)
{
	if (left.length != right.length)
		return false;
	for (size_t i = 0; i < left.length; i++)
		if (small_letter(left.start[i]) != small_letter(right.start[i]))
			return false;
	return true;
}

bool header_names_match(const struct header_line *left, const struct header_line *right)
{
	if (left->kind != right->kind)
		return false;
	return left->kind != SIP_HEADER_OTHER || text_equal_in_any_case(long_name(left->name), long_name(right->name));
}

/* Takes a line and the lines that continue it (RFC 3261 7.3.1). False: the message ends before the line does. */
static bool folded_line_take(struct cursor *cursor, struct header_line *line)
{
	struct cursor part;
	const char *start = cursor->at;
	if (!cursor_take_line(cursor, &part))
		return false;
	while (part.end != start && (cursor_begins(*cursor, ' ') || cursor_begins(*cursor, '\t')))
		if (!cursor_take_line(cursor, &part))
			return false;
	line->whole = (struct text){ start, (size_t)(part.end - start) };
	line->bare_lf = *part.end == '\n';
	return true;
}

static void header_line_read(struct header_line *line)
{
	size_t length, colon = text_find(line->whole, ':');
	line->name = line->value = text_first(line->whole, 0);
	line->kind = SIP_HEADER_OTHER;
	if (colon == line->whole.length)
		return;
	line->name = text_trim(text_first(line->whole, colon));
	line->value = text_trim(text_from(line->whole, colon + 1));
	line->kind = header_kind(line->whole, &length);
}

void lines_read(struct text message, struct message_lines *lines)
{
	struct cursor cursor = cursor_of(message), ahead = cursor;
	const char *start = cursor.at;
	while (cursor_begins(cursor, '\r') || cursor_begins(cursor, '\n'))
		cursor.at++;
	lines->lead = cursor_since(cursor, start);
	lines->count = 0;
	lines->ended = false;
	for (ahead = cursor; lines->count < LINES_MAX; cursor = ahead) {
		struct header_line *line = &lines->list[lines->count];
		if (!folded_line_take(&ahead, line))
			break;
		if (line->whole.length == 0) {
			lines->ended = true;
			cursor = ahead;
			break;
		}
		header_line_read(line);
		if (lines->count == 0) /* the start line's URI has a colon */
			line->name = line->value = text_first(line->whole, 0);
		lines->count++;
	}
	lines->after = cursor_rest(cursor);
}

const struct header_line *lines_find(const struct message_lines *lines, enum sip_header_kind kind)
{
	for (size_t i = 1; i < lines->count; i++)
		if (lines->list[i].kind == kind)
			return &lines->list[i];
	return NULL;
}
