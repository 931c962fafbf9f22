/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "draft.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static size_t end_of(struct span part)
{
	return part.start + part.length;
}

void draft_replace(struct draft *draft, struct span part, const char *text, size_t length)
{
	size_t end = end_of(part);
	if (draft->length - part.length + length > DRAFT_MAX)
		return;
	memmove(draft->bytes + part.start + length, draft->bytes + end, draft->length - end);
	memcpy(draft->bytes + part.start, text, length);
	draft->length = draft->length - part.length + length;
	draft->bytes[draft->length] = '\0';
}

struct span draft_find(const struct draft *draft, struct span within, const char *text)
{
	size_t length = strlen(text);
	const char *found = memmem(draft->bytes + within.start, within.length, text, length);
	if (found == NULL)
		return (struct span){ end_of(within), 0 };
	return (struct span){ (size_t)(found - draft->bytes), length };
}

size_t draft_replace_all(struct draft *draft, struct span within, const char *from, const char *to)
{
	size_t count = 0;
	struct span found;
	while ((found = draft_find(draft, within, from)).length > 0) {
		size_t before = draft->length, end = end_of(within);
		draft_replace(draft, found, to, strlen(to));
		within.start = found.start + strlen(to);
		within.length = end + draft->length - before - within.start;
		count++;
	}
	return count;
}

/* The line from `start` on with its end. */
static struct span line_at(const struct draft *draft, size_t start)
{
	const char *end = memchr(draft->bytes + start, '\n', draft->length - start);
	size_t stop = end == NULL ? draft->length : (size_t)(end - draft->bytes) + 1;
	return (struct span){ start, stop - start };
}

static bool is_empty_line(const struct draft *draft, struct span line)
{
	const char *text = draft->bytes + line.start;
	return line.length == 0 || text[0] == '\n' || (line.length == 2 && text[0] == '\r');
}

static bool is_fold(const struct draft *draft, size_t at)
{
	return at < draft->length && (draft->bytes[at] == ' ' || draft->bytes[at] == '\t');
}

static bool line_is_named(const struct draft *draft, struct span line, const char *name)
{
	size_t length = strlen(name), at = line.start + length;
	if (length == 0 || line.length <= length || strncasecmp(draft->bytes + line.start, name, length) != 0)
		return false;
	while (at < end_of(line) && is_fold(draft, at))
		at++;
	return at < end_of(line) && draft->bytes[at] == ':';
}

static struct span with_folds(const struct draft *draft, struct span line)
{
	while (is_fold(draft, end_of(line)))
		line.length += line_at(draft, end_of(line)).length;
	return line;
}

struct span draft_header(const struct draft *draft, size_t from, const char *name, const char *compact)
{
	struct span line = line_at(draft, 0);
	for (; !is_empty_line(draft, line); line = line_at(draft, end_of(line)))
		if (line.start >= from && (line_is_named(draft, line, name) || line_is_named(draft, line, compact)))
			return with_folds(draft, line);
	return (struct span){ draft->length, 0 };
}

struct span draft_body(const struct draft *draft)
{
	struct span line = line_at(draft, 0);
	while (!is_empty_line(draft, line))
		line = line_at(draft, end_of(line));
	return (struct span){ end_of(line), draft->length - end_of(line) };
}

struct span draft_body_line(const struct draft *draft, size_t from, const char *beginning)
{
	struct span line = line_at(draft, draft_body(draft).start);
	for (; line.length > 0; line = line_at(draft, end_of(line)))
		if (line.start >= from && line.length >= strlen(beginning) &&
		    memcmp(draft->bytes + line.start, beginning, strlen(beginning)) == 0)
			return line;
	return (struct span){ draft->length, 0 };
}

bool draft_number(const struct draft *draft, size_t after, struct span *digits, unsigned long *number)
{
	struct span found = { after, 0 };
	*number = 0;
	while (is_fold(draft, found.start))
		found.start++;
	for (; found.length < 9 && end_of(found) < draft->length; found.length++) {
		char digit = draft->bytes[end_of(found)];
		if (digit < '0' || digit > '9')
			break;
		*number = *number * 10 + (unsigned long)(digit - '0');
	}
	*digits = found;
	return found.length > 0;
}

void draft_number_put(struct draft *draft, struct span digits, unsigned long number)
{
	char text[24];
	draft_replace(draft, digits, text, (size_t)snprintf(text, sizeof text, "%lu", number));
}

void draft_length_add(struct draft *draft, long difference)
{
	struct span line = draft_header(draft, 0, "Content-Length", "l"), digits;
	struct span colon = draft_find(draft, line, ":");
	unsigned long number;
	if (colon.length > 0 && draft_number(draft, colon.start + 1, &digits, &number))
		draft_number_put(draft, digits, (unsigned long)((long)number + difference));
}
