/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Policy routing for what the relay takes part in: packets with our mark are delivered to this machine, whatever their
 * destination. For each family a table with one route, `local default dev lo`, and four rules in this order:
 *
 *     fwmark M oif lo lookup T    what we send to ourselves (a raw socket bound to lo)
 *     fwmark M iif lo goto end    else, where a packet would be sent: as without the mark. Reverse-path look-ups are of
 *                                 this kind, and with src_valid_mark (wg-quick sets it) they carry the packet's mark
 *     fwmark M lookup T           what arrives for a socket of ours
 *     end: nop
 *
 * They are told from other people's by their protocol number. */
#ifndef PLANE_NETFILTER_ROUTES_H
#define PLANE_NETFILTER_ROUTES_H

#include "plane/netfilter/netlink.h"
#include "sipalg/attributes.h"

enum {
	ROUTES_PROTOCOL = 150, /* rtm_protocol; nobody's in iproute2's rt_protos */
	ROUTES_TABLE_FIRST = 5060,
	ROUTES_RULES = 4, /* of one family, with priorities one after the other */
};

struct routes {
	struct netlink netlink;
	uint32_t mark; /* one bit */
	uint32_t table;
	uint32_t priority; /* of the first rule */
	bool ipv6;         /* this router has it */
};

/* Removes what a predecessor left and chooses mark (0: any), table and priorities that no other rule uses. Nothing is
 * in force yet. Returns 0 or an errno value; EBUSY: there is none free. */
int routes_open(struct routes *routes, uint32_t mark);
void routes_close(struct routes *routes);

/* Puts in force what is missing, and says how many rules and routes that were. Returns 0 or an errno value. */
int routes_install(struct routes *routes, size_t *added);

/* Removes every rule and route of ours. */
void routes_remove(struct routes *routes);

#endif
