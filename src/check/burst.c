/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many messages at once, as when a house full of phones has power again. */
#include "check/run.h"

enum { WAIT_MS = 1000, MESSAGES = 60, SLACK = 6 };

/* How many of them arrive. */
static size_t burst_send(struct run *run, enum reflect_place place)
{
	struct exchange *exchange = run->exchange;
	size_t arrived = 0, first = exchange->passage_count;
	struct flow *flow = exchange_bind(exchange, 0);
	for (size_t i = 0; i < MESSAGES && flow != NULL; i++)
		(void)probe_send(exchange, probe_named("options"), flow, place, NULL);
	exchange_settle(exchange, first, WAIT_MS);
	for (size_t i = first; i < exchange->passage_count; i++)
		arrived += exchange->passages[i].arrived;
	return arrived;
}

/* Twice worse than where nobody looks for SIP: that is no chance. */
void run_burst(struct run *run)
{
	size_t arrived = MESSAGES, plain = 0;
	if (run->ways[WAY_SIP].arrived == 0)
		return;
	for (unsigned round = 0; round < 2 && !run->exchange->ended; round++) {
		arrived = burst_send(run, REFLECT_SIP);
		if (arrived == MESSAGES)
			return;
		plain = burst_send(run, REFLECT_PLAIN);
		if (arrived + SLACK >= plain)
			return;
	}
	if (!run->exchange->ended)
		ledger_charge(&run->ledger, FAULT_BURST_LIMITED, CONFIDENCE_CERTAIN, "burst", NULL,
		              "of %d messages at once %zu arrive, and %zu on a port that is not SIP's", MESSAGES,
		              arrived, plain);
}
