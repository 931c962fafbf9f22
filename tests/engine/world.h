/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Phones, a provider that echoes what it is told, and chance: a seed decides what happens. Every message that comes
 * back is composed twice by the same rules, once from what the provider saw and once from what the phone had written;
 * the gateway has to make the second of the first. */
#ifndef TESTS_ENGINE_WORLD_H
#define TESTS_ENGINE_WORLD_H

#include "harness.h"

enum { PHONES = 4, SERVERS = 2, CALLS = 6, TAGS = 3, SPELLINGS = 5 };

/* How the phones' own addresses are translated; of the other family they have some in another network. */
enum world_network {
	WORLD_NAT = 0,
	WORLD_ROUTED_IPV4,
	WORLD_ROUTED,
	WORLD_NAT66,
	WORLD_PREFIX,
	WORLD_PREFIX_NEUTRAL,
	WORLD_NETWORK_COUNT,
};

/* What a phone wrote, and what the provider got. */
struct pair {
	struct letter written, seen;
	sipalg_endpoint outside; /* from where the provider saw it coming */
	uint32_t handle;         /* of the binding then */
};

struct phone {
	sipalg_endpoint at;   /* where it listens, and what it writes */
	sipalg_endpoint from; /* where its packets come from: over TCP a port of the connection's own, mostly */
	uint32_t number;
	bool via_has_port, contact_has_port; /* as it mostly writes them; only 5060 may be left out */
	uint32_t spelling;                   /* … and its IPv6 address */
	bool varies;                         /* … but not always */
	bool is_compact, is_folded, has_no_length, has_cr;
	bool is_registered;
	uint32_t cseq;
	struct pair registration; /* its last REGISTER that was granted */
};

enum call_stage { CALL_UNUSED = 0, CALL_INVITED, CALL_RINGING, CALL_UP, CALL_OVER };

struct world_call {
	enum call_stage stage;
	bool is_outgoing;
	uint32_t number, phone, server;
	uint32_t cseq_in, cseq_out; /* of the phone's requests, of the provider's */
	uint32_t tag;               /* which of the far end's tags answered */
	uint32_t media_port;
	bool has_video, has_rtcp_line, has_mux, is_held, has_candidates, has_alternative, has_origin_elsewhere;
	bool phone_is_known;   /* the phone's Contact has been seen in this call */
	struct pair invite;    /* the last INVITE of the phone */
	struct pair contact;   /* the last message of the phone with a Contact */
	struct letter offered; /* the provider's INVITE as the phone got it */
};

struct world {
	struct harness harness;
	enum world_network network;
	bool is_tcp; /* every message comes by a connection */
	uint64_t chance;
	bool has_garbage; /* mutated messages too: then nobody knows what is to come back */
	uint32_t next_number;
	struct phone phones[PHONES];
	sipalg_endpoint servers[SERVERS];
	struct world_call calls[CALLS];
	struct pair last; /* the last message of any phone */
	uint32_t last_phone, last_server;
	uint64_t last_ns;
	size_t echoes; /* messages that came back as they should */
	struct pair echo;
	struct letter draft;
};

void world_open(struct world *world, uint64_t seed, enum world_network network, bool has_garbage,
                void (*change)(sipalg_settings *settings));

bool world_is_ipv6(const struct world *world);

/* The address of a phone in the world's network, spelt in one of several ways; valid until the next one. */
const char *phone_address(const struct world *world, uint32_t number, uint32_t spelling);
const char *phone_address_in(enum world_network network, uint32_t number, uint32_t spelling);
const char *server_address_in(enum world_network network, uint32_t number);

/* The inside networks of such a world; the engine must be new. */
void world_give_networks(struct harness *harness, enum world_network network);
void world_close(struct world *world);

/* Something happens. */
void world_step(struct world *world);

uint32_t chance(struct world *world, uint32_t below);

/* ---- compose.c: how they write ---- */

/* A request of the phone, with a Contact; in the call, or (NULL) outside any. */
void phone_request(struct world *world, struct phone *phone, struct world_call *call, const char *method,
                   const char *extra, bool has_sdp);

/* The phone's response to what it got; into world->draft as all of these. */
void phone_response(struct world *world, struct phone *phone, struct world_call *call, const struct letter *request,
                    unsigned status, bool has_sdp);

/* The provider's response: an echo. `tag`: of To, when the request has none. */
void provider_response(struct letter *letter, struct text request, unsigned status, uint32_t tag, uint32_t expires_s,
                       struct text sdp);

/* The provider's request to the phone behind that Contact. */
void provider_request(struct letter *letter, const struct world *world, const struct world_call *call,
                      struct text contact_message, const char *method, uint32_t cseq, struct text sdp);

#endif
