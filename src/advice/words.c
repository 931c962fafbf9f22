/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advice/words.h"

#include "console/values.h"

#include <string.h>

/* 0: it belongs to no word. */
static char letter_of(char byte)
{
	if (byte >= 'A' && byte <= 'Z')
		return (char)(byte - 'A' + 'a');
	return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ? byte : '\0';
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == ',' || byte == '(' || byte == ')' ||
	       byte == '/' || byte == '>' || byte == ':' || byte == ';';
}

static void add_word(struct words *words, const char *letters, size_t length, bool joined)
{
	if (length == 0 || length >= WORD_MAX || words->count == WORDS_MAX)
		return;
	struct word *word = &words->at[words->count++];
	*word = (struct word){ .group = words->groups, .joined = joined };
	memcpy(word->text, letters, length);
}

/* One stretch without blanks. */
static void add_group(struct words *words, const char *start, size_t length)
{
	enum { GROUP_MAX = 128 };
	char joined[GROUP_MAX];
	size_t parts[GROUP_MAX], part_count = 0, joined_length = 0;
	bool inside = false;
	for (size_t i = 0; i < length && joined_length < GROUP_MAX; i++) {
		char letter = letter_of(start[i]);
		if (letter != '\0' && !inside)
			parts[part_count++] = joined_length;
		inside = letter != '\0';
		if (inside)
			joined[joined_length++] = letter;
	}
	if (part_count > 1)
		add_word(words, joined, joined_length, true);
	for (size_t i = 0; i < part_count; i++) {
		size_t end = i + 1 < part_count ? parts[i + 1] : joined_length;
		add_word(words, joined + parts[i], end - parts[i], false);
	}
	words->groups += part_count > 0;
}

void words_add(struct words *words, const char *text)
{
	while (*text != '\0') {
		size_t length = 0;
		while (text[length] != '\0' && !is_blank(text[length]))
			length++;
		add_group(words, text, length);
		text += length;
		text += *text != '\0';
	}
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool has_digit(const char *word)
{
	return strpbrk(word, "0123456789") != NULL;
}

/* A digit too many is another model, not a slip. */
static bool is_misspelling(const char *typed, const char *known)
{
	size_t length = strlen(typed), letters_wrong = length >= 7 ? 2 : 1;
	if (length < 4 || strlen(known) < 4 || has_digit(typed) || has_digit(known))
		return false;
	return value_distance(typed, known) <= letters_wrong;
}

double word_likeness(const char *typed, const char *known)
{
	static const double equal = 1, beginning = 0.7, short_beginning = 0.4, series = 0.6, misspelling = 0.5;
	size_t typed_length = strlen(typed), known_length = strlen(known);
	if (strcmp(typed, known) == 0)
		return equal;
	if (known_length > typed_length && strncmp(typed, known, typed_length) == 0)
		return typed_length >= 3 ? beginning : typed_length == 2 ? short_beginning : 0;
	/* "rt" is the series of an "rt88u". */
	if (typed_length > known_length && known_length >= 2 && strncmp(typed, known, known_length) == 0 &&
	    is_digit(typed[known_length]) && !is_digit(known[known_length - 1]))
		return series;
	return is_misspelling(typed, known) ? misspelling : 0;
}

bool word_is_empty(const char *word)
{
	static const char *const empty[] = { "a",    "alg",    "an",      "and",     "another", "at",      "box",
		                             "call", "calls",  "can",     "disable", "do",      "does",    "for",
		                             "find", "from",   "gateway", "have",    "home",    "how",     "i",
		                             "in",   "is",     "it",      "model",   "modem",   "my",      "not",
		                             "of",   "off",    "on",      "or",      "router",  "setting", "settings",
		                             "sip",  "switch", "that",    "the",     "this",    "to",      "turn",
		                             "voip", "what",   "where",   "with",    "work" };
	for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++)
		if (strcmp(word, empty[i]) == 0)
			return true;
	return false;
}
