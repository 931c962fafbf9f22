/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of `sipalg check`: what is tried, one part after the other, and what was found. */
#ifndef CHECK_RUN_H
#define CHECK_RUN_H

#include "check/exchange.h"
#include "compare/judge.h"
#include "check/ledger.h"
#include "check/probe_send.h"
#include "check/silence.h"
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

enum { LIFETIME_TRIES = 3 };

/* A socket that falls silent for some time, and what is sent to it then: more than once, for a datagram may be lost. */
struct lifetime {
	uint32_t silent_s;
	struct passage *opening, *answer, *closings[LIFETIME_TRIES];
};

/* The same of a connection. */
struct idle {
	uint32_t silent_s;
	struct connection *connection;
	struct passage *opening;
	struct far_stream *far; /* NULL: nothing could be tried */
	size_t answered;        /* bytes that have come down it before the silence; 0: none */
};

struct run {
	struct exchange *exchange;
	struct report *report;
	struct ledger ledger;
	struct way_state ways[WAY_COUNT];
	enum way main;                              /* the way of most messages */
	struct passage *known[WAY_COUNT];           /* a REGISTER of ours that has arrived by each way */
	struct lifetime lifetimes[2][SILENCES_MAX]; /* on SIP's port, on a plain one */
	struct idle idles[2][SILENCES_MAX];
	size_t silence_count;
	uint64_t lifetimes_ms, idles_ms; /* when they fell silent; 0: they did not */
	bool long_times;                 /* --long */
	bool progress;                   /* shown on standard error */
	bool rewritten, second_nat, restored;
	size_t tried;    /* parts that were tried to their end */
	bool could_tell; /* the usual messages have been tried */
};

/* ---- The parts, in this order ---- */

void run_lifetimes_begin(struct run *run);
void run_ways(struct run *run);
void run_contacts(struct run *run);
void run_media(struct run *run);
void run_idles_begin(struct run *run);
void run_datagrams(struct run *run);
void run_arrivals(struct run *run);
void run_replies(struct run *run);
void run_streams(struct run *run);
void run_streams_down(struct run *run);
void run_burst(struct run *run);
void run_silence_end(struct run *run);

/* All of them, then what follows from all. */
void run_all(struct run *run);

/* ---- Silence ---- */

/* Whether all that was to come has, and what it is evidence of, the longest silence last. */
bool run_lifetimes_over(const struct run *run);
void run_lifetimes_judge(struct run *run, struct silence silences[SILENCES_MAX]);
bool run_idles_over(const struct run *run);
void run_idles_judge(struct run *run, struct silence silences[SILENCES_MAX]);

/* ---- What they share ---- */

/* "from port 5060 to port 5060". */
const char *way_words(const struct run *run, enum way way, char out[48]);

/* Whether the usual message of the same method is lost on the main way, too: then this loss says nothing new. */
bool run_usual_lost(const struct run *run, const struct probe *probe);

/* Judges what has arrived and charges what it shows. True: it was rewritten. */
bool run_judge(struct run *run, const struct passage *passage);
/* … without charging it. */
void run_examine(const struct run *run, const struct passage *passage, struct charges *charges);

/* Tells the report that this was tried, and whether it led to a finding so far. */
void run_trial(struct run *run, const char *name, const char *title);

/* Shows how far it is. */
void run_progress(const struct run *run, unsigned percent, const char *words);

/* So many bytes that are no SIP, with the mark of the next passage. */
void run_blank(const struct run *run, size_t length, struct composed *out);

/* Our contact, as the far end knows it: true when an ALG has given it an outside address; *port is where then. */
bool run_contact_seen(const struct run *run, const struct passage *passage, uint16_t *port);

#endif
