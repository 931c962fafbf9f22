/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is tried: for each thing that a SIP ALG is known to break, the message that shows it. */
#ifndef CHECK_PROBE_H
#define CHECK_PROBE_H

#include "check/compose.h"
#include "report/fault.h"

/* What stands in the braces of a pattern besides compose.h's own names:
 *
 *   mark            the session's token and the letter's number: what a message is known again by
 *   in, ip          our address as SIP and as SDP write it ("[2001:db8::2]", "IP6 2001:db8::2")
 *   port            the port we send from
 *   other           a second port of ours, which is open
 *   rtp … rtp4      ports for media, even and open; rtcp one beside
 *   srv, srvip, sport   the far end's address and port
 *   tp              UDP or TCP
 *   expires         how long a registration lasts, in seconds
 *
 * In what comes from the far end, everything is as it sees it:
 *
 *   contact, outside   where it would send a request to, and our address and port as it sees them
 *   call               the mark of the message that is answered, or that began the call
 *   via, from, to, call-id, cseq, requested-contact   of the request that is answered
 *   mport              its port for media
 *   elsewhereip        an address of nobody here
 */
struct probe {
	const char *name;  /* stable: it stands in JSON */
	const char *title; /* "an INVITE", as it is used in a sentence */
	enum fault_kind lost;
	struct pattern pattern;
	bool everywhere;   /* over all ways, not the main one alone */
	bool whole;        /* "don't fragment" is set */
	bool apart;        /* only from a socket of its own, for it makes some ALGs treat all that follows otherwise */
	bool answered;     /* the far end ends the call it begins, for the sake of those that keep state */
	struct text bytes; /* instead of a pattern: what is no SIP */
	const char *answers; /* arrivals: the probe of ours that this answers; NULL: a request; "": none of the usual
	                        ones */
};

/* From us to the far end. */
extern const struct probe probe_table[];
extern const size_t probe_count;

/* From the far end to us. */
extern const struct probe arrival_table[];
extern const size_t arrival_count;

/* From us, as answers to what came from there. */
extern const struct probe reply_table[];
extern const size_t reply_count;

/* Sent over one TCP connection each: how the bytes of one or two messages are divided. */
enum division {
	DIVISION_NONE = 0,    /* each message by itself */
	DIVISION_BODY,        /* one message, cut 40 bytes before its end */
	DIVISION_HEADER,      /* one message, cut within its header */
	DIVISION_START,       /* one message, cut behind its first three bytes */
	DIVISION_TOGETHER,    /* two messages at once */
	DIVISION_HALF_HEADER, /* the first and half the header of the second, then the rest */
	DIVISION_HALF_BODY,   /* the first and all but 30 bytes of the second, then the rest */
	DIVISION_COUNT,
};

struct stream_probe {
	const char *name, *title;
	enum division division;
	const char *first, *second; /* names of probes; second NULL: there is none */
};

/* From us to the far end. */
extern const struct stream_probe stream_table[];
extern const size_t stream_count;

/* From the far end to us, down a connection that we have opened; the probes are arrivals. */
extern const struct stream_probe stream_arrival_table[];
extern const size_t stream_arrival_count;

/* The probe named so in a table; it must be there. */
const struct probe *probe_named(const char *name);
const struct probe *arrival_named(const char *name);

#endif
