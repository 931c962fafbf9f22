/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/expected.h"
#include "lab/compose.h"

#include <string.h>

/* The name under which a pattern captures the value of Content-Length. */
#define LENGTH_NAME "#length"

enum { LINE_SHOWN_MAX = 1000 }; /* bytes of a line that a reader wants to see */

static struct bytes line_at(struct bytes text, size_t offset)
{
	size_t end = bytes_find(text, offset, bytes_of("\n"));
	return (struct bytes){ text.start + offset, (end < text.length ? end + 1 : end) - offset };
}

static void line_replace(struct writer *writer, struct bytes line, struct bytes old, struct bytes new, size_t *count)
{
	for (size_t at = 0; at < line.length;) {
		size_t found = bytes_find(line, at, old);
		writer_add(writer, (struct bytes){ line.start + at, found - at });
		if (found == line.length)
			return;
		writer_add(writer, new);
		(*count)++;
		at = found + old.length;
	}
}

/* Takes "#2" off "c=#2": the second such line is meant; 0: all are. */
static uint32_t number_take(struct bytes *where)
{
	size_t mark = bytes_find(*where, 0, bytes_of("#"));
	uint32_t number = 0;
	if (mark < where->length && bytes_number(bytes_from(*where, mark + 1), &number))
		where->length = mark;
	return number;
}

/* Replaces in the lines that begin with `where`; a header's continuation lines belong to it. */
static struct bytes lines_replace(struct store *store, struct bytes text, struct bytes where, struct bytes old,
                                  struct bytes new, size_t *count)
{
	struct writer writer;
	uint32_t wanted = number_take(&where), number = 0;
	bool all = bytes_equal(where, bytes_of("*"));
	bool active = false;
	size_t body = message_body(text);
	writer_open(&writer);
	for (size_t at = 0; at < text.length;) {
		struct bytes line = line_at(text, at);
		bool continues = at < body && (line.start[0] == ' ' || line.start[0] == '\t');
		if (!continues) {
			active = all || bytes_begin_with(line, where);
			number += active;
			active = active && (wanted == 0 || number == wanted);
		}
		if (active)
			line_replace(&writer, line, old, new, count);
		else
			writer_add(&writer, line);
		at += line.length;
	}
	return writer_close(&writer, store);
}

/* The digits of the Content-Length header. False: there is none. */
static bool length_find(struct bytes message, struct bytes *digits)
{
	size_t offset = 0;
	struct bytes header;
	if (!message_header(message, "Content-Length", 'l', &offset, &header))
		return false;
	size_t start = bytes_find(header, 0, bytes_of(":")) + 1;
	while (start < header.length && (header.start[start] < '0' || header.start[start] > '9'))
		start++;
	size_t end = start;
	while (end < header.length && header.start[end] >= '0' && header.start[end] <= '9')
		end++;
	*digits = (struct bytes){ header.start + start, end - start };
	return digits->length > 0;
}

static struct bytes length_capture(struct store *store, struct bytes pattern)
{
	struct bytes digits;
	struct writer writer;
	if (!length_find(pattern, &digits))
		return pattern;
	writer_open(&writer);
	writer_add(&writer, (struct bytes){ pattern.start, (size_t)(digits.start - pattern.start) });
	fprintf(writer.stream, "%c" LENGTH_NAME "%c", CAPTURE_BEGIN, CAPTURE_END);
	writer_add(&writer, bytes_from(pattern, (size_t)(digits.start - pattern.start) + digits.length));
	return writer_close(&writer, store);
}

/* "(text)?" may be missing. */
static void options_mark(char *text)
{
	char *begin = strchr(text, '(');
	char *end = begin ? strstr(begin, ")?") : NULL;
	if (!end)
		return;
	*begin = OPTION_BEGIN;
	*end = OPTION_END;
	memmove(end + 1, end + 2, strlen(end + 2) + 1);
}

static const char *pattern_build(struct store *store, const struct step *step, struct bytes sent,
                                 const struct variables *variables, struct bytes *pattern)
{
	*pattern = sent;
	for (size_t i = 0; i < step->replacement_count; i++) {
		const struct replacement *replacement = &step->replacements[i];
		const char *unknown = NULL;
		const char *old = variables_put(store, variables, replacement->old, false, &unknown);
		const char *new = variables_put(store, variables, replacement->new, true, &unknown);
		size_t count = 0;
		if (!old)
			return store_format(store, "no message has given {%s} a value yet", unknown);
		char *wanted = store_text(store, bytes_of(new));
		options_mark(wanted);
		*pattern = lines_replace(store, *pattern, bytes_of(replacement->where), bytes_of(old), bytes_of(wanted),
		                         &count);
		if (count == 0)
			return store_format(store, "the scenario is wrong: no line \"%s…\" that was sent holds \"%s\"",
			                    replacement->where, old);
	}
	if (!bytes_equal(bytes_from(*pattern, message_body(*pattern)), bytes_from(sent, message_body(sent))))
		*pattern = length_capture(store, *pattern);
	return NULL;
}

/* Reads the name of a capture at pattern[*at]; *at moves behind it. */
static struct bytes capture_name(struct bytes pattern, size_t *at)
{
	size_t start = *at + 1;
	size_t end = start;
	while (end < pattern.length && pattern.start[end] != CAPTURE_END)
		end++;
	*at = end + 1;
	return (struct bytes){ pattern.start + start, end - start };
}

static struct bytes digits_at(struct bytes text, size_t offset)
{
	size_t end = offset;
	while (end < text.length && text.start[end] >= '0' && text.start[end] <= '9')
		end++;
	return (struct bytes){ text.start + offset, end - offset };
}

/* Where the walk goes on in the pattern at an option: inside of it when the text has it, else behind it. */
static size_t option_enter(struct bytes pattern, size_t at, struct bytes rest)
{
	char end = OPTION_END;
	size_t close = bytes_find(pattern, at, (struct bytes){ &end, 1 });
	struct bytes option = { pattern.start + at + 1, close - at - 1 };
	return bytes_begin_with(rest, option) ? at + 1 : close + 1;
}

/* Walks both; stops where they differ. True: they match to the end. */
static bool pattern_walk(struct store *store, struct bytes pattern, struct bytes received, struct variables *variables,
                         size_t *pattern_at, size_t *received_at)
{
	while (*pattern_at < pattern.length) {
		if (pattern.start[*pattern_at] == CAPTURE_BEGIN) {
			size_t before = *pattern_at;
			struct bytes digits = digits_at(received, *received_at);
			struct bytes name = capture_name(pattern, pattern_at);
			const char *known = variables_find(variables, name);
			*pattern_at = digits.length == 0 ? before : *pattern_at;
			if (digits.length == 0 || (known && !bytes_equal(bytes_of(known), digits)))
				return false;
			if (!known && !variables_set(variables, store_text(store, name), store_text(store, digits)))
				return false;
			*received_at += digits.length;
			continue;
		}
		if (pattern.start[*pattern_at] == OPTION_BEGIN) {
			*pattern_at = option_enter(pattern, *pattern_at, bytes_from(received, *received_at));
			continue;
		}
		if (pattern.start[*pattern_at] == OPTION_END) {
			(*pattern_at)++;
			continue;
		}
		if (*received_at >= received.length || pattern.start[*pattern_at] != received.start[*received_at])
			return false;
		(*pattern_at)++;
		(*received_at)++;
	}
	return *received_at == received.length;
}

static struct bytes line_around(struct bytes text, size_t offset)
{
	size_t start = offset > text.length ? text.length : offset;
	while (start > 0 && text.start[start - 1] != '\n')
		start--;
	return line_at(text, start);
}

/* The line for a report: captures as {name}, unprintable bytes as \xHH, without its end. */
static const char *line_readable(struct store *store, struct bytes line)
{
	struct writer writer;
	writer_open(&writer);
	for (size_t i = 0; i < line.length; i++) {
		unsigned char byte = (unsigned char)line.start[i];
		bool ends = byte == '\n' || (byte == '\r' && i + 2 == line.length);
		if (byte == CAPTURE_BEGIN || byte == CAPTURE_END)
			fputc(byte == CAPTURE_BEGIN ? '{' : '}', writer.stream);
		else if (byte == OPTION_BEGIN || byte == OPTION_END)
			fputs(byte == OPTION_BEGIN ? "(" : ")?", writer.stream);
		else if (byte >= ' ' && byte <= '~')
			fputc(byte, writer.stream);
		else if (!ends)
			fprintf(writer.stream, "\\x%02x", byte);
	}
	return writer_close(&writer, store).start;
}

/* Content-Length must have changed by what the body has. */
static const char *length_check(struct store *store, struct bytes sent, struct bytes received,
                                const struct variables *variables)
{
	const char *written = variables_find(variables, bytes_of(LENGTH_NAME));
	struct bytes before;
	uint32_t old, new;
	if (!written || !length_find(sent, &before) || !bytes_number(before, &old) ||
	    !bytes_number(bytes_of(written), &new))
		return NULL;
	size_t right = old + (received.length - message_body(received)) - (sent.length - message_body(sent));
	if (new == right)
		return NULL;
	return store_format(store, "Content-Length is %s where %zu is right", written, right);
}

const char *expected_compare(struct store *store, const struct step *step, struct bytes sent, struct bytes received,
                             struct variables *variables)
{
	struct bytes pattern;
	struct variables found = *variables;
	size_t pattern_at = 0, received_at = 0;
	/* Bytes that stand for captures in a pattern may stand for themselves in a message that is not SIP. */
	if (step->replacement_count == 0 && bytes_equal(sent, received))
		return NULL;
	const char *wrong = pattern_build(store, step, sent, variables, &pattern);
	if (wrong)
		return wrong;
	if (!pattern_walk(store, pattern, received, &found, &pattern_at, &received_at))
		return store_format(store, "\"%s\" should be \"%s\"",
		                    line_readable(store, line_around(received, received_at)),
		                    line_readable(store, line_around(pattern, pattern_at)));
	wrong = length_check(store, sent, received, &found);
	if (wrong)
		return wrong;
	/* Only this message's Content-Length: the next one has its own. */
	for (size_t i = 0; i < found.count; i++)
		if (strcmp(found.list[i].name, LENGTH_NAME) == 0)
			found.list[i--] = found.list[--found.count];
	*variables = found;
	return NULL;
}

static void line_write(FILE *out, const char *prefix, struct bytes line)
{
	fputs(prefix, out);
	for (size_t i = 0; i < line.length; i++) {
		if (i == LINE_SHOWN_MAX) {
			fprintf(out, "… (%zu bytes)", line.length);
			break;
		}
		unsigned char byte = (unsigned char)line.start[i];
		if (byte >= ' ' && byte <= '~')
			fputc(byte, out);
		else if (byte != '\r' && byte != '\n')
			fprintf(out, "\\x%02x", byte);
	}
	fputc('\n', out);
}

void message_write(FILE *out, const char *prefix, struct bytes message)
{
	for (size_t at = 0; at < message.length;) {
		struct bytes line = line_at(message, at);
		line_write(out, prefix, line);
		at += line.length;
	}
}

void difference_write(FILE *out, struct bytes sent, struct bytes received)
{
	size_t sent_at = 0, received_at = 0;
	if (bytes_equal(sent, received)) {
		fputs("      (the same bytes)\n", out);
		return;
	}
	while (sent_at < sent.length || received_at < received.length) {
		struct bytes before = line_at(sent, sent_at);
		struct bytes after = line_at(received, received_at);
		if (!bytes_equal(before, after)) {
			if (before.length > 0)
				line_write(out, "      - ", before);
			if (after.length > 0)
				line_write(out, "      + ", after);
		}
		sent_at += before.length;
		received_at += after.length;
	}
}
