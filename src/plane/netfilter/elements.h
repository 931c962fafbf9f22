/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bindings as elements of the table's maps. Changes are gathered in the order in which they were asked for and
 * committed together; what only closes can wait a little, so that many share one transaction. */
#ifndef PLANE_NETFILTER_ELEMENTS_H
#define PLANE_NETFILTER_ELEMENTS_H

#include "plane/netfilter/netlink.h"
#include "plane/netfilter/peers.h"
#include "plane/netfilter/ruleset.h"

enum {
	ELEMENTS_CHANGES_MAX = 2048, /* changes of one transaction */
	ELEMENTS_ROOM_MAX = 64,      /* … of one command at most; when fewer are left, commit first */
	ELEMENTS_GRACE_S = 10,       /* an element outlives its lease so long: refreshes and closings come first */
};

/* One element to be added or deleted. */
struct element_change {
	uint32_t binding;
	uint32_t lifetime_s;
	uint8_t map; /* enum ruleset_map */
	bool add;
	bool opening;    /* part of an OPEN: when it fails, the binding does not exist */
	uint8_t key[40]; /* of `out`: the inside endpoint, and our address or none at all */
	uint8_t data[20];
};

struct elements {
	struct element_change *changes;
	size_t count;
	size_t urgent; /* changes that do not wait: all but closings */
	struct netlink_buffer buffer;
	/* Inside networks whose hosts have outside addresses of their own, whichever WAN a packet leaves by. */
	sipalg_prefix own[SIPALG_PREFIXES_MAX];
	size_t own_count;
	uint32_t sequence;
	uint64_t commits;   /* transactions tried */
	uint64_t committed; /* … that are in force */
	uint64_t failed, changed;
};

SIPALG_MUST_USE
bool elements_open(struct elements *elements);
void elements_close(struct elements *elements);

bool elements_have_room(const struct elements *elements);

/* What the engine's commands mean for the maps. */
void elements_open_binding(struct elements *elements, const sipalg_command *command);
void elements_admit_peer(struct elements *elements, const sipalg_command *command);
void elements_dismiss_peer(struct elements *elements, const sipalg_command *command);
void elements_refresh_binding(struct elements *elements, const sipalg_command *command, const struct peers *peers);
void elements_close_binding(struct elements *elements, const sipalg_command *command, const struct peers *peers);

/* Forgets all changes: the table is gone. */
void elements_drop(struct elements *elements);

/* Commits everything gathered. When the kernel refuses the whole, each change is tried alone, and `refused` is told the
 * bindings that could not be opened. Returns 0, or an errno value when the table itself is missing. */
int elements_commit(struct elements *elements, struct netlink *netlink,
                    void (*refused)(void *context, uint32_t binding), void *context);

/* Reads all elements of a map: what a predecessor left. Returns 0 or an errno value. */
struct element_found {
	sipalg_address peer; /* only of in_peer */
	sipalg_endpoint key, value;
	uint32_t lifetime_s;
};
int elements_read(struct netlink *netlink, enum ruleset_map map,
                  void (*found)(void *context, const struct element_found *), void *context);

#endif
