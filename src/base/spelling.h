/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the text of an IPv6 address was spelt: RFC 4291 2.2 leaves the case of letters, leading zeros, "::" and a dotted
 * tail to who writes. With the address itself, seven bytes say all of it, whatever the spelling. IPv4 addresses have
 * one. */
#ifndef BASE_SPELLING_H
#define BASE_SPELLING_H

#include "base/text.h"
#include "sipalg/address.h"

/* Seven bits for each of the eight groups: how many digits it has (0: it is in "::"; 5: a dotted tail begins), and
 * which of them are capital letters. All zero: as sipalg_address_write() spells it (RFC 5952). One word, for it is
 * passed on with every endpoint, and a processor waits for a load that spans several stores. */
struct spelling {
	uint64_t code;
};

/* The same where there are many. */
struct kept_spelling {
	uint8_t bytes[7];
};

static inline bool spelling_is_usual(struct spelling spelling)
{
	return spelling.code == 0;
}

static inline struct kept_spelling spelling_keep(struct spelling spelling)
{
	struct kept_spelling kept;
	for (size_t i = 0; i < sizeof(kept.bytes); i++)
		kept.bytes[i] = (uint8_t)(spelling.code >> i * 8);
	return kept;
}

static inline struct spelling spelling_of_kept(const struct kept_spelling *kept)
{
	struct spelling spelling = { 0 };
	for (size_t i = 0; i < sizeof(kept->bytes); i++)
		spelling.code |= (uint64_t)kept->bytes[i] << i * 8;
	return spelling;
}

/* False: no text is spelt so, and spelling_write() must not be asked for it. */
bool spelling_is_possible(struct spelling spelling);

/* The spelling of a text that sipalg_address_read() has read as `address`. */
struct spelling spelling_of(struct text text, const sipalg_address *address);

/* Writes the address as it was spelt, without a zero at the end; returns the length. */
size_t spelling_write(struct spelling spelling, const sipalg_address *address, char out[SIPALG_ADDRESS_TEXT_MAX]);

#endif
