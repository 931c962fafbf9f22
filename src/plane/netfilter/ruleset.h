/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our nftables table: what is in it, putting it there, taking it away. Always in one transaction.
 *
 *     map out        inside endpoint . our address -> outside endpoint
 *                                                                   source NAT of what a binding's host sends, by the
 *                                                                   address of the interface it leaves by
 *     map in_any     outside endpoint -> inside endpoint            destination NAT, whoever sends
 *     map in_peer    peer . outside endpoint -> inside endpoint     … only from this peer
 *     map in_server  outside endpoint -> inside endpoint            … only from trusted servers and from inside
 *
 * NAT chains see only a flow's first packet, and the first one that sets an address wins: at the first priority that
 * NAT chains may have, ours are before any masquerade or snat rule, whatever its priority. The filter chain comes after
 * the user's own filters, so that we see what they let pass. */
#ifndef PLANE_NETFILTER_RULESET_H
#define PLANE_NETFILTER_RULESET_H

#include "plane/netfilter/family.h"
#include "plane/netfilter/netlink.h"
#include "plane/netfilter/plane.h"

#define RULESET_NAME "sipalg"

enum {
	RULESET_PRIORITY_NAT = -199,      /* the kernel takes none below -199 (connection tracking is at -200) */
	RULESET_PRIORITY_ARRIVING = -101, /* behind the user's own mangling, before the kernel translates (-100) */
	RULESET_PRIORITY_FILTER = 200,
};

/* The maps that hold bindings. */
enum ruleset_map {
	RULESET_MAP_OUT,
	RULESET_MAP_IN_ANY,
	RULESET_MAP_IN_PEER,
	RULESET_MAP_IN_SERVER,
	RULESET_MAP_COUNT,
};

extern const char *const ruleset_map_names[RULESET_MAP_COUNT];

/* What the sets hold: the part of the table that differs from router to router. */
struct ruleset_contents {
	char wan[PLANE_LINKS_MAX][PLANE_LINK_NAME_MAX];
	sipalg_address wan_address[FAMILY_COUNT][PLANE_LINKS_MAX]; /* none: it has none of this family */
	size_t wan_count;
	sipalg_prefix inside[SIPALG_PREFIXES_MAX];
	size_t inside_count;
	sipalg_prefix servers[SIPALG_PREFIXES_MAX];
	size_t server_count;
	sipalg_address outside[PLANE_LINKS_MAX * FAMILY_COUNT];
	size_t outside_count;
	uint16_t ports[PLANE_PORTS_MAX];
	size_t port_count;
	uint16_t queue;
	bool native_queue;
	bool tcp;                  /* there is a relay, … */
	bool connectable;          /* … and a binding that somebody outside may connect to */
	bool let_in[FAMILY_COUNT]; /* a firewall is in the way of this family */
};

/* How this kernel can queue. */
enum ruleset_queue {
	RULESET_QUEUE_NONE = 0, /* not at all */
	RULESET_QUEUE_NATIVE,   /* nft's `queue` statement */
	RULESET_QUEUE_TARGET,   /* the xt target NFQUEUE */
};

/* Tries a rule without committing it; nothing of it is ever in force. `*error` is an errno value when the answer is
 * RULESET_QUEUE_NONE. */
enum ruleset_queue ruleset_try_queue(struct netlink *netlink, int *error);

bool ruleset_exists(struct netlink *netlink);

/* A number that goes up by one with every transaction of whomever. 0: the kernel does not tell. */
uint32_t ruleset_generation(struct netlink *netlink);

/* Puts the table in force. One that is there is brought up to date and keeps the elements of its maps. Returns 0 or an
 * errno value, and then nothing was changed. */
int ruleset_install(struct netlink *netlink, const struct ruleset_contents *contents);

/* Brings up to date what interfaces, addresses and networks decide. */
int ruleset_update(struct netlink *netlink, const struct ruleset_contents *contents);

/* Removes it; 0 also when there was none. */
int ruleset_remove(struct netlink *netlink);

/* ---- Elements of any set or map, for those who write transactions ---- */

/* Begins and ends a transaction. False: no room. */
SIPALG_MUST_USE
bool ruleset_begin(struct netlink_buffer *buffer, uint32_t *sequence);
SIPALG_MUST_USE
bool ruleset_end(struct netlink_buffer *buffer, uint32_t *sequence);

/* Begins a message that adds or deletes elements of one set; ruleset_elements_end() closes it. */
struct nlmsghdr *ruleset_elements_begin(struct netlink_buffer *buffer, size_t room, bool add, const char *set,
                                        uint32_t *sequence, struct nlattr **list);
void ruleset_elements_end(struct netlink_buffer *buffer, struct nlmsghdr *message, struct nlattr *list);

#endif
