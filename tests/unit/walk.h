/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads all there is to read in some bytes, with every reader there is, and fails when one returns anything but a slice
 * of its input or does not come to an end. Tests and fuzzers share it. */
#ifndef TESTS_UNIT_WALK_H
#define TESTS_UNIT_WALK_H

#include "base/text.h"

/* The bytes taken as a datagram. */
void walk_message(struct text text);

/* … as what one reader expects. */
void walk_uri(struct text text);
void walk_name_addrs(struct text text);
void walk_vias(struct text text);
void walk_sdp(struct text text);

#endif
