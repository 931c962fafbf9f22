/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of an ALG that does what an ALG is for: the phone's address becomes the router's on the way out, and the
 * phone's again on the way back. Ports stay, since the routers of this test keep them. */
#ifndef MEDDLER_REWRITING_H
#define MEDDLER_REWRITING_H

#include "draft.h"

enum rewriting {
	REWRITE_NOTHING = 0,
	REWRITE_VIA = 1,
	REWRITE_CONTACT = 2,
	REWRITE_ROUTES = 4, /* Record-Route, Route, Path, Service-Route */
	REWRITE_SDP = 8,    /* c=, and o= of the same address */
	REWRITE_RTCP = 16,
	REWRITE_ICE = 32,     /* the rest of a description that has candidates */
	REWRITE_FOREIGN = 64, /* c= whosoever it names */
	REWRITE_COHERENT = REWRITE_VIA | REWRITE_CONTACT | REWRITE_ROUTES | REWRITE_SDP | REWRITE_RTCP,
};

/* Rewrites `what`, a set of the above, from one address to the other. */
void rewrite_out(struct draft *draft, unsigned int what, const char *inside, const char *outside);
void rewrite_in(struct draft *draft, unsigned int what, const char *inside, const char *outside);

#endif
