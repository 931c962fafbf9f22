/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a diagnosis holds at a time, whatever the capture's length. What is beyond goes the way of the oldest. */
#ifndef DIAGNOSE_LIMITS_H
#define DIAGNOSE_LIMITS_H

enum {
	SIDES_MAX = 2,    /* captures */
	CALLS_MAX = 8192, /* Call-IDs; the one that is judged when one more comes has ended, or been silent, longest */
	CALL_EVENTS_MAX = 256,  /* messages of one, repetitions aside */
	STREAMS_TOLD_MAX = 4,   /* m= lines of one session description that are followed */
	FLOWS_MAX = 32768,      /* UDP flows in one direction */
	ANNOUNCED_MAX = 32768,  /* transport addresses named by session descriptions */
	UNREACHABLES_MAX = 256, /* places that ICMP says packets did not reach */
	CONNECTIONS_MAX = 8192, /* TCP connections in one direction; one more takes the place of the first */
	REGISTRATIONS_MAX = 4096,
	CAUSES_MAX = 256,
	PENDING_MAX = 256, /* messages that may be met again on the other side under another name */
	HOSTS_MAX = 1024,  /* addresses whose place is known */
	LISTED_MAX = 1000, /* calls told of by name */
	TEXT_MAX = 96,     /* bytes kept of a Call-ID or a URI for display */
};

/* Nanoseconds. */
#define SECOND_NS UINT64_C(1000000000)
#define MILLISECOND_NS UINT64_C(1000000)

/* The same packet twice in one capture, as a bridge shows it: no sender repeats a message so soon (RFC 3261 17.1.1.1).
 */
#define DUPLICATE_NS (50 * MILLISECOND_NS)

/* How long a router may take from one side to the other, clocks included. */
#define CROSSING_NS (2 * SECOND_NS)

#endif
