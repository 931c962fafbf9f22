/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exceptions to how a binding's endpoint is usually written: a phone that writes ":5060" in one message and leaves it
 * out in the next, or spells its IPv6 address in another way there, gets each back as it wrote it. The usual way is
 * kept in the binding; only what differs from it is stored here, by Via branch or Call-ID. A forgotten exception costs
 * the letters ":5060" or some zeros, and no meaning. */
#ifndef TRACK_FORMS_H
#define TRACK_FORMS_H

#include "track/bindings.h"

enum { FORMS_BUCKETS = 4096, FORMS_WAYS = 2 };

struct form_exception {
	uint64_t key;
	struct writing writing;
};

struct forms {
	uint64_t noted; /* 0: nothing has ever differed, and nobody needs to look */
	struct form_exception (*buckets)[FORMS_WAYS];
};

void forms_lay_out(struct forms *forms, struct arena *arena);

/* Remembers how an endpoint was written in a place; `scope` is the branch or Call-ID. */
void forms_note(struct forms *forms, const struct hash_key *key, struct binding *binding, enum form_place place,
                struct text scope, struct writing writing);

struct writing forms_recall(const struct forms *forms, const struct hash_key *key, const struct binding *binding,
                            enum form_place place, struct text scope);

#endif
