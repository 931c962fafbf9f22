/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a tool has to say in the end: a verdict and what led to it. It is filled in any order, judged once, and printed
 * for people, for programs (JSON) or as a page that one can mail (HTML).
 *
 *     struct report *report = report_create("check", "sip.example.com");
 *     struct finding *finding = report_find(report, FAULT_NAT, CONFIDENCE_CERTAIN, "seen as %s", address);
 *     report_show_messages(report, finding, &sent, &received);
 *     report_judge(report, true);
 *     report_print(report, &terminal, stdout);
 *     code = report_exit_code(report);
 *
 * Texts are copied and may hold hostile bytes: whoever prints makes them safe. Functions that add never fail; without
 * memory, or beyond a limit, what is added is left out, and `left_out` tells. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "console/terminal.h"
#include "report/finding.h"
#include "report/ladder.h"

#include <jansson.h>
#include <stdio.h>
#include <time.h>

enum {
	REPORT_FAULT_FINDINGS_MAX = 12, /* of one fault; more of them are counted in `repeated` */
	REPORT_LADDERS_MAX = 32,
	REPORT_ITEMS_MAX = 1024, /* of each other list */
};

enum verdict {
	VERDICT_UNKNOWN = 0,  /* could not tell */
	VERDICT_NO_ALG,       /* SIP arrives as sent */
	VERDICT_ALG_HARMLESS, /* rewritten coherently, nothing broken */
	VERDICT_ALG_HARMFUL,
	VERDICT_FAULTS, /* something breaks that is no ALG's doing */
};

/* "unknown", "no-alg", "alg-harmless", "alg-harmful", "faults". */
const char *verdict_word(enum verdict verdict);

/* Outcome of one thing that was tried. */
enum outcome {
	OUTCOME_SKIPPED = 0,
	OUTCOME_FINE,
	OUTCOME_FOUND,   /* led to a finding */
	OUTCOME_UNCLEAR, /* could not tell */
};

struct trial {
	char *name;   /* "invite-udp": stable */
	char *title;  /* "INVITE over UDP to port 5060" */
	char *detail; /* one line; NULL: none */
	enum outcome outcome;
};

/* One line that names a thing: "server", "203.0.113.2". */
struct fact {
	char *name, *value;
};

/* A router on the way, as far as it shows itself. */
enum hop_state {
	HOP_SILENT = 0,  /* no answer */
	HOP_AS_SENT,     /* quotes what was sent */
	HOP_TRANSLATED,  /* quotes another address or port in the header: NAT, which is no ALG */
	HOP_ALTERED,     /* quotes other SIP than was sent */
	HOP_TOO_SHORT,   /* quotes too little to tell */
	HOP_DESTINATION, /* the far end itself */
};

struct hop {
	unsigned ttl;
	enum hop_state state;
	char *address, *name; /* NULL: not known */
	char *detail;         /* NULL: none */
	uint64_t delay_us;    /* 0: not known */
	bool suspect;         /* what changes SIP stands right before it, or is it */
};

/* A switch to look for, as `sipalg advice` knows it. */
struct remedy {
	char *router;  /* "Asus ASUSWRT (RT-AX, ZenWiFi)" */
	char *why;     /* by what the router was recognised */
	char *steps;   /* where to click; may be "" */
	char *command; /* what to type; may be "" */
	char *source;
};

struct report {
	const char *tool;    /* "check", "path", "diagnose" */
	char *subject;       /* the server, the capture */
	time_t made;         /* when the report was begun; 0: do not say */
	const char *version; /* of sipalg */
	enum verdict verdict;
	const char *sentence;     /* in place of the verdict's own; static text; NULL: none */
	const char *trials_title; /* static text; NULL: "What was tried" */
	char *unclear;            /* why nothing can be told, when VERDICT_UNKNOWN; NULL: not said */
	struct finding *findings;
	size_t finding_count;
	uint64_t repeated[FAULT_COUNT]; /* findings that were not kept */
	struct fact *facts;
	size_t fact_count;
	char **notes;
	size_t note_count;
	struct trial *trials;
	size_t trial_count;
	struct hop *hops;
	size_t hop_count;
	struct remedy *remedies;
	size_t remedy_count;
	struct ladder ladders[REPORT_LADDERS_MAX];
	size_t ladder_count;
	uint64_t left_out; /* things for which there was no room */
};

/* NULL: no memory. `tool` is static text. */
struct report *report_create(const char *tool, const char *subject);
void report_destroy(struct report *report);

/* ---- Filling ---- */

/* Adds a finding. The result is for report_show_messages() and report_place() and lives until the next finding is
 * added; NULL when it was counted only. */
__attribute__((format(printf, 4, 5))) struct finding *report_find(struct report *report, enum fault_kind fault,
                                                                  enum confidence confidence, const char *detail, ...);

/* The message that shows it, as sent and as received; NULL for what is absent. `finding` may be NULL. The labels of
 * the versions are "sent" and "received" unless report_label() says otherwise. */
void report_show_messages(struct report *report, struct finding *finding, const struct text *sent,
                          const struct text *received);

/* Static texts, short: "inside", "outside". */
void report_label(struct finding *finding, const char *sent, const char *received);

/* The probe or call that shows it. */
void report_place(struct report *report, struct finding *finding, const char *where);

void report_add_fact(struct report *report, const char *name, const char *value);
__attribute__((format(printf, 2, 3))) void report_add_note(struct report *report, const char *format, ...);
/* `detail` may be NULL. */
void report_add_trial(struct report *report, const char *name, const char *title, enum outcome outcome,
                      const char *detail);
/* Copies the hop and its texts. */
void report_add_hop(struct report *report, const struct hop *hop);
void report_add_remedy(struct report *report, const struct remedy *remedy);
/* Add columns and rows by ladder.h. NULL: there are REPORT_LADDERS_MAX. */
struct ladder *report_add_ladder(struct report *report, const char *title);
/* Why nothing can be told: one line. The first one counts. */
__attribute__((format(printf, 2, 3))) void report_say_unclear(struct report *report, const char *format, ...);

bool report_has(const struct report *report, enum fault_kind fault);

/* ---- Judging ---- */

/* Sets the verdict by the findings that are certain or likely: a fault that only something reading SIP can cause makes
 * ALG_HARMFUL, and so does any other beside a note that SIP is rewritten; another fault makes FAULTS. Without a
 * fault it is ALG_HARMLESS if SIP was rewritten, else NO_ALG, or UNKNOWN when the tool could not look (`could_tell`
 * false). */
void report_judge(struct report *report, bool could_tell);

/* The verdict in a sentence a user can act on, or the report's own sentence; static text. */
const char *report_sentence(const struct report *report);

/* 0 nothing found (NO_ALG, ALG_HARMLESS), 1 something found, 2 could not tell. */
int report_exit_code(const struct report *report);

/* ---- Printing ---- */

/* For people. `everything`: also whole messages and what was tried without a finding. */
void report_print(const struct report *report, const struct terminal *terminal, bool everything, FILE *out);

/* For programs; NULL: no memory. */
json_t *report_to_json(const struct report *report);

/* One self-contained page. */
void report_write_html(const struct report *report, FILE *out);

#endif
