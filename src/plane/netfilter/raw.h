/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sending whole IP packets as they are: copies of packets that were taken out of their way. */
#ifndef PLANE_NETFILTER_RAW_H
#define PLANE_NETFILTER_RAW_H

#include "sipalg/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct raw {
	int ipv4, ipv6; /* sockets; -1: this kernel does not have the family */
};

/* What is sent gets this mark and leaves by this interface (NULL: whichever the route says). Returns 0 or an errno
 * value; CAP_NET_RAW is needed. */
int raw_open(struct raw *raw, uint32_t mark, const char *interface);
void raw_close(struct raw *raw);

/* Sends a packet, IPv4 or IPv6, to the destination in its header. False: it was not sent. */
SIPALG_MUST_USE
bool raw_send(const struct raw *raw, const uint8_t *bytes, size_t length);

#endif
