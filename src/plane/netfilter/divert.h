/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules that bring packets to the relay, in a table of their own, `inet sipalg_relay`: it outlives the other one
 * when the gateway is switched off, until the last connection has ended.
 *
 *     divert       what belongs to a transparent socket of this machine gets an address of this router as its
 *                  destination, so that it is routed here whatever it came for, and our sign. After destination NAT,
 *                  where answers from outside show the phone's address again, as the relay's own sockets have it.
 *                  What comes back by lo with our sign and opens a connection goes to the listening socket.
 *     delivering   what has our sign gets its destination back, before anybody looks at it.
 *     sending,     what we send to ourselves keeps its addresses: a user's `masquerade` that names no interface would
 *     leaving      give it one of lo's. Settled here, at the first priority, it is settled for all NAT chains.
 *
 * Rules of policy routing and a local route would deliver packets too, but with the first of either the kernel looks
 * up every packet's routes the slow way until it is started anew. */
#ifndef PLANE_NETFILTER_DIVERT_H
#define PLANE_NETFILTER_DIVERT_H

#include "plane/netfilter/netlink.h"
#include "plane/netfilter/ruleset.h"

enum {
	DIVERT_SIGN = 0x50605150, /* the priority (SO_PRIORITY) of what is for the relay */
};

struct divert {
	const struct ruleset_contents *contents; /* how to queue */
	sipalg_address home[FAMILY_COUNT];       /* of this router; none: the family has no relay */
	uint16_t port;                           /* where the relay listens */
};

/* Puts the table in force, or brings it up to date. Returns 0 or an errno value, and then nothing was changed. */
int divert_install(struct netlink *netlink, const struct divert *divert);

/* Whether this kernel could: 0 or an errno value. Nothing is changed. */
int divert_try(struct netlink *netlink, const struct ruleset_contents *contents);

bool divert_exists(struct netlink *netlink);

/* Removes it; 0 also when there was none. */
int divert_remove(struct netlink *netlink);

#endif
