/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `sipalg reflect` and its client say to each other.
 *
 * One TCP connection, to a port that is not SIP's, is a session: it begins with the client's hello and ends with the
 * connection. Both sides send lines: one JSON object each (RFC 8259), ended by LF. Nothing in a line may look like SIP
 * or like an address, lest an ALG change it:
 *
 *   bytes      base64 (RFC 4648 4) of the bytes, each XORed with the session's mask, which is 32 bytes long and begins
 *              anew with every value
 *   endpoint   18 bytes so written: the address (IPv4 as IPv4-mapped IPv6), then the port in network order
 *   place      one of the server's sockets by number, enum reflect_place; "twin" true: on its second address
 *   transport  6 is TCP, 17 is UDP
 *   stream     a TCP connection of one of the places, numbered by the server from 1 on
 *   time_us    microseconds since the session began, by the server's clock
 *   hashes     base64 (unmasked) of SHA-256 digests: of the whole, then of each line up to the first empty one, with
 *              its line end, then of what follows. Beyond REFLECT_HASHED_LINES_MAX lines the rest is one.
 *
 * The client says:
 *
 *   {"hello": 1}                                        the protocol's version; the first line, within 10 seconds
 *
 * then, each with a "number" of its choice (1 or more) and, except for ping, "after_ms" (0 when absent, at most
 * 1,000,000):
 *
 *   {"do": "send", "place", "twin", "port", "bytes"}    a datagram from that place to this port of the client
 *   {"do": "media", "place", "twin", "port", "bytes", "count", "interval_ms", "step"}
 *                                                       the same again and again; in each after the first, bytes 2-3
 *                                                       are one more than before and bytes 4-7 `step` more (RTP's
 *                                                       sequence number and timestamp, RFC 3550 5.1)
 *   {"do": "write", "stream", "bytes"}                  bytes down a TCP connection
 *   {"do": "finish", "stream", "reset"}                 closes one, or resets it
 *   {"do": "connect", "place", "twin", "port"}          a TCP connection to this port of the client, from the address
 *                                                       but not the port of that place
 *   {"do": "ping"}                                      answered by "pong"
 *
 * The server says:
 *
 *   {"tell": "welcome", "version", "token", "mask", "at", "twin", "seen", "ports"}
 *                                                       `at`: the address the client reached, an endpoint; `twin`: the
 *                                                       second address, absent when there is none; `seen`: the client's
 *                                                       own endpoint; `ports`: one for each place
 *   {"tell": "received", "time_us", "transport", "place", "twin", "source", "length", "bytes", "hashes", "stream",
 *    "known", "elsewhere"}                              a datagram, or what one read of a TCP connection gave; `bytes`
 *                                                       ends at REFLECT_REPORTED_MAX; `known` is "token" or "source",
 *                                                       `elsewhere` is there when the source is not the address of this
 *                                                       connection
 *   {"tell": "opened", "time_us", "place", "twin", "source", "stream", "elsewhere"}
 *   {"tell": "closed", "time_us", "stream", "reset"}    `reset`: not in good order
 *   {"tell": "done", "number", "time_us", "stream", "refused"}
 *                                                       a command was carried out; for media: its last packet left.
 *                                                       `stream`: of a connect. `refused`: it was not; a word of enum
 *                                                       reflect_refusal
 *   {"tell": "media", "time_us", "place", "twin", "source", "packets", "bytes", "lost"}
 *                                                       what came there from one source since the session began;
 *                                                       said every second while there is something new
 *   {"tell": "pong", "number", "time_us", "strays", "missed"}
 *                                                       `strays`: datagrams and connections from the client's address
 *                                                       in which nobody's token was found, since the session began;
 *                                                       `missed`: reports that found no room
 *   {"tell": "goodbye", "why"}                          the server ends the session; the words of enum reflect_end
 *
 * Whose bytes they are: those in which a session's token stands, and then what comes to the same place from the same
 * source, or on the same connection. The token is plain text that no part of SIP minds: put it into a Call-ID, a tag, a
 * branch, a parameter, a body. On the media places of a known source packets are counted; only the first is reported
 * as received.
 *
 * Where the server sends: only to the address of the control connection, which TCP has proven; there to ports from
 * which the token came by the same transport, or which a message with the token named together with that very address
 * (a Contact, a Via, a media line: this is where an ALG has opened a port); ports below 1024 only if they were a
 * source. Behind a carrier's NAT others have the same address: their ports are neither.
 *
 * A client that does not understand a line passes over it; the server ends the session at a line that is no JSON, too
 * long, or not a command. */
#ifndef REFLECT_PROTOCOL_H
#define REFLECT_PROTOCOL_H

enum {
	REFLECT_VERSION = 1,
	REFLECT_PORT = 7060, /* the control connection */

	REFLECT_TOKEN_LENGTH = 20, /* "qzsa" and 16 of a-z, 2-7: 80 bits of chance */
	REFLECT_MASK_LENGTH = 32,

	REFLECT_SENT_MAX = 8192,      /* bytes of one datagram or write that a client may ask for */
	REFLECT_REPORTED_MAX = 16384, /* bytes reported of what was received at once */
	REFLECT_HASHED_LINES_MAX = 128,
	REFLECT_LINE_MAX = 32768, /* bytes of one line with its LF, either way */

	REFLECT_DELAY_MAX_MS = 1000000, /* NAT bindings are tried up to 905 s */
	REFLECT_HELLO_S = 10,           /* from the connection to the hello */
	REFLECT_IDLE_S = 90,            /* without a line from the client */
	REFLECT_PING_S = 20,            /* how often a client with nothing to say pings */
	REFLECT_SESSION_MAX_S = 3600,   /* of any session */
	REFLECT_MEDIA_COUNT_MAX = 3000, /* packets of one media stream: a minute of audio */
	REFLECT_MEDIA_INTERVAL_MIN_MS = 5,
	REFLECT_MEDIA_PACKET_MAX = 512,
};

/* The server's sockets. */
enum reflect_place {
	REFLECT_SIP = 0,       /* UDP and TCP, 5060 */
	REFLECT_SIP_ELSEWHERE, /* UDP and TCP, 5080 */
	REFLECT_PLAIN,         /* UDP and TCP, 7061: the same bytes where no ALG looks for SIP */
	REFLECT_MEDIA,         /* UDP, 7070 */
	REFLECT_MEDIA_CONTROL, /* UDP, 7071: RTCP's place (RFC 3550 11) */
	REFLECT_PLACE_COUNT,
};

/* Why a command was not carried out. */
enum reflect_refusal {
	REFLECT_CARRIED_OUT = 0,
	REFLECT_REFUSED_PORT,      /* "port": nothing with the token came from there or named it */
	REFLECT_REFUSED_NO_TWIN,   /* "no-twin": there is no second address */
	REFLECT_REFUSED_NO_STREAM, /* "no-stream": that connection is not, or no longer, the session's */
	REFLECT_REFUSED_BUDGET,    /* "budget": the session, the address or the server has sent enough for now */
	REFLECT_REFUSED_ROOM,      /* "room": too many commands wait */
	REFLECT_REFUSED_FAILED, /* "failed": the network would not take it; a connection was refused or not answered */
	REFLECT_REFUSAL_COUNT,
};

/* Why the server ends a session. */
enum reflect_end {
	REFLECT_END_NONE = 0,
	REFLECT_END_BUSY,    /* "busy": as many sessions as there may be, in all or of this address */
	REFLECT_END_VERSION, /* "version": the hello names another one */
	REFLECT_END_WRONG,   /* "wrong": a line that is no command */
	REFLECT_END_IDLE,    /* "idle": nothing said for REFLECT_IDLE_S */
	REFLECT_END_LONG,    /* "long": REFLECT_SESSION_MAX_S have passed */
	REFLECT_END_STOP,    /* "stop": the server ends */
	REFLECT_END_COUNT,
};

#endif
