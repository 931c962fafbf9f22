/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the SDP in a body: the body itself, or parts of multipart bodies (RFC 2046 5.1, RFC 5621). */
#ifndef SIP_BODY_H
#define SIP_BODY_H

#include "sip/message.h"

enum { SIP_BODY_SDP_MAX = 4 };

struct sip_body {
	struct text sdp[SIP_BODY_SDP_MAX]; /* slices of the message's body */
	size_t sdp_count;
	/* The body is signed, encrypted or encoded (multipart/signed, application/pkcs7-mime, Content-Encoding other
	 * than identity, digest with qop=auth-int): it must not change. sdp_count is 0 then. */
	bool is_sealed;
};

/* Looks at Content-Type by type and subtype in any case with any parameters (also compact "c"); a body without
 * Content-Type holds nothing. multipart/mixed, /alternative, /related are walked down to
 * SIPALG_MULTIPART_DEPTH_MAX. auth-int is looked for in Authorization and Proxy-Authorization. Parts whose own headers
 * give a Content-Transfer-Encoding other than 7bit, 8bit, binary or a Content-Encoding are passed over.
 * False: more parts, levels or SDPs than the limits allow; the body is best left alone. */
SIPALG_MUST_USE
bool sip_body_find_sdp(const struct sip_message *message, struct sip_body *body);

/* True when what Content-Type says is SDP or a multipart body, in which there may be some. */
bool sip_body_may_hold_sdp(const struct sip_message *message);

#endif
