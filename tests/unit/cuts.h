/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One direction of a TCP connection, cut into pieces by a caller that keeps what is not yet one. Tests and fuzzers
 * share it. */
#ifndef TESTS_UNIT_CUTS_H
#define TESTS_UNIT_CUTS_H

#include "sipalg/stream.h"
#include "support.h"

enum { CUT_PIECES_MAX = 512, CUT_FLOW_MAX = 400000 };

struct cut {
	size_t count;
	sipalg_piece pieces[CUT_PIECES_MAX]; /* PASS pieces side by side are one */
	sipalg_stream stream;
	size_t taken; /* bytes of all pieces */
};

/* Bytes up to `until` have come. */
void cut_feed(struct cut *cut, struct text flow, size_t until);

/* Cuts the flow in many ways and returns the one cut that all of them gave. */
const struct cut *cut_every_way(struct text flow);

/* The next number of a seed. */
uint64_t cut_draw(uint64_t *state);

#endif
