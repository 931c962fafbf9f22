/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of `sipalg check`: what is tried, one part after the other, and what was found. */
#ifndef CHECK_RUN_H
#define CHECK_RUN_H

#include "check/exchange.h"
#include "compare/judge.h"
#include "check/ledger.h"
#include "check/probe_send.h"
#include "report/report.h"

/* From which of our ports to which of the far end's. */
enum way {
	WAY_USUAL = 0, /* from 5060 to 5060 */
	WAY_SIP,       /* from any port to 5060 */
	WAY_ELSEWHERE, /* … to another SIP port */
	WAY_PLAIN,     /* … to a port where nobody looks for SIP: the control run */
	WAY_COUNT,
};

struct way_state {
	struct flow *flow; /* NULL: cannot be tried */
	enum reflect_place place;
	unsigned arrived, tried;
	bool rewritten;
};

enum { RUN_LIFETIMES_MAX = 6 };

/* A socket that falls silent for some time, and what is sent to it then. */
struct lifetime {
	uint32_t silent_s;
	struct passage *opening, *answer, *closing;
};

struct run {
	struct exchange *exchange;
	struct report *report;
	struct ledger ledger;
	struct way_state ways[WAY_COUNT];
	enum way main;                                   /* the way of most messages */
	struct passage *known[WAY_COUNT];                /* a REGISTER of ours that has arrived by each way */
	struct lifetime lifetimes[2][RUN_LIFETIMES_MAX]; /* on SIP's port, on a plain one */
	size_t lifetime_count;
	uint64_t begun_ms;
	bool long_times; /* --long */
	bool progress;   /* shown on standard error */
	bool rewritten, second_nat, restored;
	size_t tried;    /* parts that were tried to their end */
	bool could_tell; /* the usual messages have been tried */
};

/* ---- The parts, in this order ---- */

void run_lifetimes_begin(struct run *run);
void run_ways(struct run *run);
void run_contacts(struct run *run);
void run_media(struct run *run);
void run_datagrams(struct run *run);
void run_arrivals(struct run *run);
void run_replies(struct run *run);
void run_streams(struct run *run);
void run_burst(struct run *run);
void run_lifetimes_end(struct run *run);

/* All of them, then what follows from all. */
void run_all(struct run *run);

/* ---- What they share ---- */

/* "from port 5060 to port 5060". */
const char *way_words(const struct run *run, enum way way, char out[48]);

/* Whether the usual message of the same method is lost on the main way, too: then this loss says nothing new. */
bool run_usual_lost(const struct run *run, const struct probe *probe);

/* Judges what has arrived and charges what it shows. True: it was rewritten. */
bool run_judge(struct run *run, const struct passage *passage);
/* … without charging it. */
void run_examine(const struct run *run, const struct passage *passage, struct charges *charges);

/* Shows how far it is. */
void run_progress(const struct run *run, unsigned percent, const char *words);

/* So many bytes that are no SIP, with the mark of the next passage. */
void run_blank(const struct run *run, size_t length, struct composed *out);

/* Our contact, as the far end knows it: true when an ALG has given it an outside address; *port is where then. */
bool run_contact_seen(const struct run *run, const struct passage *passage, uint16_t *port);

#endif
