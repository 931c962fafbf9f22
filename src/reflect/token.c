/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reflect/token.h"

#include <sodium.h>

static const struct text mark = { "qzsa", 4 };
static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

void token_make(char token[REFLECT_TOKEN_LENGTH + 1])
{
	memcpy(token, mark.start, mark.length);
	for (size_t i = mark.length; i < REFLECT_TOKEN_LENGTH; i++)
		token[i] = alphabet[randombytes_uniform(sizeof alphabet - 1)];
	token[REFLECT_TOKEN_LENGTH] = '\0';
}

static bool is_token(struct text text)
{
	if (text.length < REFLECT_TOKEN_LENGTH)
		return false;
	for (size_t i = mark.length; i < REFLECT_TOKEN_LENGTH; i++)
		if (text.start[i] == '\0' || strchr(alphabet, text.start[i]) == NULL)
			return false;
	return true;
}

bool token_next(struct text bytes, size_t *from, struct text *token)
{
	for (struct text rest = text_from(bytes, *from); rest.length > 0; rest = text_from(bytes, *from)) {
		const char *found = memmem(rest.start, rest.length, mark.start, mark.length);
		if (found == NULL)
			break;
		struct text here = text_from(rest, (size_t)(found - rest.start));
		*from = text_offset(bytes, here) + 1;
		if (!is_token(here))
			continue;
		*token = text_first(here, REFLECT_TOKEN_LENGTH);
		return true;
	}
	*from = bytes.length;
	return false;
}
