/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/pieces.h"

/* Equal lines outweigh any number of guesses about their neighbours. */
enum { LIKENESS_SOME = 1, LIKENESS_NAME = 4, LIKENESS_NAME_AND_MUCH = 6, LIKENESS_EQUAL = 16 };

struct text piece_line(struct text rest)
{
	const char *end = rest.length > 0 ? memchr(rest.start, '\n', rest.length) : NULL;
	return end == NULL ? rest : text_first(rest, (size_t)(end - rest.start) + 1);
}

/* Bytes beyond ASCII stay together, for they are letters of several bytes. */
static bool is_word_byte(unsigned char byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       byte == '.' || byte == '-' || byte == '_' || byte >= 0x80;
}

struct text piece_word(struct text rest)
{
	size_t length = 0;
	while (length < rest.length && is_word_byte((unsigned char)rest.start[length]))
		length++;
	return text_first(rest, length > 0 ? length : 1);
}

static bool is_letter(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* What names an SDP line: its letter, with a= the attribute, with m= the medium (RFC 8866 5). */
static struct text description_name(struct text line)
{
	size_t length = 2;
	char end = line.start[0] == 'm' ? ' ' : ':';
	if (line.start[0] != 'a' && line.start[0] != 'm')
		return text_first(line, length);
	while (length < line.length && line.start[length] != end && line.start[length] > ' ')
		length++;
	return text_first(line, length);
}

/* The long name of a compact one (RFC 3261 7.3.3). */
static struct text long_name(struct text name)
{
	static const struct {
		char letter;
		const char *name;
	} compacts[] = {
		{ 'c', "content-type" }, { 'e', "content-encoding" }, { 'f', "from" },
		{ 'i', "call-id" },      { 'k', "supported" },        { 'l', "content-length" },
		{ 'm', "contact" },      { 's', "subject" },          { 't', "to" },
		{ 'v', "via" },
	};
	for (size_t i = 0; name.length == 1 && i < sizeof compacts / sizeof compacts[0]; i++)
		if ((name.start[0] | ' ') == compacts[i].letter)
			return (struct text){ compacts[i].name, strlen(compacts[i].name) };
	return name;
}

/* A header's name, or what stands for it in a session description; empty when the line has neither. */
static struct text line_name(struct text line)
{
	if (line.length > 2 && is_letter(line.start[0]) && line.start[1] == '=')
		return description_name(line);
	size_t length = 0;
	while (length < line.length && is_word_byte((unsigned char)line.start[length]))
		length++;
	size_t colon = length;
	while (colon < line.length && (line.start[colon] == ' ' || line.start[colon] == '\t'))
		colon++;
	if (length == 0 || colon == line.length || line.start[colon] != ':')
		return text_first(line, 0);
	return long_name(text_first(line, length));
}

static bool same_name(struct text left, struct text right)
{
	if (left.length != right.length)
		return false;
	for (size_t i = 0; i < left.length; i++) {
		char one = left.start[i], other = right.start[i];
		if (one != other && !(is_letter(one) && is_letter(other) && (one | ' ') == (other | ' ')))
			return false;
	}
	return true;
}

/* At least half of the longer one is a common beginning and a common end. */
static bool much_alike(struct text left, struct text right)
{
	struct text shorter = left.length < right.length ? left : right;
	size_t longest = left.length + right.length - shorter.length, head = 0, tail = 0;
	while (head < shorter.length && left.start[head] == right.start[head])
		head++;
	while (tail < shorter.length - head &&
	       left.start[left.length - 1 - tail] == right.start[right.length - 1 - tail])
		tail++;
	return (head + tail) * 2 >= longest;
}

unsigned piece_likeness(struct text left, struct text right)
{
	if (text_equal(left, right))
		return LIKENESS_EQUAL;
	struct text left_name = line_name(left), right_name = line_name(right);
	bool much = much_alike(left, right);
	if (text_is_empty(left_name) && text_is_empty(right_name))
		return much ? LIKENESS_SOME : 0;
	if (!same_name(left_name, right_name))
		return 0;
	return much ? LIKENESS_NAME_AND_MUCH : LIKENESS_NAME;
}
