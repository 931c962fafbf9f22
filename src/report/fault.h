/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be wrong on the way of SIP, in words for the one who suffers it and for the one who must mend it. */
#ifndef REPORT_FAULT_H
#define REPORT_FAULT_H

#include <stddef.h>

enum fault_kind {
	FAULT_NONE = 0,

	/* Notes: harmless in themselves. */
	FAULT_ALG_REWRITES,
	FAULT_ALG_UNDOES_ON_RETURN,
	FAULT_NAT,
	FAULT_CARRIER_NAT,
	FAULT_UDP_BINDING_SHORT,
	FAULT_TCP_BINDING_SHORT,
	FAULT_MEDIA_SECOND_SOURCE_FILTERED,

	/* Messages that do not arrive. */
	FAULT_MESSAGE_DROPPED,
	FAULT_METHOD_DROPPED,
	FAULT_ODD_MESSAGE_DROPPED,
	FAULT_SIP_PORT_BLOCKED,
	FAULT_SIP_ANSWERED_MIDWAY,
	FAULT_LARGE_MESSAGE_LOST,
	FAULT_FRAGMENTS_LOST,
	FAULT_KEEPALIVE_DROPPED,
	FAULT_BURST_LIMITED,

	/* Messages that arrive damaged. */
	FAULT_MESSAGE_CORRUPTED,
	FAULT_CONTENT_LENGTH_WRONG,
	FAULT_BODY_TRUNCATED,
	FAULT_BODY_JUNK,
	FAULT_OTHER_BODY_ALTERED,
	FAULT_MULTIPART_BROKEN,

	/* Parts that nobody on the way may change. */
	FAULT_CALL_ID_REWRITTEN,
	FAULT_TAG_REWRITTEN,
	FAULT_BRANCH_REWRITTEN,
	FAULT_FROM_TO_REWRITTEN,
	FAULT_REQUEST_URI_REWRITTEN,
	FAULT_DISPLAY_NAME_REWRITTEN,
	FAULT_HEADER_ADDED,
	FAULT_HEADER_REMOVED,
	FAULT_HEADERS_REORDERED,
	FAULT_HEADER_RECASED,
	FAULT_MAX_FORWARDS_LOWERED,
	FAULT_TIMER_ALTERED,

	/* Where to send: changed by halves, or wrongly. */
	FAULT_HALF_REWRITTEN,
	FAULT_CONTACT_NOT_REWRITTEN,
	FAULT_CONTACT_UNREACHABLE,
	FAULT_CONTACT_PORT_WRONG,
	FAULT_RESPONSE_PORT_FORCED,
	FAULT_RPORT_HIDDEN,
	FAULT_NOT_RESTORED,

	/* Session descriptions and media. */
	FAULT_SDP_NOT_REWRITTEN,
	FAULT_SDP_ADDRESS_WRONG,
	FAULT_SDP_PORT_WRONG,
	FAULT_SDP_ORIGIN_ALTERED,
	FAULT_SDP_LINE_ADDED,
	FAULT_RTCP_IGNORED,
	FAULT_ICE_MISMATCH,
	FAULT_MEDIA_BLOCKED_IN,
	FAULT_MEDIA_BLOCKED_OUT,
	FAULT_MEDIA_SOURCE_PORT,

	/* Lifetimes. */
	FAULT_BINDING_TOO_SHORT,
	FAULT_REGISTRATION_OUTLIVED,
	FAULT_SESSION_TIMER_MISSED,

	/* TCP. */
	FAULT_TCP_BLOCKED,
	FAULT_TCP_SPLIT_UNTOUCHED,
	FAULT_TCP_CORRUPTED,
	FAULT_TCP_MESSAGE_LOST,
	FAULT_TCP_CUT,

	/* What a capture shows of a call. */
	FAULT_ACK_ASTRAY,
	FAULT_BYE_ASTRAY,
	FAULT_PRIVATE_CONTACT,
	FAULT_PRIVATE_VIA,
	FAULT_PRIVATE_SDP,
	FAULT_REFUSED_REPEATEDLY,

	FAULT_COUNT,
};

enum severity { SEVERITY_NOTE = 0, SEVERITY_FAULT };

/* Who can do this: something that reads SIP, or any network without its reading anything. */
enum cause { CAUSE_NETWORK = 0, CAUSE_ALG };

struct fault {
	enum fault_kind kind;
	const char *name; /* kebab-case; stable: scripts rely on it */
	enum severity severity;
	enum cause cause;
	const char *title;  /* what is wrong, in a few words */
	const char *suffer; /* what the user notices, in one or two sentences of plain English */
	const char *means;  /* the same for a support desk, in SIP's words */
	const char *remedy; /* what to do about it */
};

/* The remedy of most that an ALG does. A row's `remedy` begins with it, and may go on with " Or …". */
extern const char fault_switch_off[];

/* The row of a kind; that of FAULT_NONE has empty texts. Static. */
const struct fault *fault_of(enum fault_kind kind);

/* The kind with this name; FAULT_NONE: there is none. */
enum fault_kind fault_find(const char *name);

#endif
