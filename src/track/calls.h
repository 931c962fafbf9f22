/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls, by Call-ID, and their legs: one for each inside party (RFC 3261 12). A leg is known by the inside party's tag,
 * so that a call ringing at two phones has two legs, and a phone whose call forks outside has one; and by its address,
 * so that nobody else inside speaks for it. A leg owns the bindings of the media its party has offered or answered
 * with, and those by which it is reached. */
#ifndef TRACK_CALLS_H
#define TRACK_CALLS_H

#include "base/ages.h"
#include "track/bindings.h"
#include "track/remote_media.h"

enum leg_state {
	LEG_NONE = 0,
	LEG_TRYING,     /* an INVITE has gone out */
	LEG_PROCEEDING, /* a 100 has come, which stops the caller's timer (RFC 3261 17.1.1.2) */
	LEG_EARLY,      /* it rings */
	LEG_CONFIRMED,  /* answered by a 2xx */
	LEG_ENDING,     /* a BYE is on its way */
	LEG_ENDED, /* owns nothing any more; stays for a while so that late repetitions do not revive it, unless others
	            * need its place */
	LEG_STATE_COUNT,
};

enum leg_event {
	LEG_INVITED = 0, /* an INVITE with a CSeq not seen before */
	LEG_PROCEEDED,   /* a 100 */
	LEG_RANG,        /* any other provisional response */
	LEG_ANSWERED,    /* a 2xx to INVITE */
	LEG_CHALLENGED,  /* a final response after which the same INVITE is tried again */
	LEG_REFUSED,     /* any other final response */
	LEG_HUNG_UP,     /* BYE in the leg's last dialog */
	LEG_GONE,        /* its answer */
	LEG_FELL_SILENT, /* no media and no word for too long */
	LEG_EVENT_COUNT,
};

/* A binding the leg's party has named in SDP. Offers count up; an entry is of every offer from first to last. */
struct leg_media {
	uint32_t binding;   /* slot */
	uint32_t flow_mark; /* of the far end for which a flow was entered; 0: none */
	uint16_t first_offer, last_offer;
	uint8_t line; /* which m= line */
	bool is_rtcp;
};

/* Whether the origin of the party's descriptions (o=) is replaced: it stays the same for the whole call (RFC 3264 8).
 */
enum leg_origin { LEG_ORIGIN_UNKNOWN = 0, LEG_ORIGIN_STAYS, LEG_ORIGIN_FOLLOWS };

/* How requests within the call reach the inside party. */
enum leg_way {
	LEG_BY_CONTACT = 0,
	LEG_BY_TWIN,  /* by the same Contact over UDP, when it names no transport (passing_contact.twin) */
	LEG_BY_ROUTE, /* by the Record-Route of an inside proxy */
	LEG_BY_VIA,   /* not requests, but the responses to its INVITE, however long it rings */
	/* What was before a request that offers another Contact, until that is accepted (RFC 3261 12.2.1.2). */
	LEG_BY_FORMER_CONTACT,
	LEG_BY_FORMER_TWIN,
	LEG_WAY_COUNT,
};

enum { LEG_PEERS_MAX = 2 }; /* a proxy, and the far end itself when the proxy is not in its way */

struct leg {
	uint32_t call, next; /* next leg of the call */
	uint64_t tag;        /* hash of the inside party's tag */
	sipalg_address phone;
	sipalg_address peers[LEG_PEERS_MAX]; /* to whom it has sent requests, or an answer, the last one first: only
	                                      * they are heard about it */
	uint32_t host;                       /* slot, while it has not ended */
	uint64_t deadline_ns, asked_ns;
	uint64_t word_ns;             /* when somebody last said something that it lives by */
	uint32_t session_s;           /* Session-Expires; 0: none (RFC 4028) */
	uint32_t expires_s;           /* the INVITE's Expires; 0: none */
	uint32_t ways[LEG_WAY_COUNT]; /* slots of the bindings; 0: none */
	uint32_t invite_cseq, offer_cseq, contact_cseq;
	uint16_t offer; /* number of the latest SDP from inside */
	uint8_t state;  /* enum leg_state */
	uint8_t media_count, dialog_count;
	uint8_t dialogs_ending;   /* a bit for each dialog: BYE seen */
	uint8_t dialogs_over;     /* … and answered: kept, so that a repeated 2xx does not revive it */
	bool offer_is_open;       /* sent in a request, not yet answered */
	bool offer_is_challenged; /* … to be sent again */
	struct writing contact;   /* of the request contact_cseq, not yet accepted; FORM_UNKNOWN: it stays as it was */
	uint8_t origin;           /* enum leg_origin */
	bool is_held, is_doomed;
	uint64_t dialogs[SIPALG_LEG_DIALOGS_MAX]; /* hashes of the far ends' tags */
	struct leg_media media[SIPALG_LEG_MEDIA_MAX];
};

/* Whose word it was: a call has one far end that calls, or one that answers, or, where a B2BUA inside goes on with the
 * Call-ID it got, both. */
enum call_remote { CALL_REMOTE_CALLER = 0, CALL_REMOTE_CALLED, CALL_REMOTE_COUNT };

struct call {
	uint64_t id;                    /* of Call-ID */
	uint64_t since_ns, deadline_ns; /* the deadline counts only while there is no leg */
	uint32_t first_leg;
	bool is_used;
	bool is_direct; /* media go from one inside host to another, unseen by the plane: their silence says nothing */
	struct remote_media remotes[CALL_REMOTE_COUNT];
	char label[SIPALG_LABEL_MAX];
};

struct calls {
	struct pool pool, leg_pool;
	struct table table;
	struct call *list; /* by slot, from 1 */
	struct leg *legs;  /* by slot, from 1 */
	struct bindings *bindings;
	struct deadlines *deadlines;
	uint32_t first_leg_thing, first_call_thing; /* a thing is first_…_thing + slot */
	struct ages ended_legs;                     /* LEG_ENDED, in order of their ends */
	struct ages waiting;                        /* calls without a leg, in order of their coming */
	struct age_link *ended_links, *waiting_links;
	uint32_t media_idle_s;
	uint64_t begun, ended;
};

void calls_lay_out(struct calls *calls, struct arena *arena, uint32_t capacity);

/* The call with that Call-ID; 0: none. */
uint32_t calls_find(const struct calls *calls, uint64_t id);

/* … which is made if need be; 0: the table is full. Without a leg it is forgotten after a while, or when its place is
 * needed. */
SIPALG_MUST_USE
uint32_t calls_take(struct calls *calls, uint64_t now_ns, uint64_t id, struct text call_id);

void calls_become_due(struct calls *calls, uint64_t now_ns, uint32_t call);

/* The leg of the party with that tag at that address; 0: none. */
uint32_t calls_find_leg(const struct calls *calls, uint32_t call, uint64_t tag, const sipalg_address *phone);

/* The leg's party has sent a request there, or its first answer. */
void leg_speaks_to(struct leg *leg, const sipalg_address *peer);
bool leg_hears(const struct leg *leg, const sipalg_address *peer);

/* True when a leg of the call hears that peer, or there is none yet. */
bool calls_hear(const struct calls *calls, uint32_t call, const sipalg_address *peer);

/* A leg of the call whose inside party is (or, `same` false, is not) this host; 0: none. */
uint32_t calls_leg_of_phone(const struct calls *calls, uint32_t call, const sipalg_address *phone, bool same);

SIPALG_MUST_USE
uint32_t calls_add_leg(struct calls *calls, uint64_t now_ns, uint32_t call, uint64_t tag, const sipalg_address *phone,
                       enum leg_state state);

/* What has happened to the leg: its state, deadline and the life of its bindings follow. */
void calls_leg_event(struct calls *calls, uint64_t now_ns, uint32_t leg, enum leg_event event);

/* The INVITE is being cancelled: without a final response the leg ends after a transaction's time (RFC 3261 9.1). */
void calls_leg_hurry(struct calls *calls, uint64_t now_ns, uint32_t leg);

/* Ends the leg when next it is due, whatever its state, and forgets it: what its party says next is of a new one, for
 * the call may still go on, or be about to be answered. */
void calls_leg_doom(struct calls *calls, uint64_t now_ns, uint32_t leg);

/* ---- Dialogs of a leg ---- */
void leg_confirm_dialog(struct leg *leg, uint64_t remote_tag);

/* BYE seen. True: none of the leg's dialogs goes on. */
bool leg_hang_up_dialog(struct leg *leg, uint64_t remote_tag);

/* BYE answered. True: no dialog is left. */
bool leg_end_dialog(struct leg *leg, uint64_t remote_tag);

/* ---- Offer and answer (RFC 3264) ---- */

/* SDP comes from inside: what calls_leg_names_media() names from now on belongs to it. A repetition (same CSeq while
 * its answer is open) is the same offer. */
void leg_begin_offer(struct leg *leg, uint32_t cseq, bool in_request);

/* The leg no longer needs the entry. */
void calls_leg_give_up_media(struct calls *calls, uint64_t now_ns, uint32_t leg, uint8_t entry);

/* False: the leg has no room for more media. */
SIPALG_MUST_USE
bool calls_leg_names_media(struct calls *calls, uint32_t leg, uint32_t binding, uint8_t line, bool is_rtcp);

/* The request with that CSeq got a 2xx: what only older offers named is given up. */
void calls_leg_offer_accepted(struct calls *calls, uint64_t now_ns, uint32_t leg, uint32_t cseq);

/* … a challenge: the next request brings the same offer. */
void leg_offer_challenged(struct leg *leg, uint32_t cseq);

/* … a failure: what only that offer named is given up. */
void calls_leg_offer_refused(struct calls *calls, uint64_t now_ns, uint32_t leg, uint32_t cseq);

/* The binding belongs to the leg instead of the one that was its way before. */
void calls_leg_reach(struct calls *calls, uint64_t now_ns, uint32_t leg, enum leg_way way, uint32_t binding);

/* Where the far end with that tag wants its media. `is_request`: it says so in a request. */
struct remote_media *call_remote_media(struct call *call, uint64_t tag, bool is_request);

/* Both ends of the media are known, if the far end with that tag has spoken: peers are admitted and flows entered. */
void calls_leg_join_media(struct calls *calls, uint64_t now_ns, uint32_t leg, uint64_t remote_tag);

void calls_leg_become_due(struct calls *calls, uint64_t now_ns, uint32_t leg);

#endif
