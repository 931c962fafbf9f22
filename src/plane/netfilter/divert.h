/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules that bring packets to the relay, in a table of their own, `inet sipalg_relay`: it outlives the other one
 * when the gateway is switched off, until the last connection has ended.
 *
 *     divert       what comes back by lo with our mark and opens a connection goes to the listening socket; whatever
 *                  belongs to a transparent socket of this machine gets the mark. After destination NAT, where answers
 *                  from outside show the phone's address again, as the relay's own sockets have it.
 *     sending,     what we send to ourselves keeps its addresses: a user's `masquerade` that names no interface would
 *     leaving      give it one of lo's. Settled here, at the first priority, it is settled for all NAT chains. */
#ifndef PLANE_NETFILTER_DIVERT_H
#define PLANE_NETFILTER_DIVERT_H

#include "plane/netfilter/netlink.h"

/* Puts the table in force, or brings it up to date: connections with `mark` go to the relay at `port`. Returns 0 or an
 * errno value, and then nothing was changed. */
int divert_install(struct netlink *netlink, uint32_t mark, uint16_t port);

/* Whether this kernel could: 0 or an errno value. Nothing is changed. */
int divert_try(struct netlink *netlink);

bool divert_exists(struct netlink *netlink);

/* Removes it; 0 also when there was none. */
int divert_remove(struct netlink *netlink);

#endif
