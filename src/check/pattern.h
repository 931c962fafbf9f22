/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts that most patterns of probes share. */
#ifndef CHECK_PATTERN_H
#define CHECK_PATTERN_H

#define START(method) method " sip:check@{srv} SIP/2.0\n"
#define VIA "Via: SIP/2.0/{tp} {in}:{port};branch=z9hG4bK{mark};rport\n"
#define NAMES                                                                                                          \
	"From: \"Check\" <sip:check@{srv}>;tag=f{mark}\n"                                                              \
	"To: <sip:check@{srv}>\n"
#define COUNTED(method)                                                                                                \
	"Call-ID: c{mark}\n"                                                                                           \
	"CSeq: 1 " method "\n"
#define MAX_FORWARDS "Max-Forwards: 70\n"
#define CONTACT "Contact: <sip:check@{in}:{port}>\n"

/* A request up to its Contact. */
#define REQUEST(method) START(method) VIA MAX_FORWARDS NAMES COUNTED(method)
/* The same within a dialog: To has a tag. */
#define REQUEST_WITHIN(method)                                                                                         \
	START(method)                                                                                                  \
	VIA MAX_FORWARDS "From: \"Check\" <sip:check@{srv}>;tag=f{mark}\n"                                             \
	                 "To: <sip:check@{srv}>;tag=t{mark}\n" COUNTED(method)

#define NO_BODY                                                                                                        \
	"Content-Length: 0\n"                                                                                          \
	"\n"
#define SDP_FOLLOWS                                                                                                    \
	"Content-Type: application/sdp\n"                                                                              \
	"Content-Length: {length}\n"                                                                                   \
	"\n"
#define SDP_ORIGIN                                                                                                     \
	"v=0\n"                                                                                                        \
	"o=check 20518 1 IN {ip}\n"                                                                                    \
	"s=-\n"
#define SDP_CONNECTION "c=IN {ip}\n"
#define SDP_AUDIO                                                                                                      \
	"t=0 0\n"                                                                                                      \
	"m=audio {rtp} RTP/AVP 0 101\n"                                                                                \
	"a=rtpmap:0 PCMU/8000\n"                                                                                       \
	"a=rtpmap:101 telephone-event/8000\n"                                                                          \
	"a=sendrecv\n"
#define SDP SDP_ORIGIN SDP_CONNECTION SDP_AUDIO
#define INVITE REQUEST("INVITE") CONTACT

#endif
