/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sipalg/address.h"

#include "base/ipv4.h"
#include "base/text.h"

enum { GROUPS = 8, IPV4_PREFIX_BITS = 96 };

sipalg_address sipalg_address_from_ipv4(uint32_t host_order)
{
	return ipv4_address(host_order);
}

uint32_t sipalg_address_to_ipv4(const sipalg_address *address)
{
	const uint8_t *bytes = address->bytes;
	return (uint32_t)bytes[12] << 24 | (uint32_t)bytes[13] << 16 | (uint32_t)bytes[14] << 8 | bytes[15];
}

bool sipalg_prefix_contains(const sipalg_prefix *prefix, const sipalg_address *address)
{
	size_t whole = prefix->length / 8;
	unsigned rest = prefix->length % 8;
	if (prefix->length > 128 || memcmp(prefix->address.bytes, address->bytes, whole) != 0)
		return false;
	return rest == 0 || ((prefix->address.bytes[whole] ^ address->bytes[whole]) >> (8 - rest)) == 0;
}

/* ---- Reading ---- */

/* The groups of an IPv6 address as they are read. */
struct groups {
	uint16_t value[GROUPS];
	size_t count;
	size_t gap; /* index of the group before which "::" stands; GROUPS + 1: nowhere */
};

static bool hex_digit(char byte, uint32_t *digit)
{
	if (byte >= '0' && byte <= '9')
		*digit = (uint32_t)(byte - '0');
	else if ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f')
		*digit = (uint32_t)((byte | 0x20) - 'a' + 10);
	else
		return false;
	return true;
}

/* Reads one to four hexadecimal digits; returns how many, 0: none or too many. */
static size_t group_read(struct text text, uint16_t *group)
{
	uint32_t value = 0, digit;
	size_t length = 0;
	while (length < text.length && length < 5 && hex_digit(text.start[length], &digit)) {
		value = value << 4 | digit;
		length++;
	}
	if (length > 4)
		return 0;
	*group = (uint16_t)value;
	return length;
}

/* The last 32 bits may be written as an IPv4 address (RFC 4291 2.2 item 3). */
static bool groups_end_with_ipv4(struct text text, struct groups *groups)
{
	uint32_t ipv4 = 0;
	if (groups->count > GROUPS - 2 || !ipv4_read(text, &ipv4))
		return false;
	groups->value[groups->count++] = (uint16_t)(ipv4 >> 16);
	groups->value[groups->count++] = (uint16_t)ipv4;
	return true;
}

/* Takes ':' or '::' between groups. False: neither, a second '::', or a ':' at the end. */
static bool separator_read(struct text text, size_t *at, struct groups *groups)
{
	if (text.start[*at] != ':')
		return false;
	(*at)++;
	if (*at < text.length && text.start[*at] == ':') {
		if (groups->gap <= GROUPS)
			return false;
		groups->gap = groups->count;
		(*at)++;
		return true;
	}
	return *at < text.length && groups->count > 0;
}

static bool groups_read(struct text text, struct groups *groups)
{
	size_t at = 0;
	while (at < text.length) {
		if ((groups->count > 0 || text.start[0] == ':') && !separator_read(text, &at, groups))
			return false;
		if (at == text.length)
			return true;
		if (groups->count == GROUPS)
			return false;
		struct text rest = text_from(text, at);
		size_t length = group_read(rest, &groups->value[groups->count]);
		if (length == 0)
			return false;
		if (length < rest.length && rest.start[length] == '.')
			return groups_end_with_ipv4(rest, groups);
		groups->count++;
		at += length;
	}
	return true;
}

/* Spreads the groups read over the eight of an address; "::" stands for one group of zeros at least (RFC 5952 4.2.2
 * only forbids writing so). */
static bool groups_expand(const struct groups *groups, sipalg_address *address)
{
	bool has_gap = groups->gap <= GROUPS;
	if (has_gap ? groups->count >= GROUPS : groups->count != GROUPS)
		return false;
	memset(address, 0, sizeof(*address));
	for (size_t index = 0; index < groups->count; index++) {
		size_t place = has_gap && index >= groups->gap ? GROUPS - groups->count + index : index;
		address->bytes[2 * place] = (uint8_t)(groups->value[index] >> 8);
		address->bytes[2 * place + 1] = (uint8_t)groups->value[index];
	}
	return true;
}

/* An IPv6 address that is written IPv4-mapped is refused: held it would be an IPv4 address, and written back it would
 * change its family. */
static bool ipv6_read(struct text text, sipalg_address *address)
{
	struct groups groups = { .gap = GROUPS + 1 };
	sipalg_address read;
	if (!groups_read(text, &groups) || !groups_expand(&groups, &read) || sipalg_address_is_ipv4(&read))
		return false;
	*address = read;
	return true;
}

bool sipalg_address_read(const char *start, size_t length, sipalg_address *address)
{
	struct text text = { start, length };
	uint32_t ipv4 = 0;
	if (length == 0 || length >= SIPALG_ADDRESS_TEXT_MAX)
		return false;
	if (!ipv4_read(text, &ipv4))
		return ipv6_read(text, address);
	*address = ipv4_address(ipv4);
	return true;
}

bool sipalg_prefix_read(const char *start, size_t length, sipalg_prefix *prefix)
{
	struct text text = { start, length };
	size_t slash = text_find(text, '/');
	uint64_t bits = 128;
	sipalg_address address;
	if (!sipalg_address_read(start, slash, &address))
		return false;
	uint64_t skipped = sipalg_address_is_ipv4(&address) ? IPV4_PREFIX_BITS : 0;
	if (slash < length) {
		if (!text_read_number(text_from(text, slash + 1), 128 - skipped, &bits))
			return false;
		bits += skipped;
	}
	prefix->address = address;
	prefix->length = (uint8_t)bits;
	return true;
}

/* ---- Writing ---- */

static size_t byte_write(uint8_t byte, char *out)
{
	size_t length = 0;
	if (byte >= 100)
		out[length++] = (char)('0' + byte / 100);
	if (byte >= 10)
		out[length++] = (char)('0' + byte / 10 % 10);
	out[length++] = (char)('0' + byte % 10);
	return length;
}

static size_t ipv4_write(const uint8_t bytes[4], char *out)
{
	size_t length = 0;
	for (size_t part = 0; part < 4; part++) {
		if (part > 0)
			out[length++] = '.';
		length += byte_write(bytes[part], out + length);
	}
	return length;
}

static size_t group_write(uint16_t group, char *out)
{
	static const char digits[] = "0123456789abcdef";
	size_t length = 0;
	for (int shift = 12; shift >= 0; shift -= 4)
		if (length > 0 || shift == 0 || group >> shift != 0)
			out[length++] = digits[group >> shift & 15];
	return length;
}

static uint16_t group_at(const sipalg_address *address, size_t index)
{
	return (uint16_t)(address->bytes[2 * index] << 8 | address->bytes[2 * index + 1]);
}

/* The longest run of zero groups, the first of equals, at least two (RFC 5952 4.2); *length 0: none. */
static size_t zeros_find(const sipalg_address *address, size_t *length)
{
	size_t best = 0, run = 0;
	*length = 0;
	for (size_t index = 0; index < GROUPS; index++) {
		run = group_at(address, index) == 0 ? run + 1 : 0;
		if (run > 1 && run > *length) {
			*length = run;
			best = index + 1 - run;
		}
	}
	return best;
}

static size_t ipv6_write(const sipalg_address *address, char *out)
{
	size_t zeros, length = 0;
	size_t gap = zeros_find(address, &zeros);
	for (size_t index = 0; index < GROUPS;) {
		if (zeros > 0 && index == gap) {
			out[length++] = ':';
			index += zeros;
			if (index == GROUPS)
				out[length++] = ':';
			continue;
		}
		if (index > 0)
			out[length++] = ':';
		length += group_write(group_at(address, index++), out + length);
	}
	return length;
}

size_t sipalg_address_write(const sipalg_address *address, char out[SIPALG_ADDRESS_TEXT_MAX])
{
	size_t length =
	        sipalg_address_is_ipv4(address) ? ipv4_write(address->bytes + 12, out) : ipv6_write(address, out);
	out[length] = '\0';
	return length;
}
