/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "messages.h"

#include "draft.h"

#include <stdio.h>
#include <string.h>

enum { SERVER_MEDIA_PORT = 30000 };

struct message_party message_party_make(uint32_t ipv4, uint16_t port)
{
	struct message_party party = { .endpoint = { .port = port, .protocol = SIPALG_PROTOCOL_UDP } };
	uint8_t *bytes = party.endpoint.address.bytes;
	bytes[10] = bytes[11] = 0xff; /* RFC 4291 2.5.5.2 */
	for (int i = 0; i < 4; i++)
		bytes[12 + i] = (uint8_t)(ipv4 >> (24 - 8 * i));
	snprintf(party.text, sizeof(party.text), "%u.%u.%u.%u", bytes[12], bytes[13], bytes[14], bytes[15]);
	return party;
}

/* Via, From, To, Call-ID and CSeq of a request by the phone, or of the response to one. `via` is the address it names:
 * the provider sees, and answers with, the outside one. */
static void add_phone_head(struct draft *draft, const struct message_call *call, const struct message_party *via,
                           const char *method, unsigned cseq, const char *to_tag)
{
	draft_add(draft, "Via: SIP/2.0/UDP %s:%u;branch=z9hG4bK-%08x-%s-%u;rport\r\n", via->text, via->endpoint.port,
	          call->serial, method, cseq);
	draft_add(draft, "From: \"Phone %u\" <sip:phone%u@sip.example.net>;tag=f%08x\r\n", call->phone_number,
	          call->phone_number, call->serial);
	if (strcmp(method, "REGISTER") == 0) /* To is the address of record (RFC 3261 10.2) */
		draft_add(draft, "To: <sip:phone%u@sip.example.net>%s\r\n", call->phone_number, to_tag);
	else
		draft_add(draft, "To: <sip:+4930123456@sip.example.net>%s\r\n", to_tag);
	draft_add(draft, "Call-ID: 6f1c%08x7be2@%s\r\n", call->serial, call->phone.text);
	draft_add(draft, "CSeq: %u %s\r\n", cseq, method);
}

/* The same for a call in which the provider is the caller. */
static void add_provider_head(struct draft *draft, const struct message_call *call, const char *to_tag)
{
	draft_add(draft, "Via: SIP/2.0/UDP %s:%u;branch=z9hG4bK-%08x-in\r\n", call->server.text,
	          call->server.endpoint.port, call->serial);
	draft_add(draft, "From: \"Some Body\" <sip:+4930123456@sip.example.net>;tag=g%08x\r\n", call->serial);
	draft_add(draft, "To: <sip:phone%u@sip.example.net>%s\r\n", call->phone_number, to_tag);
	draft_add(draft, "Call-ID: b21d%08x90ca@%s\r\n", call->serial, call->server.text);
	draft_add(draft, "CSeq: 1 INVITE\r\n");
}

static void add_phone_contact(struct draft *draft, const struct message_call *call, const struct message_party *party)
{
	draft_add(draft, "Contact: <sip:phone%u@%s:%u;transport=udp>\r\n", call->phone_number, party->text,
	          party->endpoint.port);
}

static void add_abilities(struct draft *draft)
{
	draft_add(draft, "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, MESSAGE, SUBSCRIBE, INFO, UPDATE\r\n"
	                 "Supported: replaces, timer, outbound\r\n"
	                 "User-Agent: Desk Phone 5.2 (build 7741)\r\n");
}

static void add_body(struct draft *draft, const char *body)
{
	draft_add(draft, "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
}

static void add_sdp(struct draft *draft, const char *address, uint16_t port, uint32_t serial)
{
	char body[MESSAGE_MAX];
	snprintf(body, sizeof(body),
	         "v=0\r\no=- %u 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio %u RTP/AVP 8 0 101\r\n"
	         "a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
	         "a=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n",
	         serial, address, address, port);
	add_body(draft, body);
}

static void add_sdp_ice(struct draft *draft, const char *address, uint16_t port, uint32_t serial)
{
	char body[MESSAGE_MAX];
	snprintf(body, sizeof(body),
	         "v=0\r\no=- %u 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\na=ice-options:trickle\r\n"
	         "m=audio %u RTP/SAVPF 111 9 8 0 101\r\na=rtcp:%u IN IP4 %s\r\n"
	         "a=candidate:1 1 UDP 2130706431 %s %u typ host\r\na=candidate:1 2 UDP 2130706430 %s %u typ host\r\n"
	         "a=candidate:2 1 UDP 2130706175 2001:db8:77::42 %u typ host\r\n"
	         "a=candidate:2 2 UDP 2130706174 2001:db8:77::42 %u typ host\r\n"
	         "a=ice-ufrag:F7gI\r\na=ice-pwd:x9cml/YzichV2+XlhiMu8g\r\n"
	         "a=fingerprint:sha-256 "
	         "4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:3F:82:18:3B:54:02:12:"
	         "DF:3E:5D:49:6B\r\na=setup:actpass\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 "
	         "minptime=10;useinbandfec=1\r\n"
	         "a=rtcp-fb:111 transport-cc\r\na=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=rtpmap:9 "
	         "G722/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
	         "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ssrc:2231627014 "
	         "cname:4TOk42mSjXCkVIa6\r\na=sendrecv\r\n",
	         serial, address, address, port, port + 1, address, address, port, address, port + 1, port, port + 1);
	add_body(draft, body);
}

static void add_no_body(struct draft *draft)
{
	draft_add(draft, "Content-Length: 0\r\n\r\n");
}

static void write_register(struct draft *draft, const struct message_call *call)
{
	draft_add(draft, "REGISTER sip:sip.example.net SIP/2.0\r\n");
	add_phone_head(draft, call, &call->phone, "REGISTER", 1, "");
	add_phone_contact(draft, call, &call->phone);
	draft_add(draft, "Max-Forwards: 70\r\nExpires: 3600\r\n");
	add_no_body(draft);
}

static void write_registered(struct draft *draft, const struct message_call *call)
{
	draft_add(draft, "SIP/2.0 200 OK\r\n");
	add_phone_head(draft, call, &call->outside, "REGISTER", 1, ";tag=r1");
	draft_add(draft, "Contact: <sip:phone%u@%s:%u;transport=udp>;expires=3600\r\n", call->phone_number,
	          call->outside.text, call->outside.endpoint.port);
	add_no_body(draft);
}

static void write_options(struct draft *draft, const struct message_call *call)
{
	draft_add(draft, "OPTIONS sip:sip.example.net SIP/2.0\r\n");
	add_phone_head(draft, call, &call->phone, "OPTIONS", 1, "");
	add_phone_contact(draft, call, &call->phone);
	draft_add(draft, "Max-Forwards: 70\r\nAccept: application/sdp\r\nAccept-Language: en\r\nUser-Agent: Desk Phone "
	                 "5.2 (build 7741)\r\n");
	add_no_body(draft);
}

static void add_invite_head(struct draft *draft, const struct message_call *call)
{
	draft_add(draft, "INVITE sip:+4930123456@sip.example.net SIP/2.0\r\n");
	add_phone_head(draft, call, &call->phone, "INVITE", 1, "");
	add_phone_contact(draft, call, &call->phone);
	draft_add(draft, "Max-Forwards: 70\r\n");
	add_abilities(draft);
}

static void write_invite(struct draft *draft, const struct message_call *call)
{
	add_invite_head(draft, call);
	add_sdp(draft, call->phone.text, call->media_port, call->serial);
}

static void write_invite_ice(struct draft *draft, const struct message_call *call)
{
	add_invite_head(draft, call);
	add_sdp_ice(draft, call->phone.text, call->media_port, call->serial);
}

static void write_answer_in(struct draft *draft, const struct message_call *call)
{
	draft_add(draft, "SIP/2.0 200 OK\r\n");
	add_phone_head(draft, call, &call->outside, "INVITE", 1, ";tag=t77");
	draft_add(draft, "Contact: <sip:%s:%u>\r\n", call->server.text, call->server.endpoint.port);
	add_abilities(draft);
	add_sdp(draft, call->server.text, SERVER_MEDIA_PORT, call->serial);
}

static void write_invite_in(struct draft *draft, const struct message_call *call)
{
	draft_add(draft, "INVITE sip:phone%u@%s:%u;transport=udp SIP/2.0\r\n", call->phone_number, call->outside.text,
	          call->outside.endpoint.port);
	add_provider_head(draft, call, "");
	draft_add(draft, "Contact: <sip:%s:%u>\r\nMax-Forwards: 69\r\n", call->server.text, call->server.endpoint.port);
	add_abilities(draft);
	add_sdp(draft, call->server.text, SERVER_MEDIA_PORT, call->serial);
}

static void write_answer_out(struct draft *draft, const struct message_call *call)
{
	draft_add(draft, "SIP/2.0 200 OK\r\n");
	add_provider_head(draft, call, ";tag=p77");
	add_phone_contact(draft, call, &call->phone);
	add_abilities(draft);
	add_sdp(draft, call->phone.text, call->media_port, call->serial);
}

static void write_busy_in(struct draft *draft, const struct message_call *call)
{
	draft_add(draft, "SIP/2.0 486 Busy Here\r\n");
	add_phone_head(draft, call, &call->outside, "INVITE", 1, ";tag=t77");
	add_no_body(draft);
}

static void add_to_server(struct draft *draft, const struct message_call *call, const char *method, unsigned cseq)
{
	draft_add(draft, "%s sip:%s:%u SIP/2.0\r\n", method, call->server.text, call->server.endpoint.port);
	add_phone_head(draft, call, &call->phone, method, cseq, ";tag=t77");
	draft_add(draft, "Max-Forwards: 70\r\n");
	add_no_body(draft);
}

static void write_ack(struct draft *draft, const struct message_call *call)
{
	add_to_server(draft, call, "ACK", 1);
}

static void write_bye(struct draft *draft, const struct message_call *call)
{
	add_to_server(draft, call, "BYE", 2);
}

static void write_bye_answer(struct draft *draft, const struct message_call *call)
{
	draft_add(draft, "SIP/2.0 200 OK\r\n");
	add_phone_head(draft, call, &call->outside, "BYE", 2, ";tag=t77");
	add_no_body(draft);
}

static void write_bye_called(struct draft *draft, const struct message_call *call)
{
	draft_add(draft, "BYE sip:%s:%u SIP/2.0\r\n", call->server.text, call->server.endpoint.port);
	draft_add(draft, "Via: SIP/2.0/UDP %s:%u;branch=z9hG4bK-%08x-out;rport\r\n", call->phone.text,
	          call->phone.endpoint.port, call->serial);
	draft_add(draft, "From: <sip:phone%u@sip.example.net>;tag=p77\r\n", call->phone_number);
	draft_add(draft, "To: \"Some Body\" <sip:+4930123456@sip.example.net>;tag=g%08x\r\n", call->serial);
	draft_add(draft, "Call-ID: b21d%08x90ca@%s\r\nCSeq: 1 BYE\r\n", call->serial, call->server.text);
	draft_add(draft, "Max-Forwards: 70\r\n");
	add_no_body(draft);
}

static const struct kind {
	const char *start;
	bool is_inbound;
	void (*write)(struct draft *draft, const struct message_call *call);
} kinds[MESSAGE_KIND_COUNT] = {
	[MESSAGE_REGISTER] = { "REGISTER", false, write_register },
	[MESSAGE_REGISTERED] = { "200", true, write_registered },
	[MESSAGE_OPTIONS] = { "OPTIONS", false, write_options },
	[MESSAGE_INVITE] = { "INVITE", false, write_invite },
	[MESSAGE_INVITE_ICE] = { "INVITE", false, write_invite_ice },
	[MESSAGE_ANSWER_IN] = { "200", true, write_answer_in },
	[MESSAGE_INVITE_IN] = { "INVITE", true, write_invite_in },
	[MESSAGE_ANSWER_OUT] = { "200", false, write_answer_out },
	[MESSAGE_BUSY_IN] = { "486", true, write_busy_in },
	[MESSAGE_ACK] = { "ACK", false, write_ack },
	[MESSAGE_BYE] = { "BYE", false, write_bye },
	[MESSAGE_BYE_ANSWER] = { "200", true, write_bye_answer },
	[MESSAGE_BYE_CALLED] = { "BYE", false, write_bye_called },
};

size_t message_write(enum message_kind kind, const struct message_call *call, char out[MESSAGE_MAX])
{
	struct draft draft = { out, 0 };
	kinds[kind].write(&draft, call);
	return draft.length;
}

const char *message_start(enum message_kind kind)
{
	return kinds[kind].start;
}

bool message_is_inbound(enum message_kind kind)
{
	return kinds[kind].is_inbound;
}

uint16_t message_media_port(enum message_kind kind, const struct message_call *call)
{
	switch (kind) {
	case MESSAGE_INVITE:
	case MESSAGE_INVITE_ICE:
	case MESSAGE_ANSWER_OUT:
		return call->media_port;
	case MESSAGE_ANSWER_IN:
	case MESSAGE_INVITE_IN:
		return SERVER_MEDIA_PORT;
	case MESSAGE_REGISTER:
	case MESSAGE_REGISTERED:
	case MESSAGE_OPTIONS:
	case MESSAGE_BUSY_IN:
	case MESSAGE_ACK:
	case MESSAGE_BYE:
	case MESSAGE_BYE_ANSWER:
	case MESSAGE_BYE_CALLED:
	case MESSAGE_KIND_COUNT:
		break;
	}
	return 0;
}
