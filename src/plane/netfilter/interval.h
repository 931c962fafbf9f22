/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Networks as ranges of addresses that neither overlap nor touch, as the kernel's interval sets want them. */
#ifndef PLANE_NETFILTER_INTERVAL_H
#define PLANE_NETFILTER_INTERVAL_H

#include "sipalg/address.h"

struct interval {
	sipalg_address first, last; /* inclusive */
};

/* Fills `intervals` (room for `count`) in rising order. Returns how many. */
size_t intervals_from_prefixes(const sipalg_prefix *prefixes, size_t count, struct interval *intervals);

/* The address after this one. False: it is the last there is. */
SIPALG_MUST_USE
bool address_next(const sipalg_address *address, sipalg_address *next);

#endif
