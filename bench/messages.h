/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The messages that are measured: what a common phone and a common provider send, one text per kind, every one with its
 * own addresses, Call-ID, tags, branch and ports. */
#ifndef BENCH_MESSAGES_H
#define BENCH_MESSAGES_H

#include "sipalg/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MESSAGE_MAX = 2048 };

enum message_kind {
	MESSAGE_REGISTER = 0,
	MESSAGE_REGISTERED, /* the provider's 200 to it */
	MESSAGE_OPTIONS,
	MESSAGE_INVITE,     /* the phone calls */
	MESSAGE_INVITE_ICE, /* … and offers host candidates */
	MESSAGE_ANSWER_IN,  /* the provider's 200 to INVITE */
	MESSAGE_INVITE_IN,  /* the phone is called */
	MESSAGE_ANSWER_OUT, /* the phone's 200 to INVITE_IN */
	MESSAGE_BUSY_IN,    /* the provider's 486 to INVITE */
	MESSAGE_ACK,        /* of ANSWER_IN */
	MESSAGE_BYE,        /* by the phone */
	MESSAGE_BYE_ANSWER,
	MESSAGE_BYE_CALLED, /* by the phone that was called */
	MESSAGE_KIND_COUNT,
};

struct message_party {
	char text[16]; /* the address, as messages write it */
	sipalg_endpoint endpoint;
};

/* A party with an IPv4 address (in host order) that speaks over UDP. */
struct message_party message_party_make(uint32_t ipv4, uint16_t port);

/* One call (or one registration) of one phone. */
struct message_call {
	unsigned phone_number;
	uint32_t serial; /* makes Call-ID, tags and branch unlike those of every other call */
	struct message_party phone;
	struct message_party outside; /* what the gateway is to write instead of `phone` */
	struct message_party server;
	uint16_t media_port; /* RTP of the phone; RTCP is the next one */
};

/* Writes the message and a zero to `out`; returns its length without the zero. */
size_t message_write(enum message_kind kind, const struct message_call *call, char out[MESSAGE_MAX]);

/* "INVITE", "200", …: the first word, or the status, that a reader has to find. */
const char *message_start(enum message_kind kind);

bool message_is_inbound(enum message_kind kind);

/* The port of the m= line in a message of that kind; 0: it has no body. */
uint16_t message_media_port(enum message_kind kind, const struct message_call *call);

#endif
