/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells what happens between a phone and its provider as captures of one side of a router or both: a packet that
 * crosses the router is in both, with the addresses it has there. */
#ifndef TESTS_DIAGNOSE_STORY_H
#define TESTS_DIAGNOSE_STORY_H

#include "../capture/composer.h"

/* Where a packet is seen. */
enum seen_at { INSIDE = 1, OUTSIDE = 2, BOTH = 3 };

struct story {
	struct composer inside, outside;
	uint64_t now_ns;
	int64_t outside_ahead_ns;            /* the outside's clock */
	const char *phone, *router, *server; /* addresses */
	const char *contact, *told; /* addresses in the phone's Contact and session description as they are sent … */
	const char *contact_outside, *told_outside; /* … and as they come out */
	const char *via;                            /* in the phone's Via, on both sides; NULL: as in Contact */
	const char *received, *received_inside; /* at the end of the Via of answers, outside and inside; NULL: none */
	bool no_rport;                          /* the phone does not ask for it */
	unsigned phone_port, router_port; /* SIP's, inside and outside, if not 5060 as in Via and Contact; 0: it is */
	const char *extra_sdp;            /* lines at the end of the phone's description */
	const char *call_id, *call_id_outside;
	unsigned cseq;
	unsigned session_s;       /* Session-Expires in answers; 0: none */
	bool one_file;            /* both sides in `inside`, as one capture of all interfaces has them */
	bool tcp;                 /* SIP goes over TCP, from phone_port and router_port */
	unsigned split_at;        /* messages longer than so many bytes take two segments; 0: none does */
	uint32_t sequences[2][2]; /* TCP's, by side and direction */
	unsigned rtp_sequence;
	unsigned media_port; /* from which sound leaves the router, if not as told; 0: it is */
};

/* A phone behind plain NAT that writes its outside address, as with STUN: nothing is wrong. */
struct story story_begin(void);
void story_end(struct story *story);

/* Lets time pass. */
void wait_ms(struct story *story, uint64_t ms);

/* From the phone, or to it: a request or "200 OK" with or without a description; seen there. */
void phone_sends(struct story *story, const char *start, const char *method, bool sdp, enum seen_at seen);
void phone_gets(struct story *story, const char *start, const char *method, bool sdp, enum seen_at seen);

/* The same bytes to or from somewhere else. */
void server_sends_to(struct story *story, const char *address, const char *start, const char *method, bool sdp);

/* Raw text in place of a composed message; `%` is replaced by nothing: it is sent as it is. */
void phone_sends_text(struct story *story, const char *text, enum seen_at seen);

/* An answer to another port of the router, or of the phone, than the request came from. */
void phone_is_answered(struct story *story, const char *start, const char *method, unsigned router_port,
                       unsigned phone_port, enum seen_at seen);

/* A TCP segment without bytes, as seen there. */
void phone_segment(struct story *story, uint8_t flags, enum seen_at seen);
void server_segment(struct story *story, uint8_t flags, enum seen_at seen);

/* SYN, and the answer to it; messages go over that connection from then on. */
void connects(struct story *story, unsigned port);

/* ICMP says that what was sent to there did not arrive. */
void unreachable(struct story *story, const char *to, unsigned port, uint8_t protocol, uint8_t code);

/* Bytes of any kind, others outside than inside. */
void phone_sends_bytes(struct story *story, const char *inner, const char *outer, enum seen_at seen);

/* No message: line ends. */
void phone_keeps_alive(struct story *story, enum seen_at seen);

/* Sound for so many milliseconds from then on, out and in; where each is seen. 0: not at all. */
void sound(struct story *story, unsigned ms, unsigned out, unsigned in);

/* REGISTER and its 200, INVITE, 100, 180, 200 and ACK as seen on both sides. */
void registers(struct story *story, unsigned seconds);
void calls(struct story *story);
void hangs_up(struct story *story);

/* What gets no answer, as often as said, at growing intervals (RFC 3261 17.1.1.2). */
void repeat(struct story *story, void (*send)(struct story *story), unsigned times);

/* An INVITE that stays inside. */
void invite_swallowed(struct story *story);

#endif
