/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/interval.h"

#include <stdlib.h>

enum { MAPPED_BITS = 96 }; /* of an IPv4-mapped address, before the IPv4 address */

static struct interval interval_from_prefix(const sipalg_prefix *prefix)
{
	uint32_t address = sipalg_address_to_ipv4(&prefix->address);
	uint32_t host_bits = 128U - prefix->length;
	uint32_t hosts = host_bits == 0 ? 0 : UINT32_MAX >> (32U - host_bits);

	return (struct interval){ address & ~hosts, address | hosts };
}

static int interval_order(const void *left, const void *right)
{
	const struct interval *one = left, *other = right;

	return (one->first > other->first) - (one->first < other->first);
}

size_t intervals_from_prefixes(const sipalg_prefix *prefixes, size_t count, struct interval *intervals)
{
	size_t found = 0, kept = 0;

	for (size_t index = 0; index < count; index++)
		if (sipalg_address_is_ipv4(&prefixes[index].address) && prefixes[index].length >= MAPPED_BITS)
			intervals[found++] = interval_from_prefix(&prefixes[index]);
	if (found == 0)
		return 0;
	qsort(intervals, found, sizeof(intervals[0]), interval_order);
	for (size_t index = 1; index < found; index++) {
		if (intervals[index].first <= intervals[kept].last ||
		    intervals[index].first == intervals[kept].last + 1) {
			if (intervals[index].last > intervals[kept].last)
				intervals[kept].last = intervals[index].last;
		} else {
			intervals[++kept] = intervals[index];
		}
	}
	return kept + 1;
}
