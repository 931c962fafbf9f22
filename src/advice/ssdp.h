/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The search of UPnP (UPnP Device Architecture 1.1, 1.3): who is there, and where is its description? */
#ifndef ADVICE_SSDP_H
#define ADVICE_SSDP_H

#include "advice/evidence.h"
#include "advice/gateway.h"

enum { SSDP_LOCATIONS_MAX = 4, SSDP_URL_MAX = 256 };

struct ssdp_answers {
	char locations[SSDP_LOCATIONS_MAX][SSDP_URL_MAX];
	size_t count;
};

/* Asks by multicast on the gateway's network and the gateway itself, once more if nobody answers, and listens for two
 * and a half seconds. Only what the gateway answers counts. */
void ssdp_search(const struct gateway *gateway, struct ssdp_answers *answers, struct evidence *evidence);

/* Takes one answer. */
void ssdp_read(struct text answer, struct ssdp_answers *answers, struct evidence *evidence);

#endif
