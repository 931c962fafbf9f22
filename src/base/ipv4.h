/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 addresses as text, in one pass: most addresses of a message are read here. */
#ifndef BASE_IPV4_H
#define BASE_IPV4_H

#include "base/text.h"

/* Reads one number of 0 to 255 without leading zeros; returns how many digits it has, 0: none. */
static inline size_t ipv4_read_byte(struct text text, uint32_t *byte)
{
	uint32_t value = 0;
	size_t length = 0;
	while (length < text.length && length < 4) {
		uint32_t digit = (uint32_t)(uint8_t)text.start[length] - '0';
		if (digit > 9)
			break;
		value = value * 10 + digit;
		length++;
	}
	if (length > 3 || value > 255 || (length > 1 && text.start[0] == '0'))
		return 0;
	*byte = value;
	return length;
}

/* Reads "192.0.2.1" at the front; returns its length, 0: there is none. `*address` is in host order. What may follow is
 * the caller's concern. */
static inline size_t ipv4_read(struct text text, uint32_t *address)
{
	uint32_t value = 0;
	size_t at = 0;
	for (int part = 0; part < 4; part++) {
		uint32_t byte = 0;
		if (part > 0 && (at >= text.length || text.start[at++] != '.'))
			return 0;
		size_t digits = ipv4_read_byte(text_from(text, at), &byte);
		if (digits == 0)
			return 0;
		at += digits;
		value = value << 8 | byte;
	}
	*address = value;
	return at;
}

#endif
