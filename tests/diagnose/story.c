/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "story.h"

#include "capture/capture.h"

#include <pcap/dlt.h>
#include <stdarg.h>
#include <stdlib.h>

enum { SIP_PORT = 5060, MEDIA_PORT = 12000, SERVER_MEDIA_PORT = 30000, TRAVEL_NS = 1000000, FRAME_MS = 20 };

struct story story_begin(void)
{
	struct story story = { .inside = composer_begin(DLT_EN10MB, false),
		               .outside = composer_begin(DLT_EN10MB, true) };
	story.now_ns = UINT64_C(1700000000) * 1000000000;
	story.phone = "192.168.1.2";
	story.router = story.contact = story.told = "198.51.100.7";
	story.contact_outside = story.told_outside = "198.51.100.7";
	story.server = "203.0.113.2";
	story.extra_sdp = "";
	story.call_id = story.call_id_outside = "call-1@phone";
	story.cseq = 1;
	return story;
}

void story_end(struct story *story)
{
	composer_end(&story->inside);
	composer_end(&story->outside);
}

void wait_ms(struct story *story, uint64_t ms)
{
	story->now_ns += ms * 1000000;
}

/* ---- Packets ---- */

static sipalg_endpoint at(const char *address, unsigned port)
{
	sipalg_endpoint end = { .port = (uint16_t)port, .protocol = SIPALG_PROTOCOL_UDP };
	if (!sipalg_address_read(address, strlen(address), &end.address))
		abort();
	return end;
}

static void put_stream(struct story *story, struct composer *composer, bool outside, uint64_t time_ns,
                       sipalg_endpoint from, sipalg_endpoint to, struct text payload)
{
	uint32_t *sequence = &story->sequences[outside][to.port != SIP_PORT];
	size_t first = story->split_at > 0 && payload.length > story->split_at ? story->split_at : payload.length;
	for (struct text rest = payload; rest.length > 0; rest = text_from(rest, first)) {
		struct text part = text_first(rest, first);
		compose_tcp(composer, time_ns, &from, &to, *sequence, CAPTURE_TCP_ACK, part);
		*sequence += (uint32_t)part.length;
		first = part.length;
	}
}

static void put(struct story *story, bool outside, uint8_t hop_limit, sipalg_endpoint from, sipalg_endpoint to,
                struct text payload, bool later)
{
	struct composer *composer = outside && !story->one_file ? &story->outside : &story->inside;
	uint64_t time_ns = story->now_ns + (later ? TRAVEL_NS : 0);
	if (outside && !story->one_file)
		time_ns += (uint64_t)story->outside_ahead_ns;
	composer->hop_limit = hop_limit;
	if (story->tcp && (from.port == SIP_PORT || to.port == SIP_PORT))
		put_stream(story, composer, outside, time_ns, from, to, payload);
	else
		compose_udp(composer, time_ns, &from, &to, payload);
}

/* The phone's port, and the one that the router gives it. */
struct ports {
	unsigned phone, router;
};

static struct ports sip_ports(const struct story *story)
{
	return (struct ports){ story->phone_port != 0 ? story->phone_port : SIP_PORT,
		               story->router_port != 0 ? story->router_port : SIP_PORT };
}

static void packet_out(struct story *story, struct ports from, unsigned to, struct text inner, struct text outer,
                       unsigned seen)
{
	if (seen & INSIDE)
		put(story, false, 64, at(story->phone, from.phone), at(story->server, to), inner, false);
	if (seen & OUTSIDE)
		put(story, true, 63, at(story->router, from.router), at(story->server, to), outer, true);
}

static void packet_in(struct story *story, unsigned from, struct ports to, struct text outer, struct text inner,
                      unsigned seen)
{
	if (seen & OUTSIDE)
		put(story, true, 60, at(story->server, from), at(story->router, to.router), outer, false);
	if (seen & INSIDE)
		put(story, false, 59, at(story->server, from), at(story->phone, to.phone), inner, true);
}

/* ---- Messages ---- */

struct draft {
	char bytes[4096];
	size_t length;
};

__attribute__((format(printf, 2, 3))) static void add(struct draft *draft, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	draft->length +=
	        (size_t)vsnprintf(draft->bytes + draft->length, sizeof draft->bytes - draft->length, format, arguments);
	va_end(arguments);
}

static void add_description(struct draft *draft, const char *address, unsigned port, const char *extra)
{
	char sdp[2048];
	int length = snprintf(sdp, sizeof sdp,
	                      "v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio %u RTP/AVP 0\r\n%s",
	                      address, address, port, extra);
	add(draft, "Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s", length, sdp);
}

/* `ours`: the phone says it. The phone is the caller unless the message is a request that it gets. */
static struct draft compose(const struct story *story, const char *start, const char *method, bool sdp, bool ours,
                            bool outer)
{
	struct draft draft = { .length = 0 };
	bool request = strncmp(start, "SIP/", 4) != 0, from_phone = ours == request;
	bool early = strcmp(method, "REGISTER") == 0 ||
	             (request && strcmp(method, "INVITE") == 0 && story->cseq == 1) ||
	             strncmp(start, "SIP/2.0 100", 11) == 0 || strcmp(method, "OPTIONS") == 0;
	const char *phone = from_phone ? "<sip:alice@example.org>;tag=a" : "<sip:bob@example.org>;tag=b";
	const char *other = from_phone ? "<sip:bob@example.org>" : "<sip:alice@example.org>";
	const char *via = story->via != NULL ? story->via : outer ? story->contact_outside : story->contact;
	const char *received = ours || request || story->received == NULL ? ""
	                       : outer                                    ? story->received
	                                                                  : story->received_inside;
	add(&draft, "%s\r\nVia: SIP/2.0/%s %s:5060;branch=z9hG4bK%u%s%s%s%s\r\n", start, story->tcp ? "TCP" : "UDP",
	    from_phone ? via : story->server, story->cseq, method, from_phone ? "a" : "b",
	    from_phone && story->no_rport ? "" : ";rport", received);
	add(&draft, "Max-Forwards: 70\r\nFrom: %s\r\nTo: %s%s\r\n", phone, other,
	    early        ? ""
	    : from_phone ? ";tag=b"
	                 : ";tag=a");
	add(&draft, "Call-ID: %s\r\nCSeq: %u %s\r\n", outer ? story->call_id_outside : story->call_id, story->cseq,
	    method);
	add(&draft, "Contact: <sip:x@%s:5060>\r\n",
	    ours ? (outer ? story->contact_outside : story->contact) : story->server);
	if (story->session_s > 0 && strncmp(start, "SIP/2.0 200", 11) == 0)
		add(&draft, "Session-Expires: %u;refresher=uac\r\n", story->session_s);
	if (!sdp)
		add(&draft, "Content-Length: 0\r\n\r\n");
	else if (ours)
		add_description(&draft, outer ? story->told_outside : story->told, MEDIA_PORT, story->extra_sdp);
	else
		add_description(&draft, story->server, SERVER_MEDIA_PORT, "");
	return draft;
}

static struct text text_of_draft(const struct draft *draft)
{
	return (struct text){ draft->bytes, draft->length };
}

void phone_sends(struct story *story, const char *start, const char *method, bool sdp, enum seen_at seen)
{
	struct draft inner = compose(story, start, method, sdp, true, false);
	struct draft outer = compose(story, start, method, sdp, true, true);
	packet_out(story, sip_ports(story), SIP_PORT, text_of_draft(&inner), text_of_draft(&outer), seen);
	wait_ms(story, 10);
}

void phone_gets(struct story *story, const char *start, const char *method, bool sdp, enum seen_at seen)
{
	struct draft outer = compose(story, start, method, sdp, false, true);
	struct draft inner = compose(story, start, method, sdp, false, false);
	packet_in(story, SIP_PORT, sip_ports(story), text_of_draft(&outer), text_of_draft(&inner), seen);
	wait_ms(story, 10);
}

void phone_is_answered(struct story *story, const char *start, const char *method, unsigned router_port,
                       unsigned phone_port, enum seen_at seen)
{
	struct draft outer = compose(story, start, method, false, false, true);
	struct draft inner = compose(story, start, method, false, false, false);
	packet_in(story, SIP_PORT, (struct ports){ phone_port, router_port }, text_of_draft(&outer),
	          text_of_draft(&inner), seen);
	wait_ms(story, 10);
}

void phone_keeps_alive(struct story *story, enum seen_at seen)
{
	packet_out(story, sip_ports(story), SIP_PORT, TEXT("\r\n\r\n"), TEXT("\r\n\r\n"), seen);
	wait_ms(story, 10);
}

void server_sends_to(struct story *story, const char *address, const char *start, const char *method, bool sdp)
{
	struct draft draft = compose(story, start, method, sdp, false, true);
	put(story, true, 60, at(story->server, SIP_PORT), at(address, SIP_PORT), text_of_draft(&draft), false);
	wait_ms(story, 10);
}

void phone_sends_text(struct story *story, const char *text, enum seen_at seen)
{
	struct text bytes = { text, strlen(text) };
	packet_out(story, sip_ports(story), SIP_PORT, bytes, bytes, seen);
	wait_ms(story, 10);
}

void phone_sends_bytes(struct story *story, const char *inner, const char *outer, enum seen_at seen)
{
	packet_out(story, sip_ports(story), SIP_PORT, (struct text){ inner, strlen(inner) },
	           (struct text){ outer, strlen(outer) }, seen);
	wait_ms(story, 10);
}

void unreachable(struct story *story, const char *to, unsigned port, uint8_t protocol, uint8_t code)
{
	sipalg_endpoint from = at(story->phone, SIP_PORT), end = at(to, port);
	from.protocol = end.protocol = protocol;
	compose_error(&story->inside, story->now_ns, &from, &end, code);
	wait_ms(story, 10);
}

/* ---- Connections ---- */

static void segment(struct story *story, bool ours, uint8_t flags, enum seen_at seen)
{
	struct ports ports = sip_ports(story);
	for (int outside = 0; outside < 2; outside++) {
		struct composer *composer = outside && !story->one_file ? &story->outside : &story->inside;
		sipalg_endpoint server = at(story->server, SIP_PORT);
		sipalg_endpoint phone =
		        at(outside ? story->router : story->phone, outside ? ports.router : ports.phone);
		uint32_t *sequence = &story->sequences[outside][!ours];
		bool later = ours == outside;
		uint64_t time_ns = story->now_ns + (later ? TRAVEL_NS : 0);
		if ((seen & (outside ? OUTSIDE : INSIDE)) == 0)
			continue;
		composer->hop_limit = (uint8_t)((ours ? 64 : 60) - later);
		compose_tcp(composer, time_ns + (outside && !story->one_file ? (uint64_t)story->outside_ahead_ns : 0),
		            ours ? &phone : &server, ours ? &server : &phone, *sequence, flags, TEXT(""));
		*sequence += (flags & CAPTURE_TCP_SYN) != 0;
	}
	wait_ms(story, 10);
}

void phone_segment(struct story *story, uint8_t flags, enum seen_at seen)
{
	segment(story, true, flags, seen);
}

void server_segment(struct story *story, uint8_t flags, enum seen_at seen)
{
	segment(story, false, flags, seen);
}

void connects(struct story *story, unsigned port)
{
	story->tcp = true;
	story->phone_port = story->router_port = port;
	memset(story->sequences, 0, sizeof story->sequences);
	phone_segment(story, CAPTURE_TCP_SYN, BOTH);
	server_segment(story, CAPTURE_TCP_SYN | CAPTURE_TCP_ACK, BOTH);
}

void sound(struct story *story, unsigned ms, unsigned out, unsigned in)
{
	struct ports from = { MEDIA_PORT, story->media_port != 0 ? story->media_port : MEDIA_PORT };
	struct ports to = { MEDIA_PORT, MEDIA_PORT };
	for (unsigned passed = 0; passed < ms; passed += FRAME_MS) {
		unsigned sequence = story->rtp_sequence++;
		char bytes[172] = { (char)0x80, 0, (char)(sequence >> 8), (char)sequence, 0, 0, 0, 0, 1, 2, 3, 4 };
		struct text payload = { bytes, sizeof bytes };
		packet_out(story, from, SERVER_MEDIA_PORT, payload, payload, out);
		bytes[11] = 5;
		packet_in(story, SERVER_MEDIA_PORT, to, payload, payload, in);
		wait_ms(story, FRAME_MS);
	}
}

/* ---- What phones do ---- */

void registers(struct story *story, unsigned seconds)
{
	char granted[256];
	phone_sends(story, "REGISTER sip:example.org SIP/2.0", "REGISTER", false, BOTH);
	snprintf(granted, sizeof granted, "SIP/2.0 200 OK\r\nExpires: %u", seconds);
	phone_gets(story, granted, "REGISTER", false, BOTH);
}

void calls(struct story *story)
{
	phone_sends(story, "INVITE sip:bob@example.org SIP/2.0", "INVITE", true, BOTH);
	phone_gets(story, "SIP/2.0 100 Trying", "INVITE", false, BOTH);
	phone_gets(story, "SIP/2.0 180 Ringing", "INVITE", false, BOTH);
	phone_gets(story, "SIP/2.0 200 OK", "INVITE", true, BOTH);
	phone_sends(story, "ACK sip:x@203.0.113.2 SIP/2.0", "ACK", false, BOTH);
}

void hangs_up(struct story *story)
{
	story->cseq = 2;
	phone_sends(story, "BYE sip:x@203.0.113.2 SIP/2.0", "BYE", false, BOTH);
	phone_gets(story, "SIP/2.0 200 OK", "BYE", false, BOTH);
}

void repeat(struct story *story, void (*send)(struct story *story), unsigned times)
{
	for (unsigned i = 0, ms = 500; i < times; i++, ms *= 2) {
		send(story);
		wait_ms(story, ms);
	}
}

void invite_swallowed(struct story *story)
{
	phone_sends(story, "INVITE sip:bob@example.org SIP/2.0", "INVITE", true, INSIDE);
	wait_ms(story, 500);
}
