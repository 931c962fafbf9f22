/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was said under each Call-ID: calls, registrations and all else. A message that crossed a router and was seen on
 * both sides is one event with two sightings, the sender's first. */
#ifndef DIAGNOSE_CALLS_H
#define DIAGNOSE_CALLS_H

#include "diagnose/flows.h"
#include "diagnose/sighting.h"
#include "report/ladder.h"
#include "sdp/sdp.h"

enum party { PARTY_CALLER = 0, PARTY_CALLEE, PARTY_COUNT };

static inline enum party party_other(enum party party)
{
	return party == PARTY_CALLER ? PARTY_CALLEE : PARTY_CALLER;
}

/* One m= line. */
struct stream_told {
	sipalg_endpoint end; /* no address: a name, or none */
	enum sdp_direction direction;
	bool is_rtp;
};

struct description {
	size_t count;
	struct stream_told streams[STREAMS_TOLD_MAX];
	bool has_ice;
	bool ice_mismatch;        /* a=ice-mismatch */
	bool ice_without_default; /* no candidate has the address of c= and m= (RFC 8839 4.2.5) */
};

/* An event as it was seen at one place. */
struct seen {
	uint64_t time_ns, last_ns; /* the first and the last time */
	uint64_t frame;
	sipalg_endpoint from, to;
	sipalg_endpoint contact;         /* no address: none was given, or a name */
	sipalg_endpoint via;             /* a request's, where it wants its answers; no address: a name */
	struct description *description; /* NULL: none */
	uint32_t times;
	uint8_t side, hop_limit;
	bool is_split; /* over TCP: see capture_item */
};

struct event {
	struct seen seen[2];
	size_t seen_count;
	uint64_t key, branch;
	enum sip_method method;
	char method_name[16];
	uint16_t status; /* 0: a request */
	uint32_t cseq;
	enum party by;
	bool in_dialog;        /* a request with a To tag */
	bool has_rport;        /* a request whose Via asks for it (RFC 3581) */
	bool answered;         /* a request: any response was seen */
	uint16_t final_status; /* … and the final one */
	uint64_t silence_ns;   /* a request: how long its target had sent nothing to this sender; 0: not known */
	uint32_t session_s;    /* Session-Expires of a 2xx; 0: none */
	size_t length;         /* bytes of the message */
	char *bytes;           /* kept while it may be needed; NULL: gone */
	enum mark mark;
	const char *remark; /* static text; NULL: none */
};

enum call_state { CALL_OPEN = 0, CALL_UP, CALL_OVER };

struct call {
	uint64_t hash, other_hash; /* of the Call-ID, and of what a router made of it (0: nothing) */
	uint32_t newer, older;
	bool is_call;                      /* there was an INVITE */
	bool wanted;                       /* its ladder shall be drawn, whatever happens */
	bool contact_blamed, media_blamed; /* a change on the way explains what fails */
	bool crossed;                      /* some of its messages were seen on both sides */
	enum call_state state;
	uint64_t first_ns, last_ns, up_ns, over_ns;
	uint64_t caller_tag; /* hash */
	char id[TEXT_MAX], caller[TEXT_MAX], callee[TEXT_MAX];
	char other_id[TEXT_MAX];
	struct event *events;
	size_t count, room;
	uint64_t more; /* events that found no room */
};

struct calls {
	struct arena arena;
	struct pool pool;
	struct table table, other_table;
	struct call *slots;
	struct flow_lists *lists;
	uint32_t newest[2], oldest[2]; /* [1]: those that are over */
};

SIPALG_MUST_USE
bool calls_create(struct calls *calls); /* false: no memory */
void calls_destroy(struct calls *calls);

/* 0: there is none. */
uint32_t calls_by_hash(const struct calls *calls, uint64_t hash);

/* A new call for the sighting. 0: there is no room until calls_oldest() is judged and removed. */
uint32_t calls_add(struct calls *calls, const struct sighting *sighting);

/* The one to be judged first: over or silent for longest; 0: there is none. */
uint32_t calls_oldest(const struct calls *calls);

/* Its flows have been forgotten. */
void calls_remove(struct calls *calls, uint32_t slot);

/* What was said under one Call-ID is the same as under another: a router changed it. */
void calls_alias(struct calls *calls, uint32_t slot, const struct sighting *sighting);

/* Something was said. */
void calls_touch(struct calls *calls, uint32_t slot, enum call_state state, uint64_t now_ns);

/* An event for the sighting; NULL: there is no room. Valid until the next one is added. */
struct event *call_add(struct call *call, const struct sighting *sighting);

/* Another sighting of an event, which had one so far. */
void event_add_seen(struct event *event, const struct sighting *sighting);

/* It was seen again at a place. */
void seen_repeat(struct seen *seen, uint64_t now_ns);

void event_let_go(struct event *event); /* of the bytes */

static inline bool event_is_request(const struct event *event)
{
	return event->status == 0;
}

/* An endpoint's address is given. */
static inline bool endpoint_is_given(const sipalg_endpoint *end)
{
	return !sipalg_address_is_none(&end->address);
}

#endif
