/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fields that lines of a session description share. */
#ifndef SDP_FIELDS_H
#define SDP_FIELDS_H

#include "base/ipv4.h"
#include "sdp/sdp.h"

/* Reads a host that stands alone, of either family; never fails: what is no address is a name. */
static inline void sdp_host_read(struct text name, struct sip_host *host)
{
	uint32_t ipv4;
	host->name = name;
	host->is_address = true;
	if (name.length > 0 && ipv4_read(name, &ipv4))
		host->address = ipv4_address(ipv4);
	else
		host->is_address = sipalg_address_read(name.start, name.length, &host->address);
}

/* Takes nettype, addrtype and address off: "IN IP4 192.0.2.1/127". The host counts as an address only when it is one of
 * the family that addrtype says. False: a field is missing; *address is written only in part then. */
SIPALG_MUST_USE
bool sdp_address_take(struct cursor *cursor, struct sdp_address *address);

/* Takes a port off, 0 to 65535. False: none, or more than that. */
SIPALG_MUST_USE
static inline bool sdp_port_take(struct cursor *cursor, struct text *port_text, uint16_t *port)
{
	uint32_t number;
	const char *start = cursor->at;
	if (!cursor_take_number(cursor, UINT16_MAX, &number))
		return false;
	*port_text = cursor_since(*cursor, start);
	*port = (uint16_t)number;
	return true;
}

/* The media description that the line being read belongs to; NULL: none has begun. */
static inline struct sdp_media *sdp_media_last(struct sdp *sdp)
{
	return sdp->media_count > 0 ? &sdp->media[sdp->media_count - 1] : NULL;
}

/* Nothing but blanks is left. */
static inline bool sdp_is_end(struct cursor cursor)
{
	cursor_skip_blanks(&cursor);
	return cursor_is_end(cursor);
}

#endif
