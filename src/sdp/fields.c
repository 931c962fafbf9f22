/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sdp/fields.h"

/* What nearly all of them are: "IN IP4 " and an IPv4 address to the end. */
static inline bool ipv4_address_take(struct cursor *cursor, struct sdp_address *address)
{
	uint32_t ipv4;
	if (cursor_left(*cursor) < 8 || memcmp(cursor->at, "IN IP4 ", 7) != 0)
		return false;
	const char *start = cursor->at + 7;
	struct cursor behind = { start, cursor->end };
	if (!ipv4_take(&behind, &ipv4) || !cursor_is_end(behind))
		return false;
	*cursor = behind;
	address->host = (struct sip_host){ cursor_since(behind, start), ipv4_address(ipv4), true };
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

bool sdp_address_take(struct cursor *cursor, struct sdp_address *address)
{
	if (ipv4_address_take(cursor, address))
		return true;
	bool is_internet = text_is_word(cursor_take_field(cursor), TEXT("in"));
	struct text family = cursor_take_field(cursor);
	struct text host = cursor_take_field(cursor);
	address->is_ip4 = is_internet && text_is_word(family, TEXT("ip4"));
	address->is_ip6 = is_internet && text_is_word(family, TEXT("ip6"));
	host_read_as(text_first(host, text_find(host, '/')), address);
	return address->host.name.length > 0;
}
