/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A history of an engine as bytes: first the kind of network (enum world_network), then one letter for what happens, a
 * few bytes of arguments, and the message with its length before it. Any bytes are a history; what is missing at the
 * end is left out. */
#ifndef FUZZ_HISTORY_H
#define FUZZ_HISTORY_H

enum history_step {
	HISTORY_OUT = 'o',     /* phone, server, length (2), message: from the phone to the server */
	HISTORY_IN = 'i',      /* phone, server, length (2), message: the other way */
	HISTORY_ECHO = 'e',    /* phone, server: what went out last comes back to the phone as it went out */
	HISTORY_AGAIN = 'a',   /* phone, server: what went out last is sent by the phone */
	HISTORY_WAIT = 'w',    /* seconds (2) */
	HISTORY_TRAFFIC = 't', /* 0 or 1: whether media flows from now on */
	HISTORY_OFF = 'x',     /* phone, 0 or 1: the phone is switched off or on */
	HISTORY_PORT = 'p',    /* port (2), 0 or 1: is reserved or free */
};

enum {
	HISTORY_PHONES = 4,
	HISTORY_SERVERS = 2,
	HISTORY_STEPS_MAX = 64,
	HISTORY_TCP = 0x80,        /* in the byte that names the phone */
	HISTORY_OTHER_PORT = 0x40, /* … 5062 in place of 5060 */
};

#endif
