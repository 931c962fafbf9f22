/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Networks as ranges of IPv4 addresses that neither overlap nor touch, as the kernel's interval sets want them. */
#ifndef PLANE_NETFILTER_INTERVAL_H
#define PLANE_NETFILTER_INTERVAL_H

#include "sipalg/address.h"

struct interval {
	uint32_t first, last; /* host order, inclusive */
};

/* Fills `intervals` (room for `count`) in rising order; prefixes that are not IPv4 are left out. Returns how many. */
size_t intervals_from_prefixes(const sipalg_prefix *prefixes, size_t count, struct interval *intervals);

#endif
