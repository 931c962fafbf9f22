/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host and hostport (RFC 3261 25.1). */
#ifndef SIP_HOST_H
#define SIP_HOST_H

#include "base/ipv4.h"
#include "sip/uri.h"

/* Takes an IPv6 reference off; the other half of host_take(). */
SIPALG_MUST_USE
bool host_take_reference(struct text *rest, struct sip_host *host);

/* Takes a host off the front: a name, an IPv4 address or an IPv6 reference. A reference that holds no plain IPv6
 * address (RFC 5118 4.10, or IPv4-mapped) counts as a name. False: there is none. */
SIPALG_MUST_USE
static inline bool host_take(struct text *rest, struct sip_host *host)
{
	uint32_t ipv4 = 0;
	struct text behind = *rest;
	if (text_begins_with(*rest, '['))
		return host_take_reference(rest, host);
	host->is_address =
	        ipv4_take(&behind, &ipv4) && (behind.length == 0 || !character_is(*behind.start, CHARACTER_HOST));
	if (host->is_address) {
		host->address = ipv4_address(ipv4);
		host->name = text_take(rest, rest->length - behind.length);
		return true;
	}
	host->name = text_take_span(rest, CHARACTER_HOST);
	return host->name.length > 0;
}

/* Reads the host that fills `text`. */
SIPALG_MUST_USE
static inline bool host_read(struct text text, struct sip_host *host)
{
	return host_take(&text, host) && text.length == 0;
}

/* Takes the digits of a port off. False: none, or not 1 to 65535. */
SIPALG_MUST_USE
static inline bool port_take(struct text *rest, struct text *port_text, uint16_t *port)
{
	uint32_t value = 0;
	struct text behind = *rest;
	while (behind.length > 0 && character_is_digit(*behind.start) && value <= UINT16_MAX) {
		value = value * 10 + (uint32_t)(*behind.start - '0');
		text_skip(&behind, 1);
	}
	if (value == 0 || value > UINT16_MAX)
		return false;
	*port_text = text_take(rest, rest->length - behind.length);
	*port = (uint16_t)value;
	return true;
}

#endif
