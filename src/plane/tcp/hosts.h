/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many connections each phone's address has. */
#ifndef PLANE_TCP_HOSTS_H
#define PLANE_TCP_HOSTS_H

#include "sipalg/address.h"

struct host;

struct hosts {
	struct host *hosts;
	uint32_t *chains; /* first host of each chain, its place + 1; 0: none */
	uint32_t size, used, chain_count;
	uint32_t free; /* first of the places given back, + 1; 0: none */
	uint64_t secret[2];
};

/* Room for `size` hosts. False: no memory, or no random numbers. */
SIPALG_MUST_USE
bool hosts_open(struct hosts *hosts, uint32_t size);
void hosts_close(struct hosts *hosts);

/* One connection more, unless it has `count_max` already. False: it has. */
SIPALG_MUST_USE
bool hosts_add(struct hosts *hosts, const sipalg_address *address, uint32_t count_max);

/* How many it has. */
uint32_t hosts_count(struct hosts *hosts, const sipalg_address *address);

/* One connection less: of those that hosts_add() counted. */
void hosts_remove(struct hosts *hosts, const sipalg_address *address);

#endif
