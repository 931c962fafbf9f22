/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Phones in one network namespace, their provider in another, both played by one process: what the programs that load a
 * router have in common. */
#ifndef BENCH_TRAFFIC_H
#define BENCH_TRAFFIC_H

#include "messages.h"

enum {
	PHONE_ADDRESS = 0x0a09000a,   /* 10.9.0.10 is the first phone's */
	OUTSIDE_ADDRESS = 0x644d0001, /* 100.77.0.1 is the router's */
	SERVER_ADDRESS = 0x644d0002,  /* 100.77.0.2 */
	WATCHED_MAX = 64,
};

/* Prints what failed, with errno's text, and ends the program. */
__attribute__((noreturn)) void traffic_fail(const char *what);

/* A number of the command line. */
unsigned long traffic_number(const char *text);

/* Goes into the named namespace. */
void traffic_go(const char *network_namespace);

/* A UDP socket in the named namespace; the process stays in that namespace. */
int traffic_socket(const char *network_namespace, uint32_t ipv4, uint16_t port);

/* The provider's answer to a request as it arrived: same Via, From, To, Call-ID and CSeq; with SDP to an INVITE.
 * Returns its length, 0 for a request that wants no answer (ACK). */
size_t traffic_answer(const char *request, char out[MESSAGE_MAX]);

/* CPU time that this process and `watched` ones (by process number) use. Work that the kernel does for a packet is
 * done, and counted, in whoever sent that packet on; what it puts off is done by kernel threads, which are to be
 * watched. */
struct traffic_clock {
	size_t watched_count;
	int watched[WATCHED_MAX];
	uint64_t own_ns, watched_ns[WATCHED_MAX]; /* at the start */
};

/* Takes the process numbers from the rest of a command line. */
void traffic_clock_watch(struct traffic_clock *clock, int count, char **numbers);
void traffic_clock_start(struct traffic_clock *clock);

/* The time used since the start, in ns; of who has ended meanwhile: none. */
uint64_t traffic_clock_read(const struct traffic_clock *clock);

#endif
