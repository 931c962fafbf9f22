/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gateway's engine: bytes and time come in; an edited message, commands to the data plane and the next deadline
 * come out. It opens nothing, reads no clock, keeps no global and takes its memory once. One thread uses an engine at a
 * time.
 *
 * How a plane uses it, for each message it meets on the way between inside and outside:
 *
 *     if (sipalg_engine_wants_mapping(engine, &packet))    packet.mapping = what NAT already does with this flow;
 *                                                          (over TCP: always, since the connection stands already)
 *     sipalg_engine_handle(engine, now_ns, &packet, &verdict);
 *     while (sipalg_engine_next_command(engine, &command)) carry it out (many may share one transaction);
 *     send verdict.bytes (they are packet.bytes themselves when nothing was changed)
 *
 * and, when sipalg_engine_deadline() has come, sipalg_engine_advance() and the commands again. A command must have
 * taken effect before the message during whose handling it was given is sent on: the far end may use the port at once.
 */
#ifndef SIPALG_ENGINE_H
#define SIPALG_ENGINE_H

#include "sipalg/address.h"
#include "sipalg/limits.h"
#include "sipalg/reason.h"

/* Time is nanoseconds of any monotonic clock; "never" is SIPALG_NEVER. */
#define SIPALG_NEVER UINT64_MAX
#define SIPALG_SECOND_NS UINT64_C(1000000000)

typedef struct sipalg_engine sipalg_engine;

/* What the caller may choose; sipalg_settings_defaults() fills it. */
typedef struct sipalg_settings {
	uint8_t secret[16];         /* keys the hash tables; fill it from a good random source */
	uint32_t bindings_max;      /* how many bindings there may be at once */
	uint32_t calls_max;         /* call legs (one per call and inside party) */
	uint32_t registrations_max; /* registered contacts */
	uint32_t host_bindings_max; /* bindings one inside host may have: a PBX takes two for each stream of a call, so
	                             * the default of 8192 is room for 4,000 calls; a home phone never has ten.
	                             * As many call legs, and SIPALG_HOST_REGISTRATIONS times as many registrations */
	uint32_t media_idle_s;      /* a call without media for so long has ended (0: never) */
	uint32_t registration_grace_s; /* a registration lives so much longer than granted */
	uint16_t port_min, port_max;   /* outside ports that may be chosen, inclusive */
	bool narrow_media;             /* admit media from the answered address only (default: from any) */
	bool hairpin_media;            /* media between inside hosts goes by the router (default: directly) */
} sipalg_settings;

void sipalg_settings_defaults(sipalg_settings *settings);

/* Bytes of memory an engine with these settings needs. */
size_t sipalg_engine_size(const sipalg_settings *settings);

/* Builds an engine in `memory`: sipalg_engine_size() bytes, zeroed, aligned for any type (an anonymous mapping is
 * ideal: pages are touched only when used). The memory stays the caller's and must outlive the engine; nothing else is
 * to be freed. The settings are copied. */
sipalg_engine *sipalg_engine_create(void *memory, const sipalg_settings *settings);

/* ---- What is inside, and what is left alone ---- */

/* How the addresses of an inside network look from outside. What a message says, and what bindings are, follows: */
enum sipalg_translation {
	/* Many share packet.outside, told apart by ports (NAPT, RFC 3022): IPv4's usual, and NAT66. */
	SIPALG_TRANSLATION_PORTS = 0,
	/* As they are: the network is routed. IPv6's usual, and public IPv4 behind a firewall. Bindings are pinholes:
	 * their inside and outside are the same, and messages are not edited. */
	SIPALG_TRANSLATION_NONE,
	/* Each has its own, in the network's `outside` prefix: the bits behind the prefix stay, and the port does. */
	SIPALG_TRANSLATION_PREFIX,
	/* The same, but 16 of the bits behind it change so that checksums stay right (NPTv6, RFC 6296); IPv6 only. */
	SIPALG_TRANSLATION_PREFIX_NEUTRAL,
};

typedef struct sipalg_network {
	sipalg_prefix inside;
	enum sipalg_translation translation;
	sipalg_prefix outside; /* of _PREFIX and _PREFIX_NEUTRAL: of the same length and family */
} sipalg_network;

/* Replaces the list of inside networks; of several that hold an address the longest prefix says how it is translated.
 * What was bound in a network that is translated in another way now ends; advance, and the commands follow.
 * False: more than SIPALG_PREFIXES_MAX, or an outside prefix that cannot be; the old list stays. */
SIPALG_MUST_USE
bool sipalg_engine_set_inside(sipalg_engine *engine, const sipalg_network *networks, size_t count);

/* The router's own addresses in these networks: no description opens a way to them. Replaces the list; of more than
 * SIPALG_PREFIXES_MAX the rest is passed over. */
void sipalg_engine_set_router(sipalg_engine *engine, const sipalg_address *addresses, size_t count);

bool sipalg_engine_is_inside(const sipalg_engine *engine, const sipalg_address *address);

/* Replaces the list of hosts and networks for which the gateway is switched off: their messages pass unchanged and
 * their bindings are closed (commands follow); flows that are up are not touched. False: too many; the old list stays.
 */
SIPALG_MUST_USE
bool sipalg_engine_set_off(sipalg_engine *engine, const sipalg_prefix *prefixes, size_t count);

/* Whether it is switched off for this host. */
bool sipalg_engine_is_off(const sipalg_engine *engine, const sipalg_address *address);

/* This outside address is no longer this network's (PPPoE, DHCP, another WAN): whatever was bound to it ends, flows
 * included, since nothing sent there arrives any more; advance, and the commands follow. Phones are bound to the new
 * address as they speak. */
void sipalg_engine_forget_outside(sipalg_engine *engine, const sipalg_address *outside);

/* Keeps an outside port from being chosen (a service of the router itself, a port forwarded by the user), or gives it
 * back. Bindings that hold it already are not touched. */
void sipalg_engine_reserve_port(sipalg_engine *engine, enum sipalg_protocol protocol, uint16_t port, bool reserved);

/* ---- Messages ---- */

enum sipalg_direction {
	SIPALG_DIRECTION_NONE = 0,
	SIPALG_OUTBOUND, /* from an inside host to an outside one */
	SIPALG_INBOUND,  /* the other way */
};

/* One message as the plane met it: where the headers show inside addresses (before source NAT, after destination NAT).
 */
typedef struct sipalg_packet {
	const uint8_t *bytes; /* the SIP message; never written; must live until the verdict has been used */
	size_t length;
	size_t body_left; /* TCP: bytes of the body that are not in `bytes` (SIPALG_PIECE_HEADER); else 0 */
	sipalg_endpoint source, destination;
	enum sipalg_direction direction;
	/* This network's address, of the packet's family, on the interface through which the message goes out or came
	 * in; and that of the other family there, since SDP may name both. Needed for SIPALG_TRANSLATION_PORTS only;
	 * all zero: not known, or there is none. */
	sipalg_address outside, other_outside;
	/* The outside port NAT already gives this flow's source; 0: none. Over TCP that of the phone's end of the
	 * connection, with every message in either direction: it is what the phone's own end is called outside. */
	uint16_t mapping;
} sipalg_packet;

/* The place an edit was made in; the names are the standards' own. */
enum sipalg_place {
	SIPALG_PLACE_NONE = 0,
	SIPALG_PLACE_REQUEST_URI,
	SIPALG_PLACE_VIA,
	SIPALG_PLACE_CONTACT,
	SIPALG_PLACE_ROUTE, /* Record-Route, Route, Path, Service-Route */
	SIPALG_PLACE_SDP_ORIGIN,
	SIPALG_PLACE_SDP_CONNECTION,
	SIPALG_PLACE_SDP_MEDIA,
	SIPALG_PLACE_SDP_RTCP,
	SIPALG_PLACE_SDP_CANDIDATE,
	SIPALG_PLACE_SDP_ALTERNATIVE,
	SIPALG_PLACE_CONTENT_LENGTH,
};

const char *sipalg_place_word(enum sipalg_place place);

/* `length` bytes at `offset` of the original were replaced by `replacement`. */
typedef struct sipalg_edit {
	uint32_t offset, length;
	uint8_t replacement_length;
	uint8_t place; /* enum sipalg_place */
	char replacement[SIPALG_REPLACEMENT_MAX];
} sipalg_edit;

/* What became of a message. Everything it points to stays valid until the next call of sipalg_engine_handle(). */
typedef struct sipalg_verdict {
	enum sipalg_reason reason;
	const uint8_t *bytes; /* what to send: packet.bytes itself when nothing was changed */
	size_t length;
	const sipalg_edit *edits; /* in order of offset */
	size_t edit_count;
	const char *call_id; /* slice of packet.bytes; NULL when the message has none */
	size_t call_id_length;
} sipalg_verdict;

/* True when the engine knows no binding for the packet's source and would profit from knowing whether NAT already has a
 * mapping for its flow (packet.mapping); or when it knows one, and somebody who goes by plain NAT may have got its
 * port. Cheap; asks nothing else of the plane. */
bool sipalg_engine_wants_mapping(const sipalg_engine *engine, const sipalg_packet *packet);

/* The outside endpoint the engine would give the packet's source now (unless the message names another endpoint first
 * that gets it), so that the plane can see whether another flow occupies it and, if so, call
 * sipalg_engine_reserve_port(). Port 0: it would choose none. */
sipalg_endpoint sipalg_engine_foresee(sipalg_engine *engine, const sipalg_packet *packet);

/* The packet's source is bound, but its outside port is in use by another host's flow to the packet's destination, and
 * has been reserved: plain NAT gave it away while nothing passed. The source is bound to another port; commands follow,
 * and the message, when it is handled, names it. */
void sipalg_engine_move_binding(sipalg_engine *engine, uint64_t now_ns, const sipalg_packet *packet);

/* Handles one message. Always fills the verdict; never fails: what cannot be handled passes as it came, with a reason.
 * `now_ns` never goes back. */
void sipalg_engine_handle(sipalg_engine *engine, uint64_t now_ns, const sipalg_packet *packet, sipalg_verdict *verdict);

/* ---- Commands to the plane ---- */

enum sipalg_command_kind {
	SIPALG_COMMAND_NONE = 0,
	SIPALG_COMMAND_OPEN,    /* new binding: translate inside <-> outside, admit whom `admits` says, for lease_s */
	SIPALG_COMMAND_REFRESH, /* the binding (and each peer admitted) goes on for lease_s from now */
	SIPALG_COMMAND_ADMIT,   /* admit packets from peer.address to the binding, as long as the binding lives */
	SIPALG_COMMAND_DISMISS, /* no longer admit peer.address: there are too many; flows that are up go on */
	SIPALG_COMMAND_CLOSE,   /* undo the binding, its peers and flows */
	SIPALG_COMMAND_ENTER_FLOW,  /* media between peer and inside is expected: enter it into connection tracking */
	SIPALG_COMMAND_HOLD_FLOW,   /* the flow between inside and peer shall not time out before lease_s */
	SIPALG_COMMAND_ASK_TRAFFIC, /* tell by sipalg_engine_report_traffic() whether packets used the binding of late
	                             */
};

enum sipalg_admits {
	SIPALG_ADMITS_PEERS = 0, /* only peers named by ADMIT (and servers the user trusts, when signalling) */
	SIPALG_ADMITS_ANY,       /* any outside source */
};

typedef struct sipalg_command {
	uint64_t number;  /* counts up by one from 1 */
	uint32_t binding; /* the binding's handle: names it for as long as it lives */
	enum sipalg_command_kind kind;
	enum sipalg_admits admits;
	bool signalling; /* the binding carries SIP, not media */
	bool keep_flows; /* CLOSE: flows that are up go on: it was switched off, or a wider OPEN comes next */
	uint32_t lease_s;
	sipalg_endpoint inside, outside;
	sipalg_endpoint peer; /* ADMIT, DISMISS: address only; *_FLOW: address and port */
} sipalg_command;

/* Takes the oldest command not yet taken. False: none is waiting. Take all of them after each call of
 * sipalg_engine_handle(), _advance() and _set_off(). */
SIPALG_MUST_USE
bool sipalg_engine_next_command(sipalg_engine *engine, sipalg_command *command);

/* When sipalg_engine_advance() wants to be called; SIPALG_NEVER when nothing is waiting for time to pass. */
uint64_t sipalg_engine_deadline(const sipalg_engine *engine);

/* Lets time pass: whatever has ended is closed. Call it when the deadline has come; earlier calls do no harm. When the
 * deadline lies still in the past afterwards, take the commands and call again. */
void sipalg_engine_advance(sipalg_engine *engine, uint64_t now_ns);

/* The answer to ASK_TRAFFIC. Handles of bindings that are gone are ignored. */
void sipalg_engine_report_traffic(sipalg_engine *engine, uint64_t now_ns, uint32_t binding, bool alive);

/* The plane could not carry OPEN out: the engine forgets the binding. No command follows. */
void sipalg_engine_forget_binding(sipalg_engine *engine, uint32_t binding);

/* A binding found in the kernel at start is taken over for `lease_s`; no OPEN follows. Its handle goes to *binding.
 * False: no room, or either endpoint is bound already (unless by a snapshot, to each other: then this is the kernel's
 * word that it need not be opened). */
SIPALG_MUST_USE
bool sipalg_engine_restore_binding(sipalg_engine *engine, uint64_t now_ns, const sipalg_command *open,
                                   uint32_t *binding);

/* ---- Outliving the process ---- */

/* Writes down what the engine knows (bindings, registrations, subscriptions, calls, how phones write their addresses)
 * and the secret that its hashes depend on: keep it from others. Returns its length; when that is more than `room`,
 * what was written is worth nothing. */
size_t sipalg_engine_save(const sipalg_engine *engine, uint64_t now_ns, uint8_t *bytes, size_t room);

enum sipalg_snapshot {
	SIPALG_SNAPSHOT_DAMAGED = 0,   /* cut short, altered, or no snapshot at all */
	SIPALG_SNAPSHOT_OTHER_VERSION, /* its records would mean something else */
	SIPALG_SNAPSHOT_OTHER_CLOCK,   /* it was written later than now */
	SIPALG_SNAPSHOT_LOADED,
};

/* Takes over what another engine has saved, by the same clock; what has ended meanwhile ends at the next advance. The
 * engine must not have handled anything yet. Bindings are opened at the next advance, but for those that
 * sipalg_engine_restore_binding() names before. What has no room, or does not fit these settings, is left out; unless
 * SIPALG_SNAPSHOT_LOADED is the answer, nothing was taken. */
SIPALG_MUST_USE
enum sipalg_snapshot sipalg_engine_load(sipalg_engine *engine, uint64_t now_ns, const uint8_t *bytes, size_t length);

/* ---- Looking inside ---- */

typedef struct sipalg_binding_view {
	uint32_t binding;
	sipalg_endpoint inside, outside;
	enum sipalg_admits admits;
	bool signalling;
	uint32_t owners;      /* registrations, calls and subscriptions that hold it */
	uint64_t deadline_ns; /* when it ends unless an owner holds it */
} sipalg_binding_view;

/* The binding that an outside endpoint belongs to. False: it is nobody's. */
SIPALG_MUST_USE
bool sipalg_engine_find_binding(const sipalg_engine *engine, const sipalg_endpoint *outside, sipalg_binding_view *view);

typedef struct sipalg_registration_view {
	sipalg_endpoint inside, outside;
	char address_of_record[SIPALG_LABEL_MAX]; /* zero-terminated, cut when longer, unprintable bytes as '?' */
	bool granted;                             /* a 2xx has been seen */
	uint64_t deadline_ns;
} sipalg_registration_view;

enum sipalg_call_state {
	SIPALG_CALL_NONE = 0,
	SIPALG_CALL_TRYING,    /* offered; nothing heard, or a 100 */
	SIPALG_CALL_EARLY,     /* ringing */
	SIPALG_CALL_CONFIRMED, /* answered */
	SIPALG_CALL_ENDING,    /* BYE or a failure has been seen */
};

const char *sipalg_call_state_word(enum sipalg_call_state state);

typedef struct sipalg_call_view {
	char call_id[SIPALG_LABEL_MAX];
	sipalg_address phone; /* the inside party of this leg */
	enum sipalg_call_state state;
	bool held;
	uint32_t media_count;
	sipalg_endpoint media_inside[SIPALG_LEG_MEDIA_MAX], media_outside[SIPALG_LEG_MEDIA_MAX];
	uint64_t since_ns, deadline_ns;
} sipalg_call_view;

/* Walk the tables: start with *cursor = 0, call until false. Entries that come or go meanwhile may be missed. */
bool sipalg_engine_next_binding(const sipalg_engine *engine, uint32_t *cursor, sipalg_binding_view *view);
bool sipalg_engine_next_registration(const sipalg_engine *engine, uint32_t *cursor, sipalg_registration_view *view);
bool sipalg_engine_next_call(const sipalg_engine *engine, uint32_t *cursor, sipalg_call_view *view);

typedef struct sipalg_counters {
	uint64_t outbound, inbound;            /* messages handled */
	uint64_t reasons[SIPALG_REASON_COUNT]; /* messages by reason */
	uint64_t edits;
	uint64_t bindings_opened, bindings_closed, calls_begun, calls_ended, registrations_granted;
	uint64_t peers_dismissed;                /* servers that had to give way to others of the same binding */
	uint64_t peers_refused;                  /* … that could not be admitted: the table of peers is full */
	uint32_t bindings, calls, registrations; /* at present */
} sipalg_counters;

const sipalg_counters *sipalg_engine_counters(const sipalg_engine *engine);

#endif
