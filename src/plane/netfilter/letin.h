/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Letting in: where the user's firewall may drop what comes from outside, the first packet of a new flow to a binding
 * that admits it is queued before anything is translated. The flow is entered into connection tracking as one that
 * has been answered, and a copy of the packet is sent from here in its place, by way of OUTPUT, where the entry
 * translates it as it will translate all that follow. Those are `established`, which every firewall accepts, and do not
 * come by here. So the hole is this flow's, no rule of the user's is touched, and not even the first packet is lost. */
#ifndef PLANE_NETFILTER_LETIN_H
#define PLANE_NETFILTER_LETIN_H

#include "plane/netfilter/family.h"
#include "plane/netfilter/packet.h"

enum {
	LETIN_SECOND_MAX = 2000, /* flows let in during a second */
	LETIN_WINDOW_S = 60,     /* … and during this time … */
	LETIN_BINDING_MAX = 32,  /* … of one binding: ICE tries each pair of candidates (RFC 8445 6.1.2.5) … */
	LETIN_SHARE = 4,         /* … of all, as a part of what connection tracking has room for */
	LETIN_PLACES = 4096,     /* a power of two; bindings that fall on one place share what it is granted */
};

/* How many flows have been let in of late: whoever guesses the port of a call that is up cannot fill connection
 * tracking through it. */
struct letin {
	int sockets[FAMILY_COUNT]; /* -1: this kernel does not have the family */
	uint32_t window_max;
	uint32_t window_count, second_count;
	uint64_t window_ns, second_ns; /* their ends */
	uint8_t counts[LETIN_PLACES];
	uint8_t copy[PACKET_HEADERS_MAX + PACKET_LENGTH_MAX];
};

/* False: errno says why. CAP_NET_RAW is needed for this, and for nothing later. */
SIPALG_MUST_USE
bool letin_open(struct letin *letin);
void letin_close(struct letin *letin);

/* Whether one more flow may be let in for a binding now; it counts as let in then. */
SIPALG_MUST_USE
bool letin_may(struct letin *letin, uint64_t now_ns, uint32_t binding);

/* Sends the datagram once more, with this message, as if it came from whom it came from; in fragments where it has to
 * be. False: the kernel would not. */
SIPALG_MUST_USE
bool letin_send(struct letin *letin, const struct packet *packet, const uint8_t *message, size_t length);

#endif
