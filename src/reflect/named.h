/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports that a message names together with an address: where whoever wrote the address there, be it an ALG, says that
 * packets are to be sent. Read leniently, since what an ALG has written may be no SIP any more. */
#ifndef REFLECT_NAMED_H
#define REFLECT_NAMED_H

#include "base/text.h"
#include "sipalg/address.h"

enum { NAMED_PORT_MIN = 1024 };

/* Collects them: behind the address ("192.0.2.1:5060", "[2001:db8::1]:5060", "192.0.2.1 5060" of a candidate), and
 * where the address stands in a c= line the ports of all m= lines with the next one each (RFC 3550 11), and of a=rtcp.
 * Ports below NAMED_PORT_MIN are none. Returns how many were written; each only once. */
size_t named_ports_find(struct text message, const sipalg_address *address, uint16_t *ports, size_t max);

#endif
