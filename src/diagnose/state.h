/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of a diagnosis share. */
#ifndef DIAGNOSE_STATE_H
#define DIAGNOSE_STATE_H

#include "diagnose/calls.h"
#include "diagnose/causes.h"
#include "diagnose/connections.h"
#include "diagnose/diagnosis.h"
#include "diagnose/hosts.h"
#include "diagnose/registrations.h"
#include "diagnose/unreachables.h"

/* An event of late, whose message may be met again on the other side, under another Call-ID even. */
struct pending {
	uint32_t call;
	uint64_t call_hash, key;
	uint64_t from_tag, branch, body, call_start; /* hashes; call_start: of the Call-ID up to its '@' */
};

/* Messages over TCP that go out naming an inside address: how many a router rewrote, and how many not. */
struct split_count {
	uint64_t rewritten, untouched, untouched_split;
	struct {
		uint64_t call;
		char id[TEXT_MAX], method[16];
	} first; /* of untouched_split */
};

struct diagnosis {
	struct diagnosis_wishes wishes;
	struct calls calls;
	struct flows flows;
	struct hosts hosts;
	struct registrations registrations;
	struct connections connections;
	struct unreachables unreachables;
	struct split_count split;
	struct causes causes;
	struct pending pending[PENDING_MAX];
	size_t pending_next;
	struct sighting sighting; /* too large for a stack */
	uint64_t first_ns, last_ns;
	struct span_of_time {
		uint64_t first_ns, last_ns;
	} spans[SIDES_MAX];       /* of each capture */
	uint64_t answered_midway; /* requests */
	uint64_t sip_messages, crossings, altered;
	uint64_t judged_calls;
	uint64_t later_fragments; /* fragments that are not the first of a datagram */
	uint64_t sip_fragments_lost;

	uint64_t not_listed;
	struct report *listed; /* the list of calls and their ladders, until the report is made */
};

/* ---- crossing.c ---- */

enum meeting {
	MEETING_NEW = 0,   /* a message that was not seen yet */
	MEETING_REPEATED,  /* at a place where it was seen before */
	MEETING_CROSSED,   /* at the other side of a router */
	MEETING_DUPLICATE, /* the same packet again */
};

/* Where the sighting belongs. *call is 0 for a Call-ID not heard of; *event is NULL with MEETING_NEW. With CROSSED the
 * sighting has become the event's second one; its bytes are compared with the first one's. */
enum meeting diagnosis_meet(struct diagnosis *diagnosis, const struct sighting *sighting, uint32_t *call,
                            struct event **event);

/* Remembers a new event for a while. */
void diagnosis_remember(struct diagnosis *diagnosis, uint32_t call, const struct event *event,
                        const struct sighting *sighting);

/* ---- comparison.c ---- */

/* A message has been seen on both sides: what was changed in it? */
void diagnosis_compare(struct diagnosis *diagnosis, struct call *call, struct event *event, struct text sent,
                       struct text received);

/* ---- tracking.c ---- */

/* What an event means for its call, registrations and media; `place` is the sighting of it that is new. */
void diagnosis_track(struct diagnosis *diagnosis, uint32_t call, size_t event, size_t place);

/* ---- symptoms.c: what one message shows by itself ---- */

void diagnosis_examine(struct diagnosis *diagnosis, const struct sighting *sighting, const struct call *call,
                       const struct event *event);

/* A datagram of which fragments never came. */
void diagnosis_note_lost(struct diagnosis *diagnosis, const struct capture_item *item);

/* ---- judge_…c: what a whole call shows ---- */

/* What of a call's troubles has been explained by a cause. */
struct explained {
	bool contact, media, answers;
	bool unmended[PARTY_COUNT]; /* the other end takes a private address of this party for what it is */
	bool found;                 /* anything at all */
};

void judge_contacts(struct diagnosis *diagnosis, struct call *call, struct explained *explained);
/* Behind judge_media(): who takes a session description's private address for what it is does so with a Contact's. */
void judge_unmended(struct diagnosis *diagnosis, struct call *call, struct explained *explained);
/* Before judge_dialog() and judge_requests(): what gets no answer is repeated. */
void judge_answers(struct diagnosis *diagnosis, struct call *call, struct explained *explained);
void judge_dialog(struct diagnosis *diagnosis, struct call *call, struct explained *explained);
void judge_requests(struct diagnosis *diagnosis, struct call *call, struct explained *explained);
void judge_media(struct diagnosis *diagnosis, uint32_t slot, struct explained *explained);
void judge_sources(struct diagnosis *diagnosis, uint32_t slot, struct explained *explained);
void judge_registrations(struct diagnosis *diagnosis);
void judge_streams(struct diagnosis *diagnosis, struct call *call, struct explained *explained);
void judge_connections(struct diagnosis *diagnosis);
void judge_keepalives(struct diagnosis *diagnosis);

/* All of these, and the call's place in the list. */
void diagnosis_judge(struct diagnosis *diagnosis, uint32_t slot);

/* Facts and notes, the list of calls and their ladders; then the report is judged. */
void diagnosis_tell(struct diagnosis *diagnosis, struct report *report);

/* ---- signatures.c ---- */

/* Notes whose SIP ALG does what was found, where that is known. */
void diagnosis_recognise(const struct diagnosis *diagnosis, struct report *report);

/* ---- picture.c ---- */

void diagnosis_draw(struct diagnosis *diagnosis, uint32_t slot, const char *title);

/* ---- For all ---- */

/* `told`, by the event as the outside sees it, is a private address, and its sender comes from elsewhere. */
bool tells_private(const struct event *event, const sipalg_endpoint *told);

/* What a response answers; NULL: it was not seen. */
const struct event *find_request(const struct call *call, const struct event *response);

/* A call as evidence. */
struct evidence evidence_of(const struct call *call);

uint64_t hash_of_address(const sipalg_address *address);

enum { ENDPOINT_TEXT_MAX = SIPALG_ADDRESS_TEXT_MAX + 8 };

/* "192.0.2.1:5060", "[2001:db8::1]:5060" */
const char *endpoint_text(const sipalg_endpoint *end, char out[ENDPOINT_TEXT_MAX]);

#endif
