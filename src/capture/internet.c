/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/internet.h"

#include "capture/bytes.h"

#include <netinet/in.h>

enum {
	IPV4_HEADER = 20,
	IPV6_HEADER = 40,
	FRAGMENT_HEADER = 8,
	FRAGMENT_MORE = 0x2000,
	FRAGMENT_OFFSET = 0x1fff,
	FRAGMENT_UNIT = 8,  /* bytes */
	EXTENSIONS_MAX = 8, /* a sender has no use for more */
};

/* `total` is what the packet says of itself; 0 when its maker left that to the network card. */
static bool take_payload(struct internet_packet *packet, size_t length, size_t total)
{
	if (total == 0)
		total = length;
	if (packet->header_length > length || packet->header_length > total)
		return false;
	packet->cut = total > length;
	packet->payload = packet->start + packet->header_length;
	packet->payload_on_wire = total - packet->header_length;
	packet->payload_length = (packet->cut ? length : total) - packet->header_length;
	return true;
}

static bool ipv4_header_read(const uint8_t *bytes, size_t length, struct internet_packet *packet)
{
	if (length < IPV4_HEADER)
		return false;
	uint16_t fragment = bytes_read16(bytes + 6);
	packet->header_length = (bytes[0] & 0x0fU) * 4U;
	packet->identification = bytes_read16(bytes + 4);
	packet->more_fragments = (fragment & FRAGMENT_MORE) != 0;
	packet->fragment_at = (fragment & FRAGMENT_OFFSET) * (uint32_t)FRAGMENT_UNIT;
	packet->is_fragment = packet->more_fragments || packet->fragment_at != 0;
	packet->hop_limit = bytes[8];
	packet->protocol = bytes[9];
	packet->source = sipalg_address_from_ipv4(bytes_read32(bytes + 12));
	packet->destination = sipalg_address_from_ipv4(bytes_read32(bytes + 16));
	return packet->header_length >= IPV4_HEADER && take_payload(packet, length, bytes_read16(bytes + 2));
}

static void fragment_header_read(const uint8_t *header, struct internet_packet *packet)
{
	uint16_t fragment = bytes_read16(header + 2);
	packet->fragment_at = fragment & 0xfff8U;
	packet->more_fragments = (fragment & 1) != 0;
	packet->is_fragment = packet->more_fragments || packet->fragment_at != 0;
	packet->identification = bytes_read32(header + 4);
}

/* How long an extension header is; 0: the protocol is none. */
static size_t extension_length(uint8_t protocol, const uint8_t *header)
{
	switch (protocol) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_DSTOPTS:
		return (header[1] + 1U) * 8U;
	case IPPROTO_AH:
		return (header[1] + 2U) * 4U; /* RFC 4302 2.2 */
	case IPPROTO_FRAGMENT:
		return FRAGMENT_HEADER;
	default:
		return 0;
	}
}

static bool ipv6_header_read(const uint8_t *bytes, size_t length, struct internet_packet *packet)
{
	if (length < IPV6_HEADER)
		return false;
	size_t at = IPV6_HEADER, announced = bytes_read16(bytes + 4);
	uint8_t protocol = bytes[6];
	for (int extensions = 0; extensions < EXTENSIONS_MAX && at + 8 <= length; extensions++) {
		size_t extension = extension_length(protocol, bytes + at);
		if (extension == 0)
			break;
		if (protocol == IPPROTO_FRAGMENT)
			fragment_header_read(bytes + at, packet);
		protocol = bytes[at];
		at += extension;
		if (packet->fragment_at != 0)
			break; /* what follows is not the beginning of a header */
	}
	packet->header_length = at;
	packet->hop_limit = bytes[7];
	packet->protocol = protocol;
	memcpy(packet->source.bytes, bytes + 8, sizeof packet->source.bytes);
	memcpy(packet->destination.bytes, bytes + 24, sizeof packet->destination.bytes);
	return take_payload(packet, length, announced == 0 ? 0 : announced + IPV6_HEADER);
}

bool internet_read(const uint8_t *bytes, size_t length, struct internet_packet *packet)
{
	if (length == 0)
		return false;
	*packet = (struct internet_packet){ .start = bytes };
	if (bytes[0] >> 4 == 4)
		return ipv4_header_read(bytes, length, packet);
	return bytes[0] >> 4 == 6 && ipv6_header_read(bytes, length, packet);
}
