/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long one can be silent and still be reached: on SIP's port, and where nobody reads. All sockets wait at the same
 * time, while the rest is tried. */
#include "check/run.h"

enum {
	WAIT_MS = 500,
	BLANK_LENGTH = 200,
	AGAIN_MS = 250,
	EXPIRES_S = 60, /* longer than the silence, and not much: what an ALG opens for us stays open for so long */
	LONG_EXPIRES_S = 1200,
};

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

static struct passage *closing_ask(struct run *run, const struct passage *opening, struct reflect_way *way)
{
	struct composed blank;
	const struct text none = { NULL, 0 };
	if (opening->place == REFLECT_SIP) {
		(void)run_contact_seen(run, opening, &way->port);
		return request_ask(run->exchange, arrival_named("ask-options"), way, opening->flow, opening);
	}
	run_blank(run, BLANK_LENGTH, &blank);
	return exchange_ask(run->exchange, NULL, way, opening->flow, composed_text(&blank), none);
}

/* The far end waits, and then sends to where a provider would. */
static void lifetime_wait(struct run *run, struct lifetime *lifetime)
{
	const struct passage *opening = lifetime->opening;
	for (uint32_t i = 0; i < LIFETIME_TRIES; i++) {
		struct reflect_way way = { .place = opening->place,
			                   .port = opening->source.port,
			                   .after_ms = lifetime->silent_s * 1000 + i * AGAIN_MS };
		lifetime->closings[i] = closing_ask(run, opening, &way);
	}
}

void run_lifetimes_begin(struct run *run)
{
	struct exchange *exchange = run->exchange;
	const uint32_t *times = silence_times(run->long_times, &run->silence_count);
	size_t first = exchange->passage_count;
	exchange->expires_s = run->long_times ? LONG_EXPIRES_S : EXPIRES_S;
	for (size_t i = 0; i < run->silence_count; i++)
		for (size_t place = 0; place < 2; place++) {
			run->lifetimes[place][i] = (struct lifetime){ .silent_s = times[i] };
			lifetime_open(run, &run->lifetimes[place][i], places[place]);
		}
	exchange_insist(exchange, first, WAIT_MS);
	first = exchange->passage_count;
	for (size_t i = 0; i < run->silence_count; i++)
		for (size_t place = 0; place < 2; place++)
			if (run->lifetimes[place][i].opening && run->lifetimes[place][i].opening->arrived)
				lifetime_answer(run, &run->lifetimes[place][i]);
	exchange_insist(exchange, first, WAIT_MS);
	for (size_t i = 0; i < run->silence_count; i++)
		for (size_t place = 0; place < 2; place++)
			if (run->lifetimes[place][i].answer && run->lifetimes[place][i].answer->arrived)
				lifetime_wait(run, &run->lifetimes[place][i]);
	run->lifetimes_ms = exchange_now_ms();
}

bool run_lifetimes_over(const struct run *run)
{
	for (size_t i = 0; i < run->silence_count; i++)
		for (size_t place = 0; place < 2; place++) {
			const struct passage *last = run->lifetimes[place][i].closings[LIFETIME_TRIES - 1];
			if (last != NULL && !last->refused && !last->arrived)
				return false;
		}
	return true;
}

/* What has come, the first of them; NULL: nothing. */
static const struct passage *closing_find(const struct lifetime *lifetime)
{
	for (size_t i = 0; i < LIFETIME_TRIES; i++)
		if (lifetime->closings[i] != NULL && lifetime->closings[i]->arrived)
			return lifetime->closings[i];
	return NULL;
}

/* Only what the far end says it has sent can be lost. */
static enum reach reach_of(const struct lifetime *lifetime)
{
	if (closing_find(lifetime) != NULL)
		return REACH_ALIVE;
	for (size_t i = 0; i < LIFETIME_TRIES; i++)
		if (lifetime->closings[i] == NULL || !lifetime->closings[i]->carried_out)
			return REACH_UNKNOWN;
	return REACH_LOST;
}

void run_lifetimes_judge(struct run *run, struct silence silences[SILENCES_MAX])
{
	for (size_t i = 0; i < run->silence_count; i++) {
		const struct lifetime *sip = &run->lifetimes[0][i], *plain = &run->lifetimes[1][i];
		const struct passage *closing = closing_find(sip);
		uint16_t port;
		silences[i] =
		        (struct silence){ .silent_s = sip->silent_s,
			                  .sip = reach_of(sip),
			                  .plain = reach_of(plain),
			                  .named = sip->opening != NULL && run_contact_seen(run, sip->opening, &port) };
		if (closing != NULL)
			run_judge(run, closing);
	}
}
