/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Advice at start: rules of the user's own that would undo the gateway's work. Only reads. */
#ifndef PLANE_NETFILTER_PROBE_H
#define PLANE_NETFILTER_PROBE_H

#include "plane/netfilter/netlink.h"
#include "plane/netfilter/ruleset.h"

/* Tells `say` one line for each rule to add or to remove. */
void probe_rules(struct netlink *netlink, const struct ruleset_contents *contents,
                 void (*say)(void *context, const char *line), void *context);

/* Whether some forward chain may drop a flow that begins outside although its destination was translated. In doubt it
 * does. */
bool probe_firewall(struct netlink *netlink);

#endif
