/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands before the IP packet in a frame, by the capture's link type: Ethernet with any VLAN tags and PPPoE, Linux
 * "any" (both versions), raw IP, loopback, PPP. */
#ifndef CAPTURE_LINK_H
#define CAPTURE_LINK_H

#include "sipalg/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct link {
	size_t offset;       /* where the IP packet begins */
	size_t pppoe_length; /* where PPPoE's length stands; 0: there is none */
	uint32_t interface;  /* Linux "any", version 2: its index; else 0 */
};

/* A type as libpcap numbers it (DLT_…). */
bool link_is_supported(int type);

/* False: the frame holds no IP packet. */
SIPALG_MUST_USE
bool link_read(int type, const uint8_t *frame, size_t length, struct link *link);

#endif
