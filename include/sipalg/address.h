/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses as the gateway handles them: an IPv4 address is held in its IPv4-mapped form (RFC 4291 2.5.5.2), so that
 * both families compare, hash and copy alike. */
#ifndef SIPALG_ADDRESS_H
#define SIPALG_ADDRESS_H

#include "sipalg/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* 16 bytes in network order; all zero means "no address". */
typedef struct sipalg_address {
	uint8_t bytes[16];
} sipalg_address;

enum sipalg_protocol {
	SIPALG_PROTOCOL_NONE = 0,
	SIPALG_PROTOCOL_TCP = 6, /* IANA protocol numbers */
	SIPALG_PROTOCOL_UDP = 17,
};

/* A transport address: `port` in host order, `protocol` one of enum sipalg_protocol. */
typedef struct sipalg_endpoint {
	sipalg_address address;
	uint16_t port;
	uint8_t protocol;
	uint8_t unused; /* always zero: endpoints are hashed as bytes */
} sipalg_endpoint;

/* A network: the first `length` bits of `address`; for IPv4 the length counts the 96 mapped bits too (96 to 128). */
typedef struct sipalg_prefix {
	sipalg_address address;
	uint8_t length;
} sipalg_prefix;

/* The longest text of an address, with its terminating zero ("ffff:…", RFC 4291 2.2). */
enum { SIPALG_ADDRESS_TEXT_MAX = 46 };

/* The IPv4 address given in host order (192.0.2.1 is 0xc0000201). */
sipalg_address sipalg_address_from_ipv4(uint32_t host_order);

/* The IPv4 address in host order; meaningful only when sipalg_address_is_ipv4(). */
uint32_t sipalg_address_to_ipv4(const sipalg_address *address);

static inline bool sipalg_address_is_ipv4(const sipalg_address *address)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	return memcmp(address->bytes, mapped, sizeof(mapped)) == 0;
}

static inline bool sipalg_address_is_none(const sipalg_address *address)
{
	static const uint8_t none[16];
	return memcmp(address->bytes, none, sizeof(none)) == 0;
}

static inline bool sipalg_address_equal(const sipalg_address *left, const sipalg_address *right)
{
	return memcmp(left->bytes, right->bytes, sizeof(left->bytes)) == 0;
}

static inline bool sipalg_endpoint_equal(const sipalg_endpoint *left, const sipalg_endpoint *right)
{
	return left->port == right->port && left->protocol == right->protocol &&
	       sipalg_address_equal(&left->address, &right->address);
}

bool sipalg_prefix_contains(const sipalg_prefix *prefix, const sipalg_address *address);

/* Reads "192.0.2.1" or "2001:db8::1" (no brackets) of exactly `length` bytes. Strict: no leading zeros in IPv4, no
 * blanks, no zone; an IPv6 address written IPv4-mapped is refused, for it would be written back as IPv4.
 * False: not an address, `*address` unchanged. */
SIPALG_MUST_USE
bool sipalg_address_read(const char *start, size_t length, sipalg_address *address);

/* Reads "192.0.2.0/24", "2001:db8::/32" or a bare address (a prefix of one). False: none of these. */
SIPALG_MUST_USE
bool sipalg_prefix_read(const char *start, size_t length, sipalg_prefix *prefix);

/* Writes the address (without brackets) and a zero; returns the length without it. */
size_t sipalg_address_write(const sipalg_address *address, char out[SIPALG_ADDRESS_TEXT_MAX]);

#endif
