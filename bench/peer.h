/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is measured: the gateway's engine, or one of the libraries that only parse. Each is a program of its own, linked
 * with engine.c, because the libraries share names of functions. */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include "messages.h"

#include <stdbool.h>

struct peer_message {
	enum message_kind kind;
	const struct message_call *call;
	size_t length;
	char bytes[MESSAGE_MAX];
};

/* What the peer understood of a message: proof that it really read it. */
struct peer_reading {
	char start[16]; /* method or status */
	char call_id[64];
	uint16_t media_port; /* of the first m= line; 0: no SDP */
};

struct peer {
	const char *name;
	void (*start)(void);
	/* Reads SIP and SDP and releases everything again. `reading` is NULL while time is taken. False: it could not.
	 */
	bool (*read)(const struct peer_message *message, struct peer_reading *reading);
	/* After each batch, while no time is taken: ends the calls that the messages began. May be NULL. */
	void (*settle)(const struct peer_message *messages, size_t count);
};

extern const struct peer peer;

#endif
