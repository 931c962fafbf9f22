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
	bool without_datagrams; /* there is something to try when none arrives */
	const char *words;
} parts[] = {
	{ run_lifetimes_begin, 2, true, "opening ways in, to see how long they stay open" },
	{ run_ways, 6, true, "trying the usual messages on all ports" },
	{ run_contacts, 12, false, "trying whether the phone can be reached" },
	{ run_media, 20, false, "trying sound in both directions" },
	{ run_idles_begin, 28, true, "opening connections, to see how long they stand" },
	{ run_datagrams, 30, false, "trying messages that routers stumble over" },
	{ run_arrivals, 65, false, "trying what a provider sends" },
	{ run_replies, 75, false, "trying our answers to a provider" },
	{ run_streams, 80, true, "trying SIP over TCP" },
	{ run_streams_down, 85, true, "trying what a provider sends over TCP" },
	{ run_burst, 90, false, "trying many messages at once" },
	{ run_silence_end, 95, true, "waiting for ways in to close" },
};

/* ---- Silence ---- */

/* The time on SIP's port, for that is what a phone lives by. */
static void silence_tell(struct run *run, bool tcp, const struct silence *silence)
{
	static const enum outcome outcomes[] = {
		[REACH_UNKNOWN] = OUTCOME_UNCLEAR, [REACH_ALIVE] = OUTCOME_FINE, [REACH_LOST] = OUTCOME_FOUND
	};
	const char *transport = tcp ? "TCP" : "UDP";
	char name[32], title[96];
	snprintf(name, sizeof name, "silence-%s-%u", tcp ? "tcp" : "udp", silence->silent_s);
	snprintf(title, sizeof title, "reaching a phone after %u s of silence over %s", silence->silent_s, transport);
	report_add_trial(run->report, name, title, outcomes[silence->sip],
	                 silence->sip == REACH_UNKNOWN ? "the far end has not sent it" : NULL);
}

static void silence_charge(struct run *run, enum sipalg_protocol protocol, struct silence *silences)
{
	struct charges charges;
	for (size_t i = 0; i < run->silence_count; i++)
		silence_tell(run, protocol == SIPALG_PROTOCOL_TCP, &silences[i]);
	silence_judge(protocol, silences, run->silence_count, run->exchange->expires_s, &charges);
	for (size_t i = 0; i < charges.count; i++)
		ledger_charge(&run->ledger, charges.list[i].fault, CONFIDENCE_CERTAIN,
		              protocol == SIPALG_PROTOCOL_TCP ? "idle-connections" : "lifetimes", NULL, "%s",
		              charges.list[i].detail);
}

static uint64_t silence_end_ms(const struct run *run)
{
	enum { LATE_MS = 2000 };
	uint64_t begun = run->idles_ms > run->lifetimes_ms ? run->idles_ms : run->lifetimes_ms;
	size_t count;
	const uint32_t *times = silence_times(run->long_times, &count);
	return begun + (uint64_t)times[count - 1] * 1000 + LATE_MS;
}

void run_silence_end(struct run *run)
{
	struct silence datagrams[SILENCES_MAX], connections[SILENCES_MAX];
	uint64_t now, end = silence_end_ms(run);
	while (!run->exchange->ended && !(run_lifetimes_over(run) && run_idles_over(run)) &&
	       (now = exchange_now_ms()) < end) {
		char words[96];
		snprintf(words, sizeof words, "silent, to see how long a way in stays open (%llu s left)",
		         (unsigned long long)(end - now) / 1000);
		run_progress(run, 95, words);
		exchange_pump(run->exchange, end - now < 1000 ? (uint32_t)(end - now) : 1000);
	}
	run_lifetimes_judge(run, datagrams);
	run_idles_judge(run, connections);
	if (run->exchange->ended)
		return;
	silence_charge(run, SIPALG_PROTOCOL_UDP, datagrams);
	silence_charge(run, SIPALG_PROTOCOL_TCP, connections);
}

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

void run_trial(struct run *run, const char *name, const char *title)
{
	bool found = false;
	for (int fault = 0; fault < FAULT_COUNT; fault++) {
		const struct ledger_entry *entry = &run->ledger.entries[fault];
		for (size_t i = 0; i < entry->name_count; i++)
			found = found || strcmp(entry->names[i], name) == 0;
	}
	report_add_trial(run->report, name, title, found ? OUTCOME_FOUND : OUTCOME_FINE, NULL);
}

/* Every message that was tried, once, and what became of it. */
static void trial_add(struct run *run, const struct probe *probe)
{
	bool arrived = false;
	for (size_t i = 0; i < run->exchange->passage_count; i++)
		arrived = arrived || (run->exchange->passages[i].probe == probe && run->exchange->passages[i].arrived);
	if (arrived)
		run_trial(run, probe->name, probe->title);
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
		if (i > 1 && run->main == WAY_COUNT && !parts[i].without_datagrams)
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
