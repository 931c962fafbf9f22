/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Endpoints as the kernel's calls and the user want them. */
#ifndef HOST_ENDPOINT_H
#define HOST_ENDPOINT_H

#include "sipalg/address.h"

#include <sys/socket.h>

/* "[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]:65535" and a zero. */
enum { ENDPOINT_TEXT_MAX = SIPALG_ADDRESS_TEXT_MAX + 8 };

bool endpoint_is_ipv6(sipalg_endpoint endpoint);

/* Writes "192.0.2.1:5060" or "[2001:db8::1]:5060"; returns `text`. */
const char *endpoint_write(sipalg_endpoint endpoint, char text[ENDPOINT_TEXT_MAX]);

/* For the calls of the kernel; returns the length that counts. */
socklen_t endpoint_to_socket(sipalg_endpoint endpoint, struct sockaddr_storage *address);
sipalg_endpoint endpoint_of_socket(const struct sockaddr_storage *address, enum sipalg_protocol protocol);

/* Whether the address says where in the Internet a host is: it is of none of the networks of RFC 6890 that many have.
 */
bool address_is_public(const sipalg_address *address);

#endif
