/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our nftables table: what is in it, putting it there, taking it away. Always in one transaction.
 *
 *     map out        inside endpoint -> outside endpoint            source NAT of what a binding's host sends
 *     map in_any     outside endpoint -> inside endpoint            destination NAT, whoever sends
 *     map in_peer    peer . outside endpoint -> inside endpoint     … only from this peer
 *     map in_server  outside endpoint -> inside endpoint            … only from trusted servers and from inside
 *
 * NAT chains see only a flow's first packet, and the first one that sets an address wins: at the first priority that
 * NAT chains may have, ours are before any masquerade or snat rule, whatever its priority. The filter chain comes after
 * the user's own filters, so that we see what they let pass. */
#ifndef PLANE_NETFILTER_TABLE_H
#define PLANE_NETFILTER_TABLE_H

#include "plane/netfilter/netlink.h"
#include "plane/netfilter/plane.h"

#define TABLE_NAME "sipalg"

enum {
	TABLE_PRIORITY_NAT = -199, /* the kernel takes none below -199 (connection tracking is at -200) */
	TABLE_PRIORITY_FILTER = 200,
};

/* The maps that hold bindings. */
enum table_map {
	TABLE_MAP_OUT,
	TABLE_MAP_IN_ANY,
	TABLE_MAP_IN_PEER,
	TABLE_MAP_IN_SERVER,
	TABLE_MAP_COUNT,
};

extern const char *const table_map_names[TABLE_MAP_COUNT];

/* What the sets hold: the part of the table that differs from router to router. */
struct table_contents {
	char wan[PLANE_LINKS_MAX][PLANE_LINK_NAME_MAX];
	size_t wan_count;
	sipalg_prefix inside[SIPALG_PREFIXES_MAX];
	size_t inside_count;
	sipalg_prefix servers[SIPALG_PREFIXES_MAX];
	size_t server_count;
	sipalg_address outside[PLANE_LINKS_MAX];
	size_t outside_count;
	uint16_t ports[PLANE_PORTS_MAX];
	size_t port_count;
	uint16_t queue;
	bool native_queue;
};

/* How this kernel can queue. */
enum table_queue {
	TABLE_QUEUE_NONE = 0, /* not at all */
	TABLE_QUEUE_NATIVE,   /* nft's `queue` statement */
	TABLE_QUEUE_TARGET,   /* the xt target NFQUEUE */
};

/* Tries a rule without committing it; nothing of it is ever in force. `*error` is an errno value when the answer is
 * TABLE_QUEUE_NONE. */
enum table_queue table_try_queue(struct netlink *netlink, int *error);

bool table_exists(struct netlink *netlink);

/* Puts the table in force. One that is there is brought up to date and keeps the elements of its maps. Returns 0 or an
 * errno value, and then nothing was changed. */
int table_install(struct netlink *netlink, const struct table_contents *contents);

/* Brings the sets up to date: interfaces, addresses and networks. */
int table_update(struct netlink *netlink, const struct table_contents *contents);

/* Removes it; 0 also when there was none. */
int table_uninstall(struct netlink *netlink);

/* ---- Elements of any set or map, for those who write transactions ---- */

/* Begins and ends a transaction. False: no room. */
SIPALG_MUST_USE
bool table_begin(struct netlink_buffer *buffer, uint32_t *sequence);
SIPALG_MUST_USE
bool table_end(struct netlink_buffer *buffer, uint32_t *sequence);

/* Begins a message that adds or deletes elements of one set; table_elements_end() closes it. */
struct nlmsghdr *table_elements_begin(struct netlink_buffer *buffer, size_t room, bool add, const char *set,
                                      uint32_t *sequence, struct nlattr **list);
void table_elements_end(struct netlink_buffer *buffer, struct nlmsghdr *message, struct nlattr *list);

#endif
