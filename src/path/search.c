/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "path/search.h"

#include "host/clock.h"
#include "sip/message.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>

enum {
	NS_PER_MS = 1000000,
	TRIES = 3,          /* routers limit how many errors they send: RFC 1812 4.3.2.8 */
	PACE_MS = 30,       /* between letters */
	WAIT_MAX_MS = 1000, /* for an answer, before any has come */
	WAIT_MIN_MS = 300,
	SILENT_MAX = 5,     /* hops in a row, then the rest is not asked */
	PLAIN_HOPS = 4,     /* hops behind the last one that are tried on another port */
	PLAIN_PORT = 33434, /* where traceroute begins */
	LINE_MAX_LENGTH = 160,
};

void search_tell(const struct search *search, const char *format, ...)
{
	char line[LINE_MAX_LENGTH];
	va_list arguments;
	if (search->settings->progress == NULL)
		return;
	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	search->settings->progress(search->settings->context, line);
}

bool search_write(struct search *search, enum letter_kind kind, struct letter *letter)
{
	return letter_compose(&search->correspondence, kind, ++search->number, letter);
}

/* One that is lost is sent for again by the response's retransmission, which nobody waits for here. */
static void send_end(struct search *search, const struct letter *invite, const char *method, struct text to)
{
	struct letter end;
	if (letter_compose_end(&search->correspondence, invite, method, to, &end) &&
	    !tracer_send(&search->tracer, search->tracer.to.port, 0, letter_text(&end)))
		search_tell(search, "the network does not take an %s", method);
}

void search_end_invite(struct search *search, const struct letter *invite, struct text response)
{
	struct sip_message message;
	if (sip_message_parse(response, &message) != SIP_WHOLE || message.status < 200)
		return;
	struct text to = sip_message_header(&message, SIP_HEADER_TO);
	send_end(search, invite, "ACK", to);
	if (message.status < 300)
		send_end(search, invite, "BYE", to);
}

/* ---- One letter ---- */

/* A letter of this run that is not this one was answered late. */
static bool is_of_another(const struct letter *letter, struct text bytes)
{
	char salt[LETTER_MARK_MAX];
	int length = snprintf(salt, sizeof salt, "%.9s", letter->mark); /* eight digits and the n behind them */
	bool of_run = memmem(bytes.start, bytes.length, salt, (size_t)length) != NULL;
	return of_run && memmem(bytes.start, bytes.length, letter->mark, strlen(letter->mark)) == NULL;
}

static uint64_t patience_ns(const struct search *search)
{
	uint64_t wait_ns = 4 * search->delay_max_ns + 200 * (uint64_t)NS_PER_MS;
	if (search->delay_max_ns == 0 || wait_ns > WAIT_MAX_MS * (uint64_t)NS_PER_MS)
		return WAIT_MAX_MS * (uint64_t)NS_PER_MS;
	return wait_ns < WAIT_MIN_MS * (uint64_t)NS_PER_MS ? WAIT_MIN_MS * (uint64_t)NS_PER_MS : wait_ns;
}

static bool wait_for(struct search *search, const struct letter *letter, uint64_t sent_ns, struct answer *answer)
{
	uint64_t until_ns = sent_ns + patience_ns(search);
	while (tracer_receive(&search->tracer, until_ns, answer)) {
		struct text bytes = answer->kind == ANSWER_MESSAGE ? (struct text){ answer->bytes, answer->length }
		                                                   : answer->quote.payload;
		if (!is_of_another(letter, bytes))
			return true;
	}
	return false;
}

static bool try_letter(struct search *search, const struct letter *letter, uint16_t port, unsigned ttl,
                       struct answer *answer, uint64_t *delay_ns)
{
	(void)poll(NULL, 0, PACE_MS);
	uint64_t sent_ns = clock_now_ns();
	if (!tracer_send(&search->tracer, port, ttl, letter_text(letter)) || !wait_for(search, letter, sent_ns, answer))
		return false;
	*delay_ns = answer->time_ns - sent_ns;
	if (*delay_ns > search->delay_max_ns)
		search->delay_max_ns = *delay_ns;
	return true;
}

/* ---- One hop ---- */

static void keep_quote(struct search *search, struct stop *stop, const struct letter *letter,
                       const struct answer *answer)
{
	struct tracer *tracer = &search->tracer;
	struct original original = { .bytes = letter_text(letter), .first_address_end = letter->first_address_end };
	original.checksum = quote_checksum(&tracer->inside, &tracer->to, original.bytes);
	struct quote_verdict verdict = quote_judge(&original, &answer->quote, search->checksums_come_through);
	/* What was altered weighs most, then what tells most. */
	bool better = stop->verdict.state != HOP_ALTERED &&
	              (verdict.state == HOP_ALTERED || stop->verdict.state == HOP_SILENT ||
	               (stop->verdict.state == HOP_TOO_SHORT && verdict.state != HOP_TOO_SHORT));
	search->checksums_come_through = search->checksums_come_through || verdict.checksum_fits;
	if (!better)
		return;
	stop->verdict = verdict;
	stop->letter = *letter;
	stop->quoted_length = text_first(answer->quote.payload, SEARCH_QUOTE_MAX).length;
	memcpy(stop->quoted, answer->quote.payload.start, stop->quoted_length);
}

static void keep(struct search *search, struct stop *stop, const struct letter *letter, const struct answer *answer,
                 uint64_t delay_ns)
{
	bool of_far_end = sipalg_address_equal(&answer->from, &search->tracer.to.address);
	if (sipalg_address_is_none(&stop->address)) {
		stop->address = answer->from;
		stop->delay_ns = delay_ns;
	}
	switch (answer->kind) {
	case ANSWER_NONE:
		break;
	case ANSWER_QUOTE:
		keep_quote(search, stop, letter, answer);
		stop->far_end = stop->far_end || answer->quote.by_port || of_far_end;
		break;
	case ANSWER_MESSAGE:
		stop->far_end = true;
		search->answered = true;
		if (letter->kind != LETTER_REGISTER)
			search_end_invite(search, letter, (struct text){ answer->bytes, answer->length });
		break;
	case ANSWER_REFUSED:
		stop->refused = true;
		break;
	}
}

/* False: the hop is silent. */
static bool ask_with(struct search *search, struct stop *stop, enum letter_kind kind)
{
	struct letter letter;
	struct answer answer;
	uint64_t delay_ns;
	for (int i = 0; i < TRIES; i++) {
		if (!search_write(search, kind, &letter))
			return false;
		if (!try_letter(search, &letter, search->tracer.to.port, stop->ttl, &answer, &delay_ns))
			continue;
		keep(search, stop, &letter, &answer, delay_ns);
		return true;
	}
	return false;
}

/* An ALG may change one method and not the other. */
static bool ask(struct search *search, struct stop *stop)
{
	if (!ask_with(search, stop, LETTER_INVITE)) {
		stop->invite_lost = ask_with(search, stop, LETTER_REGISTER);
		return stop->invite_lost;
	}
	if (stop->verdict.state != HOP_ALTERED)
		(void)ask_with(search, stop, LETTER_REGISTER);
	return true;
}

/* ---- All of them ---- */

/* Nothing came from behind the last hop: do the same bytes get further on a port that is not SIP's? */
static void try_plain(struct search *search, unsigned from_ttl)
{
	struct letter letter;
	struct answer answer;
	uint64_t delay_ns;
	for (unsigned ttl = from_ttl; ttl < from_ttl + PLAIN_HOPS && search->plain_ttl == 0; ttl++) {
		search_tell(search, "hop %u, on port %d instead", ttl, PLAIN_PORT);
		for (int i = 0; i < 2 && search->plain_ttl == 0; i++) {
			if (!search_write(search, LETTER_INVITE, &letter) ||
			    !try_letter(search, &letter, PLAIN_PORT, ttl, &answer, &delay_ns) ||
			    answer.kind != ANSWER_QUOTE)
				continue;
			search->plain_ttl = ttl;
			search->plain_hop = answer.from;
		}
	}
}

void search_run(struct search *search)
{
	unsigned hops_max = search->settings->hops_max == 0 ? PATH_HOPS_MAX : search->settings->hops_max;
	unsigned silent = 0;
	for (unsigned ttl = 1; ttl <= hops_max && ttl <= SEARCH_HOPS_MAX && silent < SILENT_MAX && !search->reached;
	     ttl++) {
		struct stop *stop = &search->stops[search->stop_count++];
		*stop = (struct stop){ .ttl = ttl };
		search_tell(search, "hop %u", ttl);
		silent = ask(search, stop) ? 0 : silent + 1;
		search->reached = stop->far_end;
	}
	search->stop_count -= silent;
	if (!search->reached)
		try_plain(search, (unsigned)search->stop_count + 1);
}
