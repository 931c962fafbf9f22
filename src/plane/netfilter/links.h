/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interfaces and addresses: which networks are inside, and which address stands for them outside. Followed as they
 * change. */
#ifndef PLANE_NETFILTER_LINKS_H
#define PLANE_NETFILTER_LINKS_H

#include "plane/netfilter/family.h"
#include "plane/netfilter/netlink.h"
#include "plane/netfilter/plane.h"

/* An interface towards the outside. One that is down has no addresses. */
struct links_wan {
	char name[PLANE_LINK_NAME_MAX];
	uint32_t index;                       /* 0: it is not there now */
	sipalg_address outside[FAMILY_COUNT]; /* none: it has no address of this family */
};

/* What is so at present. */
struct links_state {
	struct links_wan wan[PLANE_LINKS_MAX];
	size_t wan_count;
	char lan[PLANE_LINKS_MAX][PLANE_LINK_NAME_MAX]; /* those that are there and have an address */
	size_t lan_count;
	sipalg_prefix inside[SIPALG_PREFIXES_MAX];
	size_t inside_count;
	sipalg_address router[SIPALG_PREFIXES_MAX]; /* the router's own in these networks */
	size_t router_count;
	bool truncated; /* there are more LAN interfaces or networks than there is room for */
};

/* Where a default route leads. */
struct links_default {
	char name[PLANE_LINK_NAME_MAX];
	bool was_inside; /* before it led there, and will be again */
};

struct links {
	struct netlink asking, hearing;
	const struct plane_settings *settings;
	struct links_default defaults[FAMILY_COUNT];        /* where the default routes led last, … */
	char formers[PLANE_LINKS_MAX][PLANE_LINK_NAME_MAX]; /* … and before, while these are up: calls go on there */
	size_t former_count;
};

/* `settings` must outlive it. */
SIPALG_MUST_USE
bool links_open(struct links *links, const struct plane_settings *settings);
void links_close(struct links *links);

/* Looks at everything; `state` holds what was seen last. Returns 0 or an errno value. */
int links_look(struct links *links, struct links_state *state);

/* Takes the interface with this address for a WAN as long as it is up, as it was for a predecessor of this process.
 * False: there is none outside, or those that are WANs were told. */
SIPALG_MUST_USE
bool links_adopt(struct links *links, const struct links_state *state, const sipalg_address *outside);

/* Readable when something may have changed; links_heard() takes the news and says whether it matters. */
int links_descriptor(const struct links *links);
bool links_heard(struct links *links);

bool links_state_equal(const struct links_state *left, const struct links_state *right);

/* The WAN interface with this index; NULL: it is none. */
const struct links_wan *links_find_wan(const struct links_state *state, uint32_t index);

/* RFC 1918, RFC 6598 and RFC 4193: addresses that nobody can reach from outside. */
bool address_is_private(const sipalg_address *address);

#endif
