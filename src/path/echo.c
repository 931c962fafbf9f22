/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "path/echo.h"

#include "host/endpoint.h"
#include "sip/message.h"
#include "sip/via.h"

enum { SHOWN_MAX = 120 };

struct echo {
	struct report *report;
	const struct correspondence *correspondence;
	const struct letter *letter;
	struct sip_message sent, received;
};

static int shown(struct text text)
{
	return (int)text_first(text, SHOWN_MAX).length;
}

static struct text trimmed(const struct sip_message *message, enum sip_header_kind kind)
{
	return text_trim(sip_message_header(message, kind));
}

/* ---- Via ---- */

static bool first_via(const struct sip_message *message, struct sip_via *via)
{
	struct text rest = sip_message_header(message, SIP_HEADER_VIA);
	return sip_via_next(&rest, via);
}

/* received from a public server with our private address: something put it there on the way back, or the server is
 * reached by a private way (a VPN). */
static void judge_received(const struct echo *echo, const sipalg_address *server, const struct sip_via *via,
                           sipalg_address *seen)
{
	const sipalg_address *inside = &echo->correspondence->inside.address;
	struct text received;
	if (!sip_parameter_find(via->parameters, TEXT("received"), &received) ||
	    !sipalg_address_read(received.start, received.length, seen))
		return;
	if (!sipalg_address_equal(seen, inside)) {
		report_find(echo->report, FAULT_NAT, CONFIDENCE_CERTAIN, "the server sees us as %.*s", shown(received),
		            received.start);
		return;
	}
	if (!address_is_public(inside) && address_is_public(server))
		report_find(
		        echo->report, FAULT_ALG_UNDOES_ON_RETURN, CONFIDENCE_HINT,
		        "the server's answer says that it saw us at %.*s, which it can only by a private way (a VPN)",
		        shown(received), received.start);
}

static void judge_via(const struct echo *echo, const sipalg_address *server, sipalg_address *seen)
{
	struct sip_via sent, received;
	if (!first_via(&echo->sent, &sent) || !first_via(&echo->received, &received))
		return;
	if (!text_equal(sent.host.name, received.host.name) || sent.port != received.port)
		report_find(echo->report, FAULT_ALG_REWRITES, CONFIDENCE_CERTAIN,
		            "the server's answer copies our Via, in which %.*s:%u has become %.*s:%u",
		            shown(sent.host.name), sent.host.name.start, sent.port, shown(received.host.name),
		            received.host.name.start, received.port);
	if (!text_equal(sent.branch, received.branch))
		report_find(echo->report, FAULT_BRANCH_REWRITTEN, CONFIDENCE_CERTAIN, "%.*s came back as %.*s",
		            shown(sent.branch), sent.branch.start, shown(received.branch), received.branch.start);
	judge_received(echo, server, &received, seen);
}

/* ---- The rest ---- */

static struct text without_parameters(struct text header, struct text *tag)
{
	struct sip_name_addr entry;
	*tag = (struct text){ NULL, 0 };
	if (!sip_name_addr_next(&header, &entry))
		return header;
	if (!sip_parameter_find(entry.parameters, TEXT("tag"), tag))
		*tag = (struct text){ NULL, 0 };
	return entry.uri;
}

static void judge_identity(const struct echo *echo, enum sip_header_kind kind, const char *name)
{
	struct text tag_sent, tag_received;
	struct text sent = without_parameters(trimmed(&echo->sent, kind), &tag_sent);
	struct text received = without_parameters(trimmed(&echo->received, kind), &tag_received);
	if (!text_equal(sent, received))
		report_find(echo->report, FAULT_FROM_TO_REWRITTEN, CONFIDENCE_CERTAIN, "%s: %.*s came back as %.*s",
		            name, shown(sent), sent.start, shown(received), received.start);
	if (tag_sent.length > 0 && !text_equal(tag_sent, tag_received))
		report_find(echo->report, FAULT_TAG_REWRITTEN, CONFIDENCE_CERTAIN, "%s: %.*s came back as %.*s", name,
		            shown(tag_sent), tag_sent.start, shown(tag_received), tag_received.start);
}

static void judge_call_id(const struct echo *echo)
{
	struct text sent = trimmed(&echo->sent, SIP_HEADER_CALL_ID);
	struct text received = trimmed(&echo->received, SIP_HEADER_CALL_ID);
	if (!text_equal(sent, received))
		report_find(echo->report, FAULT_CALL_ID_REWRITTEN, CONFIDENCE_CERTAIN, "%.*s came back as %.*s",
		            shown(sent), sent.start, shown(received), received.start);
}

void echo_judge(struct report *report, const struct correspondence *correspondence, const sipalg_address *server,
                const struct letter *letter, struct text response, sipalg_address *seen)
{
	struct echo echo = { .report = report, .correspondence = correspondence, .letter = letter };
	*seen = (sipalg_address){ 0 };
	if (sip_message_parse(letter_text(letter), &echo.sent) != SIP_WHOLE ||
	    sip_message_parse(response, &echo.received) != SIP_WHOLE || echo.received.is_request)
		return;
	judge_via(&echo, server, seen);
	judge_identity(&echo, SIP_HEADER_FROM, "From");
	judge_identity(&echo, SIP_HEADER_TO, "To");
	judge_call_id(&echo);
}
