/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long one can be silent and still be reached: on SIP's port, and where nobody reads. All sockets wait at the same
 * time, while the rest is tried. */
#include "check/run.h"

#include <stdio.h>

enum {
	WAIT_MS = 500,
	BLANK_LENGTH = 200,
	LATE_MS = 1500,
	EXPIRES_S = 60, /* longer than the silence, and not much: what an ALG opens for us stays open for so long */
	LONG_EXPIRES_S = 1200,
	KEEPALIVE_S = 15, /* what phones send keep-alives at, if often */
};

static const uint32_t short_times_s[] = { 5, 12 };
static const uint32_t long_times_s[] = { 5, 12, 35, 65, 185, 905 };

static const enum reflect_place places[2] = { REFLECT_SIP, REFLECT_PLAIN };

static void lifetime_open(struct run *run, struct lifetime *lifetime, enum reflect_place place)
{
	struct composed blank;
	struct flow *flow = exchange_bind(run->exchange, 0);
	if (flow == NULL)
		return;
	if (place == REFLECT_SIP) {
		lifetime->opening = probe_send(run->exchange, probe_named("register"), flow, place, NULL);
		return;
	}
	run_blank(run, BLANK_LENGTH, &blank);
	lifetime->opening = exchange_send(run->exchange, NULL, flow, place, composed_text(&blank));
}

/* A packet comes back at once, as an answer does: some routers keep what is answered for longer. */
static void lifetime_answer(struct run *run, struct lifetime *lifetime)
{
	struct composed blank;
	const struct passage *opening = lifetime->opening;
	const struct reflect_way way = { .place = opening->place, .port = opening->source.port };
	if (opening->place == REFLECT_SIP) {
		lifetime->answer = answer_ask(run->exchange, arrival_named("answer-register"), opening);
		return;
	}
	run_blank(run, BLANK_LENGTH, &blank);
	lifetime->answer =
	        exchange_ask(run->exchange, NULL, &way, opening->flow, composed_text(&blank), (struct text){ NULL, 0 });
}

/* The far end waits, and then sends to where a provider would. */
static void lifetime_wait(struct run *run, struct lifetime *lifetime)
{
	struct composed blank;
	const struct passage *opening = lifetime->opening;
	struct reflect_way way = { .place = opening->place,
		                   .port = opening->source.port,
		                   .after_ms = lifetime->silent_s * 1000 };
	if (opening->place == REFLECT_SIP) {
		(void)run_contact_seen(run, opening, &way.port);
		lifetime->closing =
		        request_ask(run->exchange, arrival_named("ask-options"), &way, opening->flow, opening);
		return;
	}
	run_blank(run, BLANK_LENGTH, &blank);
	lifetime->closing =
	        exchange_ask(run->exchange, NULL, &way, opening->flow, composed_text(&blank), (struct text){ NULL, 0 });
}

void run_lifetimes_begin(struct run *run)
{
	struct exchange *exchange = run->exchange;
	const uint32_t *times = run->long_times ? long_times_s : short_times_s;
	size_t first = exchange->passage_count;
	exchange->expires_s = run->long_times ? LONG_EXPIRES_S : EXPIRES_S;
	run->lifetime_count = run->long_times ? sizeof long_times_s / sizeof long_times_s[0]
	                                      : sizeof short_times_s / sizeof short_times_s[0];
	for (size_t i = 0; i < run->lifetime_count; i++)
		for (size_t place = 0; place < 2; place++) {
			run->lifetimes[place][i] = (struct lifetime){ .silent_s = times[i] };
			lifetime_open(run, &run->lifetimes[place][i], places[place]);
		}
	exchange_insist(exchange, first, WAIT_MS);
	first = exchange->passage_count;
	for (size_t i = 0; i < run->lifetime_count; i++)
		for (size_t place = 0; place < 2; place++)
			if (run->lifetimes[place][i].opening && run->lifetimes[place][i].opening->arrived)
				lifetime_answer(run, &run->lifetimes[place][i]);
	exchange_insist(exchange, first, WAIT_MS);
	for (size_t i = 0; i < run->lifetime_count; i++)
		for (size_t place = 0; place < 2; place++)
			if (run->lifetimes[place][i].answer && run->lifetimes[place][i].answer->arrived)
				lifetime_wait(run, &run->lifetimes[place][i]);
	run->begun_ms = exchange_now_ms();
}

static bool is_known(const struct lifetime *lifetime)
{
	return lifetime->closing != NULL && !lifetime->closing->refused;
}

static void pair_judge(struct run *run, const struct lifetime *sip, const struct lifetime *plain)
{
	uint16_t port;
	if (!is_known(sip) || run->exchange->ended)
		return;
	bool alive = sip->closing->arrived, plain_alive = is_known(plain) && plain->closing->arrived;
	if (alive)
		run_judge(run, sip->closing);
	else if (run_contact_seen(run, sip->opening, &port))
		ledger_charge(&run->ledger, FAULT_REGISTRATION_OUTLIVED, CONFIDENCE_CERTAIN, "lifetimes", sip->opening,
		              "registered for %u s by an ALG's address, and unreachable after %u s of silence",
		              run->exchange->expires_s, sip->silent_s);
	else if (plain_alive)
		ledger_charge(&run->ledger, FAULT_BINDING_TOO_SHORT, CONFIDENCE_CERTAIN, "lifetimes", NULL,
		              "after %u s of silence nothing comes in on SIP's port, while it does on others",
		              sip->silent_s);
	if (is_known(plain) && !plain_alive && plain->silent_s < KEEPALIVE_S)
		ledger_charge(
		        &run->ledger, FAULT_BINDING_TOO_SHORT, CONFIDENCE_CERTAIN, "lifetimes", NULL,
		        "after %u s of silence nothing comes in over UDP, on any port: no keep-alive is so frequent",
		        plain->silent_s);
	else if (is_known(plain) && !plain_alive)
		ledger_charge(&run->ledger, FAULT_UDP_BINDING_SHORT, CONFIDENCE_CERTAIN, "lifetimes", NULL,
		              "after %u s of silence nothing comes in over UDP", plain->silent_s);
}

static uint64_t lifetimes_end_ms(const struct run *run)
{
	return run->begun_ms + (uint64_t)run->lifetimes[0][run->lifetime_count - 1].silent_s * 1000 + LATE_MS;
}

static bool all_arrived(const struct run *run)
{
	for (size_t i = 0; i < run->lifetime_count; i++)
		for (size_t place = 0; place < 2; place++) {
			const struct lifetime *lifetime = &run->lifetimes[place][i];
			if (is_known(lifetime) && !lifetime->closing->arrived)
				return false;
		}
	return true;
}

void run_lifetimes_end(struct run *run)
{
	uint64_t now, end = lifetimes_end_ms(run);
	while (!run->exchange->ended && !all_arrived(run) && (now = exchange_now_ms()) < end) {
		char words[96];
		snprintf(words, sizeof words, "silent, to see how long a way in stays open (%llu s left)",
		         (unsigned long long)(end - now) / 1000);
		run_progress(run, 95, words);
		exchange_pump(run->exchange, end - now < 1000 ? (uint32_t)(end - now) : 1000);
	}
	for (size_t i = 0; i < run->lifetime_count; i++)
		pair_judge(run, &run->lifetimes[0][i], &run->lifetimes[1][i]);
}
