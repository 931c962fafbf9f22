/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ICMP says of packets that were not delivered. It is told where it explains what a call suffers from, and is no
 * finding by itself: phones that hang up leave sound on its way to a closed port. */
#ifndef DIAGNOSE_UNREACHABLES_H
#define DIAGNOSE_UNREACHABLES_H

#include "capture/capture.h"
#include "diagnose/limits.h"

struct unreachable {
	sipalg_endpoint to;
	sipalg_address reporter;
	uint8_t type, code;
	uint64_t count;
};

struct unreachables {
	struct unreachable list[UNREACHABLES_MAX];
	size_t count;
};

/* An UNREACHABLE item. */
void unreachables_note(struct unreachables *unreachables, const struct capture_item *item);

/* NULL: nothing was said of packets to there. */
const struct unreachable *unreachables_find(const struct unreachables *unreachables, const sipalg_endpoint *to);

/* It was too large for some link on the way, and must not be fragmented (RFC 1191, RFC 8201). */
bool unreachable_is_size(const struct unreachable *unreachable);

enum { UNREACHABLE_TEXT_MAX = 128 };

/* "; 198.51.100.7 says by ICMP: port unreachable", or nothing when NULL. */
const char *unreachable_text(const struct unreachable *unreachable, char out[UNREACHABLE_TEXT_MAX]);

#endif
