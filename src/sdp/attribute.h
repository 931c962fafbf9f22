/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attributes (a= lines, RFC 8866 5.13) that name an address or decide whether one is needed. */
#ifndef SDP_ATTRIBUTE_H
#define SDP_ATTRIBUTE_H

#include "base/cursor.h"
#include "sdp/sdp.h"

/* Reads what stands behind "a=", which belongs to the last media description begun, or to the session. */
SIPALG_MUST_USE
enum sdp_result sdp_attribute_take(struct cursor attribute, struct sdp *sdp);

/* Most attributes describe codecs; their first letters tell, here, without a call. */
SIPALG_MUST_USE
static inline enum sdp_result sdp_attribute_read(struct cursor attribute, struct sdp *sdp)
{
	if (cursor_left(attribute) < 4 || (attribute.at[0] == 'r' && attribute.at[1] == 't' && attribute.at[2] == 'p'))
		return SDP_WHOLE;
	switch (attribute.at[0]) {
	case 'a': /* altc */
	case 'b': /* bundle-only */
	case 'c': /* candidate */
	case 'i': /* inactive, ice-* */
	case 'r': /* recvonly, rtcp, rtcp-mux */
	case 's': /* sendrecv, sendonly */
		return sdp_attribute_take(attribute, sdp);
	default:
		return SDP_WHOLE;
	}
}

#endif
