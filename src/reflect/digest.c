/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reflect/digest.h"

#include <sodium.h>

static size_t add(struct text part, uint8_t *digests, size_t length)
{
	crypto_hash_sha256(digests + length, (const unsigned char *)part.start, part.length);
	return length + DIGEST_LENGTH;
}

/* With its line end; the last may have none. */
static struct text first_line(struct text text)
{
	return text_first(text, text_find(text, '\n') + 1);
}

static bool is_empty_line(struct text line)
{
	return text_equal(line, TEXT("\n")) || text_equal(line, TEXT("\r\n"));
}

size_t digest_message(struct text message, uint8_t digests[DIGESTS_LENGTH_MAX])
{
	size_t length = add(message, digests, 0), lines = 0;
	bool in_header = true;
	while (in_header && message.length > 0 && lines++ < REFLECT_HASHED_LINES_MAX) {
		struct text line = first_line(message);
		length = add(line, digests, length);
		message = text_from(message, line.length);
		in_header = !is_empty_line(line);
	}
	return message.length > 0 ? add(message, digests, length) : length;
}
