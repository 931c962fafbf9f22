/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many bindings each inside host has, for the limit per host. */
#ifndef TRACK_HOSTS_H
#define TRACK_HOSTS_H

#include "base/table.h"
#include "track/endpoint_hash.h"

struct host {
	sipalg_address address;
	uint32_t bindings;
};

struct hosts {
	struct pool pool;
	struct table table;
	struct host *list; /* by slot, from 1 */
};

void hosts_lay_out(struct hosts *hosts, struct arena *arena, uint32_t capacity);

/* Counts one binding more for the host; its slot, or 0: no room, or it has `max` already (*at_limit says which). */
SIPALG_MUST_USE
uint32_t hosts_add_binding(struct hosts *hosts, const struct endpoint_key *key, const sipalg_address *address,
                           uint32_t max, bool *at_limit);

/* One binding less; a host without any is forgotten. */
void hosts_remove_binding(struct hosts *hosts, const struct endpoint_key *key, uint32_t slot);

#endif
