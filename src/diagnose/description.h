/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a session description matters for following its media. */
#ifndef DIAGNOSE_DESCRIPTION_H
#define DIAGNOSE_DESCRIPTION_H

#include "diagnose/calls.h"

/* The description in a message; NULL: there is none that can be read. The caller frees it. */
struct description *description_take(const struct sip_message *message);

#endif
