/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How SIP over TCP comes to the relay: for plane.c, passage.c and the like.
 *
 * The first packet of a connection is queued where the user's rules have let it pass, is dropped there, and a copy of
 * it is sent to this machine itself through lo. What opens a connection has so met the user's forward filter, and is
 * then an accepted packet from lo and an established connection to every other chain. When no daemon listens the first
 * packet goes on, and the connection passes as through plain NAT.
 *
 * When the gateway is switched off, the connections that are there go on, and with them what brings their packets to
 * the relay; both are gone when the last has ended. */
#ifndef PLANE_NETFILTER_INTERCEPT_H
#define PLANE_NETFILTER_INTERCEPT_H

#include "plane/netfilter/divert.h"
#include "plane/netfilter/encrypted.h"
#include "plane/netfilter/openings.h"
#include "plane/netfilter/raw.h"
#include "plane/tcp/relay.h"

enum {
	INTERCEPT_IDLE_S = 90,    /* TIME-WAIT, in which late packets of a connection still come, and a half of it */
	INTERCEPT_AGAIN_MS = 500, /* a first packet repeated sooner was on its way already (RFC 6298 2.1: 1 s) */
	INTERCEPT_SWALLOWED_SAID = 3,
	INTERCEPT_SAID_S = 60, /* between two lines that say why connections are not taken */
};

struct intercept {
	struct relay *relay;  /* NULL: TCP passes as through plain NAT */
	struct divert divert; /* what is in force, or will be next */
	struct raw raw;
	struct openings openings;
	struct encrypted encrypted;
	uint64_t encrypted_seen; /* of the relay's connections, when last looked at … */
	uint64_t encrypted_ns;   /* … then */
	bool taking;             /* new connections are taken */
	bool installed;          /* the rules are in force … */
	bool outdated;           /* … but not as they should be */
	uint64_t needed_ns;      /* when they were needed last */
	uint64_t swallowed;
	uint64_t said_ns; /* when it was last said why connections are not taken; 0: never */
};

struct plane;

/* Opens everything, and puts nothing in force yet. False: TCP will pass as through plain NAT; a line said why. */
bool intercept_open(struct plane *plane);
/* Ends the connections and removes what was in force. */
void intercept_close(struct plane *plane);

/* Whether new connections are taken. Switching off never fails. Returns 0 or an errno value. */
int intercept_switch(struct plane *plane, bool on);

/* Puts back what somebody has removed. */
void intercept_check(struct plane *plane);

/* The router's addresses may have changed. */
void intercept_follow_addresses(struct plane *plane);

/* Looks whether an entry of the queue opens a connection, and if so, decides about it. */
SIPALG_MUST_USE
bool intercept_take(struct plane *plane, uint64_t now_ns, size_t index);

/* This outside address is no longer this network's: connections from it end. */
void intercept_forget_outside(struct plane *plane, const sipalg_address *outside);

/* What the relay has to do. */
void intercept_work(struct plane *plane, uint64_t now_ns);
uint64_t intercept_deadline(const struct plane *plane);
int intercept_descriptor(const struct plane *plane); /* -1: none */

#endif
