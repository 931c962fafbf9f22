/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cuts one direction of a TCP connection into SIP messages (RFC 3261 18.3), and tells what is none. Like the engine it
 * does no I/O: the caller keeps the bytes and the stream remembers how far it has looked, so that each byte is looked
 * at once, however the segments fall.
 *
 *     bytes arrive: append them to what is kept
 *     while ((piece = sipalg_stream_next(&stream, kept, length)).kind != SIPALG_PIECE_NONE)
 *             send piece.length bytes on, a MESSAGE or HEADER by way of sipalg_engine_handle(), and drop them
 *
 * Where messages begin and end does not depend on the segments, nor does the order of bytes; only PASS pieces may be
 * cut differently. */
#ifndef SIPALG_STREAM_H
#define SIPALG_STREAM_H

#include "sipalg/limits.h"

#include <stddef.h>
#include <stdint.h>

enum sipalg_stream_kind {
	SIPALG_STREAM_UNDECIDED = 0, /* what has come can still become SIP */
	SIPALG_STREAM_SIP,
	SIPALG_STREAM_TLS,   /* begins with a TLS record: encrypted, never opened */
	SIPALG_STREAM_OTHER, /* anything else, or no longer to be read as SIP (see enum sipalg_stream_trouble) */
};

/* Why a stream that began like SIP is OTHER now. */
enum sipalg_stream_trouble {
	SIPALG_STREAM_NO_TROUBLE = 0,
	SIPALG_STREAM_HEADER_TOO_LONG, /* longer than SIPALG_MESSAGE_MAX */
	SIPALG_STREAM_LENGTH_BAD,      /* a Content-Length that cannot be read, or two that differ */
	SIPALG_STREAM_NO_START_LINE,   /* what follows a message does not begin one */
	SIPALG_STREAM_GIVEN_UP,        /* by sipalg_stream_give_up() */
};

/* One direction of a connection, zeroed when it begins. Read `kind` and `trouble`; the rest is the stream's own. */
typedef struct sipalg_stream {
	uint64_t body_left; /* bytes of a body that is too long to hold, still to come */
	uint32_t seen;      /* bytes of the message being read that have been looked at */
	uint32_t length;    /* of the message being read, once its header is whole; 0: it is not */
	uint8_t kind;       /* enum sipalg_stream_kind; once TLS or OTHER it never changes */
	uint8_t trouble;    /* enum sipalg_stream_trouble */
	uint8_t place;      /* where in the message the next byte stands */
	uint8_t matched;    /* bytes of "SIP/2.0" that have been met */
} sipalg_stream;

enum sipalg_piece_kind {
	SIPALG_PIECE_NONE = 0, /* more bytes are needed */
	SIPALG_PIECE_MESSAGE,  /* a whole message of at most SIPALG_MESSAGE_MAX bytes */
	SIPALG_PIECE_HEADER,   /* the header of a longer one, empty line included: its body follows as PASS */
	SIPALG_PIECE_PASS,     /* to go on as it is: line ends between messages (keep-alives, RFC 5626 3.5.1), the body
	                        * of a long message, all of a stream that is not SIP */
};

typedef struct sipalg_piece {
	enum sipalg_piece_kind kind;
	size_t length;    /* bytes from the front of what is kept; 0 with NONE */
	size_t body_left; /* with HEADER: how long its body is, for sipalg_packet.body_left; else 0 */
} sipalg_piece;

/* The next piece at the front of `bytes`, which are all that have come and were not yet part of a piece: whoever calls
 * drops the piece before calling again. Never more than SIPALG_MESSAGE_MAX bytes have to be kept for a piece.
 *
 * A stream is SIP only if its first bytes say so, line ends before them aside: "METHOD SP URI SP SIP/2.0" or "SIP/2.0
 * SP". What does not become that is OTHER from the first byte that differs, so that nothing inside another protocol is
 * ever taken for a message (NAT slipstreaming, CVE-2020-28041). */
sipalg_piece sipalg_stream_next(sipalg_stream *stream, const uint8_t *bytes, size_t length);

/* The caller cannot or does not want to keep more bytes (no memory, an undecided stream that has fallen silent): what
 * it has and what comes is PASS from here on. A stream that is TLS or OTHER stays what it is. */
void sipalg_stream_give_up(sipalg_stream *stream);

/* One word each; static text. */
const char *sipalg_stream_kind_word(enum sipalg_stream_kind kind);
const char *sipalg_stream_trouble_word(enum sipalg_stream_trouble trouble);

#endif
