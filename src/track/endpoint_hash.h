/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hash for endpoints, which are looked up many times a message: NH (RFC 4418 5.2.2) with a secret key. Two endpoints
 * collide with a chance of 2^-32 whoever chose them, at the price of three multiplications that any CPU has. */
#ifndef TRACK_ENDPOINT_HASH_H
#define TRACK_ENDPOINT_HASH_H

#include "base/hash.h"
#include "sipalg/address.h"

enum { ENDPOINT_WORDS = 6 };

struct endpoint_key {
	uint32_t words[ENDPOINT_WORDS];
};

static inline struct endpoint_key endpoint_key_make(const struct hash_key *secret)
{
	struct endpoint_key key;
	for (uint32_t i = 0; i < ENDPOINT_WORDS; i++)
		key.words[i] = (uint32_t)hash_bytes(secret, &i, sizeof(i)).low;
	return key;
}

static inline uint64_t endpoint_hash(const struct endpoint_key *key, const sipalg_endpoint *endpoint)
{
	uint32_t words[ENDPOINT_WORDS] = { 0 };
	memcpy(words, endpoint, sizeof(*endpoint));
	uint64_t sum = 0;
	for (unsigned i = 0; i < ENDPOINT_WORDS; i += 2)
		sum += (uint64_t)(uint32_t)(words[i] + key->words[i]) * (uint32_t)(words[i + 1] + key->words[i + 1]);
	return sum ^ sum >> 32;
}

#endif
