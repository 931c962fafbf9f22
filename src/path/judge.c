/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "path/judge.h"

#include "compare/judge.h"
#include "sip/message.h"
#include "sip/via.h"

#include <stdio.h>

enum { DETAIL_MAX = 280, STOP_NAME_MAX = 72 };

/* ---- Hops ---- */

static const char *address_text(const sipalg_address *address, char out[SIPALG_ADDRESS_TEXT_MAX])
{
	if (sipalg_address_is_none(address))
		return NULL;
	sipalg_address_write(address, out);
	return out;
}

static void describe(const struct stop *stop, const struct search *search, char out[DETAIL_MAX])
{
	size_t sent = stop->letter.length, seen = stop->verdict.seen;
	out[0] = '\0';
	if (stop->refused)
		snprintf(out, DETAIL_MAX, "it says that this may not pass");
	else if (stop->far_end && search->answered)
		snprintf(out, DETAIL_MAX, "the host, which answers SIP");
	else if (stop->far_end)
		snprintf(out, DETAIL_MAX, "the host");
	if (stop->verdict.state == HOP_ALTERED && stop->verdict.by_numbers)
		snprintf(out, DETAIL_MAX, "by the length or checksum it quotes; what was changed is not in the quote");
	else if (stop->verdict.state == HOP_AS_SENT && stop->verdict.by_numbers)
		snprintf(out, DETAIL_MAX, "by length and checksum");
	else if (stop->verdict.state == HOP_AS_SENT && seen < sent)
		snprintf(out, DETAIL_MAX, "%zu of %zu bytes quoted", seen, sent);
	else if (stop->verdict.state == HOP_TOO_SHORT)
		snprintf(out, DETAIL_MAX, "%zu bytes quoted, the address ends at %zu", seen,
		         stop->letter.first_address_end);
}

static enum hop_state state_of(const struct stop *stop)
{
	bool says_nothing = stop->verdict.state == HOP_SILENT || stop->verdict.state == HOP_AS_SENT;
	return stop->far_end && says_nothing ? HOP_DESTINATION : stop->verdict.state;
}

static void add_hop(const struct search *search, const struct names *names, size_t place, bool suspect,
                    struct report *report)
{
	const struct stop *stop = &search->stops[place];
	char address[SIPALG_ADDRESS_TEXT_MAX], name[NAME_MAX_LENGTH], detail[DETAIL_MAX];
	struct hop hop = {
		.ttl = stop->ttl, .state = state_of(stop), .delay_us = stop->delay_ns / 1000, .suspect = suspect
	};
	describe(stop, search, detail);
	snprintf(name, sizeof name, "%s", names->texts[place]);
	hop.address = address_text(&stop->address, address) != NULL ? address : NULL;
	hop.name = name[0] != '\0' ? name : NULL;
	hop.detail = detail[0] != '\0' ? detail : NULL;
	report_add_hop(report, &hop);
}

/* ---- Findings ---- */

/* "hop 2 (198.51.100.1)" */
static const char *name_stop(const struct stop *stop, char out[STOP_NAME_MAX])
{
	char address[SIPALG_ADDRESS_TEXT_MAX];
	const char *text = address_text(&stop->address, address);
	snprintf(out, STOP_NAME_MAX, "hop %u (%s)", stop->ttl, text != NULL ? text : "silent");
	return out;
}

/* Where the change happens, in a sentence: right before the hop that quotes it, with what is known of the hops before.
 */
static void say_where(const struct search *search, size_t altered, char out[DETAIL_MAX])
{
	char here[STOP_NAME_MAX], before[STOP_NAME_MAX];
	size_t last = altered; /* the last one before that quoted it as sent */
	while (last > 0 && search->stops[last - 1].verdict.state != HOP_AS_SENT)
		last--;
	name_stop(&search->stops[altered], here);
	if (altered == 0)
		snprintf(out, DETAIL_MAX, "%s already quotes it changed: it is this router, or this machine", here);
	else if (last == altered)
		snprintf(out, DETAIL_MAX, "%s changes it: the one behind, %s, quotes it changed",
		         name_stop(&search->stops[altered - 1], before), here);
	else if (last == 0)
		snprintf(out, DETAIL_MAX, "%s quotes it changed; the hops before do not tell what they were given",
		         here);
	else
		snprintf(out, DETAIL_MAX, "between %s, which quotes it as sent, and %s, which quotes it changed",
		         name_stop(&search->stops[last - 1], before), here);
}

/* An ALG that rewrites our address names the one that it takes for ours. */
static void add_outside(const struct sip_message *message, struct judge *judge)
{
	struct text rest = sip_message_header(message, SIP_HEADER_VIA);
	struct sip_via via;
	if (sip_via_next(&rest, &via) && via.host.is_address &&
	    !sipalg_address_equal(&via.host.address, &judge->inside))
		judge->outsides[judge->outside_count++] = via.host.address;
}

/* A whole message can be judged like one that has arrived. */
static void add_charges(const struct search *search, const struct stop *stop, struct text quoted, struct report *report)
{
	struct judge judge = { .inside = search->correspondence.inside.address,
		               .port = search->correspondence.inside.port };
	struct charges charges;
	struct sip_message message;
	if (!stop->verdict.whole || sip_message_parse(quoted, &message) != SIP_WHOLE)
		return;
	add_outside(&message, &judge);
	judge_outbound(&judge, letter_text(&stop->letter), quoted, &charges);
	for (size_t i = 0; i < charges.count; i++)
		if (fault_of(charges.list[i].fault)->severity == SEVERITY_FAULT)
			report_place(report,
			             report_find(report, charges.list[i].fault, CONFIDENCE_CERTAIN, "%s",
			                         charges.list[i].detail),
			             letter_title(stop->letter.kind));
}

static void add_rewriting(const struct search *search, size_t altered, struct report *report)
{
	const struct stop *stop = &search->stops[altered];
	struct text sent = letter_text(&stop->letter), quoted = { stop->quoted, stop->quoted_length };
	char where[DETAIL_MAX];
	say_where(search, altered, where);
	struct finding *finding =
	        report_find(report, FAULT_ALG_REWRITES,
	                    stop->verdict.by_numbers ? CONFIDENCE_LIKELY : CONFIDENCE_CERTAIN, "%s", where);
	report_place(report, finding, letter_title(stop->letter.kind));
	if (!stop->verdict.by_numbers) {
		quote_cut_alike(&sent, &quoted);
		report_show_messages(report, finding, &sent, &quoted);
		report_label(finding, "sent", "quoted");
	}
	add_charges(search, stop, (struct text){ stop->quoted, stop->quoted_length }, report);
}

/* Beyond some hop only REGISTERs were seen. */
static void add_lost_invites(const struct search *search, struct report *report)
{
	size_t lost = 0, first = search->stop_count;
	char name[STOP_NAME_MAX];
	for (size_t i = 0; i < search->stop_count; i++) {
		if (search->stops[i].invite_lost && lost++ == 0)
			first = i;
		if (!search->stops[i].invite_lost && lost > 0 && !sipalg_address_is_none(&search->stops[i].address))
			return; /* an INVITE was seen behind it */
	}
	if (lost >= 2)
		report_find(report, FAULT_METHOD_DROPPED, CONFIDENCE_LIKELY,
		            "from %s on, hops answer to a REGISTER and never to an INVITE",
		            name_stop(&search->stops[first], name));
}

static void add_blocked(const struct search *search, struct report *report)
{
	char address[SIPALG_ADDRESS_TEXT_MAX];
	bool is_host = sipalg_address_equal(&search->plain_hop, &search->tracer.to.address);
	if (search->plain_ttl == 0)
		return;
	address_text(&search->plain_hop, address);
	report_find(
	        report, FAULT_SIP_PORT_BLOCKED, is_host ? CONFIDENCE_HINT : CONFIDENCE_LIKELY,
	        "hop %u (%s) answers to the same bytes on another port, and nothing behind hop %zu to those on port %u",
	        search->plain_ttl, address, search->stop_count, search->tracer.to.port);
}

/* ---- How far one has seen ---- */

static size_t find_altered(const struct search *search)
{
	size_t place = 0;
	while (place < search->stop_count && search->stops[place].verdict.state != HOP_ALTERED)
		place++;
	return place;
}

/* The last hop that quoted what was sent; 0: none. */
static unsigned seen_up_to(const struct search *search)
{
	unsigned ttl = 0;
	for (size_t i = 0; i < search->stop_count; i++)
		if (search->stops[i].verdict.state == HOP_AS_SENT)
			ttl = search->stops[i].ttl;
	return ttl;
}

static void note_reach(const struct search *search, unsigned ttl, struct report *report)
{
	size_t short_quotes = 0;
	for (size_t i = 0; i < search->stop_count; i++)
		short_quotes += search->stops[i].verdict.state == HOP_TOO_SHORT;
	if (ttl > 0)
		report_add_note(
		        report,
		        "SIP was unchanged up to hop %u. What that hop and those behind it do is seen by none that "
		        "quotes.",
		        ttl);
	if (short_quotes > 0 && search->tracer.raw < 0)
		report_add_note(
		        report,
		        "%zu hops quote too little to tell. As root (or with CAP_NET_RAW) the length and checksum "
		        "they quote would tell more.",
		        short_quotes);
	else if (short_quotes > 0)
		report_add_note(report, "%zu hops quote too little to tell.", short_quotes);
}

bool judge_stops(const struct search *search, const struct names *names, struct report *report)
{
	size_t altered = find_altered(search);
	unsigned ttl = seen_up_to(search);
	for (size_t i = 0; i < search->stop_count; i++)
		add_hop(search, names, i, i == altered, report);
	if (altered < search->stop_count)
		add_rewriting(search, altered, report);
	else
		note_reach(search, ttl, report);
	add_lost_invites(search, report);
	add_blocked(search, report);
	/* The first hop's quote shows what came to it, not what it does. */
	return altered < search->stop_count || ttl >= 2;
}
