/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's parts, and what they share while one message passes. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "engine/networks.h"
#include "rewrite/edits.h"
#include "sdp/sdp.h"
#include "sip/body.h"
#include "sip/message.h"
#include "sipalg/engine.h"
#include "track/calls.h"
#include "track/forms.h"
#include "track/registrations.h"

enum {
	PASSAGE_BINDINGS_MAX = SIPALG_EDITS_MAX, /* every binding named costs an edit, nearly */
	PASSAGE_CONTACTS_MAX = SIPALG_LIST_MAX,
	PASSAGE_MEDIA_MAX = 2 * SIPALG_SDP_MEDIA_MAX,
	OUTPUT_MAX = SIPALG_MESSAGE_MAX + (SIPALG_EDITS_MAX + 1) * SIPALG_REPLACEMENT_MAX,
};

/* One entry of Contact with a SIP URI. */
struct passing_contact {
	struct sip_uri uri;
	uint32_t binding; /* slot of the phone's own; 0: not one of its own */
	uint32_t twin;    /* … of the same endpoint over UDP, when no transport was named; 0: none */
	uint32_t expires_s;
	bool has_expires;
};

/* A binding that the SDP from inside names. */
struct passing_media {
	uint32_t binding; /* slot */
	uint8_t line;
	bool is_rtcp;
};

struct written_address {
	sipalg_address address;
	bool is_ipv4;
	size_t length;
	char text[SIPALG_ADDRESS_TEXT_MAX];
};

/* One message on its way through. */
struct passage {
	sipalg_engine *engine;
	uint64_t now_ns;
	const sipalg_packet *packet;
	enum sipalg_reason refusal; /* why it must pass unchanged; NOTHING_TO_DO: no reason yet */
	struct sip_message message;
	struct edits edits;
	struct sip_body body;
	struct sdp sdp;
	bool has_sdp;           /* `sdp` holds the body's session description */
	bool is_direct;         /* … by which media come from another inside host, not by the router */
	bool is_held;           /* … in which no stream goes both ways */
	bool is_public;         /* the phone names an outside address of its own in Contact */
	bool has_foreign;       /* it names another inside host where only its own would be changed */
	bool has_star;          /* Contact: * */
	bool changes_call;      /* a request by which the phone may change the Contact of a call that is up */
	bool contact_waits;     /* … and does so, from inside to outside address or back */
	struct writing waiting; /* … written so */
	struct text call_id_text;
	uint64_t call_id; /* its hash */
	bool has_tags;
	uint64_t from_tag, to_tag;      /* hashes; 0: none */
	sipalg_address outside[2];      /* this network's, by family: IPv6, IPv4 */
	const struct network *sender;   /* the network of the packet's source; NULL: it is not inside */
	sipalg_address sender_outside;  /* … as it is seen outside; all zero: nowhere */
	bool sender_is_fixed;           /* … with its ports */
	struct written_address written; /* the last one written: nearly always the next, too */
	bool is_solved[2];              /* in the SDP at hand: NAT, by the phone itself, by family */
	enum leg_origin origin;         /* what was done with o= */

	uint32_t named[PASSAGE_BINDINGS_MAX]; /* slots of the bindings the message names */
	bool is_fresh[PASSAGE_BINDINGS_MAX];  /* … made for it */
	size_t named_count;
	struct passing_contact contacts[PASSAGE_CONTACTS_MAX];
	size_t contact_count;
	struct passing_media media[PASSAGE_MEDIA_MAX];
	size_t media_count;
	uint32_t route; /* slot of the binding under which Record-Route or Path name an inside proxy; 0: none */
	uint32_t via;   /* … of the Via's sent-by */
};

struct sipalg_engine {
	sipalg_settings settings;
	struct hash_key key;
	struct networks inside;
	sipalg_address router[SIPALG_PREFIXES_MAX]; /* its own addresses inside */
	size_t router_count;
	struct prefixes off;
	struct commands commands;
	struct deadlines deadlines;
	struct bindings bindings;
	struct registrations registrations;
	struct calls calls;
	struct forms forms;
	sipalg_counters counters;
	struct passage passage;
	uint8_t *output; /* OUTPUT_MAX */
};

/* Keys the hash tables, which are empty. */
void engine_set_key(sipalg_engine *engine, const struct hash_key *key);

/* True for hosts that have an outside address of their own, and so their ports there. */
static inline bool engine_keeps_ports(const sipalg_engine *engine, const sipalg_address *inside)
{
	const struct network *network = networks_find(&engine->inside, inside);
	return network && network->translation != SIPALG_TRANSLATION_PORTS;
}

/* Brings the counters that others keep up to date. */
void engine_count_tables(sipalg_engine *engine);

/* ---- passage.c: endpoints in the message ---- */

/* An endpoint as a message names it. */
struct named_endpoint {
	const struct sip_host *host;
	struct text port_text;
	uint16_t port; /* 0: none was written */
	uint16_t default_port;
	uint8_t protocol;
	bool wants_twin; /* over UDP too, under the same port */
	enum sipalg_place place;
	enum form_place form_place;
	bool is_tentative; /* the Contact of a call that is up: another takes effect when a 2xx has accepted it */
	struct text scope; /* the branch, for Via; else the Call-ID */
};

/* The passage goes on unchanged, for the first reason that anybody gives. */
void passage_refuse(struct passage *passage, enum sipalg_reason reason);

static inline bool passage_is_refused(const struct passage *passage)
{
	return passage->refusal != SIPALG_REASON_NOTHING_TO_DO;
}

/* The network of an address, which is nearly always the sender's; NULL: it is not inside. */
static inline const struct network *passage_network_of(const struct passage *passage, const sipalg_address *address)
{
	if (sipalg_address_equal(address, &passage->packet->source.address))
		return passage->sender;
	return networks_find(&passage->engine->inside, address);
}

bool passage_is_inside(const struct passage *passage, const struct sip_host *host);
bool passage_is_own(const struct passage *passage, const struct sip_host *host);

/* True for an address by which inside hosts are known outside, not being their own: translated. */
bool passage_is_outside(const struct passage *passage, const struct sip_host *host);

/* … or their own, since they are routed. */
bool passage_is_known_outside(const struct passage *passage, const struct sip_host *host);

struct writing passage_writing_of(const struct named_endpoint *named);

/* Remembers how the phone wrote an endpoint of that binding. */
void passage_note_writing(struct passage *passage, const struct named_endpoint *named, uint32_t binding,
                          struct writing writing);

/* Looks up, once, what is asked of nearly every address. */
static inline void passage_find_sender(struct passage *passage)
{
	const sipalg_address *source = &passage->packet->source.address;
	const struct network *network = networks_find(&passage->engine->inside, source);
	passage->sender = network;
	passage->sender_is_fixed = network && network->translation != SIPALG_TRANSLATION_PORTS;
	if (!network || !network_find_outside(network, passage->outside, source, &passage->sender_outside))
		passage->sender_outside = (sipalg_address){ 0 };
}

/* Where an inside address is seen outside. False: nowhere, for all that is known. */
SIPALG_MUST_USE
bool passage_find_outside(const struct passage *passage, const sipalg_address *inside, sipalg_address *outside);

/* The binding for a wish (its outside address is filled in); 0: refused, or there is no outside address for it. */
uint32_t passage_bind(struct passage *passage, struct bind_wish *wish);

/* Outbound: puts the outside endpoint in place of an inside one. Returns the binding's slot; 0: refused. */
uint32_t passage_replace_endpoint(struct passage *passage, const struct named_endpoint *named);

/* Inbound: puts what the phone wrote in place of one of this network's outside endpoints. Returns the binding's slot;
 * 0: it is none. */
uint32_t passage_restore_endpoint(struct passage *passage, const struct named_endpoint *named);

/* The same endpoint as that binding's over UDP, under the same outside port. 0: there is none; the port is taken. */
uint32_t twin_find(const struct passage *passage, uint32_t binding);
uint32_t twin_bind(struct passage *passage, uint32_t binding);

/* Makes it likely that both can have the same port. */
void twin_wish(const struct passage *passage, struct bind_wish *wish);

/* A dialog or a registration stands: its Contact may be reached by TCP, by this peer alone. */
void passage_open_to_peer(struct passage *passage, uint32_t binding);

/* Puts another address in place of a host's; the same, however it is spelt, stays. */
void passage_replace_host(struct passage *passage, const struct sip_host *host, enum sipalg_place place,
                          const sipalg_address *address);

static inline void passage_replace_port(struct passage *passage, struct text port_text, enum sipalg_place place,
                                        uint16_t before, uint16_t port)
{
	if (port != before)
		edits_replace_number(&passage->edits, port_text, place, port);
}

/* ---- headers.c, media.c: what is to be changed ---- */
void headers_go_out(struct passage *passage);
void headers_come_in(struct passage *passage);
void media_go_out(struct passage *passage);
void media_come_in(struct passage *passage);

/* Says by a line of its own where the RTCP of a stream goes (RFC 3605), which has none: its port does not follow on
 * RTP's. */
void rtcp_line_add(struct passage *passage, const struct sdp_media *media, uint16_t port);

/* ---- The leg that a message belongs to ---- */
static inline struct leg *leg_at(struct passage *passage, uint32_t slot)
{
	return &passage->engine->calls.legs[slot];
}

/* From now on its party is reached through that binding; 0: not in this way. */
static inline void leg_reach(struct passage *passage, uint32_t slot, enum leg_way way, uint32_t binding)
{
	if (leg_at(passage, slot)->ways[way] != binding)
		calls_leg_reach(&passage->engine->calls, passage->now_ns, slot, way, binding);
}

/* ---- target.c: the Contact of a call's inside party ---- */
/* The leg's party wants to be reached there; within a call from when the far end accepts it. */
void target_take_over(struct passage *passage, uint32_t leg, const struct passing_contact *contact);
/* The message is a 2xx, or a failure, of a request that may have offered another. */
void target_accepted(struct passage *passage, uint32_t leg);
void target_refused(struct passage *passage, uint32_t leg);

/* ---- dialogs.c, grants.c: what it means for calls, registrations and subscriptions ---- */
/* True for a request by which the phone may change the Contact of a call that is up, with effect from the 2xx (RFC 3261
 * 12.2.1.2). */
bool dialogs_change_call(struct passage *passage);
/* The leg of the inside party that sends this; NULL: it has none yet. */
const struct leg *dialogs_leg_of_sender(struct passage *passage);
void dialogs_follow_outbound(struct passage *passage);
void dialogs_follow_inbound(struct passage *passage);
void grants_follow_outbound(struct passage *passage);
void grants_follow_inbound(struct passage *passage);

#endif
