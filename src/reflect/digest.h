/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 of a message, line by line (protocol.h, "hashes"). */
#ifndef REFLECT_DIGEST_H
#define REFLECT_DIGEST_H

#include "base/text.h"
#include "reflect/protocol.h"

enum {
	DIGEST_LENGTH = 32,
	DIGEST_COUNT_MAX = REFLECT_HASHED_LINES_MAX + 2, /* the whole, the lines, the rest */
	DIGESTS_LENGTH_MAX = DIGEST_COUNT_MAX * DIGEST_LENGTH,
};

/* Writes the digests one behind the other and returns their length. */
size_t digest_message(struct text message, uint8_t digests[DIGESTS_LENGTH_MAX]);

#endif
