/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which addresses are private, and on which side of a router a host was found to be. */
#ifndef DIAGNOSE_HOSTS_H
#define DIAGNOSE_HOSTS_H

#include "base/table.h"
#include "diagnose/limits.h"
#include "sipalg/address.h"

/* Not to be reached from the internet: RFC 1918, 6598 (carrier-grade NAT), 3927, 4193, loopback and link-local. */
bool is_private_address(const sipalg_address *address);

/* Of a carrier's own network, behind its NAT: RFC 6598. */
bool is_carrier_address(const sipalg_address *address);

enum where { WHERE_UNKNOWN = 0, WHERE_INSIDE, WHERE_OUTSIDE };

struct host {
	sipalg_address address;
	uint32_t inside, outside; /* how often it was found to be there */
	bool is_router;           /* it is the outside address of an inside host */
	bool is_far;              /* what is said to it or by it crosses the router */
};

struct hosts {
	struct arena arena;
	struct pool pool;
	struct table table;
	struct host *slots;
	uint32_t inner[SIDES_MAX], outer[SIDES_MAX]; /* how often a capture was found to be at that side */
};

SIPALG_MUST_USE
bool hosts_create(struct hosts *hosts); /* false: no memory */
void hosts_destroy(struct hosts *hosts);

/* A message crossed the router: `inner` was its sender's or receiver's address inside, `outer` the one it showed
 * outside; `side` is where each was seen; `far` is the other end. */
void hosts_learn(struct hosts *hosts, const sipalg_address *inner, size_t inner_side, const sipalg_address *outer,
                 size_t outer_side, const sipalg_address *far);

/* NULL: nothing is known. */
const struct host *hosts_known(const struct hosts *hosts, const sipalg_address *address);

/* Where a packet between these was seen: on which side of the router. */
enum where hosts_where(const struct hosts *hosts, size_t side, const sipalg_address *from, const sipalg_address *to);

/* Whether a host is behind the router, as far as known; else by its address. */
bool hosts_is_inside(const struct hosts *hosts, const sipalg_address *address);

#endif
