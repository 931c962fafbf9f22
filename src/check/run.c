/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/run.h"

#include "host/endpoint.h"

#include <stdio.h>

void run_progress(const struct run *run, unsigned percent, const char *words)
{
	if (!run->progress)
		return;
	if (words == NULL)
		fputs("\r\x1b[K", stderr);
	else
		fprintf(stderr, "\r\x1b[K%3u %%  %s", percent, words);
	fflush(stderr);
}

/* Of what messages name as ours the far end believes the first 32 ports (sipalg-reflect(8)), so the parts that need
 * them come first. */
static const struct {
	void (*function)(struct run *run);
	unsigned percent;
	const char *words;
} parts[] = {
	{ run_lifetimes_begin, 2, "opening ways in, to see how long they stay open" },
	{ run_ways, 6, "trying the usual messages on all ports" },
	{ run_contacts, 12, "trying whether the phone can be reached" },
	{ run_media, 20, "trying sound in both directions" },
	{ run_datagrams, 30, "trying messages that routers stumble over" },
	{ run_arrivals, 65, "trying what a provider sends" },
	{ run_replies, 75, "trying our answers to a provider" },
	{ run_streams, 80, "trying SIP over TCP" },
	{ run_burst, 90, "trying many messages at once" },
	{ run_lifetimes_end, 95, "waiting for ways in to close" },
};

/* ---- What follows from all ---- */

static void rewriting_charge(struct run *run)
{
	char list[160] = "";
	size_t used = 0;
	for (enum way way = 0; way < WAY_COUNT; way++) {
		char words[48];
		if (run->ways[way].rewritten && used < sizeof list)
			used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used > 0 ? ", " : "",
			                         way_words(run, way, words));
	}
	const struct passage *shown = run->main < WAY_COUNT ? run->known[run->main] : NULL;
	ledger_charge(&run->ledger, FAULT_ALG_REWRITES, CONFIDENCE_CERTAIN, "ways", shown,
	              used > 0 ? "messages are rewritten %s" : "some messages are rewritten%s", list);
}

static void translation_charge(struct run *run)
{
	char own[SIPALG_ADDRESS_TEXT_MAX], seen[SIPALG_ADDRESS_TEXT_MAX];
	const struct reflect_server *server = run->exchange->server;
	if (sipalg_address_equal(&server->own.address, &server->seen.address))
		return;
	sipalg_address_write(&server->own.address, own);
	sipalg_address_write(&server->seen.address, seen);
	ledger_charge(&run->ledger, FAULT_NAT, CONFIDENCE_CERTAIN, "ways", NULL, "%s is seen as %s", own, seen);
	if (run->exchange->outside_count > 1)
		report_add_note(run->report, "this network is seen at %zu addresses", run->exchange->outside_count);
}

static void midway_charge(struct run *run)
{
	const struct exchange *exchange = run->exchange;
	if (exchange->midway.length == 0)
		return;
	size_t line = text_find(exchange->midway, '\r');
	ledger_charge(&run->ledger, FAULT_SIP_ANSWERED_MIDWAY, CONFIDENCE_CERTAIN,
	              exchange->midway_of->probe ? exchange->midway_of->probe->name : "ways", NULL,
	              "something on the way answers \"%.*s\" in the far end's place", (int)(line < 60 ? line : 60),
	              exchange->midway.start);
}

static void facts_add(struct run *run)
{
	char text[ENDPOINT_TEXT_MAX];
	const struct reflect_server *server = run->exchange->server;
	sipalg_endpoint far = { server->address, server->ports[REFLECT_SIP], SIPALG_PROTOCOL_UDP, 0 };
	report_add_fact(run->report, "far end", endpoint_write(far, text));
	report_add_fact(run->report, "this end", endpoint_write(server->own, text));
	report_add_fact(run->report, "seen as", endpoint_write(server->seen, text));
}

/* Every message that was tried, once, and what became of it. */
static void trial_add(struct run *run, const struct probe *probe)
{
	bool arrived = false, found = false;
	for (size_t i = 0; i < run->exchange->passage_count; i++)
		arrived = arrived || (run->exchange->passages[i].probe == probe && run->exchange->passages[i].arrived);
	if (!arrived)
		return;
	for (int fault = 0; fault < FAULT_COUNT; fault++) {
		const struct ledger_entry *entry = &run->ledger.entries[fault];
		for (size_t name = 0; name < entry->name_count; name++)
			found = found || strcmp(entry->names[name], probe->name) == 0;
	}
	report_add_trial(run->report, probe->name, probe->title, found ? OUTCOME_FOUND : OUTCOME_FINE, NULL);
}

static void trials_add(struct run *run)
{
	for (size_t i = 0; i < probe_count; i++)
		trial_add(run, &probe_table[i]);
	for (size_t i = 0; i < arrival_count; i++)
		trial_add(run, &arrival_table[i]);
	for (size_t i = 0; i < reply_count; i++)
		trial_add(run, &reply_table[i]);
}

static void ended_note(struct run *run)
{
	if (!run->exchange->ended)
		return;
	report_add_note(run->report, "the far end stopped answering: %s; what follows is what was found until then",
	                reflect_client_end(run->exchange->client));
	/* Silence alone was still to be waited for: all messages have been tried. */
	if (run->tried + 1 >= sizeof parts / sizeof parts[0])
		return;
	run->could_tell = false;
	report_say_unclear(run->report, "The far end stopped answering before all could be tried.");
}

void run_all(struct run *run)
{
	for (size_t i = 0; i < sizeof parts / sizeof parts[0] && !run->exchange->ended; i++) {
		if (i > 1 && run->main == WAY_COUNT && parts[i].function != run_streams)
			continue;
		run_progress(run, parts[i].percent, parts[i].words);
		parts[i].function(run);
		run->tried += !run->exchange->ended;
	}
	run_progress(run, 100, NULL);
	facts_add(run);
	translation_charge(run);
	if (run->rewritten)
		rewriting_charge(run);
	if (run->restored)
		ledger_charge(&run->ledger, FAULT_ALG_UNDOES_ON_RETURN, CONFIDENCE_CERTAIN, "answers", NULL,
		              "what was rewritten on the way out comes back as it was written");
	if (run->second_nat)
		ledger_charge(&run->ledger, FAULT_CARRIER_NAT, CONFIDENCE_CERTAIN, "ways", NULL,
		              "messages are rewritten to an address that is private, too");
	midway_charge(run);
	ledger_settle(&run->ledger);
	ledger_report(&run->ledger, run->report);
	trials_add(run);
	ended_note(run);
	report_judge(run->report, run->could_tell);
}
