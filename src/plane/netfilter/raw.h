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

/* What is sent has this priority, by which rules may know it. Returns 0 or an errno value; CAP_NET_RAW and
 * CAP_NET_ADMIN are needed. */
int raw_open(struct raw *raw, int priority);
void raw_close(struct raw *raw);

/* Sends a packet, IPv4 or IPv6, to the destination in its header; or to this machine itself, by OUTPUT and lo, whatever
 * its destination. False: it was not sent. */
SIPALG_MUST_USE
bool raw_send(const struct raw *raw, const uint8_t *bytes, size_t length);
SIPALG_MUST_USE
bool raw_deliver(const struct raw *raw, const uint8_t *bytes, size_t length);

#endif
