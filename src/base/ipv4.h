/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 addresses as text, in one pass: most addresses of a message are read here. */
#ifndef BASE_IPV4_H
#define BASE_IPV4_H

#include "base/cursor.h"
#include "sipalg/address.h"

/* The address in its IPv4-mapped form (RFC 4291 2.5.5.2), written as the two words in which addresses are compared: a
 * processor waits for a load that spans several stores. */
static inline sipalg_address ipv4_address(uint32_t host_order)
{
	const bool is_little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
	uint64_t mapped = UINT64_C(0xffff) << 32 | host_order;
	uint64_t words[2] = { 0, is_little ? __builtin_bswap64(mapped) : mapped };
	sipalg_address address;
	memcpy(address.bytes, words, sizeof(words));
	return address;
}

static inline bool ipv4_take_digit(struct cursor *cursor, uint32_t *value)
{
	if (cursor_is_end(*cursor) || !character_is_digit(*cursor->at))
		return false;
	*value = *value * 10 + (uint32_t)(*cursor->at++ - '0');
	return true;
}

/* Takes a number of 0 to 255 without leading zeros; written out, for there are twenty of them in an ordinary INVITE. */
static inline bool ipv4_take_byte(struct cursor *cursor, uint32_t *byte)
{
	*byte = 0;
	if (!ipv4_take_digit(cursor, byte))
		return false;
	if (*byte != 0 && ipv4_take_digit(cursor, byte))
		ipv4_take_digit(cursor, byte);
	return *byte <= 255;
}

/* Takes "192.0.2.1" off; what may follow it is the caller's concern. False: there is none, and the cursor may stand
 * anywhere. `*address` is in host order. */
SIPALG_INLINE bool ipv4_take(struct cursor *cursor, uint32_t *address)
{
	uint32_t first, second, third, fourth;
	*address = 0;
	if (!ipv4_take_byte(cursor, &first) || !cursor_take_byte(cursor, '.') || !ipv4_take_byte(cursor, &second) ||
	    !cursor_take_byte(cursor, '.') || !ipv4_take_byte(cursor, &third) || !cursor_take_byte(cursor, '.') ||
	    !ipv4_take_byte(cursor, &fourth))
		return false;
	*address = first << 24 | second << 16 | third << 8 | fourth;
	return true;
}

/* Reads the address that fills `text`, which is not empty. */
static inline bool ipv4_read(struct text text, uint32_t *address)
{
	struct cursor cursor = cursor_of(text);
	return ipv4_take(&cursor, address) && cursor_is_end(cursor);
}

#endif
