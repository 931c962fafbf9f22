/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP through the router, as of a gateway that keeps the connection: what is edited changes the sequence numbers of
 * what follows, and the other way what is acknowledged. The bytes of a message wait until it is whole; all else goes
 * segment by segment, retransmissions, keep-alives and ends of connections included. */
#ifndef TRANSLATE_SEGMENTS_H
#define TRANSLATE_SEGMENTS_H

#include "capture/capture.h"
#include "capture/streams.h"
#include "translate/flow.h"

struct passage;

struct segments {
	struct streams streams;
	struct flow *flows; /* as streams.slots */
};

/* False: no memory. */
SIPALG_MUST_USE
bool segments_create(struct segments *segments);
void segments_destroy(struct segments *segments);

/* Takes a SEGMENT item that crosses the router. */
void segments_take(struct passage *passage, const struct capture_item *item);

#endif
