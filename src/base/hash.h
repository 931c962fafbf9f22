/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keyed hashing (SipHash-1-3): who does not know the secret cannot aim at one bucket, and two texts with equal hashes
 * are taken for the same text. Of a million that an engine may hold, a new one equals some once in 2^44 times, whoever
 * chose it. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/text.h"

struct hash_key {
	uint64_t words[2];
};

uint64_t hash_bytes(const struct hash_key *key, const void *bytes, size_t length);

static inline uint64_t hash_text(const struct hash_key *key, struct text text)
{
	return hash_bytes(key, text.start, text.length);
}

#endif
