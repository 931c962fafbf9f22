/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is different between a message as it was sent and as it arrived, by what the changed part means in SIP. */
#ifndef COMPARE_CHANGE_H
#define COMPARE_CHANGE_H

#include "base/text.h"
#include "sipalg/address.h"

enum place {
	PLACE_NONE = 0,

	/* ---- Addresses ---- */
	PLACE_REQUEST_URI,
	PLACE_VIA, /* sent-by, of any of them */
	PLACE_CONTACT,
	PLACE_RECORD_ROUTE,
	PLACE_ROUTE,
	PLACE_PATH, /* Path and Service-Route */
	PLACE_MADDR,
	PLACE_FROM_TO,
	PLACE_SDP_ORIGIN,
	PLACE_SDP_CONNECTION,
	PLACE_SDP_RTCP,
	PLACE_SDP_CANDIDATE,
	PLACE_SDP_PORT, /* of m= */

	/* ---- What nobody has to change ---- */
	PLACE_START_LINE, /* but for the Request-URI */
	PLACE_BRANCH,
	PLACE_RPORT, /* received and rport */
	PLACE_TAG,
	PLACE_DISPLAY_NAME,
	PLACE_USER, /* of a URI */
	PLACE_CALL_ID,
	PLACE_CSEQ,
	PLACE_MAX_FORWARDS,
	PLACE_TIMER,        /* Expires, Session-Expires, Min-SE, the expires of a Contact */
	PLACE_OTHER_HEADER, /* other headers, and other parts of those above */
	PLACE_HEADER_ADDED,
	PLACE_HEADER_REMOVED,
	PLACE_ORDER,
	PLACE_FORM,   /* case, compact names, folds, blanks, line ends */
	PLACE_SYNTAX, /* it could be read and now it cannot */
	PLACE_SDP_OTHER,
	PLACE_SDP_LINE_ADDED,
	PLACE_SDP_LINE_REMOVED,
	PLACE_BODY,           /* other bodies */
	PLACE_BODY_APPENDED,  /* behind its end, and counted */
	PLACE_BODY_END,       /* it is cut */
	PLACE_CONTENT_LENGTH, /* does not say how long the body is */
	PLACE_EXCESS,         /* bytes behind the end have become part of the body */
	PLACE_COUNT,
};

/* Where a message or a description says that something can be reached. Port 0: none is written. `address` none: a
 * name. */
struct spot {
	sipalg_address address;
	uint16_t port;
};

struct change {
	enum place place;
	uint8_t index;             /* which of several: Contacts, streams; 255: the session's */
	struct text before, after; /* slices of the messages, as small as they mean something */
	struct spot from, to;      /* of address places */
};

enum { CHANGES_MAX = 96, CHANGE_SESSION = 255 };

struct changes {
	struct change list[CHANGES_MAX];
	size_t count;
	bool overflow; /* there were more */
};

/* In words, for a sentence: "the Via's address", "the Call-ID". */
const char *place_words(enum place place);

static inline bool place_is_address(enum place place)
{
	return place >= PLACE_REQUEST_URI && place <= PLACE_SDP_CANDIDATE;
}

/* The first change at a place; NULL: there is none. */
const struct change *changes_find(const struct changes *changes, enum place place);
/* … that is the index'th. */
const struct change *changes_find_at(const struct changes *changes, enum place place, uint8_t index);

void changes_add(struct changes *changes, const struct change *change);

#endif
