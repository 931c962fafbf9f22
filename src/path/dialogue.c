/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "path/dialogue.h"

#include "host/clock.h"
#include "path/echo.h"
#include "sip/message.h"

#include <stdio.h>

enum {
	NS_PER_MS = 1000000,
	TRIES = 3,
	OTHER_PORT = 5080,
};

/* Retransmitted as by RFC 3261 17.1.2.2, with T1 = 500 ms, and then waited for as long again. */
static const uint32_t waits_ms[TRIES] = { 500, 1000, 1500 };

struct reply {
	bool came;
	unsigned status;
	struct letter letter;
	char bytes[TRACER_ANSWER_MAX];
	size_t length;
};

/* ---- One message ---- */

static bool is_reply(const struct letter *letter, const struct answer *answer)
{
	return answer->kind == ANSWER_MESSAGE &&
	       memmem(answer->bytes, answer->length, letter->mark, strlen(letter->mark)) != NULL;
}

static void keep(struct search *search, const struct answer *answer, struct reply *reply)
{
	struct sip_message message;
	struct text bytes = { answer->bytes, answer->length };
	reply->came = true;
	reply->length = answer->length;
	memcpy(reply->bytes, answer->bytes, answer->length);
	if (sip_message_parse(bytes, &message) == SIP_WHOLE)
		reply->status = message.status;
	if (reply->letter.kind != LETTER_OPTIONS)
		search_end_invite(search, &reply->letter, bytes);
}

/* A provisional response is not waited beyond: it shows as much. */
static void ask(struct search *search, enum letter_kind kind, uint16_t port, struct reply *reply)
{
	struct answer answer;
	*reply = (struct reply){ 0 };
	if (!search_write(search, kind, &reply->letter))
		return;
	for (size_t i = 0; i < TRIES && !reply->came; i++) {
		uint64_t until_ns = clock_now_ns() + waits_ms[i] * (uint64_t)NS_PER_MS;
		if (!tracer_send(&search->tracer, port, 0, letter_text(&reply->letter)))
			continue;
		while (!reply->came && tracer_receive(&search->tracer, until_ns, &answer)) {
			if (answer.kind == ANSWER_QUOTE && answer.quote.by_port)
				return; /* nobody listens there */
			if (is_reply(&reply->letter, &answer))
				keep(search, &answer, reply);
		}
	}
}

/* ---- All of them ---- */

static void add_trial(struct report *report, enum letter_kind kind, const struct reply *reply, enum outcome unanswered)
{
	char title[128], detail[64];
	snprintf(title, sizeof title, "%s, to the host", letter_title(kind));
	snprintf(detail, sizeof detail, reply->came ? "answered with %u" : "not answered", reply->status);
	report_add_trial(report, letter_name(kind), title, reply->came ? OUTCOME_FINE : unanswered, detail);
}

static bool ask_usual(struct search *search, enum letter_kind kind, struct reply *reply)
{
	search_tell(search, "%s", letter_title(kind));
	ask(search, kind, search->tracer.to.port, reply);
	return reply->came;
}

/* A server may have reasons of its own not to answer. */
static void try_odd(struct search *search, bool rewrites, struct report *report)
{
	struct reply reply;
	for (enum letter_kind kind = LETTER_NO_LENGTH; kind < LETTER_KIND_COUNT; kind++) {
		bool came = ask_usual(search, kind, &reply);
		add_trial(report, kind, &reply, OUTCOME_FOUND);
		if (!came)
			report_find(report, FAULT_ODD_MESSAGE_DROPPED, rewrites ? CONFIDENCE_LIKELY : CONFIDENCE_HINT,
			            "%s is not answered, and a plain one is%s", letter_title(kind),
			            rewrites ? "" : "; the server itself may be the one that drops it");
	}
}

/* What the server does on the usual port and not on another, or the other way round. */
static void try_other_port(struct search *search, bool usual_answered, struct report *report)
{
	struct reply reply;
	if (search->tracer.to.port == OTHER_PORT)
		return;
	search_tell(search, "an OPTIONS to port %d", OTHER_PORT);
	ask(search, LETTER_OPTIONS, OTHER_PORT, &reply);
	if (reply.came && !usual_answered)
		report_find(report, FAULT_SIP_PORT_BLOCKED, CONFIDENCE_LIKELY,
		            "the host answers SIP on port %d and not on port %u", OTHER_PORT, search->tracer.to.port);
	report_add_trial(report, "options-other-port", "an OPTIONS to port 5080 of the host",
	                 reply.came && !usual_answered ? OUTCOME_FOUND
	                 : reply.came                  ? OUTCOME_FINE
	                                               : OUTCOME_UNCLEAR,
	                 reply.came ? "answered" : "not answered: few servers listen there");
}

static bool try_plain(struct search *search, struct report *report)
{
	struct reply options, invite;
	sipalg_address seen = { 0 };
	char text[SIPALG_ADDRESS_TEXT_MAX];
	bool answers = ask_usual(search, LETTER_OPTIONS, &options);
	add_trial(report, LETTER_OPTIONS, &options, OUTCOME_UNCLEAR);
	bool rings = ask_usual(search, LETTER_INVITE, &invite);
	add_trial(report, LETTER_INVITE, &invite, OUTCOME_UNCLEAR);
	const struct reply *shows = rings ? &invite : &options;
	if (shows->came)
		echo_judge(report, &search->correspondence, &search->tracer.to.address, &shows->letter,
		           (struct text){ shows->bytes, shows->length }, &seen);
	if (!sipalg_address_is_none(&seen)) {
		sipalg_address_write(&seen, text);
		report_add_fact(report, "seen as", text);
	}
	if (answers && !rings)
		report_find(report, FAULT_METHOD_DROPPED, CONFIDENCE_HINT,
		            "the host answers an OPTIONS and no INVITE; it may be its own doing");
	try_other_port(search, answers || rings, report);
	return rings;
}

void dialogue_run(struct search *search, bool rewrites, struct report *report)
{
	tracer_drain(&search->tracer);
	bool rings = try_plain(search, report);
	search->answered = search->answered || rings;
	if (rings)
		try_odd(search, rewrites || report_has(report, FAULT_ALG_REWRITES), report);
	else
		report_add_note(report,
		                "The host does not answer an INVITE, so that odd ones could not be compared with a "
		                "plain one. Your own provider's server may.");
	if (search->answered)
		report_add_note(
		        report,
		        "An ALG that puts back in answers what it has changed does not show in a dialogue with a "
		        "server that is not ours. Only the hops' quotes above, or `sipalg check` with a server of "
		        "`sipalg reflect`, show it.");
}
