/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/endpoint.h"

#include <netinet/in.h>
#include <stdio.h>
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

const char *endpoint_write(sipalg_endpoint endpoint, char text[ENDPOINT_TEXT_MAX])
{
	char address[SIPALG_ADDRESS_TEXT_MAX];
	bool ipv6 = endpoint_is_ipv6(endpoint);
	sipalg_address_write(&endpoint.address, address);
	snprintf(text, ENDPOINT_TEXT_MAX, "%s%s%s:%u", ipv6 ? "[" : "", address, ipv6 ? "]" : "",
	         (unsigned)endpoint.port);
	return text;
}

bool endpoint_equal(sipalg_endpoint left, sipalg_endpoint right)
{
	return sipalg_endpoint_equal(&left, &right);
}

bool endpoint_is_ipv6(sipalg_endpoint endpoint)
{
	return !sipalg_address_is_ipv4(&endpoint.address);
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

socklen_t endpoint_to_socket(sipalg_endpoint endpoint, struct sockaddr_storage *address)
{
	memset(address, 0, sizeof(*address));
	if (endpoint_is_ipv6(endpoint)) {
		struct sockaddr_in6 ipv6 = { .sin6_family = AF_INET6, .sin6_port = htons(endpoint.port) };
		memcpy(&ipv6.sin6_addr, endpoint.address.bytes, sizeof(ipv6.sin6_addr));
		memcpy(address, &ipv6, sizeof(ipv6));
		return sizeof(ipv6);
	}
	struct sockaddr_in ipv4 = { .sin_family = AF_INET,
		                    .sin_port = htons(endpoint.port),
		                    .sin_addr.s_addr = htonl(sipalg_address_to_ipv4(&endpoint.address)) };
	memcpy(address, &ipv4, sizeof(ipv4));
	return sizeof(ipv4);
}

sipalg_endpoint endpoint_of_socket(const struct sockaddr_storage *address, enum sipalg_protocol protocol)
{
	sipalg_endpoint endpoint = { .protocol = (uint8_t)protocol };
	if (address->ss_family == AF_INET6) {
		struct sockaddr_in6 ipv6;
		memcpy(&ipv6, address, sizeof(ipv6));
		memcpy(endpoint.address.bytes, &ipv6.sin6_addr, sizeof(endpoint.address.bytes));
		endpoint.port = ntohs(ipv6.sin6_port);
	} else {
		struct sockaddr_in ipv4;
		memcpy(&ipv4, address, sizeof(ipv4));
		endpoint.address = sipalg_address_from_ipv4(ntohl(ipv4.sin_addr.s_addr));
		endpoint.port = ntohs(ipv4.sin_port);
	}
	return endpoint;
}
