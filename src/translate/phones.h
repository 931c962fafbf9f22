/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which inside host a message from outside the router comes from: what it says of itself. */
#ifndef TRANSLATE_PHONES_H
#define TRANSLATE_PHONES_H

#include "base/text.h"
#include "translate/router.h"

/* The inside endpoint that the message's first Via or its Contact names; from then on the outside endpoint it was sent
 * from, `source`, stands for it. Over TCP they name where the phone listens, so only the address is theirs. False: it
 * names none. */
SIPALG_MUST_USE
bool phone_find(struct router *router, const sipalg_endpoint *source, struct text message, sipalg_endpoint *inside);

#endif
