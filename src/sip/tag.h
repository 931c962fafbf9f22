/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tag of From or To (RFC 3261 19.3), without reading the rest of them. */
#ifndef SIP_TAG_H
#define SIP_TAG_H

#include "sipalg/attributes.h"

#include "base/text.h"

/* False: there is none, or the header cannot be read up to it. */
SIPALG_MUST_USE
bool sip_tag_find(struct text value, struct text *tag);

#endif
