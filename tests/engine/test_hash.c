/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "track.h"

#include "base/hash.h"
#include "track/endpoint_hash.h"

static const struct hash_key key = { { UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908) } };

/* SipHash-1-3 of the bytes 0, 1, 2 …; reckoned by another implementation. */
static const struct {
	size_t length;
	uint64_t hash;
} references[] = {
	{ 0, UINT64_C(0xabac0158050fc4dc) },  { 1, UINT64_C(0xc9f49bf37d57ca93) },
	{ 7, UINT64_C(0xd3927d989bb11140) },  { 8, UINT64_C(0x369095118d299a8e) },
	{ 9, UINT64_C(0x25a48eb36c063de4) },  { 15, UINT64_C(0xd320d86d2a519956) },
	{ 16, UINT64_C(0xcc4fdd1a7d908b66) }, { 63, UINT64_C(0x9d199062b7bbb3a8) },
};

static void it_is_siphash(void **state)
{
	(void)state;
	uint8_t input[64];
	for (size_t i = 0; i < sizeof(input); i++)
		input[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(references) / sizeof(references[0]); i++)
		assert_true(hash_bytes(&key, input, references[i].length) == references[i].hash);
}

static unsigned ones(uint64_t word)
{
	unsigned count = 0;
	for (; word; word &= word - 1)
		count++;
	return count;
}

static unsigned difference(uint64_t left, uint64_t right)
{
	return ones(left ^ right);
}

static void the_same_gives_the_same(void **state)
{
	(void)state;
	char copies[2][41]; /* one of them not aligned */
	for (size_t length = 0; length < 40; length++) {
		memset(copies[0], 7, length);
		memset(copies[1] + 1, 7, length);
		assert_true(hash_bytes(&key, copies[0], length) == hash_bytes(&key, copies[1] + 1, length));
	}
	assert_true(hash_text(&key, TEXT("abc")) == hash_bytes(&key, "abc", 3));
}

/* Each bit of the key, of the input and of its length changes about half of the output. */
static void everything_counts(void **state)
{
	(void)state;
	uint8_t input[29];
	for (size_t i = 0; i < sizeof(input); i++)
		input[i] = (uint8_t)i;
	uint64_t plain = hash_bytes(&key, input, sizeof(input));
	for (unsigned bit = 0; bit < 128; bit++) {
		struct hash_key other = key;
		other.words[bit / 64] ^= UINT64_C(1) << bit % 64;
		unsigned changed = difference(plain, hash_bytes(&other, input, sizeof(input)));
		assert_true(changed > 11 && changed < 53);
	}
	for (unsigned bit = 0; bit < 8 * sizeof(input); bit++) {
		input[bit / 8] ^= (uint8_t)(1u << bit % 8);
		unsigned changed = difference(plain, hash_bytes(&key, input, sizeof(input)));
		assert_true(changed > 11 && changed < 53);
		input[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t length = 0; length < sizeof(input); length++)
		assert_true(difference(plain, hash_bytes(&key, input, length)) > 11);
}

/* Zeros that differ in number only. */
static void lengths_are_told_apart(void **state)
{
	(void)state;
	static const uint8_t zeros[64];
	for (size_t left = 0; left < sizeof(zeros); left++)
		for (size_t right = 0; right < left; right++)
			assert_true(hash_bytes(&key, zeros, left) != hash_bytes(&key, zeros, right));
}

static int compare(const void *left, const void *right)
{
	uint64_t first = *(const uint64_t *)left, second = *(const uint64_t *)right;
	return first < second ? -1 : first > second;
}

/* Nothing repeats itself over a hundred thousand inputs (expected: once in 2^31 tries). */
static void hashes_are_distinct(void **state)
{
	(void)state;
	enum { INPUTS = 100000 };
	static uint64_t hashes[INPUTS];
	for (uint32_t i = 0; i < INPUTS; i++)
		hashes[i] = hash_bytes(&key, &i, sizeof(i));
	qsort(hashes, INPUTS, sizeof(hashes[0]), compare);
	for (uint32_t i = 1; i < INPUTS; i++)
		assert_true(hashes[i] != hashes[i - 1]);
}

/* Buckets are chosen by low bits: neighbouring endpoints, as phones have them, spread over them. */
static void endpoints_spread(void **state)
{
	(void)state;
	enum { BUCKETS = 4096 };
	static unsigned counts[BUCKETS];
	struct endpoint_key endpoint_key = endpoint_key_make(&key);
	unsigned most = 0;
	for (uint32_t i = 0; i < BUCKETS; i++) {
		sipalg_endpoint endpoint = { .address = sipalg_address_from_ipv4(0x0a000000 + i / 64),
			                     .port = (uint16_t)(8000 + 2 * (i % 64)),
			                     .protocol = SIPALG_PROTOCOL_UDP };
		unsigned count = ++counts[endpoint_hash(&endpoint_key, &endpoint) % BUCKETS];
		most = count > most ? count : most;
	}
	assert_true(most <= 16);
}

static void every_bit_of_an_endpoint_counts(void **state)
{
	(void)state;
	sipalg_endpoint endpoint = { .address = sipalg_address_from_ipv4(0x0a000001), .port = 5060, .protocol = 17 };
	for (uint64_t i = 1; i < 20; i++) {
		struct hash_key secret = { { i, 3 } };
		struct endpoint_key endpoint_key = endpoint_key_make(&secret);
		uint64_t plain = endpoint_hash(&endpoint_key, &endpoint);
		for (unsigned bit = 0; bit < 8 * sizeof(endpoint); bit++) {
			sipalg_endpoint other = endpoint;
			((uint8_t *)&other)[bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_true(endpoint_hash(&endpoint_key, &other) != plain);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_siphash),
		cmocka_unit_test(the_same_gives_the_same),
		cmocka_unit_test(everything_counts),
		cmocka_unit_test(lengths_are_told_apart),
		cmocka_unit_test(hashes_are_distinct),
		cmocka_unit_test(endpoints_spread),
		cmocka_unit_test(every_bit_of_an_endpoint_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
