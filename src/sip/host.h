/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host and hostport (RFC 3261 25.1). */
#ifndef SIP_HOST_H
#define SIP_HOST_H

#include "base/characters.h"
#include "base/ipv4.h"
#include "sip/uri.h"

/* An IPv6 reference; the other half of host_take(). */
SIPALG_MUST_USE
bool host_take_reference(struct text *rest, struct sip_host *host);

/* Takes a host off the front: a name, an IPv4 address or an IPv6 reference. A reference that holds no plain IPv6
 * address (RFC 5118 4.10, IPv4-mapped) counts as a name. False: there is none. */
SIPALG_MUST_USE
static inline bool host_take(struct text *rest, struct sip_host *host)
{
	uint32_t ipv4 = 0;
	if (text_begins_with(*rest, '['))
		return host_take_reference(rest, host);
	size_t length = ipv4_read(*rest, &ipv4);
	host->is_address = length > 0 && (length == rest->length || !character_is(rest->start[length], CHARACTER_HOST));
	if (host->is_address)
		host->address = sipalg_address_from_ipv4(ipv4);
	else
		length = text_span(*rest, CHARACTER_HOST);
	host->name = text_take(rest, length);
	return length > 0;
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
	struct text digits = text_take_span(rest, CHARACTER_DIGIT);
	for (size_t index = 0; index < digits.length && value <= UINT16_MAX; index++)
		value = value * 10 + (uint32_t)(digits.start[index] - '0');
	if (value == 0 || value > UINT16_MAX)
		return false;
	*port_text = digits;
	*port = (uint16_t)value;
	return true;
}

#endif
