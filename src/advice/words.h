/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words as people type them, and how well two of them go together. */
#ifndef ADVICE_WORDS_H
#define ADVICE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

enum { WORD_MAX = 32, WORDS_MAX = 256 };

/* Small letters and digits, zero-terminated. */
struct word {
	char text[WORD_MAX];
	size_t group; /* words of one group were joined by punctuation; the first of a group with several is them joined
	               */
	bool joined;
};

struct words {
	struct word at[WORDS_MAX];
	size_t count;
	size_t groups;
};

/* Adds the words of a text: "TP-Link C7" gives "tplink", "tp", "link" and "c7". What is too long or too much is left
 * out. */
void words_add(struct words *words, const char *text);

/* 0 to 1: equal, the beginning of the other, or a misspelling. `typed` is what a person wrote. */
double word_likeness(const char *typed, const char *known);

/* Words that say nothing about which router is meant. */
bool word_is_empty(const char *word);

#endif
