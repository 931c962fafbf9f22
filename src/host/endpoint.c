/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/endpoint.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

bool endpoint_is_ipv6(sipalg_endpoint endpoint)
{
	return !sipalg_address_is_ipv4(&endpoint.address);
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

bool address_is_public(const sipalg_address *address)
{
	static const char *const others[] = { "0.0.0.0/8",      "10.0.0.0/8",    "100.64.0.0/10",  "127.0.0.0/8",
		                              "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",
		                              "::/128",         "::1/128",       "fc00::/7",       "fe80::/10",
		                              "ff00::/8" };
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		sipalg_prefix prefix;
		if (sipalg_prefix_read(others[i], strlen(others[i]), &prefix) &&
		    sipalg_prefix_contains(&prefix, address))
			return false;
	}
	return true;
}
