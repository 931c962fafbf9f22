/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses as SIP and SDP write them. */
#ifndef CHECK_ADDRESS_TEXT_H
#define CHECK_ADDRESS_TEXT_H

#include "sipalg/address.h"

enum { ADDRESS_TEXT_MAX = SIPALG_ADDRESS_TEXT_MAX + 12 };

/* "192.0.2.1", "[2001:db8::1]". */
const char *address_for_sip(const sipalg_address *address, char out[ADDRESS_TEXT_MAX]);
/* "IP4 192.0.2.1", "IP6 2001:db8::1". */
const char *address_for_sdp(const sipalg_address *address, char out[ADDRESS_TEXT_MAX]);

#endif
