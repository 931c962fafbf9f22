/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One or two messages that go over one connection, divided into parts, and what of them arrives. */
#ifndef CHECK_DELIVERY_H
#define CHECK_DELIVERY_H

#include "check/run.h"

enum {
	DELIVERY_PARTS_MAX = 4,
	DELIVERY_MESSAGES_MAX = 2,
	DELIVERY_GAP_MS = 120, /* between the parts, so that they are segments of their own */
};

struct delivery {
	const struct stream_probe *probe;
	struct connection *connection;                   /* NULL: there is none */
	struct passage *messages[DELIVERY_MESSAGES_MAX]; /* each as it was written */
	size_t message_count;
	char *bytes; /* all of them */
	size_t length;
	size_t ends[DELIVERY_PARTS_MAX]; /* where each part ends */
	size_t part_count;
	size_t found;      /* messages that were found in what arrived */
	size_t translated; /* … in which addresses were replaced, or put back */
	bool broken;       /* bytes between or behind messages that belong to none */
};

/* One message more. False: there is none, or no memory. */
bool delivery_add(struct delivery *delivery, struct passage *passage);
/* Cuts them as the probe says. */
void delivery_divide(struct delivery *delivery);
/* A part of the bytes; empty: there are no more. */
struct text delivery_part(const struct delivery *delivery, size_t part);

/* Cuts what has arrived into messages, as a server does. */
void delivery_read(struct run *run, struct delivery *delivery, struct text arrived);

/* Charges what that shows. `usually`: when each message comes by itself, an ALG translates its addresses. */
void delivery_judge(struct run *run, const struct delivery *delivery, bool usually);

/* Whether a message of ours has come whole by its connection; then `*far` is where the far end can write down it. What
 * is wrong with the message is nobody's business here. */
bool opening_take(struct run *run, struct passage *opening, struct far_stream **far);

void delivery_free(struct delivery *delivery);

#endif
