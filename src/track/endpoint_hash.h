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
		key.words[i] = (uint32_t)hash_bytes(secret, &i, sizeof(i));
	return key;
}

/* Port and protocol are put together here, not read as the word they lie in: they were often just written one by one,
 * and a processor waits for a load that spans several stores. */
static inline uint64_t endpoint_hash(const struct endpoint_key *key, const sipalg_endpoint *endpoint)
{
	const uint32_t *secret = key->words;
	uint32_t words[4];
	memcpy(words, endpoint->address.bytes, sizeof(words));
	uint32_t rest = (uint32_t)endpoint->unused << 24 | (uint32_t)endpoint->protocol << 16 | endpoint->port;
	uint64_t sum = (uint64_t)(words[0] + secret[0]) * (words[1] + secret[1]);
	sum += (uint64_t)(words[2] + secret[2]) * (words[3] + secret[3]);
	sum += (uint64_t)(rest + secret[4]) * secret[5];
	return sum ^ sum >> 32;
}

#endif
