/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a capture file (pcap or pcapng, by libpcap) item by item, in bounded memory: UDP datagrams, put together again
 * when they came in fragments; TCP segments, and the SIP messages in their streams; what ICMP says. Every frame gives
 * at least one item, so that a capture can be copied while it is read.
 *
 *     while (capture_next(capture, &item))
 *             look at item
 *     say capture_trouble(capture), when there is any */
#ifndef CAPTURE_CAPTURE_H
#define CAPTURE_CAPTURE_H

#include "base/text.h"
#include "capture/link.h"
#include "console/problem.h"
#include "sipalg/address.h"

#include <stdio.h>

enum capture_kind {
	CAPTURE_OTHER = 0,      /* no IP, another protocol, or it cannot be read */
	CAPTURE_FRAGMENT,       /* held back until its datagram is whole: the DATAGRAM comes behind the last one */
	CAPTURE_FRAGMENTS_LOST, /* a datagram of which fragments never came; `bytes` is what its first one held, if it
	                         * came. `frame` is the one at which that was noticed, and has an item of its own. */
	CAPTURE_DATAGRAM,       /* UDP */
	CAPTURE_SEGMENT,        /* TCP; `bytes` is what the segment holds */
	CAPTURE_MESSAGE,        /* a SIP message from a TCP stream, behind the SEGMENT that completes it */
	CAPTURE_BROKEN,      /* like MESSAGE: what stands in a SIP stream where a message should begin, and is none */
	CAPTURE_UNREACHABLE, /* ICMP: what `source` sent to `destination` did not arrive; see `icmp` */
};

struct capture_frame {
	uint64_t number;  /* as Wireshark counts, from 1 */
	uint64_t time_ns; /* since 1970 */
	const uint8_t *bytes;
	size_t length;      /* bytes the capture holds */
	size_t wire_length; /* bytes the frame had */
	struct link link;
};

struct capture_tcp {
	uint32_t sequence, acknowledged;
	uint16_t window;
	uint8_t flags; /* CAPTURE_TCP_… */
	struct text options;
	size_t length; /* of the payload as it was; the capture may hold less */
};

struct capture_item {
	enum capture_kind kind;
	const struct capture_frame *frame;
	sipalg_endpoint source, destination; /* ports 0 where there are none, or none are known */
	struct text bytes;                   /* of UDP's or TCP's payload; valid until the next item is taken */
	uint8_t hop_limit;                   /* IPv4's time to live too */
	struct capture_tcp tcp;              /* SEGMENT */
	uint8_t icmp_type, icmp_code;        /* UNREACHABLE */
	sipalg_address reporter;             /* … who says so */
	bool cut;                            /* the capture does not hold all of it (a snapshot length) */
	uint32_t fragments;                  /* DATAGRAM: how many it came in; 1: not fragmented */
	uint32_t fragment_at;                /* FRAGMENT: where in its packet, in bytes */
	bool is_split;                       /* MESSAGE: it took more than one segment, or did not begin with one */
	uint32_t gaps;                       /* MESSAGE, BROKEN: how often bytes are missing before it in its stream */
	uint64_t body_left;                  /* MESSAGE: bytes of a body too long to hold; else 0 */
};

enum { CAPTURE_TCP_FIN = 0x01, CAPTURE_TCP_SYN = 0x02, CAPTURE_TCP_RST = 0x04, CAPTURE_TCP_ACK = 0x10 };

/* What a reader of the whole file may want to tell. */
struct capture_counts {
	uint64_t frames, cut, unreadable;
	uint64_t datagrams, fragments, fragments_lost;
	uint64_t segments, messages;
	uint64_t gaps;        /* places where a TCP stream lacks bytes */
	uint64_t encrypted;   /* TCP streams that are TLS */
	uint64_t streams_bad; /* SIP streams whose framing broke (a wrong Content-Length) */
};

struct capture;

/* "-" is standard input. NULL: the problem says why (no such file, no capture, a link type that is not supported). */
struct capture *capture_open(const char *path, struct problem *problem);

/* The same of a stream that is open; it is closed with the capture, or when there is none. */
struct capture *capture_open_stream(FILE *file, const char *name, struct problem *problem);

/* Whoever reads puts the streams together itself: there will be no MESSAGE. */
void capture_leave_streams(struct capture *capture);

/* The next item. False: the end; capture_trouble() says whether it was that of the file. */
SIPALG_MUST_USE
bool capture_next(struct capture *capture, struct capture_item *item);

/* What kept the reader from reading to the end, one line: a file that was cut or is corrupt. NULL: nothing did. */
const char *capture_trouble(const struct capture *capture);

const struct capture_counts *capture_counts(struct capture *capture);

/* How much has been read, 0 to 1; negative when nobody knows. */
double capture_progress(const struct capture *capture);

int capture_link_type(const struct capture *capture); /* libpcap's DLT_… */

void capture_close(struct capture *capture); /* NULL is none */

#endif
