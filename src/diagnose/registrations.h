/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is registered from which transport address, and whether what is sent there still arrives. */
#ifndef DIAGNOSE_REGISTRATIONS_H
#define DIAGNOSE_REGISTRATIONS_H

#include "base/table.h"
#include "diagnose/limits.h"
#include "sipalg/address.h"

struct registration_key {     /* hashed as bytes */
	sipalg_endpoint from; /* where the phone shows itself */
	uint32_t side;
};

struct attempt {
	uint64_t time_ns;
	uint64_t silence_ns; /* since the phone had sent anything */
};

struct registration {
	struct registration_key key;
	char name[TEXT_MAX];
	uint64_t granted_ns, expires_ns;
	uint32_t granted_s;
	uint32_t failed;        /* requests to it that got no answer */
	struct attempt failure; /* the first of them */
	char method[16], where[TEXT_MAX];
	uint64_t where_hash;
	bool lost_inside;    /* one was seen outside and not inside */
	uint64_t reached_ns; /* the latest request that was answered */
	uint64_t shorter_ns; /* the longest silence after which one was */
};

struct registrations {
	struct arena arena;
	struct pool pool;
	struct table table;
	struct registration *slots;
};

SIPALG_MUST_USE
bool registrations_create(struct registrations *registrations); /* false: no memory */
void registrations_destroy(struct registrations *registrations);

/* The one of this transport address; NULL: none is known. */
struct registration *registrations_find(const struct registrations *registrations, const struct registration_key *key);

/* Granted for so long; 0 seconds end it. */
void registrations_granted(struct registrations *registrations, const struct registration_key *key, const char *name,
                           uint64_t now_ns, uint32_t seconds);

#endif
