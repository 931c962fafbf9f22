/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP in an IPv4 packet, whose bytes may be changed but not their number (RFC 9293 3.1). */
#ifndef MEDDLER_SEGMENT_H
#define MEDDLER_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct segment {
	size_t headers; /* bytes before the payload */
	size_t length;  /* of the payload */
	uint16_t source_port, destination_port;
};

/* False: no whole TCP segment over IPv4. */
bool segment_read(const uint8_t *packet, size_t length, struct segment *segment);

/* Writes the checksum of a packet whose payload has changed. */
void segment_seal(uint8_t *packet, size_t length);

#endif
