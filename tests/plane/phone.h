/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Just enough SIP for the plane's tests: messages are written by hand, and what arrives is searched as text. */
#ifndef TESTS_PLANE_PHONE_H
#define TESTS_PLANE_PHONE_H

#include "world.h"

/* An INVITE with an offer, as the phone at `address`:`port` writes it; `padding` bytes are added in a header. */
size_t phone_invite(char out[WORLD_MESSAGE_MAX], const char *address, uint16_t port, uint16_t media_port,
                    const char *call, size_t padding);
size_t phone_register(char out[WORLD_MESSAGE_MAX], const char *address, uint16_t port, const char *call);
size_t phone_bye(char out[WORLD_MESSAGE_MAX], const char *address, uint16_t port, const char *call);

/* A response to a request that arrived; with `sdp_address` an answer comes with it, with `expires` that header. */
size_t provider_response(char out[WORLD_MESSAGE_MAX], const char *request, const char *status, const char *sdp_address,
                         uint16_t media_port, int expires);

/* A request of a server's own to a contact. */
size_t provider_request(char out[WORLD_MESSAGE_MAX], const char *method, const char *address, uint16_t port);

/* The port of a message's first m= line; 0: it has none. */
uint16_t message_media_port(const char *message);

#endif
