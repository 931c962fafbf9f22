/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attributes (a= lines, RFC 8866 5.13) that name an address or decide whether one is needed. */
#ifndef SDP_ATTRIBUTE_H
#define SDP_ATTRIBUTE_H

#include "sdp/sdp.h"

/* Reads what stands behind "a=". `media` is the media description it stands in, NULL: before the first one. */
SIPALG_MUST_USE
enum sdp_result sdp_attribute_read(struct text attribute, struct sdp *sdp, struct sdp_media *media);

#endif
