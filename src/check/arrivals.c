/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the far end to us: answers and requests, as a provider sends them. */
#include "check/run.h"

enum { WAIT_MS = 700, PACE_MS = 15 };

/* The usual message of ours that this answers, which went by the main way. */
static const struct passage *request_find(const struct run *run, const char *name)
{
	const struct way_state *way = &run->ways[run->main];
	for (size_t i = 0; i < run->exchange->passage_count; i++) {
		const struct passage *passage = &run->exchange->passages[i];
		if (!passage->inbound && passage->arrived && passage->probe && passage->flow == way->flow &&
		    passage->place == way->place && strcmp(passage->probe->name, name) == 0)
			return passage;
	}
	return NULL;
}

static struct passage *arrival_ask(struct run *run, const struct probe *probe, enum way way)
{
	const struct way_state *state = &run->ways[way];
	const struct reflect_way to = { .place = state->place, .port = state->flow->seen[state->place] };
	if (probe->answers == NULL)
		return request_ask(run->exchange, probe, &to, state->flow, run->known[way]);
	const struct passage *request = request_find(run, probe->answers);
	return request == NULL ? NULL : answer_ask(run->exchange, probe, request);
}

/* A request that never arrives is sent again as the same bytes from a port that is not SIP's. */
static void loss_charge(struct run *run, const struct passage *passage)
{
	struct exchange *exchange = run->exchange;
	const struct probe *probe = passage->probe;
	const struct way_state *plain = &run->ways[WAY_PLAIN];
	size_t first = exchange->passage_count;
	struct passage *control = NULL;
	if (run_usual_lost(run, probe))
		return;
	if (plain->arrived > 0 && run->main != WAY_PLAIN) {
		const struct reflect_way to = { .place = plain->place, .port = plain->flow->seen[plain->place] };
		const struct text none = { NULL, 0 };
		control = exchange_ask(exchange, probe, &to, plain->flow, passage->sent, none);
	}
	/* It bears the mark of the first: there it is seen to arrive. */
	exchange_settle(exchange, first, WAIT_MS);
	bool arrived = passage->arrived && passage->arrived_at == plain->flow;
	if (arrived || (control != NULL && control->arrived)) {
		ledger_blame(&run->ledger, probe->lost);
		ledger_charge(&run->ledger, probe->lost, CONFIDENCE_CERTAIN, probe->name, passage,
		              "%s never arrives, while the same bytes from port %u do", probe->title,
		              exchange->server->ports[REFLECT_PLAIN]);
		return;
	}
	if (probe->lost == FAULT_FRAGMENTS_LOST)
		ledger_charge(&run->ledger, FAULT_FRAGMENTS_LOST, CONFIDENCE_CERTAIN, probe->name, passage,
		              "%s never arrives, from whatever port: no ALG does this", probe->title);
	report_add_trial(run->report, probe->name, probe->title, OUTCOME_UNCLEAR, "does not arrive from any port");
}

/* A message that came to another port of ours than it was sent to. */
static void detour_charge(struct run *run, const struct passage *passage)
{
	if (passage->arrived_at == passage->flow)
		return;
	ledger_charge(&run->ledger,
	              passage->probe->answers != NULL ? FAULT_RESPONSE_PORT_FORCED : FAULT_CONTACT_PORT_WRONG,
	              CONFIDENCE_CERTAIN, passage->probe->name, passage, "%s comes to port %u in place of %u",
	              passage->probe->title, passage->arrived_at->own.port, passage->flow->own.port);
}

void run_arrivals(struct run *run)
{
	struct exchange *exchange = run->exchange;
	size_t first = exchange->passage_count;
	for (size_t i = 0; i < arrival_count && !exchange->ended; i++) {
		(void)arrival_ask(run, &arrival_table[i], run->main);
		exchange_pump(exchange, PACE_MS);
	}
	exchange_insist(exchange, first, WAIT_MS);
	size_t last = exchange->passage_count;
	for (size_t i = first; i < last && !exchange->ended; i++) {
		const struct passage *passage = &exchange->passages[i];
		if (passage->refused)
			continue;
		if (!passage->arrived) {
			loss_charge(run, passage);
			continue;
		}
		run_judge(run, passage);
		detour_charge(run, passage);
	}
}
