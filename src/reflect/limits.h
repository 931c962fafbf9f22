/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keeps `sipalg reflect` safe in public: bounds of memory, time and what it sends. All memory together stays below
 * about 60 MiB whatever comes. */
#ifndef REFLECT_LIMITS_H
#define REFLECT_LIMITS_H

enum {
	/* ---- Sessions ---- */
	SESSIONS_MAX = 128,
	SESSIONS_PER_ADDRESS = 8, /* behind a carrier's NAT several users have one */
	GREETED_NOT_MAX = 32,     /* connections that have not said hello; one more ends the oldest of them */
	HELLOS_BURST = 60,        /* connections of one address … */
	HELLOS_PER_MINUTE = 60,
	OUTPUT_MAX = 256 * 1024, /* bytes of reports that wait for a client; what finds no room is counted as missed */
	ORDERS_MAX = 256,        /* that wait in one session */
	ORDER_BYTES_MAX = 128 * 1024, /* of all their messages */
	SOURCES_MAX = 128,            /* ports of the client from which the token came */
	NAMED_MAX = 32,               /* ports that its messages named first */
	FLOWS_MAX = 16,               /* sources of media that are counted */

	/* ---- TCP connections to the places ---- */
	STREAMS_MAX = 512,
	STREAMS_PER_ADDRESS = 64,
	STREAMS_PER_SESSION = 32,
	STREAM_HEAD_MAX = 8192, /* bytes in which the token must be found */
	STREAM_READS_MAX = 24,  /* reads that they may have come in */
	STREAM_TOKEN_S = 10,    /* until the token must have come */
	STREAM_CONNECT_S = 10,

	/* ---- Bytes sent, with 28 for the headers of each datagram ---- */
	SESSION_BURST = 256 * 1024, /* one session … */
	SESSION_PER_S = 64 * 1024,
	SESSION_TOTAL = 4 * 1024 * 1024,
	ADDRESS_BURST = 16 * 1024 * 1024, /* all sessions of one address … */
	ADDRESS_PER_S = 4 * 1024,
	SERVER_BURST = 4 * 1024 * 1024, /* the whole server … */
	SERVER_PER_S = 1024 * 1024,
	NAMED_DATAGRAMS_MAX = 400, /* of a session, to ports that were only named */
	DATAGRAM_OVERHEAD = 28,

	/* ---- Reports ---- */
	REPORTS_BURST = 1000, /* of one session … */
	REPORTS_PER_S = 200,

	/* ---- Addresses that are remembered ---- */
	VISITORS_MAX = 8192,
	VISITORS_WAYS = 8, /* places in which one address may stand */

	BATCH_MAX = 64, /* datagrams, reads or connections taken at once from one socket */
};

#endif
