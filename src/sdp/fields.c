/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sdp/fields.h"

static void family_take(struct text *rest, struct sdp_address *address)
{
	if (text_is_word(text_first(*rest, 7), TEXT("in ip4 "))) {
		address->is_ip4 = true;
		address->is_ip6 = false;
		text_skip(rest, 7);
		return;
	}
	bool is_internet = text_is_word(text_take_field(rest), TEXT("in"));
	struct text family = text_take_field(rest);
	address->is_ip4 = is_internet && text_is_word(family, TEXT("ip4"));
	address->is_ip6 = is_internet && text_is_word(family, TEXT("ip6"));
}

bool sdp_address_take(struct text *rest, struct sdp_address *address)
{
	family_take(rest, address);
	struct text host = text_take_field(rest);
	size_t length = 0;
	while (length < host.length && host.start[length] != '/')
		length++;
	sdp_host_read(text_first(host, length), &address->host);
	if (address->host.is_address)
		address->host.is_address =
		        sipalg_address_is_ipv4(&address->host.address) ? address->is_ip4 : address->is_ip6;
	return length > 0;
}
