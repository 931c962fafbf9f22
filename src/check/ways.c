/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The usual messages over all ways: which of them are open, and on which somebody reads SIP. */
#include "check/run.h"

#include <stdio.h>

enum { WAIT_MS = 700, PACE_MS = 20 };

const char *way_words(const struct run *run, enum way way, char out[48])
{
	const struct way_state *state = &run->ways[way];
	if (way == WAY_USUAL)
		snprintf(out, 48, "from port %u to port %u", state->flow->own.port,
		         run->exchange->server->ports[state->place]);
	else
		snprintf(out, 48, "from another port to port %u", run->exchange->server->ports[state->place]);
	return out;
}

static struct judge judge_of(const struct run *run, const struct passage *passage)
{
	const struct exchange *exchange = run->exchange;
	struct judge judge = { .inside = exchange->server->own.address, .outside_count = exchange->outside_count };
	memcpy(judge.outsides, exchange->outsides, sizeof judge.outsides);
	if (passage->flow != NULL && !passage->inbound) {
		judge.port = passage->flow->own.port;
		judge.port_seen = passage->source.port;
	}
	return judge;
}

void run_examine(const struct run *run, const struct passage *passage, struct charges *charges)
{
	struct judge judge = judge_of(run, passage);
	if (passage->inbound)
		judge_inbound(&judge, passage->wished.length > 0 ? passage->wished : passage->sent, passage->sent,
		              passage->received, charges);
	else
		judge_outbound(&judge, passage->sent, passage->received, charges);
}

bool run_judge(struct run *run, const struct passage *passage)
{
	struct charges charges;
	const char *name = passage->probe != NULL ? passage->probe->name : "media";
	if (!passage->arrived)
		return false;
	run_examine(run, passage, &charges);
	for (size_t i = 0; i < charges.count; i++)
		ledger_charge(&run->ledger, charges.list[i].fault, CONFIDENCE_CERTAIN, name, passage, "%s",
		              charges.list[i].detail);
	run->rewritten = run->rewritten || charges.rewritten;
	run->second_nat = run->second_nat || charges.second_nat;
	run->restored = run->restored || charges.restored;
	return charges.rewritten || charges.restored || charges.count > 0;
}

bool run_contact_seen(const struct run *run, const struct passage *passage, uint16_t *port)
{
	struct text hostport;
	struct sip_uri uri;
	struct judge judge = judge_of(run, passage);
	if (!passage->arrived || !contact_find(passage->received, &hostport, &uri) || !uri.host.is_address ||
	    sipalg_address_equal(&judge.inside, &uri.host.address) ||
	    judge_owner(&judge, &uri.host.address) != OWNER_OUTSIDE)
		return false;
	*port = uri.port ? uri.port : 5060;
	return true;
}

static void way_send(struct run *run, enum way way)
{
	struct way_state *state = &run->ways[way];
	for (size_t i = 0; i < probe_count && state->flow != NULL; i++) {
		if (!probe_table[i].everywhere)
			continue;
		struct passage *passage = probe_send(run->exchange, &probe_table[i], state->flow, state->place, NULL);
		state->tried += passage != NULL;
		if (strcmp(probe_table[i].name, "register") == 0)
			run->known[way] = passage;
		exchange_pump(run->exchange, PACE_MS);
	}
}

static struct text method_of(const struct probe *probe)
{
	const char *start = probe->pattern.text != NULL ? probe->pattern.text + strspn(probe->pattern.text, "\n") : "";
	return (struct text){ start, strcspn(start, " ") };
}

bool run_usual_lost(const struct run *run, const struct probe *probe)
{
	const struct way_state *way = &run->ways[run->main];
	for (size_t i = 0; i < run->exchange->passage_count; i++) {
		const struct passage *passage = &run->exchange->passages[i];
		if (!passage->inbound && passage->flow == way->flow && passage->place == way->place && passage->probe &&
		    passage->probe->everywhere && !passage->arrived &&
		    text_equal(method_of(passage->probe), method_of(probe)))
			return true;
	}
	return false;
}

static enum way way_of(const struct run *run, const struct passage *passage)
{
	for (enum way way = 0; way < WAY_COUNT; way++)
		if (run->ways[way].flow == passage->flow && run->ways[way].place == passage->place)
			return way;
	return WAY_COUNT;
}

static void ways_judge(struct run *run, size_t first)
{
	for (size_t i = first; i < run->exchange->passage_count; i++) {
		const struct passage *passage = &run->exchange->passages[i];
		enum way way = way_of(run, passage);
		if (way == WAY_COUNT || !passage->arrived || passage->inbound)
			continue;
		run->ways[way].arrived++;
		if (run_judge(run, passage))
			run->ways[way].rewritten = true;
	}
}

/* Where somebody changes something there is most to see; else where SIP usually goes. */
static void main_choose(struct run *run)
{
	run->main = WAY_COUNT;
	for (enum way way = 0; way < WAY_COUNT; way++)
		if (run->ways[way].rewritten) {
			run->main = way;
			return;
		}
	for (enum way way = 0; way < WAY_COUNT && run->main == WAY_COUNT; way++)
		if (run->ways[way].arrived > 0)
			run->main = way;
}

/* The ways on which nothing has arrived, while others are open. */
static void blocked_charge(struct run *run)
{
	char words[48];
	const struct way_state *usual = &run->ways[WAY_USUAL], *sip = &run->ways[WAY_SIP];
	bool usual_lost = usual->tried > 0 && usual->arrived == 0;
	if (sip->tried == 0)
		return;
	if (sip->arrived == 0 && (usual->tried == 0 || usual_lost))
		ledger_charge(&run->ledger, FAULT_SIP_PORT_BLOCKED,
		              run->main == WAY_COUNT ? CONFIDENCE_LIKELY : CONFIDENCE_CERTAIN, "ways", NULL,
		              "nothing arrives over UDP on port %u; %s", run->exchange->server->ports[REFLECT_SIP],
		              run->main == WAY_COUNT ? "nor on any other port that was tried" : "other ports are open");
	else if (usual_lost)
		ledger_charge(&run->ledger, FAULT_MESSAGE_DROPPED, CONFIDENCE_CERTAIN, "ways", NULL,
		              "nothing arrives %s, while it does from another port", way_words(run, WAY_USUAL, words));
}

/* Some of the usual messages arrive on a way and others do not. */
static void missing_charge(struct run *run, size_t first)
{
	for (size_t i = first; i < run->exchange->passage_count; i++) {
		const struct passage *passage = &run->exchange->passages[i];
		enum way way = way_of(run, passage);
		if (passage->arrived || passage->inbound || way >= WAY_ELSEWHERE || run->ways[way].arrived == 0)
			continue;
		char words[48];
		ledger_charge(&run->ledger, passage->probe->lost, CONFIDENCE_CERTAIN, passage->probe->name, passage,
		              "%s never arrives when sent %s, while others do", passage->probe->title,
		              way_words(run, way, words));
	}
}

static void ways_bind(struct run *run)
{
	struct exchange *exchange = run->exchange;
	const struct reflect_server *server = exchange->server;
	struct flow *any = exchange_bind(exchange, 0);
	run->ways[WAY_USUAL] = (struct way_state){ .flow = exchange_bind(exchange, 5060), .place = REFLECT_SIP };
	run->ways[WAY_SIP] = (struct way_state){ .flow = any, .place = REFLECT_SIP };
	run->ways[WAY_ELSEWHERE] = (struct way_state){ .flow = any, .place = REFLECT_SIP_ELSEWHERE };
	run->ways[WAY_PLAIN] = (struct way_state){ .flow = any, .place = REFLECT_PLAIN };
	if (run->ways[WAY_USUAL].flow == NULL)
		report_add_note(run->report,
		                "port 5060 of this host is in use: an ALG that looks at the source port alone would "
		                "not be found; stop the phone that has it and try again");
	if (server->ports[REFLECT_SIP] != 5060)
		report_add_note(run->report, "the far end has port %u for SIP, where an ALG may not look",
		                server->ports[REFLECT_SIP]);
}

void run_ways(struct run *run)
{
	size_t first = run->exchange->passage_count;
	ways_bind(run);
	for (enum way way = 0; way < WAY_COUNT; way++)
		way_send(run, way);
	exchange_insist(run->exchange, first, WAIT_MS);
	ways_judge(run, first);
	main_choose(run);
	blocked_charge(run);
	missing_charge(run, first);
	run->could_tell = run->main != WAY_COUNT;
}
