/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP connections that carry SIP, or try to, each direction by itself: how they begin and end. */
#ifndef DIAGNOSE_CONNECTIONS_H
#define DIAGNOSE_CONNECTIONS_H

#include "base/table.h"
#include "diagnose/flows.h"
#include "diagnose/limits.h"

struct capture_item;

struct connection {
	struct flow_ends ends;
	uint64_t first_ns, last_ns;
	uint32_t opened;    /* times that its SYN was sent */
	uint64_t opened_ns; /* the last one */
	bool is_open;       /* something answered, or it was open before the capture began */
	uint64_t reset_ns;  /* `from` reset it; 0: it did not */
	uint64_t messages;
	uint64_t message_ns; /* the last one */
	char method[16];     /* … and what it was */
	uint32_t gaps;       /* bytes that the capture lacks */
	uint64_t broken_ns;  /* what follows a message began none; 0: all was well */
	char garbage[32];    /* … what stands there */
	uint32_t other;      /* the same one on the other side of a router; 0: not known */
	uint64_t crossed_ns; /* the last message of it that was seen on both sides */
};

struct connections {
	struct arena arena;
	struct table table;
	struct connection *slots;
	uint32_t used, next;
};

SIPALG_MUST_USE
bool connections_create(struct connections *connections); /* false: no memory */
void connections_destroy(struct connections *connections);

/* A SEGMENT, MESSAGE or BROKEN item. */
void connections_note(struct connections *connections, size_t side, const struct capture_item *item, uint64_t now_ns);

/* A message of one connection is one of the other. */
void connections_pair(struct connections *connections, const struct flow_ends *first, const struct flow_ends *second,
                      uint64_t now_ns);

/* NULL: it is not known. */
struct connection *connections_find(const struct connections *connections, const struct flow_ends *ends);

/* Its other direction. */
struct flow_ends ends_turned(const struct flow_ends *ends);

#endif
