/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether what is sent to this router would get through its own routing. */
#ifndef PLANE_NETFILTER_REACH_H
#define PLANE_NETFILTER_REACH_H

#include "plane/netfilter/family.h"
#include "plane/netfilter/netlink.h"

/* A packet from `source` to `own`, one of our addresses, that comes in by interface `link`: does the kernel take it? It
 * does not where the way back is another one and rp_filter is 1. `routing` is a NETLINK_ROUTE socket. */
SIPALG_MUST_USE
bool reach_is_open(struct netlink *routing, const sipalg_address *source, const sipalg_address *own, uint32_t link);

#endif
