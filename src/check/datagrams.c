/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All other messages, over the main way and once more where nobody looks for SIP. */
#include "check/run.h"

enum {
	WAIT_MS = 700,
	PACE_MS = 15, /* home routers take a flood of new packets for an attack */
};

void run_blank(const struct run *run, size_t length, struct composed *out)
{
	char mark[MARK_LENGTH + 1];
	exchange_mark(run->exchange, mark);
	out->length = length > COMPOSE_MAX ? COMPOSE_MAX : length < MARK_LENGTH ? MARK_LENGTH : length;
	memset(out->bytes, 'x', out->length);
	memcpy(out->bytes, mark, MARK_LENGTH);
}

/* A probe on both ways. */
struct attempt {
	const struct probe *probe;
	struct passage *passage, *control;
};

/* Something of the same size that is no SIP: what is lost like it is not lost to an ALG. */
static struct passage *blank_send(struct run *run, const struct passage *like)
{
	struct composed message;
	const struct way_state *plain = &run->ways[WAY_PLAIN];
	run_blank(run, like->sent.length, &message);
	struct passage *passage =
	        exchange_send(run->exchange, NULL, plain->flow, plain->place, composed_text(&message));
	if (passage != NULL)
		passage->whole = like->whole;
	return passage;
}

static void attempts_send(struct run *run, struct attempt *attempts)
{
	struct exchange *exchange = run->exchange;
	const struct way_state *way = &run->ways[run->main], *plain = &run->ways[WAY_PLAIN];
	for (size_t i = 0; i < probe_count && !exchange->ended; i++) {
		const struct probe *probe = attempts[i].probe = &probe_table[i];
		if (probe->everywhere || probe->apart)
			continue;
		attempts[i].passage = probe_send(exchange, probe, way->flow, way->place, run->ways[WAY_SIP].flow);
		exchange_pump(exchange, PACE_MS);
		if (run->main == WAY_PLAIN || plain->arrived == 0)
			continue;
		attempts[i].control = probe_send(exchange, probe, plain->flow, plain->place, run->ways[WAY_SIP].flow);
		exchange_pump(exchange, PACE_MS);
	}
}

/* A call that has begun is ended, for the sake of routers that keep state; the refusal is tried with it. */
static void calls_refuse(struct run *run, size_t first)
{
	struct exchange *exchange = run->exchange;
	const struct probe *refusal = arrival_named("answer-refused");
	size_t last = exchange->passage_count;
	for (size_t i = first; i < last && !exchange->ended; i++) {
		const struct passage *passage = &exchange->passages[i];
		if (passage->inbound || !passage->arrived || passage->probe == NULL || !passage->probe->answered)
			continue;
		(void)answer_ask(exchange, refusal, passage);
		exchange_pump(exchange, PACE_MS / 3);
	}
}

/* Three times sent, never arrived. */
static void loss_charge(struct run *run, const struct attempt *attempt, const struct passage *blank)
{
	const struct probe *probe = attempt->probe;
	bool control = attempt->control != NULL && attempt->control->arrived;
	bool like = blank != NULL && blank->arrived;
	/* One that begins with a line end goes the way of keep-alives. */
	if (run_usual_lost(run, probe) || (probe->pattern.text && *probe->pattern.text == '\n' &&
	                                   run->ledger.entries[FAULT_KEEPALIVE_DROPPED].count > 0))
		return;
	if (control || like) {
		ledger_charge(&run->ledger, probe->lost, control ? CONFIDENCE_CERTAIN : CONFIDENCE_LIKELY, probe->name,
		              attempt->passage, "%s never arrives, while %s to port %u", probe->title,
		              control ? "the same bytes do" : "as many other bytes do",
		              run->exchange->server->ports[REFLECT_PLAIN]);
		ledger_blame(&run->ledger, probe->lost);
		return;
	}
	/* Lost alike wherever it is sent: by the network, not by an ALG. */
	if (probe->lost == FAULT_FRAGMENTS_LOST)
		ledger_charge(&run->ledger, FAULT_FRAGMENTS_LOST, CONFIDENCE_CERTAIN, probe->name, attempt->passage,
		              "%s never arrives, whatever is in it: no ALG does this", probe->title);
	report_add_trial(run->report, probe->name, probe->title, OUTCOME_UNCLEAR,
	                 "lost on every port alike: no ALG does this");
}

static void attempts_judge(struct run *run, struct attempt *attempts)
{
	struct exchange *exchange = run->exchange;
	struct passage *blanks[128] = { NULL };
	size_t first = exchange->passage_count;
	for (size_t i = 0; i < probe_count && i < 128; i++) {
		const struct attempt *attempt = &attempts[i];
		if (attempt->passage == NULL || attempt->passage->arrived || attempt->passage->too_large ||
		    (attempt->control != NULL && attempt->control->arrived))
			continue;
		blanks[i] = blank_send(run, attempt->passage);
		exchange_pump(exchange, PACE_MS);
	}
	exchange_insist(exchange, first, WAIT_MS / 2);
	/* Keep-alives, at the end, come first: other losses may be theirs. */
	for (size_t i = probe_count < 128 ? probe_count : 128; i-- > 0;) {
		const struct attempt *attempt = &attempts[i];
		if (attempt->passage == NULL)
			continue;
		if (attempt->passage->too_large)
			report_add_trial(run->report, attempt->probe->name, attempt->probe->title, OUTCOME_SKIPPED,
			                 "this network takes no packets so large");
		else if (!attempt->passage->arrived)
			loss_charge(run, attempt, blanks[i]);
	}
}

static void passages_judge(struct run *run, size_t first, size_t last)
{
	for (size_t i = first; i < last; i++) {
		const struct passage *passage = &run->exchange->passages[i];
		if (!passage->arrived || passage->probe == NULL)
			continue;
		bool changed = run_judge(run, passage);
		if (passage->place == REFLECT_PLAIN && !passage->inbound && changed)
			run->ways[WAY_PLAIN].rewritten = true;
	}
}

void run_datagrams(struct run *run)
{
	struct exchange *exchange = run->exchange;
	struct attempt attempts[128] = { { 0 } };
	size_t first = exchange->passage_count;
	attempts_send(run, attempts);
	exchange_insist(exchange, first, WAIT_MS);
	size_t last = exchange->passage_count;
	calls_refuse(run, first);
	exchange_settle(exchange, last, WAIT_MS);
	passages_judge(run, first, exchange->passage_count);
	if (!exchange->ended)
		attempts_judge(run, attempts);
}
