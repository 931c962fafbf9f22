/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which hop on the way changes SIP, without a server of ours (`sipalg check --path HOST`).
 *
 * SIP datagrams with a rising TTL: the router where it runs out quotes in its ICMP error what it was to forward. NAT
 * translates back the addresses in the quoted header, not the quoted message. So the first hop whose quote differs from
 * what was sent is the one behind the ALG. Then a short dialogue with the host itself, which any SIP server answers. */
#ifndef PATH_PATH_H
#define PATH_PATH_H

#include "console/problem.h"
#include "report/report.h"
#include "sipalg/attributes.h"

#include <stdbool.h>
#include <stdint.h>

enum path_family { PATH_ANY = 0, PATH_IPV4, PATH_IPV6 };

enum { PATH_PORT = 5060, PATH_HOPS_MAX = 30 };

struct path_settings {
	const char *host; /* a name or an address: the user's own provider, or any other host far away */
	uint16_t port;    /* 0: PATH_PORT */
	enum path_family family;
	uint8_t hops_max; /* 0: PATH_HOPS_MAX */
	bool names;       /* wait for the names of hops; otherwise only what is known within a second */

	/* What is being done, one line without its end, whenever that changes; NULL: nobody wants to know. */
	void (*progress)(void *context, const char *line);
	void *context;
};

/* Fills the report: facts, hops, trials, findings, notes; and judges it. Needs no rights; with CAP_NET_RAW it learns
 * more from short quotes. False: nothing could be tried, *problem says why (no such host, no network); the report is as
 * it was. */
SIPALG_MUST_USE
bool path_find(const struct path_settings *settings, struct report *report, struct problem *problem);

#endif
