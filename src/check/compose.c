/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/compose.h"

#include "base/check.h"

#include <stdio.h>

enum { FILL_LINE = 64 }; /* bytes of a full line of "{fill}", with its end */

/* What is being written, and what only this file knows. */
struct composition {
	const struct blanks *blanks;
	struct composed *out;
	const char *line_end;
	size_t body_length, fill_length;
	bool failed;
};

void blanks_set(struct blanks *blanks, const char *name, struct text value)
{
	size_t place = 0;
	while (place < blanks->count && strcmp(blanks->list[place].name, name) != 0)
		place++;
	check(place < BLANKS_MAX);
	blanks->list[place] = (struct blank){ name, value };
	if (place == blanks->count)
		blanks->count++;
}

static void put(struct composition *composition, struct text text)
{
	struct composed *out = composition->out;
	if (text.length > sizeof out->bytes - out->length) {
		composition->failed = true;
		return;
	}
	if (text.length > 0)
		memcpy(out->bytes + out->length, text.start, text.length);
	out->length += text.length;
}

static struct text text_of(const char *string)
{
	return (struct text){ string, strlen(string) };
}

static void put_number(struct composition *composition, size_t number)
{
	char digits[24];
	snprintf(digits, sizeof digits, "%zu", number);
	put(composition, text_of(digits));
}

/* Lines that say nothing, in all so many bytes. */
static void put_fill(struct composition *composition)
{
	static const char letters[] = "a=x-fill:0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefgh";
	size_t end = strlen(composition->line_end), left = composition->fill_length;
	while (left > 0) {
		/* What is left behind a line is never too short for a line of its own. */
		size_t line = left < 2 * FILL_LINE ? left : FILL_LINE;
		size_t length = line < end ? 0 : line - end;
		for (size_t put_yet = 0; put_yet < length;) {
			size_t part = length - put_yet < FILL_LINE - 2 ? length - put_yet : FILL_LINE - 2;
			put(composition, text_first(text_of(letters), part));
			put_yet += part;
		}
		put(composition, text_of(composition->line_end));
		left -= line;
	}
}

static void put_blank(struct composition *composition, struct text name)
{
	if (text_equal(name, TEXT("length"))) {
		put_number(composition, composition->body_length);
		return;
	}
	if (text_equal(name, TEXT("length-less-8"))) {
		put_number(composition, composition->body_length < 8 ? 0 : composition->body_length - 8);
		return;
	}
	if (text_equal(name, TEXT("fill"))) {
		put_fill(composition);
		return;
	}
	for (size_t i = 0; i < composition->blanks->count; i++)
		if (text_equal(name, text_of(composition->blanks->list[i].name))) {
			put(composition, composition->blanks->list[i].value);
			return;
		}
	composition->failed = true;
}

static void put_pattern(struct composition *composition, struct text pattern)
{
	while (pattern.length > 0) {
		size_t plain = 0, name;
		while (plain < pattern.length && pattern.start[plain] != '{' && pattern.start[plain] != '\n')
			plain++;
		put(composition, text_first(pattern, plain));
		pattern = text_from(pattern, plain);
		if (pattern.length == 0)
			return;
		if (*pattern.start == '\n') {
			put(composition, text_of(composition->line_end));
			pattern = text_from(pattern, 1);
			continue;
		}
		name = text_find(pattern, '}');
		put_blank(composition, text_from(text_first(pattern, name), 1));
		pattern = text_from(pattern, name + 1);
	}
}

/* Where the body begins in a pattern. */
static size_t body_place(const char *pattern)
{
	const char *start = pattern + strspn(pattern, "\n");
	const char *end = strstr(start, "\n\n");
	return end == NULL ? strlen(pattern) : (size_t)(end - pattern) + 2;
}

bool compose(const struct pattern *pattern, const struct blanks *blanks, struct composed *out)
{
	struct composition composition = { .blanks = blanks, .out = out };
	struct text text = text_of(pattern->text);
	size_t body = body_place(pattern->text), head_length;
	composition.line_end = pattern->bare_lf ? "\n" : "\r\n";
	/* The fill, the length it gives and the digits of that length depend on each other: each round knows the
	 * figures of the one before. */
	for (unsigned round = 0; round < 6; round++) {
		out->length = 0;
		composition.failed = false;
		put_pattern(&composition, text_first(text, body));
		head_length = out->length;
		put_pattern(&composition, text_from(text, body));
		composition.body_length = out->length - head_length;
		if (pattern->size > out->length)
			composition.fill_length += pattern->size - out->length;
		else if (pattern->size > 0 && composition.fill_length >= out->length - pattern->size)
			composition.fill_length -= out->length - pattern->size;
	}
	return !composition.failed && out->length <= COMPOSE_MAX;
}
