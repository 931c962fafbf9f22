/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/pattern.h"
#include "check/probe.h"

/* clang-format off */

/* What each message means is said in ARCHITECTURE.md; a comment here says which part is the point. */
const struct probe probe_table[] = {
	/* ---- The usual ones ---- */
	{ .name = "options", .title = "an OPTIONS", .lost = FAULT_MESSAGE_DROPPED, .everywhere = true,
	  .pattern.text = REQUEST("OPTIONS") CONTACT "Accept: application/sdp\n" NO_BODY },
	/* Each is a registration of its own: the answer to another one does not name its Contact, and so would end it. */
	{ .name = "register", .title = "a REGISTER", .lost = FAULT_MESSAGE_DROPPED, .everywhere = true,
	  .pattern.text = START("REGISTER") VIA MAX_FORWARDS "From: \"Check\" <sip:{mark}@{srv}>;tag=f{mark}\n"
	  "To: <sip:{mark}@{srv}>\n" COUNTED("REGISTER") CONTACT "Expires: {expires}\n" NO_BODY },
	{ .name = "invite", .title = "an INVITE", .lost = FAULT_MESSAGE_DROPPED, .everywhere = true, .answered = true,
	  .pattern.text = INVITE SDP_FOLLOWS SDP },

	/* ---- Methods ---- */
	{ .name = "ack", .title = "an ACK", .lost = FAULT_METHOD_DROPPED,
	  .pattern.text = REQUEST_WITHIN("ACK") NO_BODY },
	{ .name = "bye", .title = "a BYE", .lost = FAULT_METHOD_DROPPED,
	  .pattern.text = REQUEST_WITHIN("BYE") NO_BODY },
	{ .name = "update", .title = "an UPDATE", .lost = FAULT_METHOD_DROPPED,
	  .pattern.text = REQUEST_WITHIN("UPDATE") CONTACT "Session-Expires: 1800;refresher=uac\n" "Min-SE: 90\n" NO_BODY },
	{ .name = "message", .title = "a MESSAGE", .lost = FAULT_METHOD_DROPPED,
	  .pattern.text = REQUEST("MESSAGE") "Content-Type: text/plain\n" "Content-Length: {length}\n" "\n"
	  "My phone is at {in}:{port}; write to sip:check@{in}:{port}.\n" },
	{ .name = "info-sdp", .title = "an INFO with a session description", .lost = FAULT_METHOD_DROPPED,
	  .pattern.text = REQUEST_WITHIN("INFO") CONTACT SDP_FOLLOWS SDP },
	{ .name = "prack", .title = "a PRACK", .lost = FAULT_METHOD_DROPPED,
	  .pattern.text = REQUEST_WITHIN("PRACK") "RAck: 1 1 INVITE\n" NO_BODY },
	{ .name = "subscribe", .title = "a SUBSCRIBE", .lost = FAULT_METHOD_DROPPED,
	  .pattern.text = REQUEST("SUBSCRIBE") CONTACT "Event: presence\n" "Expires: 300\n" NO_BODY },
	{ .name = "notify", .title = "a NOTIFY", .lost = FAULT_METHOD_DROPPED,
	  .pattern.text = REQUEST_WITHIN("NOTIFY") CONTACT "Event: presence\n" "Subscription-State: active;expires=300\n"
	  NO_BODY },
	{ .name = "publish", .title = "a PUBLISH", .lost = FAULT_METHOD_DROPPED,
	  .pattern.text = REQUEST("PUBLISH") "Event: presence\n" "Expires: 300\n" NO_BODY },
	{ .name = "refer-replaces", .title = "a REFER that names a call by Replaces", .lost = FAULT_METHOD_DROPPED,
	  .pattern.text = REQUEST_WITHIN("REFER") CONTACT
	  "Refer-To: <sip:check@{srv}?Replaces=r{mark}%40{in}%3Bto-tag%3D1%3Bfrom-tag%3D2>\n"
	  "Referred-By: <sip:check@{srv}>\n" NO_BODY },
	{ .name = "unknown-method", .title = "a request with a method of its own", .lost = FAULT_METHOD_DROPPED,
	  .pattern.text = REQUEST("CHECKING") CONTACT NO_BODY },
	/* Every character that a token may have (RFC 4475 3.1.1.2). */
	{ .name = "odd-method", .title = "a method of unusual letters", .lost = FAULT_METHOD_DROPPED,
	  .pattern.text = REQUEST("!interesting-Method0123456789_*+`.%indeed'~") NO_BODY },

	/* ---- Names, which are no places ---- */
	{ .name = "from-to-address", .title = "a From and a To with the phone's address", .lost = FAULT_MESSAGE_DROPPED,
	  .pattern.text = START("REGISTER") VIA MAX_FORWARDS "From: \"Check\" <sip:check@{in}>;tag=f{mark}\n"
	  "To: \"Check\" <sip:check@{in}>\n" COUNTED("REGISTER") CONTACT "Expires: {expires}\n" NO_BODY },
	{ .name = "call-id-address", .title = "a Call-ID with the phone's address", .lost = FAULT_MESSAGE_DROPPED,
	  .pattern.text = START("REGISTER") VIA MAX_FORWARDS NAMES "Call-ID: c{mark}@{in}\n" "CSeq: 1 REGISTER\n"
	  CONTACT "Expires: {expires}\n" NO_BODY },
	{ .name = "digest", .title = "a REGISTER with a password's digest", .lost = FAULT_MESSAGE_DROPPED,
	  .pattern.text = REQUEST("REGISTER") CONTACT "Expires: {expires}\n"
	  "Authorization: Digest username=\"check\", realm=\"{srv}\", nonce=\"84a4cc6f3082121f32b42a2187831a9e\",\n"
	  " uri=\"sip:check@{srv}\", response=\"7587245234b3434cc3412213e5f113a5\", algorithm=MD5\n" NO_BODY },
	{ .name = "odd-headers", .title = "headers in unusual spelling", .lost = FAULT_ODD_MESSAGE_DROPPED,
	  .pattern.text = START("OPTIONS") "vIA: SIP/2.0/{tp} {in}:{port};RPORT;branch=z9hG4bK{mark}\n"
	  "TO :   <sip:check@{srv}>\n" "call-id: c{mark}\n" "X-{mark}:seen {in} here\n" "max-forwards:  70\n"
	  "FROM: sip:check@{srv};tag=f{mark}\n" "cSEQ: 0001   OPTIONS\n"
	  "CONTACT: \"Check, \\\"the\\\" phone\"   <sip:check@{in}:{port};x-unknown=1>;x=\"y;z\"\n"
	  "Subject:\n" "User-Agent: check (\xc3\xa4\xc3\xb6\xc3\xbc)\n" "Content-Length:   0\n" "\n" },

	/* ---- Forms (RFC 3261 7.3) ---- */
	{ .name = "compact", .title = "an INVITE with short header names", .lost = FAULT_ODD_MESSAGE_DROPPED, .answered = true,
	  .pattern.text = START("INVITE") "v: SIP/2.0/{tp} {in}:{port};branch=z9hG4bK{mark};rport\n" MAX_FORWARDS
	  "f: <sip:check@{srv}>;tag=f{mark}\n" "t: <sip:check@{srv}>\n" "i: c{mark}\n" "CSeq: 1 INVITE\n"
	  "m: <sip:check@{in}:{port}>\n" "c: application/sdp\n" "l: {length}\n" "\n" SDP },
	{ .name = "folded", .title = "an INVITE with folded headers", .lost = FAULT_ODD_MESSAGE_DROPPED, .answered = true,
	  .pattern.text = START("INVITE") "Via: SIP/2.0/{tp}\n {in}:{port}\n ;branch=z9hG4bK{mark}\n\t;rport\n" MAX_FORWARDS
	  NAMES "Call-ID: c{mark}\n" "CSeq: 1\n INVITE\n" "Contact:\n <sip:check@{in}:{port}>\n"
	  "Content-Type:\n application/sdp\n" "Content-Length: {length}\n" "\n" SDP },
	{ .name = "via-blanks", .title = "a Via with blanks", .lost = FAULT_ODD_MESSAGE_DROPPED,
	  .pattern.text = START("REGISTER") "Via: SIP / 2.0 / {tp} {in}:{port} ;branch=z9hG4bK{mark} ; rport\n"
	  MAX_FORWARDS NAMES COUNTED("REGISTER") CONTACT "Expires: {expires}\n" NO_BODY },
	{ .name = "cseq-blanks", .title = "a CSeq with two blanks", .lost = FAULT_ODD_MESSAGE_DROPPED, .answered = true,
	  .pattern.text = START("INVITE") VIA MAX_FORWARDS NAMES "Call-ID: c{mark}\n" "CSeq: 1  INVITE\n" CONTACT
	  SDP_FOLLOWS SDP },
	{ .name = "bare-lf", .title = "an INVITE whose lines end in LF", .lost = FAULT_ODD_MESSAGE_DROPPED, .answered = true,
	  .pattern = { .text = INVITE SDP_FOLLOWS SDP, .bare_lf = true } },
	{ .name = "leading-crlf", .title = "an INVITE behind an empty line", .lost = FAULT_ODD_MESSAGE_DROPPED,
	  .answered = true, .pattern.text = "\n" INVITE SDP_FOLLOWS SDP },
	{ .name = "no-content-length", .title = "an INVITE without Content-Length", .lost = FAULT_ODD_MESSAGE_DROPPED,
	  .answered = true, .pattern.text = INVITE "Content-Type: application/sdp\n" "\n" SDP },
	{ .name = "trailing-bytes", .title = "an INVITE with bytes behind its end", .lost = FAULT_ODD_MESSAGE_DROPPED,
	  .answered = true, .pattern.text = INVITE "Content-Type: application/sdp\n" "Content-Length: {length-less-8}\n"
	  "\n" SDP "EXCESS\n" },

	/* ---- Contact and what else says where to send ---- */
	{ .name = "contact-other-port", .title = "a Contact with another port than the packet's", .apart = true, .lost = FAULT_MESSAGE_DROPPED,
	  .pattern.text = REQUEST("REGISTER") "Contact: <sip:check@{in}:{other}>\n" "Expires: {expires}\n" NO_BODY },
	{ .name = "contact-no-expires", .title = "a REGISTER without Expires", .apart = true, .lost = FAULT_MESSAGE_DROPPED,
	  .pattern.text = REQUEST("REGISTER") "Contact: <sip:check@{in}:{other}>\n" NO_BODY },
	{ .name = "via-other-port", .title = "a Via with another port than the packet's", .apart = true, .lost = FAULT_MESSAGE_DROPPED,
	  .pattern.text = START("OPTIONS") "Via: SIP/2.0/{tp} {in}:{other};branch=z9hG4bK{mark};rport\n" MAX_FORWARDS NAMES
	  COUNTED("OPTIONS") CONTACT NO_BODY },
	{ .name = "contact-no-user", .title = "a Contact without user, and an @ further on", .lost = FAULT_ODD_MESSAGE_DROPPED,
	  .pattern.text = REQUEST("REGISTER") "Contact: <sip:{in}:{port}>;+x=\"a@b\"\n" "Expires: {expires}\n" NO_BODY },
	{ .name = "contact-display-name", .title = "a Contact whose display name holds a URI", .lost = FAULT_ODD_MESSAGE_DROPPED,
	  .pattern.text = REQUEST("REGISTER") "Contact: \"sip:al@{in}:{port}\" <sip:check@{in}:{port}>\n"
	  "Expires: {expires}\n" NO_BODY },
	{ .name = "contact-two", .title = "two Contacts", .lost = FAULT_ODD_MESSAGE_DROPPED,
	  .pattern.text = REQUEST("REGISTER")
	  "Contact: <sip:check@{in}:{port}>;q=0.5, <sip:again@{in}:{port}>;expires=300\n" "Expires: {expires}\n" NO_BODY },
	{ .name = "contact-sips", .title = "a sips Contact", .lost = FAULT_ODD_MESSAGE_DROPPED,
	  .pattern.text = REQUEST("REGISTER") "Contact: <sips:check@{in}:{port}>\n" "Expires: {expires}\n" NO_BODY },
	{ .name = "contact-maddr", .title = "a Contact with maddr", .lost = FAULT_ODD_MESSAGE_DROPPED,
	  .pattern.text = REQUEST("REGISTER") "Contact: <sip:check@{in}:{port};maddr={in}>\n" "Expires: {expires}\n" NO_BODY },
	{ .name = "record-route", .title = "a Record-Route of a proxy inside", .lost = FAULT_MESSAGE_DROPPED, .answered = true,
	  .pattern.text = START("INVITE") VIA "Record-Route: <sip:{in}:{port};lr>\n" MAX_FORWARDS NAMES COUNTED("INVITE")
	  CONTACT SDP_FOLLOWS SDP },
	{ .name = "path", .title = "a REGISTER with Path", .lost = FAULT_MESSAGE_DROPPED,
	  .pattern.text = REQUEST("REGISTER") "Supported: path\n" "Path: <sip:{in}:{port};lr>\n" CONTACT "Expires: {expires}\n"
	  NO_BODY },
	{ .name = "route", .title = "a Route to the provider", .lost = FAULT_MESSAGE_DROPPED,
	  .pattern.text = START("OPTIONS") "Route: <sip:{srv}:{sport};lr>, <sip:next.example.com;lr>\n" VIA MAX_FORWARDS
	  NAMES COUNTED("OPTIONS") CONTACT NO_BODY },
	{ .name = "timers", .title = "an INVITE with timers", .lost = FAULT_MESSAGE_DROPPED, .answered = true,
	  .pattern.text = INVITE "Supported: timer\n" "Session-Expires: 1800;refresher=uac\n" "Min-SE: 90\n" "Expires: 120\n"
	  SDP_FOLLOWS SDP },

	/* ---- Session descriptions ---- */
	{ .name = "sdp-origin-name", .title = "an o= line with a name", .lost = FAULT_ODD_MESSAGE_DROPPED, .answered = true,
	  .pattern.text = INVITE SDP_FOLLOWS "v=0\n" "o=check 20518 1 IN IP4 phone.example.com\n" "s=-\n" SDP_CONNECTION
	  SDP_AUDIO },
	{ .name = "sdp-no-origin", .title = "a session description without o=", .lost = FAULT_ODD_MESSAGE_DROPPED,
	  .answered = true, .pattern.text = INVITE SDP_FOLLOWS "v=0\n" "s=-\n" SDP_CONNECTION SDP_AUDIO },
	{ .name = "sdp-connection-name", .title = "a c= line with a name", .lost = FAULT_ODD_MESSAGE_DROPPED, .answered = true,
	  .pattern.text = INVITE SDP_FOLLOWS SDP_ORIGIN "c=IN IP4 phone.example.com\n" SDP_AUDIO },
	{ .name = "sdp-other-family", .title = "addresses of the other family", .lost = FAULT_ODD_MESSAGE_DROPPED,
	  .answered = true, .pattern.text = INVITE SDP_FOLLOWS "v=0\n" "o=check 20518 1 IN {otherip}\n" "s=-\n"
	  "c=IN {otherip}\n" SDP_AUDIO },
	{ .name = "sdp-port-9", .title = "an offer on port 9 (WebRTC)", .lost = FAULT_ODD_MESSAGE_DROPPED, .answered = true,
	  .pattern.text = INVITE SDP_FOLLOWS SDP_ORIGIN "c=IN IP4 0.0.0.0\n" "t=0 0\n" "a=ice-options:trickle\n"
	  "m=audio 9 UDP/TLS/RTP/SAVPF 0\n" "a=ice-ufrag:8hhY\n" "a=ice-pwd:asd88fgpdd777uzjYhagZg\n" "a=rtcp-mux\n" },
	{ .name = "sdp-four-streams", .title = "four streams", .lost = FAULT_ODD_MESSAGE_DROPPED, .answered = true,
	  .pattern.text = INVITE SDP_FOLLOWS SDP_ORIGIN SDP_CONNECTION "t=0 0\n" "m=audio {rtp} RTP/AVP 0\n" "c=IN {ip}\n"
	  "m=video {rtp2} RTP/AVP 96\n" "c=IN {ip}\n" "a=rtpmap:96 H264/90000\n" "m=image {rtp3} udptl t38\n" "c=IN {ip}\n"
	  "m=text {rtp4} RTP/AVP 98\n" "c=IN {ip}\n" "a=rtpmap:98 t140/1000\n" },
	{ .name = "sdp-two-connections", .title = "streams at two addresses", .lost = FAULT_MESSAGE_DROPPED, .answered = true,
	  .pattern.text = INVITE SDP_FOLLOWS SDP_ORIGIN SDP_CONNECTION "t=0 0\n" "m=audio {rtp} RTP/AVP 0\n"
	  "m=video {rtp2} RTP/AVP 96\n" "c=IN {srvip}\n" "a=rtpmap:96 H264/90000\n" },
	{ .name = "sdp-hold", .title = "a call on hold by 0.0.0.0", .lost = FAULT_MESSAGE_DROPPED, .answered = true,
	  .pattern.text = INVITE SDP_FOLLOWS SDP_ORIGIN "c=IN {noip}\n" "t=0 0\n" "m=audio {rtp} RTP/AVP 0\n" "a=sendonly\n" },
	{ .name = "sdp-rtcp", .title = "an a=rtcp line", .lost = FAULT_MESSAGE_DROPPED, .answered = true,
	  .pattern.text = INVITE SDP_FOLLOWS SDP "a=rtcp:{rtcp2} IN {ip}\n" },
	{ .name = "sdp-odd-port", .title = "media on an odd port", .lost = FAULT_MESSAGE_DROPPED, .answered = true,
	  .pattern.text = INVITE SDP_FOLLOWS SDP_ORIGIN SDP_CONNECTION "t=0 0\n" "m=audio {rtcp} RTP/AVP 0\n" },
	{ .name = "sdp-ice", .title = "an ICE offer", .lost = FAULT_MESSAGE_DROPPED, .answered = true,
	  .pattern.text = INVITE SDP_FOLLOWS SDP_ORIGIN SDP_CONNECTION "t=0 0\n" "a=ice-ufrag:8hhY\n"
	  "a=ice-pwd:asd88fgpdd777uzjYhagZg\n" "m=audio {rtp} RTP/AVP 0\n" "a=rtcp:{rtcp}\n"
	  "a=candidate:1 1 UDP 2130706431 {address} {rtp} typ host\n"
	  "a=candidate:1 2 UDP 2130706430 {address} {rtcp} typ host\n" },
	{ .name = "sdp-msrp", .title = "a session of messages over TCP", .lost = FAULT_ODD_MESSAGE_DROPPED, .answered = true,
	  .pattern.text = INVITE SDP_FOLLOWS "v=0\n" "o=check 20518 1 IN {srvip}\n" "s=-\n" "c=IN {srvip}\n" "t=0 0\n"
	  "m=message 2855 TCP/MSRP *\n" "a=accept-types:text/plain\n" "a=path:msrp://{srv}:2855/s{mark};tcp\n" },

	/* ---- Other bodies ---- */
	{ .name = "multipart", .title = "an INVITE with several bodies", .lost = FAULT_ODD_MESSAGE_DROPPED, .answered = true,
	  .pattern.text = INVITE "Content-Type: multipart/mixed;boundary=\"edge\"\n" "MIME-Version: 1.0\n"
	  "Content-Length: {length}\n" "\n" "--edge\n" "Content-Type: application/sdp\n" "\n" SDP "\n--edge\n"
	  "Content-Type: application/pidf+xml\n" "\n" "<presence><tuple><contact>sip:check@{in}:{port}</contact></tuple>"
	  "</presence>\n--edge--\n" },
	{ .name = "sipfrag", .title = "a NOTIFY that quotes a message", .lost = FAULT_METHOD_DROPPED,
	  .pattern.text = REQUEST_WITHIN("NOTIFY") CONTACT "Event: refer\n" "Subscription-State: active;expires=60\n"
	  "Content-Type: message/sipfrag;version=2.0\n" "Content-Length: {length}\n" "\n" "SIP/2.0 200 OK\n"
	  "Via: SIP/2.0/UDP {in}:{port};branch=z9hG4bKquoted\n" "Contact: <sip:check@{in}:{port}>\n" },
	{ .name = "signed", .title = "a signed INVITE (RFC 4474)", .lost = FAULT_MESSAGE_DROPPED, .answered = true,
	  .pattern.text = REQUEST("INVITE") "Contact: <sip:check@{in}:{port}>\n" "Date: Thu, 21 Feb 2002 13:02:03 GMT\n"
	  "Identity: \"ZYNBbHC00VMZr2kZt6VmCvPonWJMGvQTBDqghoWeLxJfzB2a1pxAr3VgrB0SsSAaifsRdiOPoQZYOy2wrVghuhcsMbHWUSFxI\"\n"
	  "Identity-Info: <https://example.com/example.cer>;alg=rsa-sha1\n" SDP_FOLLOWS SDP },

	/* ---- Sizes ---- */
	{ .name = "size-1400", .title = "a message of 1,400 bytes", .lost = FAULT_LARGE_MESSAGE_LOST, .answered = true,
	  .pattern = { .text = INVITE SDP_FOLLOWS SDP "{fill}", .size = 1400 } },
	{ .name = "size-full", .title = "a message that fills a packet", .lost = FAULT_LARGE_MESSAGE_LOST, .answered = true,
	  .whole = true, .pattern = { .text = INVITE SDP_FOLLOWS SDP "{fill}", .size = 1472 } },
	{ .name = "size-3000", .title = "a message of 3,000 bytes, in three fragments", .lost = FAULT_FRAGMENTS_LOST,
	  .answered = true, .pattern = { .text = INVITE SDP_FOLLOWS SDP "{fill}", .size = 3000 } },
	{ .name = "size-8000", .title = "a message of 8,000 bytes, in six fragments", .lost = FAULT_FRAGMENTS_LOST,
	  .answered = true, .pattern = { .text = INVITE SDP_FOLLOWS SDP "{fill}", .size = 8000 } },

	/* ---- What keeps a binding alive (RFC 5626 3.5): behind the others, for they bear no mark ---- */
	{ .name = "keepalive-crlf", .title = "a keep-alive of two line ends", .lost = FAULT_KEEPALIVE_DROPPED,
	  .bytes = { "\r\n\r\n", 4 } },
	{ .name = "keepalive-zeros", .title = "a keep-alive of four zero bytes", .lost = FAULT_KEEPALIVE_DROPPED,
	  .bytes = { "\0\0\0\0", 4 } },
	{ .name = "keepalive-stun", .title = "a STUN keep-alive", .lost = FAULT_KEEPALIVE_DROPPED,
	  .bytes = { "\0\1\0\0\x21\x12\xa4\x42" "checkingway1", 20 } },
};
const size_t probe_count = sizeof probe_table / sizeof probe_table[0];

/* clang-format on */
