/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fields that lines of a session description share. */
#ifndef SDP_FIELDS_H
#define SDP_FIELDS_H

#include "sdp/sdp.h"

/* Takes nettype, addrtype and address off: "IN IP4 192.0.2.1/127". The host counts as an address only when it is one of
 * the family that addrtype says. False: a field is missing; *address is written only in part then. */
SIPALG_MUST_USE
bool sdp_address_take(struct text *rest, struct sdp_address *address);

/* Reads a host that stands alone, of either family; never fails: what is no address is a name. */
void sdp_host_read(struct text name, struct sip_host *host);

#endif
