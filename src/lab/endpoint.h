/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses of the lab, which side of the router they are on, and how scenarios write them. */
#ifndef LAB_ENDPOINT_H
#define LAB_ENDPOINT_H

#include "host/endpoint.h"
#include "lab/store.h"

/* The topology every scenario is played in. */
#define LAB_LAN_PREFIX "192.168.1."
#define LAB_LAN_ROUTER "192.168.1.1"
#define LAB_LAN_SECOND_PREFIX "192.168.2."
#define LAB_WAN_PREFIX "203.0.113."
#define LAB_LAN_ROUTER "192.168.1.1"
#define LAB_WAN_ROUTER "203.0.113.1"
#define LAB_SECOND_WAN_PREFIX "198.51.100."
#define LAB_SECOND_WAN_ROUTER "198.51.100.1"
#define LAB_LAN6_PREFIX "2001:db8:1::"
#define LAB_ULA_PREFIX "fd00:1::"
#define LAB_WAN6_PREFIX "2001:db8:ffff::"
#define LAB_WAN6_ROUTER "2001:db8:ffff::1"
#define LAB_TRANSLATED_PREFIX "2001:db8:2::" /* what the unique local prefix is outside, with `router ip6 prefix` */

/* Reads 192.168.1.2:5060 or [2001:db8:1::2]:5060; UDP. */
bool endpoint_read(const char *text, sipalg_endpoint *endpoint);

/* The same, protocol included. */
bool endpoint_equal(sipalg_endpoint left, sipalg_endpoint right);

bool endpoint_is_inside(sipalg_endpoint endpoint);

#endif
