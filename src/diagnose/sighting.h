/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A SIP message as one capture saw it. */
#ifndef DIAGNOSE_SIGHTING_H
#define DIAGNOSE_SIGHTING_H

#include "capture/capture.h"
#include "sip/message.h"

struct sighting {
	size_t side;      /* which capture */
	uint64_t frame;   /* its number there */
	uint64_t time_ns; /* by the first capture's clock */
	sipalg_endpoint from, to;
	uint8_t hop_limit;
	struct text bytes;
	struct sip_message message;
	struct text from_tag, to_tag, branch; /* empty: none */
	uint64_t call;                        /* hash of the Call-ID */
	uint64_t key;                         /* of what makes it the same message on both sides */
	uint64_t body;                        /* 0: it has none */
	bool is_split;                        /* over TCP: see capture_item */
	bool too_short;                       /* Content-Length announces more than came */
	uint64_t announced;                   /* … so many bytes */
	size_t excess;                        /* bytes that came behind the announced end, padding aside */
};

/* Reads a DATAGRAM or MESSAGE item, the time as it is. False: it is no SIP, or cut, or cannot be told apart. */
SIPALG_MUST_USE
bool sighting_read(const struct capture_item *item, size_t side, struct sighting *sighting);

/* A hash for tables, never 0. */
uint64_t hash_of_bytes(const void *bytes, size_t length);

#endif
