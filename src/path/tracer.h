/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sends datagrams that run out of hops and takes what comes back: ICMP errors, by the socket's error queue, which
 * needs no rights, or by a raw socket, which shows the quoted headers too; and answers. */
#ifndef PATH_TRACER_H
#define PATH_TRACER_H

#include "console/problem.h"
#include "path/quote.h"

enum { TRACER_ANSWER_MAX = 4096 };

struct tracer {
	int udp, raw; /* raw -1: there are no rights for it */
	sipalg_endpoint inside, to;
};

enum answer_kind {
	ANSWER_NONE = 0,
	ANSWER_QUOTE,   /* an ICMP error */
	ANSWER_MESSAGE, /* a datagram from the far end */
	ANSWER_REFUSED, /* an ICMP error of another kind: filtered, no route */
};

struct answer {
	enum answer_kind kind;
	sipalg_address from; /* the hop; none: not known */
	struct quote quote;  /* QUOTE; slices of `bytes` */
	size_t length;       /* MESSAGE */
	uint64_t time_ns;
	char bytes[TRACER_ANSWER_MAX];
};

/* Opens the sockets, from port 5060 when it is free: that is what phones use. `try_raw` false: never mind rights. */
SIPALG_MUST_USE
bool tracer_open(struct tracer *tracer, const sipalg_endpoint *to, bool try_raw, struct problem *problem);

void tracer_close(struct tracer *tracer);

/* To the far end, or to another of its ports. 0 hops: as many as are usual. False: the network does not take it. */
SIPALG_MUST_USE
bool tracer_send(struct tracer *tracer, uint16_t port, unsigned hops, struct text bytes);

/* Waits for the next answer. False: the time has come without one. */
SIPALG_MUST_USE
bool tracer_receive(struct tracer *tracer, uint64_t until_ns, struct answer *answer);

/* Forgets what has come so far. */
void tracer_drain(struct tracer *tracer);

#endif
