/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A way of three routers, each in a network namespace of this process's own:
 *
 *     client ── r1 ── r2 ── r3 ── server
 *     10.1.0.2  .1 | 10.22.0.1  .2 | 198.51.100.1  .2 | 203.0.113.1  .2
 *     2001:db8:1::2  ::1 | 2001:db8:2::1  ::2 | 2001:db8:3::1  ::2 | 2001:db8:4::1  ::2
 *
 * A test's process is the client. */
#ifndef TESTS_PATH_WORLD_H
#define TESTS_PATH_WORLD_H

#include "report/report.h"

#define CLIENT "10.1.0.2"
#define SERVER "203.0.113.2"
#define SERVER6 "2001:db8:4::2"

enum host { HOST_CLIENT = 0, HOST_R1, HOST_R2, HOST_R3, HOST_SERVER, HOST_COUNT };

/* What answers SIP at the server. */
enum server {
	SERVER_NONE = 0,      /* nobody listens: ICMP says so */
	SERVER_PLAIN,         /* all but ACKs get a 404, by RFC 3581 */
	SERVER_PLAIN_NOT_ODD, /* … but messages without Content-Length */
};

/* How r2 quotes what has run out of hops there, in place of its kernel. */
enum quoting {
	QUOTING_KERNEL = 0,
	QUOTING_SHORT, /* the IP header and 8 bytes: RFC 792's least */
	QUOTING_MPLS,  /* 128 bytes and an extension, without saying so */
};

struct setup {
	const char *rules[HOST_COUNT]; /* for nft; NULL: none */
	enum server server;
	enum quoting quoting;
	bool ipv6;
	bool unprivileged; /* the client has no right to raw sockets */
	uint16_t port;
};

/* Rules. */
#define NAT(outside)                                                                                                   \
	"table ip nat {\nchain post {\ntype nat hook postrouting priority 100\noifname \"right\" snat to " outside     \
	"\n}\n}\n"
#define ALG                                                                                                            \
	"table ip alg {\nct helper sip {\ntype \"sip\" protocol udp\n}\nchain pre {\ntype filter hook prerouting "     \
	"priority -150\n"                                                                                              \
	"udp dport 5060 ct helper set \"sip\"\n}\n}\n"
#define SILENT                                                                                                         \
	"table inet silent {\nchain out {\ntype filter hook output priority 0\nicmp type time-exceeded drop\n"         \
	"icmpv6 type time-exceeded drop\n}\n}\n"

/* Makes the world anew, runs path_find() in it and gives back the report; what ran is ended. */
struct report *world_find(const struct setup *setup);

/* The hop with this number; fails the test when there is none. */
const struct hop *hop_at(const struct report *report, unsigned ttl);

/* The finding of this fault; NULL: none. */
const struct finding *finding_of(const struct report *report, enum fault_kind fault);

#endif
