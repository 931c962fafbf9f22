/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the server must have sent for a phone to read this. A capture from the inside shows messages as the phone got
 * them; behind a gateway that puts inside addresses back they came with outside ones. */
#ifndef TRANSLATE_REVERSE_H
#define TRANSLATE_REVERSE_H

#include "sipalg/limits.h"
#include "translate/router.h"

enum { REVERSE_MAX = SIPALG_MESSAGE_MAX };

/* Writes the message with each inside endpoint of the phone's that it names in its Request-URI, in Via, Contact or a
 * route, by the name that endpoint has outside. Returns its length; 0: nothing has to be changed, or it has no room. */
size_t reverse_message(const struct router *router, const sipalg_endpoint *phone, struct text message,
                       char out[REVERSE_MAX]);

#endif
