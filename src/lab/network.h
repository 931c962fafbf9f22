/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The network of one scenario:
 *
 *      LAN namespace              router namespace               WAN namespace
 *     192.168.1.2, .3 … eth0 ═══ lan0 192.168.1.1
 *                                     203.0.113.1 wan0 ═══ eth0 203.0.113.2, .9 …
 *
 * Namespaces are held by file descriptors alone: they are gone when this process is. */
#ifndef LAB_NETWORK_H
#define LAB_NETWORK_H

#include "lab/world.h"

enum { NETWORK_HOSTS_MAX = 128 };

struct network {
	int lan, wan, gateway;                    /* namespaces */
	const char *outside;                      /* the router's address */
	const char *rules;                        /* its own, for nft */
	sipalg_endpoint hosts[NETWORK_HOSTS_MAX]; /* whose addresses the LAN or WAN has */
	size_t host_count;
};

/* Builds it, with the router's own rules. NULL: done; else what went wrong. */
const char *network_build(struct store *store, const struct scenario *scenario, enum router router,
                          struct network *network);

/* What happens to the router while it runs: `words` are those of the scenario's line. */
const char *network_event(struct store *store, struct network *network, const struct words *words);

/* Runs `ip` with these lines, or loads these rules, in one of the namespaces. */
const char *network_ip(struct store *store, int namespace, const char *lines);
const char *network_nft(struct store *store, int namespace, const char *rules);

/* Makes the link between router and WAN, which was not there or is gone. */
const char *network_wan_make(struct store *store, const struct network *network);

/* The LAN or WAN gets the host's address. */
const char *network_host_add(struct store *store, const struct network *network, const sipalg_endpoint *host);

/* A UDP socket bound to the address, which the LAN or WAN gets if it has it not yet. -1: *error says why. */
int network_socket(struct store *store, struct network *network, sipalg_endpoint endpoint, const char **error);

/* A packet socket that sees what comes into the LAN. -1: it cannot be had. */
int network_watch(const struct network *network);

/* All rules of the router as nft prints them. */
struct bytes network_rules(struct store *store, const struct network *network);

void network_release(struct network *network);

#endif
