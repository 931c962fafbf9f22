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

struct registration {
	struct hash key; /* of the address of record and its host, or of the subscription's dialog */
	uint64_t deadline_ns;
	uint32_t binding;     /* slot */
	uint32_t requested_s; /* what the phone asked for last; 0: to be removed */
	uint32_t mark;        /* of the last answer that listed it */
	uint8_t kind;
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
	uint32_t last_mark;
	uint64_t granted;
};

void registrations_lay_out(struct registrations *registrations, struct arena *arena, uint32_t capacity);

/* The slots under a key: from first to next until 0. A slot may be ended after its next has been asked for. */
uint32_t registrations_first(const struct registrations *registrations, const struct hash *key);
uint32_t registrations_next(const struct registrations *registrations, uint32_t slot);

/* The phone asks for `requested_s` (0: to end it). Its slot; 0: the table is full, or there is nothing to end. */
uint32_t registrations_request(struct registrations *registrations, uint64_t now_ns, enum registration_kind kind,
                               const struct hash *key, uint32_t binding, uint32_t requested_s, struct text label);

/* A 2xx grants it for so long. */
void registrations_grant(struct registrations *registrations, uint64_t now_ns, uint32_t slot, uint32_t granted_s);

/* It lives until then, and its binding at least so long. */
void registrations_keep_until(struct registrations *registrations, uint32_t slot, uint64_t deadline_ns);

void registrations_end(struct registrations *registrations, uint64_t now_ns, uint32_t slot);

/* Ends it when next it is due, which is at once. */
void registrations_doom(struct registrations *registrations, uint32_t slot);

void registrations_become_due(struct registrations *registrations, uint64_t now_ns, uint32_t slot);

#endif
