/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/networks.h"

enum { WORD_BITS = 16, WORDS = 8, SUBNET_WORD = 3, SUBNET_LENGTH_MAX = 48, NEUTRAL_LENGTH_MAX = 112 };

/* ---- Setting ---- */

static struct masked_prefix mask_prefix(const sipalg_prefix *prefix)
{
	struct masked_prefix masked;
	uint8_t mask[sizeof(prefix->address.bytes)];
	for (unsigned i = 0; i < sizeof(mask); i++) {
		unsigned left = prefix->length > i * 8 ? prefix->length - i * 8 : 0;
		mask[i] = (uint8_t)(left >= 8 ? 0xff : 0xff00 >> left);
	}
	memcpy(masked.words, prefix->address.bytes, sizeof(masked.words));
	memcpy(masked.masks, mask, sizeof(masked.masks));
	masked.words[0] &= masked.masks[0];
	masked.words[1] &= masked.masks[1];
	return masked;
}

bool prefixes_set(struct prefixes *prefixes, const sipalg_prefix *list, size_t count)
{
	if (count > SIPALG_PREFIXES_MAX)
		return false;
	for (size_t i = 0; i < count; i++)
		prefixes->list[i] = mask_prefix(&list[i]);
	prefixes->count = count;
	return true;
}

static uint16_t word_at(const uint8_t *bytes, unsigned index)
{
	return (uint16_t)(bytes[2 * index] << 8 | bytes[2 * index + 1]);
}

static uint16_t ones_sum(uint32_t left, uint32_t right)
{
	uint32_t sum = left + right;
	return (uint16_t)(sum + (sum >> WORD_BITS));
}

static uint16_t prefix_sum(const struct masked_prefix *prefix)
{
	uint8_t bytes[sizeof(prefix->words)];
	uint16_t sum = 0;
	memcpy(bytes, prefix->words, sizeof(bytes));
	for (unsigned i = 0; i < WORDS; i++)
		sum = ones_sum(sum, word_at(bytes, i));
	return sum;
}

static bool has_prefix(const sipalg_network *network)
{
	return network->translation == SIPALG_TRANSLATION_PREFIX ||
	       network->translation == SIPALG_TRANSLATION_PREFIX_NEUTRAL;
}

static bool can_be(const sipalg_network *network)
{
	if (!has_prefix(network))
		return true;
	bool is_ipv4 = sipalg_address_is_ipv4(&network->inside.address);
	if (network->inside.length != network->outside.length ||
	    is_ipv4 != sipalg_address_is_ipv4(&network->outside.address))
		return false;
	return network->translation == SIPALG_TRANSLATION_PREFIX ||
	       (!is_ipv4 && network->inside.length <= NEUTRAL_LENGTH_MAX);
}

static struct network make(const sipalg_network *given)
{
	struct network network = { .inside = mask_prefix(&given->inside),
		                   .length = given->inside.length,
		                   .is_ipv6 = !sipalg_address_is_ipv4(&given->inside.address),
		                   .translation = (uint8_t)given->translation };
	if (!has_prefix(given))
		return network;
	network.outside = mask_prefix(&given->outside);
	network.adjustment = ones_sum(prefix_sum(&network.inside), (uint16_t)~prefix_sum(&network.outside));
	return network;
}

bool networks_set(struct networks *networks, const sipalg_network *list, size_t count)
{
	if (count > SIPALG_PREFIXES_MAX)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!can_be(&list[i]))
			return false;
	networks->has_routed = networks->has_prefix = false;
	for (networks->count = 0; networks->count < count; networks->count++) {
		const sipalg_network *given = &list[networks->count];
		size_t at = networks->count;
		for (; at > 0 && networks->list[at - 1].length < given->inside.length; at--)
			networks->list[at] = networks->list[at - 1];
		networks->list[at] = make(given);
		networks->has_routed |= given->translation == SIPALG_TRANSLATION_NONE;
		networks->has_prefix |= has_prefix(given);
	}
	return true;
}

/* ---- Looking up ---- */

bool address_is_forwarded(const sipalg_address *address)
{
	static const uint8_t loopback[16] = { [15] = 1 };
	const uint8_t *bytes = address->bytes;
	bool is_link_local = bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
	return !is_link_local && bytes[0] != 0xff && !sipalg_address_is_none(address) &&
	       memcmp(bytes, loopback, sizeof(loopback)) != 0;
}

static bool is_local_ipv4(uint32_t address)
{
	return address >> 24 == 10 || address >> 20 == 0xac1 || address >> 16 == 0xc0a8 || address >> 16 == 0xa9fe ||
	       address >> 22 == 0x64400000 >> 22 || address >> 24 == 127;
}

bool address_is_local(const sipalg_address *address)
{
	if (sipalg_address_is_ipv4(address))
		return is_local_ipv4(sipalg_address_to_ipv4(address));
	return (address->bytes[0] & 0xfe) == 0xfc;
}

bool networks_have_outside(const struct networks *networks, const sipalg_address *address)
{
	uint64_t words[2];
	memcpy(words, address->bytes, sizeof(words));
	for (size_t i = 0; networks->has_prefix && i < networks->count; i++) {
		const struct network *network = &networks->list[i];
		if ((network->translation == SIPALG_TRANSLATION_PREFIX ||
		     network->translation == SIPALG_TRANSLATION_PREFIX_NEUTRAL) &&
		    prefix_contains(&network->outside, words))
			return true;
	}
	return false;
}

/* ---- Translating ---- */

/* Which word takes the adjustment up: the subnet's, else the first of the interface identifier's that can (RFC 6296
 * 3.4, 3.5). WORDS: none. */
static unsigned find_word(const struct network *network, const uint8_t *bytes)
{
	if (network->length <= SUBNET_LENGTH_MAX)
		return word_at(bytes, SUBNET_WORD) != 0xffff ? SUBNET_WORD : WORDS;
	unsigned word = (network->length + WORD_BITS - 1u) / WORD_BITS;
	if (word <= SUBNET_WORD)
		word = SUBNET_WORD + 1;
	while (word < WORDS && word_at(bytes, word) == 0xffff)
		word++;
	return word;
}

/* RFC 6296 3.1: one's complement, and never the other zero. */
static bool adjust(const struct network *network, uint8_t *bytes)
{
	unsigned word = find_word(network, bytes);
	if (word == WORDS)
		return false;
	uint16_t sum = ones_sum(word_at(bytes, word), network->adjustment);
	if (sum == 0xffff)
		sum = 0;
	bytes[2 * word] = (uint8_t)(sum >> 8);
	bytes[2 * word + 1] = (uint8_t)sum;
	return true;
}

static bool translate(const struct network *network, const sipalg_address *inside, sipalg_address *outside)
{
	uint64_t words[2];
	sipalg_address translated;
	memcpy(words, inside->bytes, sizeof(words));
	for (unsigned i = 0; i < 2; i++)
		words[i] = (words[i] & ~network->outside.masks[i]) | network->outside.words[i];
	memcpy(translated.bytes, words, sizeof(words));
	if (network->translation == SIPALG_TRANSLATION_PREFIX_NEUTRAL && !adjust(network, translated.bytes))
		return false;
	*outside = translated;
	return true;
}

bool network_find_own_outside(const struct network *network, const sipalg_address *inside, sipalg_address *outside)
{
	*outside = *inside;
	return network->translation == SIPALG_TRANSLATION_NONE || translate(network, inside, outside);
}
