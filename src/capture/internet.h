/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The header of an IP packet (RFC 791, RFC 8200) and its extensions. */
#ifndef CAPTURE_INTERNET_H
#define CAPTURE_INTERNET_H

#include "sipalg/address.h"

struct internet_packet {
	sipalg_address source, destination;
	uint8_t protocol; /* of what the packet holds, extension headers aside */
	uint8_t hop_limit;
	bool is_fragment;
	bool more_fragments;
	uint32_t identification; /* of a fragment */
	uint32_t fragment_at;    /* bytes */
	bool cut;                /* the capture holds less than the packet had */
	const uint8_t *start;
	size_t header_length; /* extension headers included */
	const uint8_t *payload;
	size_t payload_length;  /* what the capture holds of it */
	size_t payload_on_wire; /* what it was */
};

/* False: not IP, or not even its header is there. */
SIPALG_MUST_USE
bool internet_read(const uint8_t *bytes, size_t length, struct internet_packet *packet);

#endif
