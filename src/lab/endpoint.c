/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/endpoint.h"

#include <string.h>

bool endpoint_read(const char *text, sipalg_endpoint *endpoint)
{
	const char *colon = strrchr(text, ':');
	sipalg_endpoint read = { .protocol = SIPALG_PROTOCOL_UDP };
	struct bytes host = { text, colon ? (size_t)(colon - text) : 0 };
	uint32_t port;
	bool bracketed = host.length > 2 && host.start[0] == '[' && host.start[host.length - 1] == ']';
	if (bracketed)
		host = (struct bytes){ host.start + 1, host.length - 2 };
	if (!colon || !bytes_number(bytes_of(colon + 1), &port) || port == 0 || port > UINT16_MAX ||
	    !sipalg_address_read(host.start, host.length, &read.address) ||
	    bracketed == sipalg_address_is_ipv4(&read.address))
		return false;
	read.port = (uint16_t)port;
	*endpoint = read;
	return true;
}

bool endpoint_equal(sipalg_endpoint left, sipalg_endpoint right)
{
	return sipalg_endpoint_equal(&left, &right);
}

bool endpoint_is_inside(sipalg_endpoint endpoint)
{
	static const char *const inside[] = { LAB_LAN_PREFIX "0/24", LAB_LAN_SECOND_PREFIX "0/24",
		                              LAB_LAN6_PREFIX "/64", LAB_ULA_PREFIX "/64" };
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		sipalg_prefix prefix;
		if (sipalg_prefix_read(inside[i], strlen(inside[i]), &prefix) &&
		    sipalg_prefix_contains(&prefix, &endpoint.address))
			return true;
	}
	return false;
}
