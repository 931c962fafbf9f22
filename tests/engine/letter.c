/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "letter.h"

#include <strings.h>

static void add_list(struct letter *letter, const char *format, va_list list)
{
	size_t room = LETTER_MAX - letter->length;
	int length = vsnprintf(letter->bytes + letter->length, room, format, list);
	assert_true(length >= 0 && (size_t)length < room);
	letter->length += (size_t)length;
}

void letter_add(struct letter *letter, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	add_list(letter, format, list);
	va_end(list);
}

void letter_add_text(struct letter *letter, struct text text)
{
	assert_true(text.length < LETTER_MAX - letter->length);
	if (text.length > 0)
		memcpy(letter->bytes + letter->length, text.start, text.length);
	letter->length += text.length;
}

void letter_copy(struct letter *letter, struct text text)
{
	letter_clear(letter);
	letter_add_text(letter, text);
}

/* Line ends as they are to be; lines that end with CR LF already stay. */
static void write_line_ends(struct letter *letter, bool with_cr)
{
	static struct letter plain;
	letter_copy(&plain, letter_text(letter));
	letter_clear(letter);
	for (size_t at = 0; at < plain.length; at++) {
		if (with_cr && plain.bytes[at] == '\n' && (at == 0 || plain.bytes[at - 1] != '\r'))
			letter->bytes[letter->length++] = '\r';
		letter->bytes[letter->length++] = plain.bytes[at];
		assert_true(letter->length < LETTER_MAX - 1);
	}
}

void letter_seal(struct letter *letter, bool with_cr)
{
	write_line_ends(letter, with_cr);
	struct text body = body_of(letter_text(letter));
	size_t head = letter->length - body.length;
	char *mark = memchr(letter->bytes, '#', head);
	if (!mark)
		return;
	char digits[24];
	size_t count = (size_t)snprintf(digits, sizeof(digits), "%zu", body.length);
	size_t behind = (size_t)(mark - letter->bytes) + 1;
	assert_true(letter->length + count < LETTER_MAX);
	memmove(mark + count, mark + 1, letter->length - behind);
	memcpy(mark, digits, count);
	letter->length += count - 1;
}

void letter_write(struct letter *letter, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	letter_clear(letter);
	add_list(letter, format, list);
	va_end(list);
	letter_seal(letter, true);
}

/* ---- Looking into one, in the simplest way ---- */

/* Where the next line feed is; the length: there is none. */
static size_t line_end(struct text text, size_t from)
{
	const char *end = from < text.length ? memchr(text.start + from, '\n', text.length - from) : NULL;
	return end ? (size_t)(end - text.start) : text.length;
}

struct text body_of(struct text message)
{
	for (size_t at = line_end(message, 0); at + 1 < message.length; at = line_end(message, at + 1)) {
		if (message.start[at + 1] == '\n')
			return text_from(message, at + 2);
		if (message.start[at + 1] == '\r' && at + 2 < message.length && message.start[at + 2] == '\n')
			return text_from(message, at + 3);
	}
	return text_from(message, message.length);
}

/* The length of the first line with its folds and its line end. */
static size_t line_length(struct text rest)
{
	size_t end = 0;
	do {
		end = line_end(rest, end);
		end += end < rest.length;
	} while (end < rest.length && (rest.start[end] == ' ' || rest.start[end] == '\t'));
	return end;
}

static bool equals_in_any_case(struct text text, struct text other)
{
	return text.length == other.length && strncasecmp(text.start, other.start, text.length) == 0;
}

static bool has_name(struct text line, const char *long_name, char compact, struct text *value)
{
	size_t colon = text_find(line, ':');
	struct text name = text_trim(text_first(line, colon));
	if (colon == line.length)
		return false;
	if (!equals_in_any_case(name, text_of(long_name)) &&
	    !(name.length == 1 && equals_in_any_case(name, (struct text){ &compact, 1 })))
		return false;
	*value = text_trim(text_from(line, colon + 1));
	return true;
}

void letter_add_headers(struct letter *letter, struct text message, const char *long_name, char compact)
{
	struct text head = text_first(message, message.length - body_of(message).length);
	struct text value;
	while (head.length > 0) {
		struct text line = text_first(head, line_length(head));
		if (has_name(line, long_name, compact, &value))
			letter_add_text(letter, line);
		head = text_from(head, line.length);
	}
}

struct text header_of(struct text message, const char *long_name, char compact)
{
	struct text head = text_first(message, message.length - body_of(message).length);
	struct text value;
	while (head.length > 0) {
		struct text line = text_first(head, line_length(head));
		if (has_name(line, long_name, compact, &value))
			return value;
		head = text_from(head, line.length);
	}
	return (struct text){ "", 0 };
}

struct text uri_of(struct text value)
{
	struct text inner = text_from(value, text_find(value, '<') + 1);
	return text_first(inner, text_find(inner, '>'));
}

void letter_add_body(struct letter *letter, struct text message)
{
	letter_add_headers(letter, message, "Content-Type", 'c');
	letter_add(letter, "Content-Length: #\n\n");
	letter_add_text(letter, body_of(message));
}
