/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/probe.h"

/* clang-format off */

#define ANSWER(status) "SIP/2.0 " status "\n" "Via: {via}\n" "From: {from}\n" "To: {to};tag=t{call}\n" \
	"Call-ID: {call-id}\n" "CSeq: {cseq}\n" "Server: check {mark}\n"
#define ASK(method) method " sip:check@{contact} SIP/2.0\n" \
	"Via: SIP/2.0/{tp} {srv}:{sport};branch=z9hG4bK{mark};rport\n" "Max-Forwards: 70\n" \
	"From: \"Provider\" <sip:caller@{srv}>;tag=f{mark}\n" "To: <sip:check@{srv}>\n" "Call-ID: c{mark}\n" \
	"CSeq: 7 " method "\n"
#define FAR_CONTACT "Contact: <sip:caller@{srv}:{sport}>\n"
#define NO_BODY "Content-Length: 0\n" "\n"
#define SDP_FOLLOWS "Content-Type: application/sdp\n" "Content-Length: {length}\n" "\n"
/* The one who speaks in o= is another than the one who sends the media in c=. */
#define SDP "v=0\n" "o=provider 771 1 IN {elsewhereip}\n" "s=-\n" "c=IN {srvip}\n" "t=0 0\n" \
	"m=audio {mport} RTP/AVP 0\n" "a=rtpmap:0 PCMU/8000\n"

/* Answers: what they repeat comes from a request of ours. */
const struct probe arrival_table[] = {
	{ .name = "answer-options", .title = "an answer to OPTIONS", .lost = FAULT_MESSAGE_DROPPED, .answers = "options",
	  .pattern.text = ANSWER("200 OK") FAR_CONTACT "Accept: application/sdp\n" NO_BODY },
	{ .name = "answer-register", .title = "an answer to REGISTER", .lost = FAULT_MESSAGE_DROPPED, .answers = "register",
	  .pattern.text = ANSWER("200 OK") "Contact: {requested-contact};expires={expires}\n" "Date: Sat, 13 Nov 2010 23:29:00 GMT\n"
	  NO_BODY },
	{ .name = "answer-ringing", .title = "a 180 to INVITE", .lost = FAULT_MESSAGE_DROPPED, .answers = "invite",
	  .pattern.text = ANSWER("180 Ringing") "Record-Route: <sip:{srv};lr>\n" FAR_CONTACT NO_BODY },
	{ .name = "answer-early-media", .title = "a 183 with early media", .lost = FAULT_MESSAGE_DROPPED, .answers = "invite",
	  .pattern.text = ANSWER("183 Session Progress") FAR_CONTACT SDP_FOLLOWS SDP },
	{ .name = "answer-refused", .title = "a 486 to INVITE", .lost = FAULT_MESSAGE_DROPPED, .answers = "invite",
	  .pattern.text = ANSWER("486 Busy Here") NO_BODY },

	/* Sent when there is something to be answered so. */
	{ .name = "answer-unauthorized", .title = "a 401 to REGISTER", .lost = FAULT_MESSAGE_DROPPED, .answers = "",
	  .pattern.text = ANSWER("401 Unauthorized")
	  "WWW-Authenticate: Digest realm=\"{srv}\", nonce=\"84a4cc6f3082121f32b42a2187831a9e\"\n" NO_BODY },
	{ .name = "answer-accepted", .title = "a 200 to INVITE", .lost = FAULT_MESSAGE_DROPPED, .answers = "",
	  .pattern.text = ANSWER("200 OK") FAR_CONTACT SDP_FOLLOWS SDP },

	/* ---- Requests ---- */
	{ .name = "ask-options", .title = "an OPTIONS to us", .lost = FAULT_MESSAGE_DROPPED,
	  .pattern.text = ASK("OPTIONS") FAR_CONTACT NO_BODY },
	{ .name = "ask-invite", .title = "an INVITE to us", .lost = FAULT_MESSAGE_DROPPED,
	  .pattern.text = ASK("INVITE") "Record-Route: <sip:{srv};lr>\n" FAR_CONTACT "Session-Expires: 1800;refresher=uas\n"
	  SDP_FOLLOWS SDP },
	{ .name = "ask-to-address", .title = "a request that names our address in To", .lost = FAULT_MESSAGE_DROPPED,
	  .pattern.text = "OPTIONS sip:check@{contact} SIP/2.0\n" "Via: SIP/2.0/{tp} {srv}:{sport};branch=z9hG4bK{mark};rport\n"
	  "Max-Forwards: 70\n" "From: \"Provider\" <sip:caller@{srv}>;tag=f{mark}\n" "To: <sip:check@{outside}>\n"
	  "Call-ID: c{mark}\n" "CSeq: 7 OPTIONS\n" FAR_CONTACT NO_BODY },
	{ .name = "ask-update", .title = "an UPDATE to us", .lost = FAULT_METHOD_DROPPED,
	  .pattern.text = ASK("UPDATE") FAR_CONTACT "Session-Expires: 1800;refresher=uac\n" "Min-SE: 90\n" NO_BODY },
	{ .name = "ask-message", .title = "a MESSAGE to us", .lost = FAULT_METHOD_DROPPED,
	  .pattern.text = ASK("MESSAGE") "Content-Type: text/plain\n" "Content-Length: {length}\n" "\n"
	  "You are seen as sip:check@{outside}.\n" },
	{ .name = "ask-notify", .title = "a NOTIFY to us that quotes a message", .lost = FAULT_METHOD_DROPPED,
	  .pattern.text = ASK("NOTIFY") FAR_CONTACT "Event: refer\n" "Subscription-State: active;expires=60\n"
	  "Content-Type: message/sipfrag;version=2.0\n" "Content-Length: {length}\n" "\n" "SIP/2.0 200 OK\n"
	  "Contact: <sip:check@{outside}>\n" },
	{ .name = "ask-unknown-method", .title = "a request to us with a method of its own", .lost = FAULT_METHOD_DROPPED,
	  .pattern.text = ASK("CHECKING") FAR_CONTACT NO_BODY },
	{ .name = "ask-compact", .title = "a request to us with short header names", .lost = FAULT_ODD_MESSAGE_DROPPED,
	  .pattern.text = "OPTIONS sip:check@{contact} SIP/2.0\n" "v: SIP/2.0/{tp} {srv}:{sport};branch=z9hG4bK{mark}\n"
	  "max-forwards:  70\n" "f: sip:caller@{srv};tag=f{mark}\n" "t: sip:check@{srv}\n" "i: c{mark}\n"
	  "CSeq: 7 OPTIONS\n" "m: <sip:caller@{srv}:{sport}>\n" "l: 0\n" "\n" },
	{ .name = "ask-large", .title = "a message to us of 3,000 bytes", .lost = FAULT_FRAGMENTS_LOST,
	  .pattern = { .text = ASK("INVITE") FAR_CONTACT SDP_FOLLOWS SDP "{fill}", .size = 3000 } },
};
const size_t arrival_count = sizeof arrival_table / sizeof arrival_table[0];

/* clang-format on */
