/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 addresses as text, in one pass: most addresses of a message are read here. */
#ifndef BASE_IPV4_H
#define BASE_IPV4_H

#include "base/characters.h"
#include "sipalg/address.h"

/* The address in its IPv4-mapped form (RFC 4291 2.5.5.2). */
static inline sipalg_address ipv4_address(uint32_t host_order)
{
	return (sipalg_address){ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, (uint8_t)(host_order >> 24),
		                   (uint8_t)(host_order >> 16), (uint8_t)(host_order >> 8), (uint8_t)host_order } };
}

/* Takes a number of 0 to 255 without leading zeros. */
static inline bool ipv4_take_byte(struct text *rest, uint32_t *byte)
{
	if (rest->length == 0 || !character_is_digit(*rest->start))
		return false;
	uint32_t value = (uint32_t)(*rest->start - '0');
	text_skip(rest, 1);
	while (rest->length > 0 && character_is_digit(*rest->start)) {
		if (value == 0 || value > 25)
			return false;
		value = value * 10 + (uint32_t)(*rest->start - '0');
		text_skip(rest, 1);
	}
	*byte = value;
	return value <= 255;
}

/* Takes "192.0.2.1" off; what may follow it is the caller's concern. False: there is none, and *rest is anywhere.
 * `*address` is in host order. */
static inline bool ipv4_take(struct text *rest, uint32_t *address)
{
	uint32_t first = 0, second = 0, third = 0, fourth = 0;
	if (!ipv4_take_byte(rest, &first) || !text_take_byte(rest, '.') || !ipv4_take_byte(rest, &second) ||
	    !text_take_byte(rest, '.') || !ipv4_take_byte(rest, &third) || !text_take_byte(rest, '.') ||
	    !ipv4_take_byte(rest, &fourth))
		return false;
	*address = first << 24 | second << 16 | third << 8 | fourth;
	return true;
}

/* Reads the address that fills `text`. */
static inline bool ipv4_read(struct text text, uint32_t *address)
{
	return ipv4_take(&text, address) && text.length == 0;
}

#endif
