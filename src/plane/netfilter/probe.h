/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user's own rules mean for the gateway. Only looks. */
#ifndef PLANE_NETFILTER_PROBE_H
#define PLANE_NETFILTER_PROBE_H

#include "plane/netfilter/listing.h"
#include "plane/netfilter/ruleset.h"

/* Tells `say` one line for each rule that would undo the gateway's work, and what to do about it. */
void probe_rules(const struct listing *listing, const struct ruleset_contents *contents,
                 void (*say)(void *context, const char *line), void *context);

/* Whether some forward chain may drop a flow of this family that begins outside and belongs to a binding. In doubt it
 * does. */
bool probe_firewall(const struct listing *listing, enum family family);

#endif
