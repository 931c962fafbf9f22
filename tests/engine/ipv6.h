/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A phone that has addresses of both families, and networks that translate them in any way. It is 192.168.1.2 behind
 * NAT, and 2001:db8:5::2 or fd00:5::2; outside, this network is 203.0.113.1 and 2001:db8::1. */
#ifndef TESTS_ENGINE_IPV6_H
#define TESTS_ENGINE_IPV6_H

#include "conversation.h"

extern sipalg_endpoint server6; /* 2001:db8:99::1 */

int ipv6_setup(void **state);

/* The phone's IPv6 network; `phone` is in it then. */
void live_in(const char *address, const char *inside, enum sipalg_translation translation, const char *outside);
void live_routed(void);
void live_behind_nat66(void);
void live_behind_prefix(void);

/* Between the phone and the server of its family. */
void goes_out(const char *message, const char *expected);
void comes_in(const char *message, const char *expected);

/* An INVITE of the phone with that description; no Contact, so that media are all there is to see. */
void offers(const char *description, const char *expected);
void offers_unchanged(const char *description);

/* The plane's binding of that inside endpoint; NULL: none. */
const struct plane_binding *binding_of(const char *address, uint16_t port);
bool is_open_to(const char *address, uint16_t port, const char *peer);

#define DIALOG(cseq) "From: <sip:a@x>;tag=near\nTo: <sip:b@x>\nCall-ID: call\nCSeq: " cseq "\n"
#define ANSWERED(cseq) "From: <sip:a@x>;tag=near\nTo: <sip:b@x>;tag=far\nCall-ID: call\nCSeq: " cseq "\n"
#define BODY "Content-Type: application/sdp\nContent-Length: #\n\nv=0\n"

#endif
