/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/hash.h"

struct state {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotate(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

static inline void round_once(struct state *s)
{
	s->v0 += s->v1;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v2 = rotate(s->v2, 32);
}

/* The last word holds what is left of the input and the input's length, as SipHash has it. */
static inline uint64_t last_word(const uint8_t *tail, size_t left, size_t length)
{
	uint64_t word = (uint64_t)length << 56;
	switch (left) {
	case 7:
		word |= (uint64_t)tail[6] << 48; /* fall through */
	case 6:
		word |= (uint64_t)tail[5] << 40; /* fall through */
	case 5:
		word |= (uint64_t)tail[4] << 32; /* fall through */
	case 4:
		word |= (uint64_t)tail[3] << 24; /* fall through */
	case 3:
		word |= (uint64_t)tail[2] << 16; /* fall through */
	case 2:
		word |= (uint64_t)tail[1] << 8; /* fall through */
	case 1:
		word |= tail[0];
	}
	return word;
}

static inline void absorb(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	round_once(s);
	s->v0 ^= word;
}

uint64_t hash_bytes(const struct hash_key *key, const void *bytes, size_t length)
{
	struct state s = {
		key->words[0] ^ 0x736f6d6570736575,
		key->words[1] ^ 0x646f72616e646f6d,
		key->words[0] ^ 0x6c7967656e657261,
		key->words[1] ^ 0x7465646279746573,
	};
	const uint8_t *next = bytes;
	for (size_t words = length / 8; words > 0; words--, next += 8) {
		uint64_t word;
		memcpy(&word, next, 8);
		absorb(&s, word);
	}
	absorb(&s, last_word(next, length % 8, length));

	s.v2 ^= 0xff;
	round_once(&s);
	round_once(&s);
	round_once(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
