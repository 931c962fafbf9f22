/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "world.h"

static uint32_t spelling_now(struct world *world, const struct phone *phone)
{
	return phone->varies && chance(world, 3) == 0 ? chance(world, SPELLINGS) : phone->spelling;
}

static void add_host(struct world *world, const struct phone *phone, bool has_port)
{
	letter_add(&world->draft, world_is_ipv6(world) ? "[%s]" : "%s",
	           phone_address(world, phone->number, spelling_now(world, phone)));
	if (has_port || phone->at.port != SIPALG_PORT_SIP)
		letter_add(&world->draft, ":%u", phone->at.port);
}

static bool varied(struct world *world, const struct phone *phone, bool usual)
{
	return phone->varies && chance(world, 3) == 0 ? !usual : usual;
}

/* ---- SDP of a phone ---- */

static const char *family(const struct world *world)
{
	return world_is_ipv6(world) ? "IP6" : "IP4";
}

static void add_media(struct world *world, const struct world_call *call, const struct phone *phone, const char *kind,
                      uint32_t port)
{
	struct letter *draft = &world->draft;
	const char *own = phone_address(world, phone->number, phone->spelling);
	letter_add(draft, "m=%s %u RTP/AVP 0 8\n", kind, port);
	if (call->has_rtcp_line)
		letter_add(draft, port % 4 ? "a=rtcp:%u\n" : "a=rtcp:%u IN %s %s\n", port + 1, family(world), own);
	if (call->has_mux)
		letter_add(draft, "a=rtcp-mux\n");
	if (call->has_candidates)
		letter_add(draft, "a=candidate:1 1 UDP 2130706431 %s %u typ host\n", own, port);
	if (call->has_candidates && call->number % 2)
		letter_add(draft, "a=candidate:2 1 UDP 2130706430 %s %u typ host\n",
		           world_is_ipv6(world) ? "192.168.1.9" : "2001:db8:5::9", port);
	if (call->has_alternative)
		letter_add(draft, "a=altc:1 %s %s %u\na=altc:2 %s %s %u\n", family(world), own, port,
		           world_is_ipv6(world) ? "IP4" : "IP6", world_is_ipv6(world) ? "192.168.1.8" : "2001:db8:5::8",
		           port);
}

static void add_sdp(struct world *world, const struct phone *phone, const struct world_call *call)
{
	struct letter *draft = &world->draft;
	const char *origin = call->has_origin_elsewhere ? "phone.local" : NULL;
	const char *own = phone_address(world, phone->number, phone->spelling);
	const char *zero = world_is_ipv6(world) ? "::" : "0.0.0.0";
	bool is_zero = call->is_held && call->number % 2;
	letter_add(draft, "v=0\no=- %u 1 IN %s %s\ns=-\n", call->number, family(world), origin ? origin : own);
	letter_add(draft, "c=IN %s %s\nt=0 0\n", family(world), is_zero ? zero : own);
	if (call->has_candidates)
		letter_add(draft, "a=ice-ufrag:abcd\na=ice-pwd:0123456789012345678901\n");
	add_media(world, call, phone, "audio", call->media_port);
	letter_add(draft, call->is_held ? "a=sendonly\n" : "a=sendrecv\n");
	if (call->has_video)
		add_media(world, call, phone, "video", call->media_port + 2);
}

static void add_end(struct world *world, const struct phone *phone, const struct world_call *call, bool has_sdp)
{
	struct letter *draft = &world->draft;
	if (has_sdp)
		letter_add(draft, phone->is_compact ? "c: application/sdp\n" : "Content-Type: application/sdp\n");
	if (!phone->has_no_length)
		letter_add(draft, phone->is_compact ? "l: #\n" : "Content-Length : #\n");
	letter_add(draft, "\n");
	if (has_sdp)
		add_sdp(world, phone, call);
	letter_seal(draft, phone->has_cr);
}

/* ---- The phone ---- */

static void add_contact(struct world *world, const struct phone *phone)
{
	letter_add(&world->draft, phone->is_compact ? "m: <sip:p%u@" : "Contact: \"192.168.1.2, x\" <sip:p%u@",
	           phone->number);
	add_host(world, phone, varied(world, phone, phone->contact_has_port));
	letter_add(&world->draft, phone->is_folded ? ";transport=udp>\n ;q=0.5\n" : ">\n");
}

static void add_dialog(struct world *world, const struct phone *phone, const struct world_call *call, uint32_t cseq,
                       const char *method)
{
	struct letter *draft = &world->draft;
	const char *me = phone->is_compact ? "f" : "From", *other = phone->is_compact ? "t" : "To";
	if (!call) { /* REGISTER and the like */
		letter_add(draft, "%s: <sip:p%u@192.168.1.%u>;tag=a%u\n", me, phone->number, 2 + phone->number, cseq);
		letter_add(draft, "%s: <sip:p%u@192.168.1.%u>\nCall-ID: reg%u@192.168.1.%u\n", other, phone->number,
		           2 + phone->number, phone->number, 2 + phone->number);
	} else {
		letter_add(draft, "%s: <sip:p%u@x.example>;tag=p%u\n", me, phone->number, call->number);
		letter_add(draft, "%s: <sip:peer@x.example>", other);
		if (call->stage >= CALL_RINGING || !call->is_outgoing)
			letter_add(draft, ";tag=t%u", call->tag);
		letter_add(draft, "\nCall-ID: call%u@192.168.1.%u\n", call->number, 2 + phone->number);
	}
	letter_add(draft, "CSeq: %u %s\n", cseq, method);
}

void phone_request(struct world *world, struct phone *phone, struct world_call *call, const char *method,
                   const char *extra, bool has_sdp)
{
	struct letter *draft = &world->draft;
	bool is_ack = strcmp(method, "ACK") == 0 || strcmp(method, "CANCEL") == 0;
	uint32_t cseq = call ? (is_ack ? call->cseq_in : ++call->cseq_in) : ++phone->cseq;
	letter_clear(draft);
	letter_add(draft, "%s sip:198.51.100.1 SIP/2.0\n", method);
	letter_add(draft, phone->is_compact ? "v:SIP/2.0/%s " : "Via: SIP/2.0/%s ", world->is_tcp ? "TCP" : "UDP");
	add_host(world, phone, varied(world, phone, phone->via_has_port));
	letter_add(draft, phone->is_folded ? "\n  ;rport;branch=z9hG4bK%u\n" : ";rport;branch=z9hG4bK%u\n",
	           ++world->next_number);
	letter_add(draft, "Max-Forwards: 70\n");
	add_dialog(world, phone, call, cseq, method);
	add_contact(world, phone);
	letter_add(draft, "User-Agent: phone 192.168.1.2:5060\n%s", extra);
	add_end(world, phone, call, has_sdp);
}

void phone_response(struct world *world, struct phone *phone, struct world_call *call, const struct letter *request,
                    unsigned status, bool has_sdp)
{
	struct letter *draft = &world->draft;
	struct text to = header_of(letter_text(request), "To", 't');
	letter_clear(draft);
	letter_add(draft, "SIP/2.0 %u Whatever\n", status);
	letter_add_headers(draft, letter_text(request), "Via", 'v');
	letter_add_headers(draft, letter_text(request), "From", 'f');
	letter_add(draft, "To: %.*s", (int)to.length, to.start);
	if (!memmem(to.start, to.length, "tag=", 4) && status > 100)
		letter_add(draft, ";tag=p%u", call->number);
	letter_add(draft, "\n");
	letter_add_headers(draft, letter_text(request), "Call-ID", 'i');
	letter_add_headers(draft, letter_text(request), "CSeq", '\0');
	add_contact(world, phone);
	add_end(world, phone, call, has_sdp);
}

/* ---- The provider ---- */

static void add_provider_body(struct letter *letter, struct text sdp)
{
	if (sdp.length > 0)
		letter_add(letter, "Content-Type: application/sdp\n");
	letter_add(letter, "Content-Length: #\n\n");
	letter_add_text(letter, sdp);
	letter_seal(letter, true);
}

static void add_to(struct letter *letter, struct text request, unsigned status, uint32_t tag)
{
	struct text to = header_of(request, "To", 't');
	letter_add(letter, "To: %.*s", (int)to.length, to.start);
	if (!memmem(to.start, to.length, "tag=", 4) && status > 100)
		letter_add(letter, ";tag=t%u", tag);
	letter_add(letter, "\n");
}

void provider_response(struct letter *letter, struct text request, unsigned status, uint32_t tag, uint32_t expires_s,
                       struct text sdp)
{
	struct text cseq = header_of(request, "CSeq", '\0');
	bool is_register = memmem(cseq.start, cseq.length, "REGISTER", 8) != NULL;
	letter_clear(letter);
	letter_add(letter, "SIP/2.0 %u Some Reason\n", status);
	letter_add_headers(letter, request, "Via", 'v');
	letter_add_headers(letter, request, "From", 'f');
	add_to(letter, request, status, tag);
	letter_add_headers(letter, request, "Call-ID", 'i');
	letter_add_headers(letter, request, "CSeq", '\0');
	if (is_register && status == 200 && expires_s)
		letter_add_headers(letter, request, "Contact", 'm');
	else if (!is_register)
		letter_add(letter, "Contact: <sip:peer@198.51.100.1>\n");
	if (is_register)
		letter_add(letter, "Expires: %u\n", expires_s);
	add_provider_body(letter, sdp);
}

void provider_request(struct letter *letter, const struct world *world, const struct world_call *call,
                      struct text contact_message, const char *method, uint32_t cseq, struct text sdp)
{
	struct text uri = uri_of(header_of(contact_message, "Contact", 'm'));
	letter_clear(letter);
	letter_add(letter, "%s %.*s SIP/2.0\n", method, (int)uri.length, uri.start);
	letter_add(letter, "Via: SIP/2.0/UDP 198.51.100.%u;branch=z9hG4bKs%u\n", 1 + call->server, world->next_number);
	letter_add(letter, "From: <sip:peer@x.example>;tag=t%u\n", call->tag);
	letter_add(letter, "To: <sip:p%u@x.example>", call->phone);
	if (call->is_outgoing || call->stage >= CALL_RINGING)
		letter_add(letter, ";tag=p%u", call->number);
	letter_add(letter, "\nCall-ID: call%u@192.168.1.%u\n", call->number, 2 + call->phone);
	letter_add(letter, "CSeq: %u %s\nContact: <sip:peer@198.51.100.%u>\n", cseq, method, 1 + call->server);
	add_provider_body(letter, sdp);
}
