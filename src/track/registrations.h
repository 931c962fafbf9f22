/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a 2xx grants for a time: registered contacts (RFC 3261 10) and subscriptions (RFC 6665). Each owns the binding
 * of the contact it names. Asked for, it lives as long as a transaction; granted, as long as granted and a grace.
 * Nothing in between (a challenge, a refresh, a repeated 2xx) interrupts it. */
#ifndef TRACK_REGISTRATIONS_H
#define TRACK_REGISTRATIONS_H

#include "track/bindings.h"

enum registration_kind {
	REGISTRATION_CONTACT = 0,
	REGISTRATION_PATH, /* contacts behind an inside proxy: what they own is its Path (RFC 3327) */
	REGISTRATION_SUBSCRIPTION,
};

enum { REGISTRATION_ASKED_MAX = 2 }; /* two registrars may be asked at once */

struct registration {
	uint64_t key; /* of the address of record, or of the subscription's dialog; and of the host */
	uint64_t asked[REGISTRATION_ASKED_MAX]; /* of the requests sent last, hashed with whom they were sent to: only
	                                         * what answers one of them is an answer. The last one first */
	uint64_t deadline_ns;
	uint32_t peer;        /* hash of whom the last one was sent to */
	uint32_t binding;     /* slot */
	uint32_t requested_s; /* what the phone asked for last; 0: to be removed */
	uint8_t kind;
	bool is_listed; /* by the answer at hand */
	bool is_granted;
	char label[SIPALG_LABEL_MAX];
};

struct registrations {
	struct pool pool;
	struct table table;
	struct registration *list; /* by slot, from 1 */
	struct bindings *bindings;
	struct deadlines *deadlines;
	uint32_t first_thing; /* a registration's thing is first_thing + slot */
	uint32_t grace_s;
	uint32_t host_max; /* registrations of one inside host */
	uint64_t granted;
};

void registrations_lay_out(struct registrations *registrations, struct arena *arena, uint32_t capacity);

/* The slots under a key: from first to next until 0. A slot may be ended after its next has been asked for. */
uint32_t registrations_first(const struct registrations *registrations, uint64_t key);
uint32_t registrations_next(const struct registrations *registrations, uint32_t slot);

/* True when the host of the binding may have so many more. */
bool registrations_have_room(const struct registrations *registrations, uint32_t binding, uint32_t wanted);

/* The phone asks for `requested_s` (0: to end it). Its slot; 0: the table is full, or there is nothing to end. */
uint32_t registrations_request(struct registrations *registrations, uint64_t now_ns, enum registration_kind kind,
                               uint64_t key, uint32_t binding, uint32_t requested_s, struct text label);

/* The request that has gone out, and to whom. */
void registration_note_asked(struct registration *registration, uint64_t asked, uint32_t peer);
bool registration_has_asked(const struct registration *registration, uint64_t asked);

/* A 2xx grants it for so long. */
void registrations_grant(struct registrations *registrations, uint64_t now_ns, uint32_t slot, uint32_t granted_s);

/* It lives until then, and its binding at least so long. */
void registrations_keep_until(struct registrations *registrations, uint32_t slot, uint64_t deadline_ns);

void registrations_end(struct registrations *registrations, uint64_t now_ns, uint32_t slot);

/* Ends it when next it is due, which is at once. */
void registrations_doom(struct registrations *registrations, uint32_t slot);

void registrations_become_due(struct registrations *registrations, uint64_t now_ns, uint32_t slot);

#endif
