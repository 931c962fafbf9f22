/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Goes along the way hop by hop and keeps what each has quoted. */
#ifndef PATH_SEARCH_H
#define PATH_SEARCH_H

#include "path/letter.h"
#include "path/path.h"
#include "path/tracer.h"

enum { SEARCH_HOPS_MAX = 32, SEARCH_QUOTE_MAX = 1500 };

/* What one hop said. */
struct stop {
	unsigned ttl;
	sipalg_address address; /* none: silent */
	uint64_t delay_ns;
	bool far_end;                 /* it is the host itself */
	bool refused;                 /* … or says that this may not pass */
	bool invite_lost;             /* it answered to a REGISTER and never to an INVITE */
	struct quote_verdict verdict; /* state HOP_SILENT: nothing was quoted */
	struct letter letter;         /* of which this is the quote */
	char quoted[SEARCH_QUOTE_MAX];
	size_t quoted_length;
};

struct search {
	const struct path_settings *settings;
	struct tracer tracer;
	struct correspondence correspondence;
	unsigned number;       /* of the last letter */
	uint64_t delay_max_ns; /* of any answer so far */
	bool checksums_come_through;
	struct stop stops[SEARCH_HOPS_MAX];
	size_t stop_count;
	bool reached;       /* the host has answered, or said that nobody listens */
	bool answered;      /* … by SIP */
	unsigned plain_ttl; /* where the same bytes get to on another port, when not on this; 0: not tried or no further
	                     */
	sipalg_address plain_hop;
};

/* From the first hop to the host, or to where nobody says anything any more. */
void search_run(struct search *search);

/* The next letter of the kind, with a mark of its own. */
SIPALG_MUST_USE
bool search_write(struct search *search, enum letter_kind kind, struct letter *letter);

/* Tells what is being done. */
__attribute__((format(printf, 2, 3))) void search_tell(const struct search *search, const char *format, ...);

/* Ends what an INVITE has begun, as the response wants it. */
void search_end_invite(struct search *search, const struct letter *invite, struct text response);

#endif
