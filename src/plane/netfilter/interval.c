/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/interval.h"

#include <stdlib.h>

static struct interval interval_from_prefix(const sipalg_prefix *prefix)
{
	struct interval interval = { prefix->address, prefix->address };

	for (unsigned int bit = prefix->length; bit < 128; bit++) {
		uint8_t mask = (uint8_t)(0x80 >> bit % 8);

		interval.first.bytes[bit / 8] = (uint8_t)(interval.first.bytes[bit / 8] & ~mask);
		interval.last.bytes[bit / 8] |= mask;
	}
	return interval;
}

static int address_order(const sipalg_address *one, const sipalg_address *other)
{
	return memcmp(one->bytes, other->bytes, sizeof(one->bytes));
}

static int interval_order(const void *left, const void *right)
{
	const struct interval *one = left, *other = right;

	return address_order(&one->first, &other->first);
}

bool address_next(const sipalg_address *address, sipalg_address *next)
{
	*next = *address;
	for (size_t place = sizeof(next->bytes); place-- > 0;)
		if (++next->bytes[place] != 0)
			return true;
	return false;
}

/* Whether an interval that begins at `first` goes on from one that ends at `last`, or begins within it. */
static bool joins(const sipalg_address *last, const sipalg_address *first)
{
	sipalg_address next;

	return !address_next(last, &next) || address_order(first, &next) <= 0;
}

size_t intervals_from_prefixes(const sipalg_prefix *prefixes, size_t count, struct interval *intervals)
{
	size_t kept = 0;

	for (size_t index = 0; index < count; index++)
		intervals[index] = interval_from_prefix(&prefixes[index]);
	if (count == 0)
		return 0;
	qsort(intervals, count, sizeof(intervals[0]), interval_order);
	for (size_t index = 1; index < count; index++) {
		if (!joins(&intervals[kept].last, &intervals[index].first))
			intervals[++kept] = intervals[index];
		else if (address_order(&intervals[index].last, &intervals[kept].last) > 0)
			intervals[kept].last = intervals[index].last;
	}
	return kept + 1;
}
