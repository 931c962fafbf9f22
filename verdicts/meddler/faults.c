/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "faults.h"
#include "rewriting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGE = 1300, LINK = 1500, BURST = 20, STOLEN = 7 };

/* ---- What messages are ---- */

static bool begins(const struct draft *draft, const char *text)
{
	return draft->length >= strlen(text) && memcmp(draft->bytes, text, strlen(text)) == 0;
}

static bool is_response(const struct draft *draft)
{
	return begins(draft, "SIP/2.0 ");
}

static bool is_meddled_with(const struct passage *passage)
{
	return passage->is_sip && passage->is_watched && !passage->is_tcp && passage->outbound;
}

static bool has_sdp(const struct draft *draft)
{
	return draft_body_line(draft, 0, "m=").length > 0;
}

/* ---- Lost ---- */

static enum fate drop_invites(struct draft *draft, struct passage *passage)
{
	return passage->is_sip && passage->is_watched && begins(draft, "INVITE ") ? FATE_DROP : FATE_PASS;
}

static enum fate drop_methods(struct draft *draft, struct passage *passage)
{
	static const char *const known[] = {
		"INVITE ", "ACK ", "BYE ", "CANCEL ", "REGISTER ", "OPTIONS ", "SIP/2.0 "
	};
	if (!passage->is_sip || !passage->is_watched || passage->is_tcp)
		return FATE_PASS;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (begins(draft, known[i]))
			return FATE_PASS;
	return FATE_DROP;
}

static enum fate drop_odd(struct draft *draft, struct passage *passage)
{
	struct span origin = draft_body_line(draft, 0, "o=");
	bool odd = draft_header(draft, 0, "Content-Length", "l").length == 0 ||
	           (has_sdp(draft) && (origin.length == 0 || draft_find(draft, origin, "IP4 1").length == 0));
	return is_meddled_with(passage) && odd ? FATE_DROP : FATE_PASS;
}

static enum fate drop_port(struct draft *draft, struct passage *passage)
{
	(void)draft;
	return passage->is_watched ? FATE_DROP : FATE_PASS;
}

static enum fate drop_tcp(struct draft *draft, struct passage *passage)
{
	(void)draft;
	return passage->is_watched && passage->is_tcp ? FATE_DROP : FATE_PASS;
}

static enum fate drop_large(struct draft *draft, struct passage *passage)
{
	(void)draft;
	return passage->is_sip && passage->is_watched && passage->packet_length > LARGE ? FATE_DROP : FATE_PASS;
}

static enum fate drop_fragments(struct draft *draft, struct passage *passage)
{
	(void)draft;
	return !passage->is_tcp && passage->packet_length > LINK ? FATE_DROP : FATE_PASS;
}

static enum fate drop_keepalives(struct draft *draft, struct passage *passage)
{
	(void)draft;
	return passage->is_watched && !passage->is_tcp && !passage->is_sip ? FATE_DROP : FATE_PASS;
}

static enum fate drop_burst(struct draft *draft, struct passage *passage)
{
	(void)draft;
	return is_meddled_with(passage) && passage->recent > BURST ? FATE_DROP : FATE_PASS;
}

static enum fate drop_media_in(struct draft *draft, struct passage *passage)
{
	(void)draft;
	return !passage->outbound && !passage->is_tcp && !passage->is_sip && !passage->is_watched ? FATE_DROP
	                                                                                          : FATE_PASS;
}

static enum fate drop_media_out(struct draft *draft, struct passage *passage)
{
	(void)draft;
	return passage->outbound && !passage->is_tcp && !passage->is_sip && !passage->is_watched ? FATE_DROP
	                                                                                         : FATE_PASS;
}

static enum fate drop_split(struct draft *draft, struct passage *passage)
{
	struct span end = draft_find(draft, (struct span){ 0, draft->length }, "\r\n\r\n");
	return passage->is_tcp && passage->is_sip && passage->is_watched && end.length == 0 ? FATE_DROP : FATE_PASS;
}

static enum fate answer_itself(struct draft *draft, struct passage *passage)
{
	static const char answer[] = "SIP/2.0 200 OK";
	if (!is_meddled_with(passage) || (!begins(draft, "OPTIONS ") && !begins(draft, "REGISTER ")))
		return FATE_PASS;
	draft_replace(draft, (struct span){ 0, strcspn(draft->bytes, "\r\n") }, answer, sizeof answer - 1);
	return FATE_ANSWER;
}

/* ---- Headers ---- */

static enum fate take_semicolon(struct draft *draft, struct passage *passage)
{
	struct span line = draft_header(draft, 0, "Contact", "m"), found = draft_find(draft, line, ">;");
	if (is_meddled_with(passage) && found.length > 0)
		draft_replace(draft, found, ">", 1);
	return FATE_PASS;
}

static void replace_in_header(struct draft *draft, const char *name, const char *compact, const char *from,
                              const char *to)
{
	struct span line = { 0, 0 };
	while ((line = draft_header(draft, line.start + (line.length > 0), name, compact)).length > 0)
		draft_replace_all(draft, line, from, to);
}

static enum fate change_call_id(struct draft *draft, struct passage *passage)
{
	if (is_meddled_with(passage))
		replace_in_header(draft, "Call-ID", "i", passage->inside, passage->outside);
	return FATE_PASS;
}

static enum fate change_tag(struct draft *draft, struct passage *passage)
{
	if (is_meddled_with(passage))
		replace_in_header(draft, is_response(draft) ? "To" : "From", is_response(draft) ? "t" : "f",
		                  ";tag=", ";tag=gw");
	return FATE_PASS;
}

static enum fate change_branch(struct draft *draft, struct passage *passage)
{
	if (is_meddled_with(passage) && !is_response(draft))
		replace_in_header(draft, "Via", "v", "branch=z9hG4bK", "branch=z9hG4bKgw");
	return FATE_PASS;
}

static enum fate change_identity(struct draft *draft, struct passage *passage)
{
	if (!is_meddled_with(passage))
		return FATE_PASS;
	replace_in_header(draft, "From", "f", passage->inside, passage->outside);
	replace_in_header(draft, "To", "t", passage->inside, passage->outside);
	return FATE_PASS;
}

static enum fate change_request_uri(struct draft *draft, struct passage *passage)
{
	struct span version = draft_find(draft, (struct span){ 0, strcspn(draft->bytes, "\r\n") }, " SIP/2.0");
	static const char more[] = ";alg=1";
	if (is_meddled_with(passage) && !is_response(draft) && version.length > 0)
		draft_replace(draft, (struct span){ version.start, 0 }, more, sizeof more - 1);
	return FATE_PASS;
}

/* What stands in quotes is no address. */
static enum fate change_display_name(struct draft *draft, struct passage *passage)
{
	struct span line = draft_header(draft, 0, "Contact", "m"), found = draft_find(draft, line, passage->inside);
	if (is_meddled_with(passage) && found.length > 0)
		draft_replace(draft, found, passage->outside, strlen(passage->outside));
	return FATE_PASS;
}

static enum fate add_header(struct draft *draft, struct passage *passage)
{
	struct span first = draft_header(draft, 0, "Via", "v");
	char line[128];
	int length = snprintf(line, sizeof line, "Via: SIP/2.0/UDP %s:5060;branch=z9hG4bKproxy\r\n", passage->outside);
	if (is_meddled_with(passage) && !is_response(draft) && first.length > 0)
		draft_replace(draft, (struct span){ first.start, 0 }, line, (size_t)length);
	return FATE_PASS;
}

static enum fate remove_header(struct draft *draft, struct passage *passage)
{
	static const char *const names[] = { "User-Agent", "Supported", "Allow" };
	for (size_t i = 0; is_meddled_with(passage) && i < sizeof names / sizeof names[0]; i++)
		draft_replace(draft, draft_header(draft, 0, names[i], ""), "", 0);
	return FATE_PASS;
}

static enum fate reorder_headers(struct draft *draft, struct passage *passage)
{
	struct span from = draft_header(draft, 0, "From", "f");
	char line[512];
	if (!is_meddled_with(passage) || from.length == 0 || from.length > sizeof line)
		return FATE_PASS;
	memcpy(line, draft->bytes + from.start, from.length);
	draft_replace(draft, from, "", 0);
	draft_replace(draft, (struct span){ draft_header(draft, 0, "CSeq", "").start, 0 }, line, from.length);
	return FATE_PASS;
}

static enum fate recase_header(struct draft *draft, struct passage *passage)
{
	struct span line = draft_header(draft, 0, "Max-Forwards", "");
	if (is_meddled_with(passage) && line.length > 0)
		memcpy(draft->bytes + line.start, "max-forwards", 12);
	return FATE_PASS;
}

static void number_set(struct draft *draft, const char *name, const char *compact, unsigned long number)
{
	struct span colon = draft_find(draft, draft_header(draft, 0, name, compact), ":"), digits;
	unsigned long old;
	if (colon.length > 0 && draft_number(draft, colon.start + 1, &digits, &old))
		draft_number_put(draft, digits, number);
}

static enum fate lower_max_forwards(struct draft *draft, struct passage *passage)
{
	if (is_meddled_with(passage))
		number_set(draft, "Max-Forwards", "", 5);
	return FATE_PASS;
}

static enum fate change_timers(struct draft *draft, struct passage *passage)
{
	if (!is_meddled_with(passage))
		return FATE_PASS;
	number_set(draft, "Expires", "", 60);
	number_set(draft, "Session-Expires", "x", 90);
	return FATE_PASS;
}

/* The Contact names a port of the router behind which there is nobody. */
static enum fate steal_contact_port(struct draft *draft, struct passage *passage)
{
	struct span line = draft_header(draft, 0, "Contact", "m"), found, digits;
	char address[64];
	unsigned long port;
	snprintf(address, sizeof address, "%s:", passage->outside);
	found = draft_find(draft, line, address);
	if (is_meddled_with(passage) && found.length > 0 &&
	    draft_number(draft, found.start + found.length, &digits, &port))
		draft_number_put(draft, digits, port + STOLEN);
	return FATE_PASS;
}

static enum fate hide_rport(struct draft *draft, struct passage *passage)
{
	struct span via = draft_header(draft, 0, "Via", "v"), rport, digits;
	unsigned long port;
	if (passage->outbound || !passage->is_sip || !passage->is_watched || passage->is_tcp || !is_response(draft))
		return FATE_PASS;
	replace_in_header(draft, "Via", "v", passage->outside, passage->inside);
	rport = draft_find(draft, via, "rport=");
	if (rport.length > 0 && draft_number(draft, rport.start + rport.length, &digits, &port))
		draft_number_put(draft, digits, 5060);
	return FATE_PASS;
}

static enum fate force_port(struct draft *draft, struct passage *passage)
{
	struct span via = draft_header(draft, 0, "Via", "v"), colon, digits;
	unsigned long port = 5060;
	if (passage->outbound || !passage->is_sip || !passage->is_watched || passage->is_tcp || !is_response(draft))
		return FATE_PASS;
	colon = draft_find(draft, via, passage->inside);
	if (colon.length == 0)
		return FATE_PASS;
	if (draft->bytes[colon.start + colon.length] == ':' &&
	    !draft_number(draft, colon.start + colon.length + 1, &digits, &port))
		return FATE_PASS;
	passage->destination_port = (uint16_t)port;
	return FATE_PASS;
}

/* ---- Bodies ---- */

static enum fate wrong_length(struct draft *draft, struct passage *passage)
{
	if (is_meddled_with(passage) && has_sdp(draft))
		draft_length_add(draft, -6);
	return FATE_PASS;
}

static enum fate cut_body(struct draft *draft, struct passage *passage)
{
	enum { CUT = 24 };
	if (is_meddled_with(passage) && draft_body(draft).length > CUT) {
		draft->length -= CUT;
		draft_length_add(draft, -CUT);
	}
	return FATE_PASS;
}

static enum fate add_junk(struct draft *draft, struct passage *passage)
{
	static const char junk[] = "JUNKJUNK";
	if (is_meddled_with(passage) && draft_body(draft).length > 0) {
		draft_replace(draft, (struct span){ draft->length, 0 }, junk, sizeof junk - 1);
		draft_length_add(draft, sizeof junk - 1);
	}
	return FATE_PASS;
}

static enum fate change_bodies(struct draft *draft, struct passage *passage)
{
	size_t before = draft->length;
	if (is_meddled_with(passage) && !has_sdp(draft)) {
		draft_replace_all(draft, draft_body(draft), passage->inside, passage->outside);
		draft_length_add(draft, (long)draft->length - (long)before);
	}
	return FATE_PASS;
}

/* Content-Length is counted from the description's first line on. */
static enum fate count_from_description(struct draft *draft, struct passage *passage)
{
	struct span body = draft_body(draft), first = draft_body_line(draft, 0, "v=");
	if (is_meddled_with(passage) && first.length > 0 && first.start > body.start)
		draft_length_add(draft, -(long)(first.start - body.start));
	return FATE_PASS;
}

static enum fate change_media_port(struct draft *draft, struct passage *passage)
{
	struct span line = draft_body_line(draft, 0, "m=audio "), digits;
	size_t before = draft->length;
	unsigned long port;
	if (is_meddled_with(passage) && line.length > 0 &&
	    draft_number(draft, line.start + strlen("m=audio"), &digits, &port) && port > 1024) {
		draft_number_put(draft, digits, port + 2 * STOLEN);
		draft_length_add(draft, (long)draft->length - (long)before);
	}
	return FATE_PASS;
}

static enum fate change_origin(struct draft *draft, struct passage *passage)
{
	struct span line = draft_body_line(draft, 0, "o="), address = draft_find(draft, line, "IP4 ");
	size_t before = draft->length;
	if (!is_meddled_with(passage) || address.length == 0)
		return FATE_PASS;
	address.start += address.length;
	address.length = strcspn(draft->bytes + address.start, "\r\n");
	draft_replace(draft, address, "0.0.0.0", strlen("0.0.0.0"));
	draft_length_add(draft, (long)draft->length - (long)before);
	return FATE_PASS;
}

static enum fate add_line(struct draft *draft, struct passage *passage)
{
	struct span line = draft_body_line(draft, 0, "s=");
	char text[96];
	int length = snprintf(text, sizeof text, "i=(o=IN IP4 %s)\r\n", passage->inside);
	if (is_meddled_with(passage) && line.length > 0) {
		draft_replace(draft, (struct span){ line.start + line.length, 0 }, text, (size_t)length);
		draft_length_add(draft, length);
	}
	return FATE_PASS;
}

/* ---- TCP, whose bytes cannot become more or fewer here ---- */

/* Who counts the bytes of a body anew and has only a part of it before him. */
static enum fate corrupt_stream(struct draft *draft, struct passage *passage)
{
	struct span colon = draft_find(draft, draft_header(draft, 0, "Content-Length", "l"), ":"), digits;
	unsigned long number;
	if (passage->is_tcp && passage->is_sip && passage->is_watched && passage->outbound && colon.length > 0 &&
	    draft_number(draft, colon.start + 1, &digits, &number) && number >= 100)
		draft_number_put(draft, digits, number - 20 >= 100 ? number - 20 : number + 20);
	return FATE_PASS;
}

/* Who counts only what goes out does the same to what comes in. */
static enum fate corrupt_stream_in(struct draft *draft, struct passage *passage)
{
	struct passage turned = *passage;
	turned.outbound = !passage->outbound;
	return corrupt_stream(draft, &turned);
}

static enum fate rewrite_whole_segments(struct draft *draft, struct passage *passage)
{
	struct span whole = { 0, draft->length }, end = draft_find(draft, whole, "\r\n\r\n");
	if (!passage->is_tcp || !passage->is_watched || !passage->is_sip || end.length == 0 ||
	    strlen(passage->inside) != strlen(passage->outside))
		return FATE_PASS;
	if (passage->outbound)
		rewrite_out(draft, REWRITE_COHERENT, passage->inside, passage->outside);
	else
		rewrite_in(draft, REWRITE_COHERENT, passage->inside, passage->outside);
	return FATE_PASS;
}

static enum fate drop_down(struct draft *draft, struct passage *passage)
{
	return passage->outbound ? FATE_PASS : drop_split(draft, passage);
}

/* Its own table of connections, out of which they fall sooner than out of the router's. */
static enum fate forget_idle(struct draft *draft, struct passage *passage)
{
	(void)draft;
	return passage->is_tcp && passage->is_watched && passage->silent_s >= SILENT_S ? FATE_DROP : FATE_PASS;
}

/* A line that needs a moment to wake up: no fault that anybody should hear of. */
static enum fate drop_first(struct draft *draft, struct passage *passage)
{
	(void)draft;
	return !passage->is_tcp && !passage->outbound && passage->silent_s >= 4 ? FATE_DROP : FATE_PASS;
}

/* ---- All of them ---- */

const struct fault fault_table[] = {
	{ "alg-rewrites", REWRITE_COHERENT, NULL },
	{ "message-dropped", REWRITE_NOTHING, drop_invites },
	{ "method-dropped", REWRITE_NOTHING, drop_methods },
	{ "odd-message-dropped", REWRITE_NOTHING, drop_odd },
	{ "sip-port-blocked", REWRITE_NOTHING, drop_port },
	{ "sip-answered-midway", REWRITE_NOTHING, answer_itself },
	{ "message-corrupted", REWRITE_COHERENT, take_semicolon },
	{ "content-length-wrong", REWRITE_COHERENT, wrong_length },
	{ "body-truncated", REWRITE_COHERENT, cut_body },
	{ "body-junk", REWRITE_COHERENT, add_junk },
	{ "other-body-altered", REWRITE_COHERENT, change_bodies },
	{ "multipart-broken", REWRITE_COHERENT, count_from_description },
	{ "call-id-rewritten", REWRITE_COHERENT, change_call_id },
	{ "tag-rewritten", REWRITE_COHERENT, change_tag },
	{ "branch-rewritten", REWRITE_COHERENT, change_branch },
	{ "from-to-rewritten", REWRITE_COHERENT, change_identity },
	{ "request-uri-rewritten", REWRITE_COHERENT, change_request_uri },
	{ "display-name-rewritten", REWRITE_COHERENT, change_display_name },
	{ "header-added", REWRITE_COHERENT, add_header },
	{ "header-removed", REWRITE_NOTHING, remove_header },
	{ "headers-reordered", REWRITE_COHERENT, reorder_headers },
	{ "header-recased", REWRITE_COHERENT, recase_header },
	{ "max-forwards-lowered", REWRITE_COHERENT, lower_max_forwards },
	{ "timer-altered", REWRITE_COHERENT, change_timers },
	{ "half-rewritten", REWRITE_COHERENT & ~(unsigned int)REWRITE_VIA, NULL },
	{ "contact-not-rewritten", REWRITE_COHERENT & ~(unsigned int)REWRITE_CONTACT, NULL },
	{ "contact-port-wrong", REWRITE_COHERENT, steal_contact_port },
	{ "response-port-forced", REWRITE_NOTHING, force_port },
	{ "rport-hidden", REWRITE_NOTHING, hide_rport },
	{ "sdp-not-rewritten", REWRITE_VIA | REWRITE_CONTACT | REWRITE_ROUTES, NULL },
	{ "sdp-address-wrong", REWRITE_COHERENT | REWRITE_FOREIGN, NULL },
	{ "sdp-port-wrong", REWRITE_COHERENT, change_media_port },
	{ "sdp-origin-altered", REWRITE_COHERENT, change_origin },
	{ "sdp-line-added", REWRITE_COHERENT, add_line },
	{ "rtcp-ignored", REWRITE_COHERENT & ~(unsigned int)REWRITE_RTCP, NULL },
	{ "ice-mismatch", REWRITE_COHERENT | REWRITE_ICE, NULL },
	{ "media-blocked-in", REWRITE_COHERENT, drop_media_in },
	{ "media-blocked-out", REWRITE_COHERENT, drop_media_out },
	{ "large-message-lost", REWRITE_NOTHING, drop_large },
	{ "fragments-lost", REWRITE_NOTHING, drop_fragments },
	{ "keepalive-dropped", REWRITE_NOTHING, drop_keepalives },
	{ "burst-limited", REWRITE_NOTHING, drop_burst },
	{ "tcp-blocked", REWRITE_NOTHING, drop_tcp },
	{ "tcp-split-untouched", REWRITE_NOTHING, rewrite_whole_segments },
	{ "tcp-corrupted", REWRITE_NOTHING, corrupt_stream },
	{ "tcp-message-lost", REWRITE_NOTHING, drop_split },
	{ "tcp-corrupted-down", REWRITE_NOTHING, corrupt_stream_in },
	{ "tcp-message-lost-down", REWRITE_NOTHING, drop_down },
	{ "first-after-silence-lost", REWRITE_NOTHING, drop_first },
	{ "tcp-idle-forgotten", REWRITE_NOTHING, forget_idle },
};
const size_t fault_count = sizeof fault_table / sizeof fault_table[0];

const struct fault *fault_find(const char *name)
{
	for (size_t i = 0; i < fault_count; i++)
		if (strcmp(fault_table[i].name, name) == 0)
			return &fault_table[i];
	return NULL;
}
