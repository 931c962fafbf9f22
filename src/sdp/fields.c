/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sdp/fields.h"

#include "base/characters.h"
#include "base/ipv4.h"

void sdp_host_read(struct text name, struct sip_host *host)
{
	uint32_t ipv4 = 0;
	host->name = name;
	host->is_address = true;
	if (ipv4_read(name, &ipv4) == name.length && name.length > 0)
		host->address = sipalg_address_from_ipv4(ipv4);
	else
		host->is_address = sipalg_address_read(name.start, name.length, &host->address);
}

bool sdp_address_take(struct text *rest, struct sdp_address *address)
{
	struct text network = text_take_field(rest);
	struct text family = text_take_field(rest);
	struct text host = text_take_field(rest);
	bool is_internet = text_equal_nocase(network, TEXT("IN"));
	address->is_ip4 = is_internet && text_equal_nocase(family, TEXT("IP4"));
	address->is_ip6 = is_internet && text_equal_nocase(family, TEXT("IP6"));
	sdp_host_read(text_first(host, text_find(host, '/')), &address->host);
	if (address->host.is_address)
		address->host.is_address =
		        sipalg_address_is_ipv4(&address->host.address) ? address->is_ip4 : address->is_ip6;
	return address->host.name.length > 0;
}
