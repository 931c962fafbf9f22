/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server's sockets: one for each place, transport and family, and those of the control connections. */
#ifndef REFLECT_PLACES_H
#define REFLECT_PLACES_H

#include "base/text.h"
#include "console/problem.h"
#include "reflect/settings.h"

enum { FAMILY_IPV4 = 0, FAMILY_IPV6, FAMILY_COUNT };

/* Descriptors; -1: there is none (the host lacks the family, or the place the transport). */
struct places {
	int udp[REFLECT_PLACE_COUNT][FAMILY_COUNT];
	int tcp[REFLECT_PLACE_COUNT][FAMILY_COUNT];
	int control[FAMILY_COUNT];
};

/* Opens all of them. False: *problem names the port that is taken; places_close() closes what was opened. */
SIPALG_MUST_USE
bool places_open(struct places *places, const struct reflect_settings *settings, struct problem *problem);

void places_close(struct places *places);

/* Takes a datagram; *local is the address it was sent to. -1: none is there. Else its length, which may be 0. */
ssize_t places_receive(int udp, void *bytes, size_t max, sipalg_endpoint *source, sipalg_address *local);

/* Sends one from that place, and from this address of the host. */
SIPALG_MUST_USE
bool places_send(const struct places *places, enum reflect_place place, const sipalg_address *local,
                 const sipalg_endpoint *to, struct text bytes);

/* Takes a TCP connection; -1: none is there. */
int places_accept(int listener, sipalg_endpoint *source, sipalg_address *local);

/* Begins a TCP connection from this address of the host and a free port. -1: it cannot. */
int places_connect(const sipalg_address *local, const sipalg_endpoint *to);

/* Whether it is an address of this host. */
bool places_has_address(const sipalg_address *address);

/* Another address of this host, public and of the same family: what is sent from there comes from a stranger. None:
 * there is none, or `first` is no public one itself, so that nobody can tell. */
sipalg_address places_find_twin(const sipalg_address *first);

#endif
