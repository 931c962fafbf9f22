/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who forwards this host's packets (IPv4), as the kernel knows it. */
#ifndef ADVICE_GATEWAY_H
#define ADVICE_GATEWAY_H

#include "console/problem.h"

#include <netinet/in.h>
#include <stdbool.h>

struct gateway {
	struct in_addr address;
	int interface;
};

/* The default route's. False: there is none, and the problem says so. */
bool gateway_find(struct gateway *gateway, struct problem *problem);

/* "00:11:22:33:44:55", or "" when the kernel does not know it (yet). */
void gateway_find_mac(const struct gateway *gateway, char mac[24]);

#endif
