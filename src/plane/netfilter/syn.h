/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading the packet that opens a TCP connection (RFC 9293 3.1). */
#ifndef PLANE_NETFILTER_SYN_H
#define PLANE_NETFILTER_SYN_H

#include "sipalg/address.h"
#include "sipalg/attributes.h"

struct syn {
	sipalg_endpoint source, destination;
	uint32_t sequence; /* a retransmission has the same */
};

/* False: it is not a whole IPv4 or IPv6 packet with a TCP header right behind its own, or opens nothing. */
SIPALG_MUST_USE
bool syn_read(const uint8_t *bytes, size_t length, struct syn *syn);

#endif
