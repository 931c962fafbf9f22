/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two families of addresses, for what there is of each. */
#ifndef PLANE_NETFILTER_FAMILY_H
#define PLANE_NETFILTER_FAMILY_H

#include "sipalg/address.h"

enum family {
	FAMILY_IPV4,
	FAMILY_IPV6,
	FAMILY_COUNT,
};

static inline enum family family_of(const sipalg_address *address)
{
	return sipalg_address_is_ipv4(address) ? FAMILY_IPV4 : FAMILY_IPV6;
}

/* The kernel's number of a family: AF_INET is NFPROTO_IPV4, and so on. */
static inline uint8_t family_number(enum family family)
{
	enum { IPV4 = 2, IPV6 = 10 };

	return family == FAMILY_IPV4 ? IPV4 : IPV6;
}

#endif
