/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/fault.h"

#include <string.h>

/* What to do that is the same for many. */
#define SWITCH_OFF                                                                                                     \
	"Switch SIP ALG off in the router (`sipalg advice` says where), restart router and phones, and run this "      \
	"again."
#define NOTHING "Nothing has to be done."

const char fault_switch_off[] = SWITCH_OFF;

/* In the order of the kinds. */
static const struct fault faults[FAULT_COUNT] = {
	{ FAULT_NONE, "none", SEVERITY_NOTE, CAUSE_NETWORK, "", "", "", "" },

	{ FAULT_ALG_REWRITES, "alg-rewrites", SEVERITY_NOTE, CAUSE_ALG, "A router on the way rewrites SIP",
	  "By itself this harms nothing; it depends on how well the router does it.",
	  "Something between phone and server replaces addresses inside SIP messages: a SIP ALG is at work.",
	  "If calls work, leave it. If they do not, this is the first thing to switch off (`sipalg advice`)." },
	{ FAULT_ALG_UNDOES_ON_RETURN, "alg-undoes-on-return", SEVERITY_NOTE, CAUSE_ALG,
	  "The router hides that it rewrites SIP",
	  "Nothing by itself. A phone cannot see that its messages are being changed.",
	  "Answers are changed back on the way in, so what a server echoes in Via looks untouched.",
	  NOTHING " Tools that only look at answers will not find this ALG." },
	{ FAULT_NAT, "nat", SEVERITY_NOTE, CAUSE_NETWORK, "There is address translation (NAT) on the way",
	  "Nothing. Almost every home and office has it.",
	  "The server sees another address or port than the phone's own.", NOTHING },
	{ FAULT_CARRIER_NAT, "carrier-nat", SEVERITY_NOTE, CAUSE_NETWORK,
	  "The internet provider translates addresses too",
	  "Usually nothing. Forwarding a port in your own router will not work.",
	  "Two NATs in a row (carrier-grade NAT): the router's outside address is not public.",
	  NOTHING " If incoming calls fail, ask the provider for a public address, or use IPv6." },
	{ FAULT_UDP_BINDING_SHORT, "udp-binding-short", SEVERITY_NOTE, CAUSE_NETWORK,
	  "The router forgets quiet connections soon", "Nothing as long as the phone sends keep-alives.",
	  "The NAT's UDP timeout is shorter than the time that was tried.",
	  "Set the phone's keep-alive (or \"NAT keep-alive\") to less than this time; 25 seconds suit all routers." },
	{ FAULT_TCP_BINDING_SHORT, "tcp-binding-short", SEVERITY_NOTE, CAUSE_NETWORK,
	  "The router forgets quiet TCP connections soon",
	  "Nothing as long as the phone sends keep-alives over TCP, or uses UDP.",
	  "The NAT's timeout for TCP connections is shorter than the time that was tried; RFC 5382 asks for two hours "
	  "and four minutes.",
	  "Set the phone's keep-alive for TCP to less than this time; 95 seconds are usual." },
	{ FAULT_MEDIA_SECOND_SOURCE_FILTERED, "media-second-source-filtered", SEVERITY_NOTE, CAUSE_NETWORK,
	  "Sound from a second address is not let in before the phone has sent",
	  "Perhaps no ringback tone or announcement before a call is answered.",
	  "The NAT filters by address: media from another address than was sent to is dropped.",
	  NOTHING " Phones that send sound as soon as they know where to open the way by themselves." },

	{ FAULT_MESSAGE_DROPPED, "message-dropped", SEVERITY_FAULT, CAUSE_ALG,
	  "Ordinary SIP messages vanish on the way",
	  "Calls do not come about, or the phone cannot register, and nothing says why.",
	  "A message that is legal and common does not arrive on SIP's port, while the same bytes arrive elsewhere: "
	  "something on the path reads SIP and drops it.",
	  SWITCH_OFF },
	{ FAULT_METHOD_DROPPED, "method-dropped", SEVERITY_FAULT, CAUSE_ALG,
	  "Some kinds of SIP message are not let through",
	  "Single functions fail: transfer, message waiting, presence, text messages, or holding a call.",
	  "Requests with some methods never arrive while others do: an ALG or firewall with a list of methods it "
	  "knows.",
	  SWITCH_OFF " If it is a company firewall, ask for unknown SIP methods to be let through." },
	{ FAULT_ODD_MESSAGE_DROPPED, "odd-message-dropped", SEVERITY_FAULT, CAUSE_ALG,
	  "Unusual but correct SIP messages vanish",
	  "Some calls fail and others do not, depending on who calls or which phone is used.",
	  "Messages that RFC 3261 allows and few phones write (folded lines, other spacing, no Content-Length, other "
	  "address types) are dropped by something that cannot parse them.",
	  SWITCH_OFF },
	{ FAULT_SIP_PORT_BLOCKED, "sip-port-blocked", SEVERITY_FAULT, CAUSE_NETWORK, "SIP's usual port is blocked",
	  "The phone does not register at all.",
	  "Nothing that is sent to port 5060 arrives, whatever it says; other ports work.",
	  "Ask whoever runs the network, or let the phone use another port or TLS if the provider offers it." },
	{ FAULT_SIP_ANSWERED_MIDWAY, "sip-answered-midway", SEVERITY_FAULT, CAUSE_ALG,
	  "Something on the way answers in the server's place",
	  "The phone believes to be registered, or that a call fails, though the provider has never heard of it.",
	  "An answer came to a request that never reached the server: a proxy or session border controller intercepts "
	  "SIP.",
	  "Look for a SIP proxy or \"VoIP\" function in the router and switch it off; some internet providers do this "
	  "to protect their own telephony: then use another port or TLS." },
	{ FAULT_LARGE_MESSAGE_LOST, "large-message-lost", SEVERITY_FAULT, CAUSE_NETWORK, "Large SIP messages are lost",
	  "Calls with video, many codecs or encryption cannot be set up, or cannot be answered.",
	  "A datagram near or beyond 1500 bytes does not arrive, while smaller ones do.",
	  "Remove codecs from the phone's list, or let it use TCP or TLS (RFC 3261 18.1.1 asks for it above 1300 "
	  "bytes)." },
	{ FAULT_FRAGMENTS_LOST, "fragments-lost", SEVERITY_FAULT, CAUSE_NETWORK,
	  "Messages that need two packets are lost",
	  "Calls with many codecs, video or encryption fail; short messages such as registering work.",
	  "IP fragments do not pass: only the first part of a large UDP datagram arrives, or none.",
	  "Switch off \"block fragmented packets\" in the router or firewall, or let the phone use TCP or TLS." },
	{ FAULT_KEEPALIVE_DROPPED, "keepalive-dropped", SEVERITY_FAULT, CAUSE_ALG, "Keep-alives are dropped",
	  "No incoming calls some minutes after the phone has registered.",
	  "Line ends, STUN or empty packets on SIP's port (RFC 5626 3.5) do not arrive, so that NAT forgets the phone.",
	  SWITCH_OFF " Or let the phone send OPTIONS as its keep-alive." },
	{ FAULT_BURST_LIMITED, "burst-limited", SEVERITY_FAULT, CAUSE_ALG, "Many SIP messages at once are cut off",
	  "After a power failure some phones stay unregistered; busy offices lose calls.",
	  "Of a short burst of requests only the first arrive on SIP's port: a rate limit for SIP.",
	  "Switch off SIP rate limits or \"VoIP flood protection\" in the firewall, or raise them." },

	{ FAULT_MESSAGE_CORRUPTED, "message-corrupted", SEVERITY_FAULT, CAUSE_ALG, "SIP messages arrive damaged",
	  "Calls or registrations fail with errors such as \"400 Bad Request\", or without any.",
	  "Bytes were changed so that the message is no longer correct SIP, or where no address stands.", SWITCH_OFF },
	{ FAULT_CONTENT_LENGTH_WRONG, "content-length-wrong", SEVERITY_FAULT, CAUSE_ALG,
	  "The length in the message is wrong after the change", "Calls fail, or begin without sound.",
	  "Content-Length does not say how long the body is: the ALG changed the body and not its length, or the other "
	  "way round. Over TCP all that follows is lost.",
	  SWITCH_OFF },
	{ FAULT_BODY_TRUNCATED, "body-truncated", SEVERITY_FAULT, CAUSE_ALG, "The end of a message is cut off",
	  "Calls begin without sound or video, or fail.", "The body arrives shorter than it was sent.", SWITCH_OFF },
	{ FAULT_BODY_JUNK, "body-junk", SEVERITY_FAULT, CAUSE_ALG, "Rubbish is added to messages",
	  "Calls fail or begin without sound, depending on how strict the other end is.",
	  "Bytes behind the body's end were counted into it, or bytes that nobody sent were appended.", SWITCH_OFF },
	{ FAULT_OTHER_BODY_ALTERED, "other-body-altered", SEVERITY_FAULT, CAUSE_ALG,
	  "Contents that have nothing to do with addresses are changed",
	  "Transfers, text messages or presence fail or show wrong text.",
	  "A body that is no session description (sipfrag, text, XML) was edited as if it were SIP headers or SDP.",
	  SWITCH_OFF },
	{ FAULT_MULTIPART_BROKEN, "multipart-broken", SEVERITY_FAULT, CAUSE_ALG,
	  "Messages with several parts are damaged",
	  "Emergency calls with a location, or calls through company systems, fail or have no sound.",
	  "A multipart body was measured or edited as if it were one session description.", SWITCH_OFF },

	{ FAULT_CALL_ID_REWRITTEN, "call-id-rewritten", SEVERITY_FAULT, CAUSE_ALG, "The call's identifier is changed",
	  "Transferring or picking up calls fails.",
	  "Call-ID (or a reference to one: Replaces, In-Reply-To) differs on the two sides, so dialogs do not match.",
	  SWITCH_OFF },
	{ FAULT_TAG_REWRITTEN, "tag-rewritten", SEVERITY_FAULT, CAUSE_ALG,
	  "The marks that tell calls apart are changed", "Calls cannot be ended, held or transferred.",
	  "From or To tags differ on the two sides: requests within the dialog get 481.", SWITCH_OFF },
	{ FAULT_BRANCH_REWRITTEN, "branch-rewritten", SEVERITY_FAULT, CAUSE_ALG,
	  "The mark that matches answers is changed",
	  "Answers are not recognised: the phone tries again and again and gives up.",
	  "Via's branch was changed: responses and CANCEL no longer match their transaction.", SWITCH_OFF },
	{ FAULT_FROM_TO_REWRITTEN, "from-to-rewritten", SEVERITY_FAULT, CAUSE_ALG, "Caller or called party are changed",
	  "Registering fails (\"403 Forbidden\"), or calls show a wrong caller.",
	  "The URI in From or To was rewritten; these are identities, not places (RFC 3261 8.1.1.3).", SWITCH_OFF },
	{ FAULT_REQUEST_URI_REWRITTEN, "request-uri-rewritten", SEVERITY_FAULT, CAUSE_ALG,
	  "The target of a request is changed",
	  "The password seems to be wrong though it is right, or calls go to nowhere.",
	  "The Request-URI differs from what was sent, and from uri= in the digest (RFC 3261 22.4).", SWITCH_OFF },
	{ FAULT_DISPLAY_NAME_REWRITTEN, "display-name-rewritten", SEVERITY_FAULT, CAUSE_ALG,
	  "Names are changed in place of addresses",
	  "Wrong names are shown, and calls fail because the true address was left as it was.",
	  "Text within quotes was taken for an address: the ALG has no proper parser.", SWITCH_OFF },
	{ FAULT_HEADER_ADDED, "header-added", SEVERITY_FAULT, CAUSE_ALG, "Lines are added to messages",
	  "Some providers refuse such calls; private addresses may become visible.",
	  "A header arrived that was not sent: the ALG acts as a proxy, or leaves notes for itself.", SWITCH_OFF },
	{ FAULT_HEADER_REMOVED, "header-removed", SEVERITY_FAULT, CAUSE_ALG, "Lines are missing from messages",
	  "Single functions fail, such as showing the caller, holding or encryption.",
	  "A header that was sent did not arrive.", SWITCH_OFF },
	{ FAULT_HEADERS_REORDERED, "headers-reordered", SEVERITY_FAULT, CAUSE_ALG, "Messages are put together anew",
	  "Often nothing; signed messages become invalid, and picky servers refuse them.",
	  "Headers arrive in another order: the ALG parses and writes anew in place of changing single bytes.",
	  SWITCH_OFF },
	{ FAULT_HEADER_RECASED, "header-recased", SEVERITY_FAULT, CAUSE_ALG, "Messages are written in another form",
	  "Often nothing; signed messages become invalid, and picky servers refuse them.",
	  "Names, case or spacing differ and the meaning does not: the ALG writes headers anew.", SWITCH_OFF },
	{ FAULT_MAX_FORWARDS_LOWERED, "max-forwards-lowered", SEVERITY_FAULT, CAUSE_ALG,
	  "A hidden relay handles the messages",
	  "Often nothing; long ways between providers may fail (\"483 Too Many Hops\").",
	  "Max-Forwards is lower than sent: a SIP proxy or back-to-back user agent stands in the way.", SWITCH_OFF },
	{ FAULT_TIMER_ALTERED, "timer-altered", SEVERITY_FAULT, CAUSE_ALG, "Lifetimes in messages are changed",
	  "No incoming calls from some time on, or calls drop after a fixed time.",
	  "Expires, Session-Expires or Min-SE arrive with other values: phone and server disagree when to refresh.",
	  SWITCH_OFF },

	{ FAULT_HALF_REWRITTEN, "half-rewritten", SEVERITY_FAULT, CAUSE_ALG,
	  "Addresses are changed in some places only",
	  "One-way audio, calls that cannot be answered or ended; which one depends on the phone.",
	  "Some of Via, Contact, Record-Route and SDP show the outside address and others still the inside one.",
	  SWITCH_OFF },
	{ FAULT_CONTACT_NOT_REWRITTEN, "contact-not-rewritten", SEVERITY_FAULT, CAUSE_ALG,
	  "The router changes other addresses, and not where to reach the phone",
	  "Calls drop after 32 seconds; no incoming calls.",
	  "Contact keeps the inside address while Via or SDP were rewritten, so the server sees no NAT and sends ACK, "
	  "BYE and INVITE to an address it cannot reach.",
	  SWITCH_OFF },
	{ FAULT_CONTACT_UNREACHABLE, "contact-unreachable", SEVERITY_FAULT, CAUSE_ALG,
	  "The address at which the phone is said to be is closed", "No incoming calls; calls drop after 32 seconds.",
	  "The Contact as rewritten leads nowhere: what the server sends there does not reach the phone.", SWITCH_OFF },
	{ FAULT_CONTACT_PORT_WRONG, "contact-port-wrong", SEVERITY_FAULT, CAUSE_ALG,
	  "The phone is said to be at a wrong port", "No incoming calls, or another phone rings.",
	  "Contact was rewritten with a port that leads to nobody or to somebody else.", SWITCH_OFF },
	{ FAULT_RESPONSE_PORT_FORCED, "response-port-forced", SEVERITY_FAULT, CAUSE_ALG,
	  "Answers are sent to another port than asked for",
	  "Registering and calling time out, though the server answers.",
	  "The router forces responses to the port in Via and ignores the port the request came from (rport, RFC "
	  "3581).",
	  SWITCH_OFF " Or set the phone's local port to 5060." },
	{ FAULT_RPORT_HIDDEN, "rport-hidden", SEVERITY_FAULT, CAUSE_ALG,
	  "The phone is kept from learning its outside address",
	  "The phone registers again and again, or with an address nobody can reach.",
	  "received= and rport= (RFC 3581) are changed in responses, so the phone's own NAT handling goes wrong.",
	  SWITCH_OFF },
	{ FAULT_NOT_RESTORED, "not-restored", SEVERITY_FAULT, CAUSE_ALG,
	  "What the router changed on the way out does not come back as it was",
	  "The phone throws answers away: it registers again and again, or calls end in a timeout.",
	  "Via or Contact was rewritten on the way out, and does not come back as the phone wrote it. A phone discards "
	  "a "
	  "response whose Via is not its own (RFC 3261 18.1.2).",
	  SWITCH_OFF },

	{ FAULT_SDP_NOT_REWRITTEN, "sdp-not-rewritten", SEVERITY_FAULT, CAUSE_ALG,
	  "The router changes addresses of calls, and not those of the sound",
	  "No sound from the other end: one-way audio.",
	  "SIP headers were rewritten while the session description still names the inside address.", SWITCH_OFF },
	{ FAULT_SDP_ADDRESS_WRONG, "sdp-address-wrong", SEVERITY_FAULT, CAUSE_ALG, "Sound is sent to a wrong address",
	  "One-way audio or none, often when video, hold or a second device is involved.",
	  "c= names an address that is neither what was sent nor this network's outside address.", SWITCH_OFF },
	{ FAULT_SDP_PORT_WRONG, "sdp-port-wrong", SEVERITY_FAULT, CAUSE_ALG, "Sound is sent to a wrong port",
	  "One-way audio or none; perhaps another call's voices.", "The port in m= is not one that leads to the phone.",
	  SWITCH_OFF },
	{ FAULT_SDP_ORIGIN_ALTERED, "sdp-origin-altered", SEVERITY_FAULT, CAUSE_ALG,
	  "The session's identifier is changed", "Holding, resuming or adding video fails.",
	  "o= was rewritten, not alike in each offer: the other end takes a changed session for a new one (RFC 3264 "
	  "8).",
	  SWITCH_OFF },
	{ FAULT_SDP_LINE_ADDED, "sdp-line-added", SEVERITY_FAULT, CAUSE_ALG,
	  "Lines are added to the description of the sound",
	  "Often nothing; some servers send sound to the private address it names.",
	  "The session description has a line that was not sent (such as i= with the old address).", SWITCH_OFF },
	{ FAULT_RTCP_IGNORED, "rtcp-ignored", SEVERITY_FAULT, CAUSE_ALG, "Quality reports go astray",
	  "Sound works; video freezes or stays poor, and statistics are missing. Some systems hang up.",
	  "a=rtcp (RFC 3605) keeps the inside address or port while RTP's was changed.", SWITCH_OFF },
	{ FAULT_ICE_MISMATCH, "ice-mismatch", SEVERITY_FAULT, CAUSE_ALG, "The phone's own way through NAT is broken",
	  "No sound or video with browsers and modern apps, or only by a detour.",
	  "c= or m= were rewritten and a=candidate was not: the other end answers a=ice-mismatch (RFC 8839 4.2.5).",
	  SWITCH_OFF },
	{ FAULT_MEDIA_BLOCKED_IN, "media-blocked-in", SEVERITY_FAULT, CAUSE_NETWORK, "Sound does not come in",
	  "You do not hear the other side; they hear you.",
	  "RTP sent to the address and port in the session description does not arrive.",
	  "Let the phone use STUN, ICE or symmetric RTP; open UDP in the firewall. If SIP is rewritten as well, switch "
	  "that off first." },
	{ FAULT_MEDIA_BLOCKED_OUT, "media-blocked-out", SEVERITY_FAULT, CAUSE_NETWORK, "Sound does not get out",
	  "The other side does not hear you; you hear them.", "RTP that was sent does not arrive at the far end.",
	  "Look for a firewall that stops outgoing UDP, and let the provider's media addresses and ports through." },
	{ FAULT_MEDIA_SOURCE_PORT, "media-source-port", SEVERITY_FAULT, CAUSE_ALG,
	  "Sound comes from another port than announced", "The other side does not hear you if its system is strict.",
	  "The session description was rewritten with one port and RTP leaves from another.", SWITCH_OFF },

	{ FAULT_BINDING_TOO_SHORT, "binding-too-short", SEVERITY_FAULT, CAUSE_NETWORK,
	  "The router forgets the phone before it speaks again",
	  "No incoming calls some time after the phone has registered or called, until it calls out.",
	  "What the server sends after the time tried no longer reaches the phone, though the registration is valid.",
	  "Raise the router's timeout for UDP to 60 seconds or more (for TCP to two hours), or set a keep-alive in the "
	  "phone that is shorter than the time found here." },
	{ FAULT_REGISTRATION_OUTLIVED, "registration-outlived", SEVERITY_FAULT, CAUSE_NETWORK,
	  "The phone is registered, and no longer reachable",
	  "No incoming calls from a few minutes after registering; calling out works.",
	  "The NAT binding ended before the registration was refreshed: the provider's INVITE went to a closed port.",
	  "Set a keep-alive of 25 seconds in the phone, or a shorter registration time; or raise the router's UDP "
	  "timeout." },
	{ FAULT_SESSION_TIMER_MISSED, "session-timer-missed", SEVERITY_FAULT, CAUSE_NETWORK,
	  "Calls end because a sign of life was missed", "Calls drop after a fixed time, often 15 or 30 minutes.",
	  "No refresh (re-INVITE or UPDATE, RFC 4028) came through before Session-Expires ran out.",
	  "Look for what blocked the refresh (an ALG, a closed NAT binding); switching session timers off in the phone "
	  "hides it." },

	{ FAULT_TCP_BLOCKED, "tcp-blocked", SEVERITY_FAULT, CAUSE_NETWORK, "SIP over TCP is blocked",
	  "Phones set to TCP do not register; with UDP they do.",
	  "No connection to the server's SIP port over TCP comes about, while other ports answer.",
	  "Use UDP or TLS, or open TCP port 5060 in the firewall." },
	{ FAULT_TCP_SPLIT_UNTOUCHED, "tcp-split-untouched", SEVERITY_FAULT, CAUSE_ALG,
	  "Messages that come in two pieces are treated otherwise",
	  "Some calls have one-way audio or drop after 32 seconds, others do not.",
	  "The ALG handles a TCP segment as a message: one that is split passes with its inside addresses.",
	  SWITCH_OFF },
	{ FAULT_TCP_CORRUPTED, "tcp-corrupted", SEVERITY_FAULT, CAUSE_ALG, "Connections for SIP are damaged",
	  "The phone loses its registration from time to time, and calls fail at random.",
	  "The TCP stream arrives with bytes inserted, lost or repeated: the ALG changed lengths and not the sequence "
	  "numbers.",
	  SWITCH_OFF " Or let the phone use TLS." },
	{ FAULT_TCP_MESSAGE_LOST, "tcp-message-lost", SEVERITY_FAULT, CAUSE_ALG, "Messages over TCP vanish or stick",
	  "Calls hang while being set up.", "Over TCP a message did not arrive though the connection stands.",
	  SWITCH_OFF },

	{ FAULT_TCP_CUT, "tcp-cut", SEVERITY_FAULT, CAUSE_NETWORK, "Connections for SIP are cut while they are needed",
	  "Calls cannot be ended, held or transferred, and no calls come in until the phone connects again.",
	  "The TCP connection was reset while a call was up, and nothing took its place: a router forgot it, or ended "
	  "it.",
	  "Switch keep-alives on in the phone (RFC 5626 3.5.1), or raise the router's TCP timeout." },

	{ FAULT_ACK_ASTRAY, "ack-astray", SEVERITY_FAULT, CAUSE_NETWORK, "The confirmation of a call does not arrive",
	  "Calls drop after 32 seconds.",
	  "The 200 OK to INVITE is repeated for 32 seconds (64*T1) because no ACK comes: it is sent to a Contact or "
	  "route that leads nowhere.",
	  "Look at the Contact of the answer in the ladder below: if it shows a private address, the server or an ALG "
	  "has to mend it." },
	{ FAULT_BYE_ASTRAY, "bye-astray", SEVERITY_FAULT, CAUSE_NETWORK, "Hanging up does not arrive",
	  "The other side stays in the call after you hang up, and it may be billed on.",
	  "BYE got no answer: it is sent to a Contact or route that leads nowhere.",
	  "Look at the Contact in the ladder below: if it shows a private address, the server or an ALG has to mend "
	  "it." },
	{ FAULT_PRIVATE_CONTACT, "private-contact", SEVERITY_FAULT, CAUSE_NETWORK,
	  "The phone tells the outside world its private address",
	  "No incoming calls, or calls drop after 32 seconds, unless the provider corrects it.",
	  "Contact has a private address on the outside. Servers that handle NAT reply to where the message came from "
	  "(RFC 5626, or their own setting).",
	  "Set STUN, outbound or \"NAT\" in the phone, or NAT handling for it at the server." },
	{ FAULT_PRIVATE_VIA, "private-via", SEVERITY_FAULT, CAUSE_NETWORK, "Answers are asked for at a private address",
	  "Registering or calling times out unless the provider corrects it.",
	  "Via has a private address and no rport (RFC 3581), so the server answers to the wrong port.",
	  "Switch rport (\"symmetric response routing\") on in the phone." },
	{ FAULT_PRIVATE_SDP, "private-sdp", SEVERITY_FAULT, CAUSE_NETWORK, "Sound is asked for at a private address",
	  "You do not hear the other side, unless the provider corrects it.",
	  "c= of the session description has a private address on the outside.",
	  "Set STUN or ICE in the phone, or a media relay for it at the server." },
	{ FAULT_REFUSED_REPEATEDLY, "refused-repeatedly", SEVERITY_FAULT, CAUSE_NETWORK,
	  "The server refuses the same request again and again", "Registering or calling fails each time.",
	  "The same 4xx answers each attempt: a wrong password or name, or a message that no longer matches its "
	  "digest.",
	  "Check the account's name and password; if they are right, look at uri= in Authorization and at the "
	  "Request-URI "
	  "on both sides of the router." },
};

const struct fault *fault_of(enum fault_kind kind)
{
	return &faults[kind < FAULT_COUNT ? kind : FAULT_NONE];
}

enum fault_kind fault_find(const char *name)
{
	for (size_t i = 1; i < FAULT_COUNT; i++)
		if (strcmp(faults[i].name, name) == 0)
			return (enum fault_kind)i;
	return FAULT_NONE;
}
