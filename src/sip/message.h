/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A SIP message as slices of its own bytes (RFC 3261 7 and 25). */
#ifndef SIP_MESSAGE_H
#define SIP_MESSAGE_H

#include "base/text.h"
#include "sipalg/limits.h"

/* The headers the gateway looks at; all others are OTHER and are not listed. */
enum sip_header_kind {
	SIP_HEADER_OTHER = 0,
	SIP_HEADER_VIA,
	SIP_HEADER_CONTACT,
	SIP_HEADER_FROM,
	SIP_HEADER_TO,
	SIP_HEADER_CALL_ID,
	SIP_HEADER_CSEQ,
	SIP_HEADER_RECORD_ROUTE,
	SIP_HEADER_ROUTE,
	SIP_HEADER_PATH,
	SIP_HEADER_SERVICE_ROUTE,
	SIP_HEADER_EXPIRES,
	SIP_HEADER_SESSION_EXPIRES,
	SIP_HEADER_SUBSCRIPTION_STATE,
	SIP_HEADER_AUTHORIZATION,
	SIP_HEADER_PROXY_AUTHORIZATION,
	SIP_HEADER_IDENTITY_INFO, /* RFC 4474 only; its successor RFC 8224 has no such header */
	SIP_HEADER_CONTENT_TYPE,
	SIP_HEADER_CONTENT_ENCODING,
	SIP_HEADER_CONTENT_LENGTH,
	SIP_HEADER_KIND_COUNT,
};

enum sip_method {
	SIP_METHOD_OTHER = 0, /* any extension method; `method_name` says which */
	SIP_METHOD_INVITE,
	SIP_METHOD_ACK,
	SIP_METHOD_BYE,
	SIP_METHOD_CANCEL,
	SIP_METHOD_REGISTER,
	SIP_METHOD_OPTIONS,
	SIP_METHOD_PRACK,
	SIP_METHOD_UPDATE,
	SIP_METHOD_SUBSCRIBE,
	SIP_METHOD_NOTIFY,
	SIP_METHOD_REFER,
	SIP_METHOD_MESSAGE,
	SIP_METHOD_INFO,
	SIP_METHOD_PUBLISH,
};

/* `value` has no blanks at its ends but may contain folds. */
struct sip_header {
	enum sip_header_kind kind;
	struct text value;
};

struct sip_message {
	struct text whole; /* from the first byte of the datagram (leading CRLF included) to its last */
	bool is_request;
	enum sip_method method;  /* request: of the start line; response: of CSeq */
	struct text method_name; /* … as written */
	struct text request_uri; /* request only; else empty */
	uint16_t status;         /* response only; else 0 */
	size_t header_count;
	struct sip_header headers[SIPALG_HEADERS_MAX]; /* as they come; only kinds other than OTHER */
	/* Index of the first header of a kind in `headers`, plus one; 0: there is none. */
	uint16_t first[SIP_HEADER_KIND_COUNT];
	uint64_t cseq;
	/* Digits of Content-Length as written (empty: no such header). */
	struct text content_length;
	/* What belongs to the message behind the empty line: Content-Length bytes, or the rest of the datagram when
	 * there is no Content-Length (RFC 3261 18.3). Bytes beyond it are excess: they stay in `whole` and are never
	 * looked at. */
	struct text body;
};

enum sip_result {
	SIP_NOT_SIP = 0, /* the first line is no SIP start line */
	SIP_MALFORMED,   /* it is SIP but cannot be read without guessing */
	SIP_TOO_LARGE,   /* more headers than SIPALG_HEADERS_MAX */
	SIP_WHOLE,
};

/* Reads the message in a datagram. Lenient on purpose where the field is: leading CRLFs, bare LF as line end, blanks
 * before the colon, folding, any case, compact names, unknown methods (any token) and headers; a header line without a
 * colon is passed over like an unknown header; extra blanks in the start line, even within the Request-URI, since
 * method and version remain certain. MALFORMED is: a Content-Length beyond the datagram's end (it was cut); no empty
 * line behind the headers (nobody can tell whether more were to come); Call-ID, CSeq, From, To or Via missing; Call-ID,
 * CSeq, From, To, Content-Type or Content-Length twice (which one counts is a guess); a CSeq beyond 32 bits or, in a
 * request, of another method than the start line's; a SIP version other than 2.0; a status other than 100 to 699.
 * Writes *message only in part when the result is not SIP_WHOLE. Allocates nothing, keeps nothing. */
SIPALG_MUST_USE
enum sip_result sip_message_parse(struct text datagram, struct sip_message *message);

/* The same for the header of a message on a stream whose last `body_left` bytes are not there: `body` is what is. */
SIPALG_MUST_USE
enum sip_result sip_message_parse_header(struct text header, size_t body_left, struct sip_message *message);

/* How long a body the header of a message on a stream announces; `header` goes from its start line to its empty line.
 * Without Content-Length there is none (RFC 3261 18.3). False: a Content-Length cannot be read, or there are two that
 * differ. */
SIPALG_MUST_USE
bool sip_header_frame(struct text header, uint64_t *body_length);

/* The value of the first header of that kind; empty (start NULL) when there is none. */
static inline struct text sip_message_header(const struct sip_message *message, enum sip_header_kind kind)
{
	uint16_t first = message->first[kind];
	return first == 0 ? (struct text){ NULL, 0 } : message->headers[first - 1].value;
}

#endif
