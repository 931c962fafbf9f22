/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IP and UDP headers round a message (RFC 791, RFC 8200, RFC 768). */
#ifndef PLANE_NETFILTER_PACKET_H
#define PLANE_NETFILTER_PACKET_H

#include "sipalg/address.h"
#include "sipalg/attributes.h"

enum {
	PACKET_HEADERS_MAX = 264, /* 60 bytes of IPv4 with options, or so much of IPv6 with extensions; 8 of UDP */
	PACKET_LENGTH_MAX = 65535,
	PACKET_QUEUED_MAX = PACKET_LENGTH_MAX - 4, /* a netlink attribute's length counts its header */
};

/* A UDP datagram in one piece; everything points into the packet. */
struct packet {
	const uint8_t *start;
	size_t headers; /* bytes before the message */
	const uint8_t *message;
	size_t message_length;
	sipalg_endpoint source, destination;
};

/* False: not a whole packet with a whole UDP datagram and nothing behind it. (Fragments have been put together by
 * connection tracking before anybody meets them.) */
SIPALG_MUST_USE
bool packet_read(const uint8_t *bytes, size_t length, struct packet *packet);

/* Whether the packet with a message of so many bytes is one that IP and a verdict can carry. */
bool packet_can_hold(const struct packet *packet, size_t message_length);

/* Whether the packet with a message of so many bytes may be too long for a link, and the kernel would say so to the
 * sender, whom it does not help: what he sent was short enough. (An IPv4 packet is then given leave to fragment.) */
bool packet_outgrows(const struct packet *packet, size_t message_length);

/* Writes the packet with another message: lengths, checksums and, where an IPv4 one has grown, leave to fragment. `out`
 * has room for PACKET_HEADERS_MAX + `length` bytes. Returns how many were written. */
size_t packet_write(const struct packet *packet, const uint8_t *message, size_t length, uint8_t *out);

#endif
