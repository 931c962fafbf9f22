/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hundreds of phones behind one gateway, on a clock that waits for nobody:
 *
 *     phones 192.168.1.2 … ── LAN ── gateway: engine, NAT, connection tracking ── network ── provider, media outside
 *
 * The network loses, repeats, delays and overtakes; both ends say again what was lost (RFC 3261 17). A seed decides
 * everything. A call that both ends believe in has audio both ways, whatever happened; when all is over, nothing is
 * open. */
#ifndef TESTS_SIMULATION_SIMULATION_H
#define TESTS_SIMULATION_SIMULATION_H

#include "../engine/harness.h"
#include "lab/nat.h"

enum {
	PHONES_MAX = 240,
	LINKS_MAX = 4096,
	CLIENTS_MAX = 2048,
	DATAGRAM_MAX = 1500,
	URI_MAX = 96,
	SDP_MAX = 400,
	LOG_LINES = 40,
	LOG_LINE_MAX = 200,
	T1_MS = 500, /* RFC 3261 17.1.1.1 */
	T2_MS = 4000,
	TRANSACTION_MS = 64 * T1_MS,
	SETTLED_S = 5, /* what is on its way has arrived by then */
};

/* ---- What happens when ---- */

enum event_kind {
	EVENT_NONE = 0,
	EVENT_AT_GATEWAY, /* a datagram arrives there */
	EVENT_AT_END,     /* … at its end */
	EVENT_CLIENT,     /* a request has waited for its answer: timers A, B, E, F */
	EVENT_ANSWER,     /* an answer has waited for its ACK: timers G, H */
	EVENT_REGISTER,   /* a phone registers, anew or again */
	EVENT_DIAL,       /* a phone calls somebody */
	EVENT_CRASH,      /* a phone forgets all, and starts again */
	EVENT_PICK_UP,    /* … or declines */
	EVENT_IN_CALL,    /* a phone does something in its call */
	EVENT_HANG_UP,
	EVENT_REINVITE, /* a phone says again where it is */
	EVENT_SESSION,  /* the provider's session timer (RFC 4028) */
	EVENT_TALK,     /* RTP */
	EVENT_GATEWAY,  /* it is restarted, or gets another address, or is switched off for somebody */
};

struct datagram {
	sipalg_endpoint from, to;
	size_t length;
	char bytes[DATAGRAM_MAX];
};

struct event {
	uint64_t at_ns, order;
	enum event_kind kind;
	uint32_t index, generation;
	struct datagram *datagram;
};

/* ---- Who takes part ---- */

struct phone {
	sipalg_endpoint at, server;
	bool is_up, has_rport, is_registered, is_watchful; /* notices that the outside address is another one */
	bool is_off, is_astray; /* plain NAT; what the provider knows of it was said under plain NAT, or is lost */
	bool is_unknown;        /* to the gateway, which has forgotten all: it lives by the kernel's elements alone */
	bool knows_nonce;
	uint32_t life; /* counts crashes */
	uint64_t switched_ns;
	uint64_t asked_ns, forgotten_ns; /* when it sent its last REGISTER, and when the gateway forgot all */
	uint64_t mended_ns;              /* when a REGISTER made all of it known and true again */
	uint32_t link;                   /* its call; 0: none */
	uint32_t cseq, expires_s;
	uint16_t media_port;
	/* what the provider knows */
	char contact[URI_MAX];
	uint32_t registered_cseq;
	uint64_t registered_until_ns;
};

enum side_name { PHONE = 0, PROVIDER };

enum stage { STAGE_IDLE = 0, STAGE_INVITING, STAGE_INVITED, STAGE_UP, STAGE_OVER };

/* The last request answered, and what was said. */
struct served {
	char branch[48];
	struct datagram response;
};

/* A dialog as one end sees it. */
struct side {
	enum stage stage;
	char target[URI_MAX]; /* the far end's Contact */
	uint32_t cseq, far_cseq;
	uint32_t client; /* of an INVITE that waits for its final response; 0: none */
	bool gives_up;   /* CANCEL has been said */
	sipalg_endpoint media, far_media;
	bool holds, is_held;
	char far_sdp[SDP_MAX];
	uint64_t changed_ns;
	struct served invite, other;
	bool awaits_ack;
	uint32_t answer_generation, answer_interval_ms;
	uint64_t answered_ns;
	uint32_t acked_cseq;
	struct datagram ack;
};

enum call_kind { CALL_OUTSIDE = 0, CALL_RELAYED, CALL_DIRECT };

/* One phone and the provider, a back-to-back user agent. Two phones that speak with each other are two of them. */
struct link {
	uint32_t phone, partner;
	enum call_kind kind;
	bool is_lost; /* its media said things while the gateway was off, or nothing was left of it */
	bool is_left; /* its phone has transferred it to another one, and is about to hang up */
	uint32_t talks;
	bool reinvite_is_forwarded;
	struct side sides[2];
};

/* A request that waits for its answer. */
struct client {
	bool is_used, is_invite, is_provisional;
	uint32_t generation, link, phone, cseq, interval_ms;
	enum side_name side;
	char method[12];
	uint64_t since_ns;
	struct datagram request;
};

struct simulation {
	struct harness harness;
	struct nat nat;
	uint64_t chance;
	bool is_played, is_ending, is_traced;
	uint32_t loss, repeats; /* of 1000 datagrams */
	uint64_t end_ns, events_played;

	struct event *events;
	size_t event_count, event_room;
	uint64_t order;

	struct phone phones[PHONES_MAX];
	uint32_t phone_count;
	struct link links[LINKS_MAX];
	uint32_t link_count;                /* from 1 */
	struct client clients[CLIENTS_MAX]; /* from 1 */
	sipalg_prefix off[SIPALG_PREFIXES_MAX];
	size_t off_count;
	uint32_t addresses;
	uint8_t *snapshot;

	uint64_t answered, talks; /* calls, and checks of their audio */
	uint64_t messages, restarts, readdressed;

	char log[LOG_LINES][LOG_LINE_MAX];
	size_t log_count;
	struct letter draft;
};

/* ---- clock.c ---- */

void simulation_open(struct simulation *simulation, uint64_t seed);
void simulation_play(struct simulation *simulation);
void simulation_close(struct simulation *simulation);

uint32_t chance_of(struct simulation *simulation, uint32_t below);
uint64_t now_of(const struct simulation *simulation);
void event_add(struct simulation *simulation, enum event_kind kind, uint32_t delay_ms, uint32_t index,
               uint32_t generation, const struct datagram *datagram);
void note(struct simulation *simulation, const char *format, ...) __attribute__((format(printf, 2, 3)));
void notes_print(const struct simulation *simulation);

/* ---- gateway.c ---- */

void gateway_open(struct simulation *simulation);
void gateway_go_to(struct simulation *simulation, uint64_t then_ns);
/* A datagram leaves its end; the network may lose it. */
void network_send(struct simulation *simulation, const struct datagram *datagram);
void gateway_receive(struct simulation *simulation, const struct datagram *datagram);
void gateway_trouble(struct simulation *simulation);
uint32_t phone_at(const struct simulation *simulation, const sipalg_endpoint *endpoint);

/* ---- letters.c: how requests and responses are written and read ---- */

const char *endpoint_text(const sipalg_endpoint *endpoint, char text[URI_MAX]);
bool uri_endpoint(const char *uri, sipalg_endpoint *endpoint);
void sdp_write(struct simulation *simulation, const struct side *side, char sdp[SDP_MAX]);
void sdp_take(struct side *side, struct text message);
void text_keep(char *to, size_t room, struct text text);
uint32_t cseq_of(struct text message);
uint32_t link_of(const struct simulation *simulation, struct text message);
void branch_of(struct text message, char branch[48]);

/* How often the provider refreshes this session (RFC 4028: at half of it). */
uint32_t session_s(uint32_t link);

/* A request of that side within the link, with a branch, ready to be sent. */
void request_write(struct simulation *simulation, struct datagram *datagram, uint32_t link, enum side_name side,
                   const char *method, uint32_t cseq, const char *branch, const char *extra, const char *sdp);
void register_write(struct simulation *simulation, struct datagram *datagram, uint32_t phone, const char *branch,
                    uint32_t expires_s);
/* The response to a request; `link` 0: to a REGISTER. */
void response_write(struct simulation *simulation, struct datagram *datagram, const struct datagram *request,
                    uint32_t link, enum side_name side, unsigned status, const char *extra, const char *sdp);

/* ---- dialog.c: what both ends do alike ---- */

void client_start(struct simulation *simulation, uint32_t link, enum side_name side, const char *method,
                  const char *extra, const char *sdp);
void register_start(struct simulation *simulation, uint32_t phone, uint32_t expires_s);
void client_wake(struct simulation *simulation, uint32_t index, uint32_t generation);
void answer_wake(struct simulation *simulation, uint32_t index, uint32_t generation);
void invite_answer(struct simulation *simulation, uint32_t link, enum side_name side, unsigned status, const char *sdp);
void side_hang_up(struct simulation *simulation, uint32_t link, enum side_name side);
void datagram_receive(struct simulation *simulation, const struct datagram *datagram);

/* ---- phone.c and provider.c: what they do of their own ---- */

void phone_start(struct simulation *simulation, uint32_t phone);
void phone_happens(struct simulation *simulation, const struct event *event);
void phone_invited(struct simulation *simulation, uint32_t link, bool is_first);
void phone_answered(struct simulation *simulation, uint32_t link, unsigned status, bool is_first);
void phone_registered(struct simulation *simulation, uint32_t phone, unsigned status, struct text response);
void phone_notices_address(struct simulation *simulation);

void provider_invited(struct simulation *simulation, uint32_t link, bool is_first, struct text request);
void provider_answered(struct simulation *simulation, uint32_t link, unsigned status, bool is_first);
void provider_ended(struct simulation *simulation, uint32_t link);
void provider_referred(struct simulation *simulation, uint32_t link, struct text request);
void provider_registers(struct simulation *simulation, const struct datagram *request);
void provider_session(struct simulation *simulation, uint32_t link, uint32_t times);

/* Somebody outside calls the phone. */
void provider_calls(struct simulation *simulation, uint32_t phone);

uint32_t link_new(struct simulation *simulation, uint32_t phone);

/* ---- audio.c ---- */

/* RTP of both ends of a link, as far as it is up. */
void link_talk(struct simulation *simulation, uint32_t link);
/* The gateway forgets, or is switched: what holds only by it is lost. */
void link_forget(struct simulation *simulation, uint32_t link);
/* Nothing is open any more. */
void simulation_check_end(struct simulation *simulation);

#endif
