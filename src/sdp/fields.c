/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sdp/fields.h"

/* What nearly all of them are: "IN IP4 " and an IPv4 address to the end. */
static bool ipv4_address_take(struct text *rest, struct sdp_address *address)
{
	uint32_t ipv4 = 0;
	if (rest->length < 8 || memcmp(rest->start, "IN IP4 ", 7) != 0)
		return false;
	struct text behind = text_from(*rest, 7), host = behind;
	if (!ipv4_take(&behind, &ipv4) || behind.length > 0)
		return false;
	*rest = behind;
	address->host = (struct sip_host){ host, true, ipv4_address(ipv4) };
	address->is_ip4 = true;
	address->is_ip6 = false;
	return true;
}

/* The host counts as an address only when it is of the family that stands before it. */
static void host_read_as(struct text name, struct sdp_address *address)
{
	struct sip_host *host = &address->host;
	host->name = name;
	host->is_address = sipalg_address_read(name.start, name.length, &host->address) &&
	                   (sipalg_address_is_ipv4(&host->address) ? address->is_ip4 : address->is_ip6);
}

bool sdp_address_take(struct text *rest, struct sdp_address *address)
{
	if (ipv4_address_take(rest, address))
		return true;
	bool is_internet = text_is_word(text_take_field(rest), TEXT("in"));
	struct text family = text_take_field(rest);
	struct text host = text_take_field(rest);
	address->is_ip4 = is_internet && text_is_word(family, TEXT("ip4"));
	address->is_ip6 = is_internet && text_is_word(family, TEXT("ip6"));
	host_read_as(text_first(host, text_find(host, '/')), address);
	return address->host.name.length > 0;
}
