/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How what the engine knows lies in a snapshot: a heading, then a record for each thing. Each record says how long it
 * is, and new fields are added at its end only: so an older engine passes over what it does not know, and a newer one
 * finds zeros where an older one wrote nothing. Things refer to a binding by its outside endpoint, since slots are
 * given anew. */
#ifndef ENGINE_SNAPSHOT_H
#define ENGINE_SNAPSHOT_H

#include "base/pack.h"
#include "engine/engine.h"

#define SNAPSHOT_MAGIC "sipalg s"
enum { SNAPSHOT_VERSION = 2 }; /* another one only when old records would mean something else */

enum snapshot_kind {
	SNAPSHOT_NOTHING = 0,
	SNAPSHOT_BINDING,
	SNAPSHOT_REGISTRATION,
	SNAPSHOT_CALL,
	SNAPSHOT_LEG, /* of the call before it */
	SNAPSHOT_FORM,
};

struct snapshot_heading {
	char magic[sizeof(SNAPSHOT_MAGIC)];
	uint32_t version;
	uint64_t hash; /* of all that follows it, with a key of zeros: an accident is seen, a forgery is not */
	uint64_t saved_ns;
	struct hash_key key;
};

struct snapshot_binding {
	struct binding binding;
	sipalg_address peers[SIPALG_PEERS_MAX];
};

struct snapshot_registration {
	struct registration registration; /* its `binding` is not used */
	sipalg_endpoint outside;
};

struct snapshot_leg {
	struct leg leg; /* the slots of bindings in it are not used */
	sipalg_endpoint ways[LEG_WAY_COUNT];
	sipalg_endpoint media[SIPALG_LEG_MEDIA_MAX];
};

struct snapshot_form {
	uint32_t bucket;
	struct form_exception exception;
};

/* Whither a heading's hash reaches: from here to the end. */
size_t snapshot_pack_heading(struct pack *pack, struct snapshot_heading *heading);
void snapshot_pack_binding(struct pack *pack, struct snapshot_binding *saved);
void snapshot_pack_registration(struct pack *pack, struct snapshot_registration *saved);
void snapshot_pack_call(struct pack *pack, struct call *call);
void snapshot_pack_leg(struct pack *pack, struct snapshot_leg *saved);
void snapshot_pack_form(struct pack *pack, struct snapshot_form *saved);

#endif
