/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Session descriptions (RFC 8866) as slices: only what names an address or decides whether one is needed. */
#ifndef SDP_SDP_H
#define SDP_SDP_H

#include "base/text.h"
#include "sip/uri.h"
#include "sipalg/limits.h"

/* An address as c=, o= or a=rtcp write it: "IN IP4 192.0.2.1". */
struct sdp_address {
	/* name empty: not given. A multicast "/ttl" suffix is not part of the name. An address of the other family than
	 * the address type says is a name. */
	struct sip_host host;
	bool is_ip4, is_ip6; /* the address type's word; both false: another */
};

enum sdp_direction { SDP_SENDRECV = 0, SDP_SENDONLY, SDP_RECVONLY, SDP_INACTIVE };

struct sdp_rtcp {              /* a=rtcp:10051 or a=rtcp:10051 IN IP4 192.0.2.1 (RFC 3605) */
	struct text port_text; /* empty: no a=rtcp */
	uint16_t port;
	struct sdp_address address; /* name empty: the media's own address */
};

struct sdp_candidate {       /* a=candidate (RFC 8839 5.1) or a=altc (RFC 6947 4.1) */
	uint8_t media;       /* index in `media`; SDP_CANDIDATE_SESSION: stands before the first m= */
	bool is_alternative; /* a=altc: instead of the addresses of c= and m=, not for ICE */
	bool is_udp;
	bool is_host; /* typ host */
	struct sip_host host;
	struct text port_text;
	uint16_t port;
};

enum { SDP_CANDIDATE_SESSION = 255, SDP_CONNECTIONS_MAX = 4 };

struct sdp_media {
	struct text kind;      /* audio, video, image, text, message, application … */
	struct text port_text; /* the first port's digits */
	uint16_t port;         /* 0: rejected or bundle-only */
	uint16_t port_count;   /* of "port/number", else 1 */
	struct text protocol;  /* RTP/AVP, udptl, TCP/MSRP, … */
	size_t connection_count;
	struct sdp_address connections[SDP_CONNECTIONS_MAX]; /* c= lines of this m=; usually 0 or 1 */
	struct sdp_rtcp rtcp;
	bool rtcp_mux; /* a=rtcp-mux or a=rtcp-mux-only */
	bool bundle_only;
	bool has_direction;
	enum sdp_direction direction;
};

struct sdp {
	struct text whole;
	struct sdp_address origin; /* of o= */
	size_t connection_count;   /* session-level c= */
	struct sdp_address connections[SDP_CONNECTIONS_MAX];
	enum sdp_direction direction; /* session-level, else SENDRECV; applies to media without one of their own */
	bool has_ice;                 /* a=ice-ufrag, a=ice-lite or any a=candidate seen */
	size_t media_count;
	struct sdp_media media[SIPALG_SDP_MEDIA_MAX];
	size_t candidate_count;
	struct sdp_candidate candidates[SIPALG_SDP_CANDIDATES_MAX];
};

enum sdp_result {
	SDP_BAD = 0,   /* an m=, c= or a=rtcp line cannot be read: leave the body alone */
	SDP_TOO_LARGE, /* more media, candidates or c= lines than the limits allow */
	SDP_WHOLE,
};

/* Reads a session description. Lines may come in any order, end in CRLF or LF, be unknown; the last may lack its end;
 * o= may be missing, its host may be a name. A port above 65535, an m= without its fields, a c= without address, two
 * a=rtcp for one m= are BAD; an a=candidate or a=altc that cannot be read is passed over. */
SIPALG_MUST_USE
enum sdp_result sdp_parse(struct text text, struct sdp *sdp);

/* The address that holds for a stream: its own c=, else the session's (RFC 8866 5.7). NULL: none was given. */
static inline const struct sdp_address *sdp_connection_of(const struct sdp *sdp, const struct sdp_media *media)
{
	if (media->connection_count)
		return &media->connections[0];
	return sdp->connection_count ? &sdp->connections[0] : NULL;
}

#endif
