/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What it means that nothing comes in any more after some time of silence. Bytes and sockets are elsewhere. */
#ifndef CHECK_SILENCE_H
#define CHECK_SILENCE_H

#include "compare/judge.h"

enum reach {
	REACH_UNKNOWN = 0, /* it could not be tried, or the far end has not sent */
	REACH_ALIVE,       /* what the far end sent has come */
	REACH_LOST,
};

/* One time of silence, on SIP's port and on another. */
struct silence {
	uint32_t silent_s;
	enum reach sip, plain;
	bool named; /* an ALG has named an outside address, to which it was sent */
};

enum {
	/* Phones that send keep-alives over UDP do so every 15 to 30 seconds (RFC 5626 4.4.2: 24 to 29). */
	SILENCE_UDP_S = 15,
	/* … over TCP every 95 to 120 (RFC 5626 4.4.1). A NAT has to wait for two hours and four minutes (RFC 5382
	 * REQ-5). */
	SILENCE_TCP_S = 95,
};

enum { SILENCES_MAX = 6 };

/* The times that are tried. */
const uint32_t *silence_times(bool long_times, size_t *count);

/* Times in ascending order. Who is reached after a longer silence has not been forgotten after a shorter one: then
 * something else was lost. `expires_s`: for how long the phone is registered. */
void silence_judge(enum sipalg_protocol protocol, struct silence *silences, size_t count, uint32_t expires_s,
                   struct charges *charges);

#endif
