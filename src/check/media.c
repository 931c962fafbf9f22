/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call with sound in both directions: where the session description sends it, and where it really goes. */
#include "check/run.h"

#include "sdp/sdp.h"
#include "sip/body.h"

enum { WAIT_MS = 400, PACKETS = 5, PACKET_LENGTH = 172, HEADER_LENGTH = 12 };

struct call {
	struct flow *flow;
	struct flow *media; /* and behind it the one for RTCP */
	struct passage *invite;
	bool rewritten; /* the description names an outside address */
	uint16_t port;  /* … and this port */
	uint16_t seen;  /* where our media come from; 0: they do not arrive */
};

static const struct probe call_acknowledge = {
	.name = "call-ack",
	.title = "the ACK of a call",
	.lost = FAULT_METHOD_DROPPED,
	.pattern.text = "ACK sip:caller@{srv}:{sport} SIP/2.0\n"
	                "Via: SIP/2.0/{tp} {in}:{port};branch=z9hG4bK{mark};rport\n"
	                "Max-Forwards: 70\n"
	                "From: \"Check\" <sip:check@{srv}>;tag=f{call}\n"
	                "To: <sip:check@{srv}>;tag=t{call}\n"
	                "Call-ID: c{call}\n"
	                "CSeq: 1 ACK\n"
	                "Content-Length: 0\n"
	                "\n",
};

static const struct probe call_end = {
	.name = "call-bye",
	.title = "the BYE of a call",
	.lost = FAULT_METHOD_DROPPED,
	.pattern.text = "BYE sip:check@{contact} SIP/2.0\n"
	                "Via: SIP/2.0/{tp} {srv}:{sport};branch=z9hG4bK{mark};rport\n"
	                "Max-Forwards: 70\n"
	                "From: <sip:check@{srv}>;tag=t{call}\n"
	                "To: \"Check\" <sip:check@{srv}>;tag=f{call}\n"
	                "Call-ID: c{call}\n"
	                "CSeq: 7 BYE\n"
	                "Content-Length: 0\n"
	                "\n",
};

/* Where the first stream of a message shall be sent. */
static bool media_find(struct text bytes, sipalg_address *address, uint16_t *port)
{
	struct sip_message message;
	struct sip_body body;
	struct sdp sdp;
	if (sip_message_parse(bytes, &message) != SIP_WHOLE || !sip_body_find_sdp(&message, &body) ||
	    body.sdp_count == 0 || sdp_parse(body.sdp[0], &sdp) != SDP_WHOLE || sdp.media_count == 0)
		return false;
	const struct sdp_address *connection = sdp_connection_of(&sdp, &sdp.media[0]);
	if (connection == NULL || !connection->host.is_address)
		return false;
	*address = connection->host.address;
	*port = sdp.media[0].port;
	return true;
}

static bool is_outside(const struct run *run, const sipalg_address *address)
{
	const struct exchange *exchange = run->exchange;
	for (size_t i = 0; i < exchange->outside_count; i++)
		if (sipalg_address_equal(address, &exchange->outsides[i]))
			return !sipalg_address_equal(address, &exchange->server->own.address);
	return false;
}

static bool call_invite(struct run *run, struct call *call)
{
	struct fields fields;
	struct exchange *exchange = run->exchange;
	sipalg_address address;
	size_t first = exchange->passage_count;
	call->flow = exchange_bind(exchange, 0);
	call->media = exchange_bind_pair(exchange);
	if (call->flow == NULL || call->media == NULL)
		return false;
	fields_begin(&fields, exchange, &call->flow->own, REFLECT_SIP);
	fields_set_number(&fields, "rtp", fields.rtp[0], call->media->own.port);
	call->invite = fields_send(exchange, probe_named("invite"), &fields, call->flow, REFLECT_SIP);
	exchange_insist(exchange, first, WAIT_MS);
	if (call->invite == NULL || !call->invite->arrived)
		return false;
	run_judge(run, call->invite);
	call->rewritten = media_find(call->invite->received, &address, &call->port) && is_outside(run, &address);
	return true;
}

/* A packet of sound (RFC 3550 5.1), or of its reports (6.4), that bears the next mark. */
static struct text packet_make(const struct run *run, bool control, char out[PACKET_LENGTH])
{
	static const char sound[HEADER_LENGTH] = { (char)0x80, 0, 0, 1, 0, 0, 0, 0, 's', 'i', 'p', 'a' };
	static const char receiver_report[HEADER_LENGTH] = { (char)0x80, (char)201, 0, 42, 's', 'i', 'p', 'a' };
	struct composed blank;
	run_blank(run, PACKET_LENGTH - HEADER_LENGTH, &blank);
	memcpy(out, control ? receiver_report : sound, HEADER_LENGTH);
	memcpy(out + HEADER_LENGTH, blank.bytes, blank.length);
	return (struct text){ out, PACKET_LENGTH };
}

static struct passage *media_ask(struct run *run, const struct reflect_way *way, struct flow *flow)
{
	char room[PACKET_LENGTH];
	struct text packet = packet_make(run, way->place == REFLECT_MEDIA_CONTROL, room);
	return exchange_ask_media(run->exchange, way, flow, packet, PACKETS);
}

static bool has_twin(const struct run *run)
{
	return !sipalg_address_is_none(&run->exchange->server->twin);
}

static bool came(const struct passage *passage, const struct flow *flow)
{
	return passage != NULL && passage->arrived && passage->arrived_at == flow;
}

/* Whether it says anything that this did not arrive. */
static bool was_lost(const struct run *run, const struct passage *passage)
{
	return passage != NULL && !passage->refused && !passage->arrived && !run->exchange->ended;
}

/* Sound that comes before we have sent any: ringback, announcements. Only an ALG that names an outside port promises
 * that it arrives. */
static void early_media_try(struct run *run, const struct call *call)
{
	struct exchange *exchange = run->exchange;
	size_t first = exchange->passage_count;
	struct passage *sound, *control, *other = NULL;
	sound = media_ask(run, &(struct reflect_way){ .place = REFLECT_MEDIA, .port = call->port }, call->media);
	control = media_ask(run,
	                    &(struct reflect_way){ .place = REFLECT_MEDIA_CONTROL, .port = (uint16_t)(call->port + 1) },
	                    call->media + 1);
	if (has_twin(run))
		other = media_ask(
		        run, &(struct reflect_way){ .place = REFLECT_MEDIA, .port = call->port, .from_twin = true },
		        call->media);
	exchange_settle(exchange, first, 2 * WAIT_MS);
	if (was_lost(run, sound))
		ledger_charge(&run->ledger, FAULT_MEDIA_BLOCKED_IN, CONFIDENCE_CERTAIN, "call", call->invite,
		              "sound that is sent to port %u, which the session description names, does not arrive",
		              call->port);
	if (sound != NULL && sound->arrived && sound->arrived_at != call->media)
		ledger_charge(&run->ledger, FAULT_SDP_PORT_WRONG, CONFIDENCE_CERTAIN, "call", call->invite,
		              "sound comes to port %u in place of %u", sound->arrived_at->own.port,
		              call->media->own.port);
	if (was_lost(run, control) && came(sound, call->media))
		ledger_charge(&run->ledger, FAULT_RTCP_IGNORED, CONFIDENCE_CERTAIN, "call", call->invite,
		              "RTCP that is sent to port %u, beside the media, does not arrive", call->port + 1);
	if (was_lost(run, other) && came(sound, call->media))
		ledger_charge(
		        &run->ledger, FAULT_MEDIA_SECOND_SOURCE_FILTERED, CONFIDENCE_CERTAIN, "call", NULL,
		        "sound from another address than the SIP server's does not arrive until we have sent some");
}

static void outbound_try(struct run *run, struct call *call)
{
	struct exchange *exchange = run->exchange;
	char room[PACKET_LENGTH];
	size_t first = exchange->passage_count;
	struct passage *sound =
	        exchange_send(exchange, NULL, call->media, REFLECT_MEDIA, packet_make(run, false, room));
	(void)exchange_send(exchange, NULL, call->media + 1, REFLECT_MEDIA_CONTROL, packet_make(run, true, room));
	exchange_insist(exchange, first, WAIT_MS);
	if (sound == NULL || exchange->ended)
		return;
	if (!sound->arrived) {
		ledger_charge(&run->ledger, FAULT_MEDIA_BLOCKED_OUT, CONFIDENCE_CERTAIN, "call", NULL,
		              "sound that we send from port %u to port %u does not arrive", call->media->own.port,
		              exchange->server->ports[REFLECT_MEDIA]);
		return;
	}
	call->seen = sound->source.port;
	if (call->rewritten && call->seen != call->port)
		ledger_charge(&run->ledger, FAULT_MEDIA_SOURCE_PORT, CONFIDENCE_CERTAIN, "call", call->invite,
		              "the session description names port %u, and our sound comes from port %u", call->port,
		              call->seen);
}

/* To where our own comes from, as every provider does that knows NAT. */
static void inbound_try(struct run *run, const struct call *call)
{
	struct exchange *exchange = run->exchange;
	size_t first = exchange->passage_count;
	struct passage *other = NULL;
	struct passage *sound =
	        media_ask(run, &(struct reflect_way){ .place = REFLECT_MEDIA, .port = call->seen }, call->media);
	if (has_twin(run))
		other = media_ask(
		        run, &(struct reflect_way){ .place = REFLECT_MEDIA, .port = call->seen, .from_twin = true },
		        call->media);
	exchange_settle(exchange, first, 2 * WAIT_MS);
	if (was_lost(run, sound))
		ledger_charge(&run->ledger, FAULT_MEDIA_BLOCKED_IN, CONFIDENCE_CERTAIN, "call", NULL,
		              "sound that is sent back to where ours comes from (port %u) does not arrive", call->seen);
	if (was_lost(run, other) && came(sound, call->media))
		ledger_charge(&run->ledger, FAULT_MEDIA_SECOND_SOURCE_FILTERED, CONFIDENCE_CERTAIN, "call", NULL,
		              "sound from an address to which we have not sent does not arrive");
}

static void call_answer(struct run *run, const struct call *call)
{
	struct fields fields;
	struct exchange *exchange = run->exchange;
	size_t first = exchange->passage_count;
	const struct passage *answer = answer_ask(exchange, arrival_named("answer-accepted"), call->invite);
	exchange_insist(exchange, first, WAIT_MS);
	if (answer != NULL)
		run_judge(run, answer);
	first = exchange->passage_count;
	fields_begin(&fields, exchange, &call->flow->own, REFLECT_SIP);
	fields_set_call(&fields, exchange, call->invite);
	const struct passage *acknowledge = fields_send(exchange, &call_acknowledge, &fields, call->flow, REFLECT_SIP);
	exchange_insist(exchange, first, WAIT_MS);
	if (acknowledge == NULL || exchange->ended)
		return;
	if (acknowledge->arrived)
		run_judge(run, acknowledge);
	else
		ledger_charge(&run->ledger, FAULT_METHOD_DROPPED, CONFIDENCE_LIKELY, "call", acknowledge,
		              "the ACK of a call never arrives");
}

/* The other end hangs up: its BYE goes to our Contact, as it knows it. */
static void call_finish(struct run *run, const struct call *call)
{
	struct exchange *exchange = run->exchange;
	struct reflect_way way = { .place = REFLECT_SIP, .port = call->flow->seen[REFLECT_SIP] };
	bool named = run_contact_seen(run, call->invite, &way.port);
	size_t first = exchange->passage_count;
	const struct passage *end = request_ask(exchange, &call_end, &way, call->flow, call->invite);
	exchange_insist(exchange, first, WAIT_MS);
	if (end == NULL || end->refused || exchange->ended)
		return;
	if (!end->arrived)
		ledger_charge(&run->ledger, named ? FAULT_CONTACT_UNREACHABLE : FAULT_METHOD_DROPPED,
		              CONFIDENCE_CERTAIN, "call", end, "the BYE of a call, sent to %s %u, never arrives",
		              named ? "the Contact's port" : "where we are seen, port", way.port);
	else
		run_judge(run, end);
}

void run_media(struct run *run)
{
	struct call call = { 0 };
	if (run->ways[WAY_SIP].arrived == 0 || !call_invite(run, &call))
		return;
	if (call.rewritten)
		early_media_try(run, &call);
	call_answer(run, &call);
	outbound_try(run, &call);
	if (call.seen != 0)
		inbound_try(run, &call);
	call_finish(run, &call);
}
