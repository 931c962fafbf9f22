/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host and hostport (RFC 3261 25.1). */
#ifndef SIP_HOST_H
#define SIP_HOST_H

#include "base/ipv4.h"
#include "sip/uri.h"

/* Takes an IPv6 reference off; the other half of host_take(). */
SIPALG_MUST_USE
bool host_take_reference(struct cursor *cursor, struct sip_host *host);

/* Reads the host that fills `text`. */
SIPALG_MUST_USE
bool host_read(struct text text, struct sip_host *host);

/* Takes a host off the front: a name, an IPv4 address or an IPv6 reference. A reference that holds no plain IPv6
 * address (RFC 5118 4.10, IPv4-mapped, or with a zone) counts as a name. False: there is none. */
SIPALG_MUST_USE
static inline bool host_take(struct cursor *cursor, struct sip_host *host)
{
	uint32_t ipv4;
	const char *start = cursor->at;
	struct cursor behind = *cursor;
	if (ipv4_take(&behind, &ipv4) && !cursor_begins_class(behind, CHARACTER_HOST)) {
		*cursor = behind;
		*host = (struct sip_host){ cursor_since(behind, start), ipv4_address(ipv4), true };
		return true;
	}
	if (cursor_begins(*cursor, '['))
		return host_take_reference(cursor, host);
	host->is_address = false;
	host->name = cursor_take_class(cursor, CHARACTER_HOST);
	return host->name.length > 0;
}

/* Takes the digits of a port off. False: none, or not 1 to 65535. */
SIPALG_MUST_USE
static inline bool port_take(struct cursor *cursor, struct text *port_text, uint16_t *port)
{
	uint32_t number;
	const char *start = cursor->at;
	if (!cursor_take_number(cursor, UINT16_MAX, &number) || number == 0)
		return false;
	*port_text = cursor_since(*cursor, start);
	*port = (uint16_t)number;
	return true;
}

#endif
