/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each inside host has, for the limits per host: one that floods takes nothing from the others. */
#ifndef TRACK_HOSTS_H
#define TRACK_HOSTS_H

#include "base/ages.h"
#include "base/table.h"
#include "track/endpoint_hash.h"

enum host_thing {
	HOST_BINDINGS = 0, /* alive ones */
	HOST_LEGS,         /* of calls, not ended */
	HOST_REGISTRATIONS,
	HOST_THING_COUNT,
};

struct host {
	sipalg_address address;
	uint32_t counts[HOST_THING_COUNT];
	struct ages quarantine; /* its bindings that have ended: their ports are still taken */
};

struct hosts {
	struct pool pool;
	struct table table;
	struct host *list;      /* by slot, from 1 */
	struct age_link *links; /* of all the quarantines, by slot of binding */
	uint32_t latest;        /* the host looked for last: nearly always the next, too; 0: none */
};

void hosts_lay_out(struct hosts *hosts, struct arena *arena, uint32_t capacity);

/* The host's slot; 0: it is not known, and has nothing. */
uint32_t hosts_find(struct hosts *hosts, const struct endpoint_key *key, const sipalg_address *address);

/* Counts one thing more for the host; its slot, or 0: no room, or it has `max` already (*at_limit says which). */
SIPALG_MUST_USE
uint32_t hosts_charge(struct hosts *hosts, const struct endpoint_key *key, const sipalg_address *address,
                      enum host_thing thing, uint32_t max, bool *at_limit);

/* One thing less; a host without any is forgotten. */
void hosts_release(struct hosts *hosts, const struct endpoint_key *key, uint32_t slot, enum host_thing thing);

/* A binding of the host goes from the living to the quarantine, comes back from it, or leaves it for good. */
void hosts_quarantine(struct hosts *hosts, uint32_t slot, uint32_t binding);
void hosts_revive(struct hosts *hosts, uint32_t slot, uint32_t binding);
void hosts_leave_quarantine(struct hosts *hosts, const struct endpoint_key *key, uint32_t slot, uint32_t binding);

#endif
