/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps a reader takes over a text: each takes what it names off the front of what is left, and none looks beyond
 * the end. A cursor is two pointers, so that a step changes only one of them; all steps are inline, for they run for
 * every byte of a message. */
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include "base/characters.h"

struct cursor {
	const char *at, *end;
};

static inline struct cursor cursor_of(struct text text)
{
	return (struct cursor){ text.start, text.start + text.length };
}

static inline bool cursor_is_end(struct cursor cursor)
{
	return cursor.at == cursor.end;
}

static inline size_t cursor_left(struct cursor cursor)
{
	return (size_t)(cursor.end - cursor.at);
}

/* All that is left. */
static inline struct text cursor_rest(struct cursor cursor)
{
	return (struct text){ cursor.at, cursor_left(cursor) };
}

/* What was taken since `start`, a place the cursor has passed. */
static inline struct text cursor_since(struct cursor cursor, const char *start)
{
	return (struct text){ start, (size_t)(cursor.at - start) };
}

static inline bool cursor_begins(struct cursor cursor, char byte)
{
	return cursor.at != cursor.end && *cursor.at == byte;
}

static inline bool cursor_begins_class(struct cursor cursor, uint8_t classes)
{
	return cursor.at != cursor.end && character_is(*cursor.at, classes);
}

static inline bool cursor_take_byte(struct cursor *cursor, char byte)
{
	if (!cursor_begins(*cursor, byte))
		return false;
	cursor->at++;
	return true;
}

static inline void cursor_skip_class(struct cursor *cursor, uint8_t classes)
{
	while (cursor_begins_class(*cursor, classes))
		cursor->at++;
}

/* The same for what is long as a rule: four bytes at a time. */
static inline void cursor_skip_class_far(struct cursor *cursor, uint8_t classes)
{
	while (cursor_left(*cursor) >= 4 && (character_classes4(cursor->at) & classes))
		cursor->at += 4;
	cursor_skip_class(cursor, classes);
}

static inline void cursor_skip_blanks(struct cursor *cursor)
{
	cursor_skip_class(cursor, CHARACTER_BLANK);
}

/* Moves the end back over blanks. */
static inline void cursor_trim_end(struct cursor *cursor)
{
	while (cursor->end != cursor->at && character_is(cursor->end[-1], CHARACTER_BLANK))
		cursor->end--;
}

/* All that is left, without the blanks round it. */
static inline struct text cursor_trimmed(struct cursor cursor)
{
	cursor_skip_blanks(&cursor);
	cursor_trim_end(&cursor);
	return cursor_rest(cursor);
}

/* What was taken since `start`, without blanks at its end. */
static inline struct text cursor_since_trimmed(struct cursor cursor, const char *start)
{
	struct cursor since = { start, cursor.at };
	cursor_trim_end(&since);
	return cursor_rest(since);
}

static inline struct text cursor_take_class(struct cursor *cursor, uint8_t classes)
{
	const char *start = cursor->at;
	cursor_skip_class(cursor, classes);
	return cursor_since(*cursor, start);
}

/* Takes the next word, blanks before it skipped; empty: none is left. */
static inline struct text cursor_take_field(struct cursor *cursor)
{
	cursor_skip_blanks(cursor);
	return cursor_take_class(cursor, CHARACTER_FIELD);
}

/* Takes digits off as a number. False: none, or more than `max`; the cursor may stand anywhere then. */
static inline bool cursor_take_number(struct cursor *cursor, uint32_t max, uint32_t *number)
{
	uint64_t value = 0;
	const char *start = cursor->at;
	while (cursor->at != cursor->end && character_is_digit(*cursor->at) && value <= max)
		value = value * 10 + (uint64_t)(*cursor->at++ - '0');
	*number = (uint32_t)value;
	return cursor->at != start && value <= max;
}

/* Goes to the next such byte. False: there is none, and the cursor stays. */
static inline bool cursor_skip_to(struct cursor *cursor, char byte)
{
	const char *found = cursor_is_end(*cursor) ? NULL : memchr(cursor->at, byte, cursor_left(*cursor));
	if (found == NULL)
		return false;
	cursor->at = found;
	return true;
}

/* Goes behind the next line end. False: there is none. */
static inline bool cursor_skip_line(struct cursor *cursor)
{
	if (!cursor_skip_to(cursor, '\n'))
		return false;
	cursor->at++;
	return true;
}

/* Takes a line off, without its CR LF or LF. False: there is no line end. */
static inline bool cursor_take_line(struct cursor *cursor, struct cursor *line)
{
	const char *start = cursor->at;
	if (!cursor_skip_line(cursor))
		return false;
	const char *end = cursor->at - 1;
	if (end != start && end[-1] == '\r')
		end--;
	*line = (struct cursor){ start, end };
	return true;
}

/* Takes a line off; the last may lack its end. False: nothing is left. */
static inline bool cursor_take_any_line(struct cursor *cursor, struct cursor *line)
{
	if (cursor_is_end(*cursor))
		return false;
	if (!cursor_take_line(cursor, line)) {
		*line = *cursor;
		cursor->at = cursor->end;
	}
	return true;
}

#endif
