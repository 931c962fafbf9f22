/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keyed hashing (SipHash-1-3, 128 bits of output): who does not know the secret cannot aim at one bucket, and two texts
 * with equal 128 bits are taken for the same text. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/text.h"

struct hash_key {
	uint64_t words[2];
};

struct hash {
	uint64_t low, high;
};

struct hash hash_bytes(const struct hash_key *key, const void *bytes, size_t length);

static inline struct hash hash_text(const struct hash_key *key, struct text text)
{
	return hash_bytes(key, text.start, text.length);
}

static inline bool hash_equal(struct hash left, struct hash right)
{
	return left.low == right.low && left.high == right.high;
}

#endif
