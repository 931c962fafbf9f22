/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our answers to the far end's requests: an ALG has to translate where we say that we are there, too. */
#include "check/run.h"

enum { WAIT_MS = 500 };

static void reply_try(struct run *run, const struct probe *reply)
{
	struct exchange *exchange = run->exchange;
	const struct way_state *way = &run->ways[run->main];
	const struct reflect_way to = { .place = way->place, .port = way->flow->seen[way->place] };
	size_t first = exchange->passage_count;
	const struct passage *invite =
	        request_ask(exchange, arrival_named("ask-invite"), &to, way->flow, run->known[run->main]);
	exchange_insist(exchange, first, WAIT_MS);
	if (invite == NULL || !invite->arrived || invite->arrived_at != way->flow)
		return;
	first = exchange->passage_count;
	const struct passage *passage = reply_send(exchange, reply, invite);
	exchange_insist(exchange, first, WAIT_MS);
	if (passage == NULL || exchange->ended)
		return;
	if (passage->arrived)
		run_judge(run, passage);
	else
		ledger_charge(&run->ledger, reply->lost, CONFIDENCE_LIKELY, reply->name, passage,
		              "%s never arrives, though the INVITE had come through", reply->title);
}

void run_replies(struct run *run)
{
	for (size_t i = 0; i < reply_count && !run->exchange->ended; i++)
		reply_try(run, &reply_table[i]);
}
