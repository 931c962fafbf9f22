/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of bindings: one transport address inside stands for one outside (RFC 4787: endpoint-independent mapping).
 *
 * A binding lives as long as it has owners (registrations, call legs, subscriptions: counted), or until its own
 * deadline when it has none. Closed, its outside port is kept from other hosts for a while (RFC 6888 REQ-8) but comes
 * back to the same inside endpoint at once. What the plane must do is queued as commands when a message has been dealt
 * with (bindings_settle), so that a binding that is taken and dropped while one message is handled costs the plane
 * nothing. */
#ifndef TRACK_BINDINGS_H
#define TRACK_BINDINGS_H

#include "base/ages.h"
#include "base/deadlines.h"
#include "base/hash.h"
#include "base/spelling.h"
#include "base/table.h"
#include "track/commands.h"
#include "track/endpoint_hash.h"
#include "track/hosts.h"

/* Whether the phone wrote a port when it named this endpoint in a place. */
enum written_form {
	FORM_UNKNOWN = 0,
	FORM_PORT,    /* 10.0.0.5:5060 */
	FORM_NO_PORT, /* 10.0.0.5 */
	FORM_OUTSIDE, /* its outside address: the phone has solved NAT itself, nothing is to be put back */
	FORM_SPELT = 0x80,
};

/* How the phone wrote this endpoint in a place, so that it can be put back byte for byte. */
struct writing {
	uint8_t form; /* enum written_form */
	struct spelling spelling;
};

static inline bool writing_equal(struct writing left, struct writing right)
{
	return left.form == right.form && left.spelling.code == right.spelling.code;
}

/* Places that may each have a form of their own. */
enum form_place {
	FORM_VIA = 0,
	FORM_CONTACT,    /* of a dialog */
	FORM_REGISTERED, /* the Contact in REGISTER, under which requests outside dialogs come */
	FORM_ROUTE,
	FORM_PLACE_COUNT,
};

enum binding_state { BINDING_FREE = 0, BINDING_ALIVE, BINDING_QUARANTINED };

struct binding {
	sipalg_endpoint inside, outside;
	uint64_t deadline_ns; /* end without owners; end of the quarantine */
	/* What need not be known to the nanosecond, rounded up: there are many bindings. */
	uint32_t owned_until_s;  /* latest time any owner asked for; of an orphan: its last */
	uint32_t leased_until_s; /* what the plane was told */
	uint32_t heard_s;        /* when the plane last told of traffic */
	uint32_t kept_until_s;   /* end of its last quarantine; 0: it had none */
	uint32_t owners;
	uint32_t host;
	uint32_t first_peer;
	uint16_t generation;
	uint8_t state; /* enum binding_state */
	uint8_t peer_count;
	bool is_open : 1;   /* the plane knows it */
	bool is_orphan : 1; /* media of an earlier process, to which nobody has laid claim yet */
	bool is_asked : 1;  /* … the plane was asked whether there is traffic, and has until the deadline to tell */
	bool is_withheld;   /* the plane must not know it yet (TCP before the registrar's 2xx) */
	bool is_signalling;
	bool admits_any;
	bool keeps_flows;                /* closing it does not cut what is up */
	uint8_t forms[FORM_PLACE_COUNT]; /* enum written_form; with FORM_SPELT: spelt as … */
	struct kept_spelling spelling;   /* … this, else as is usual */
};

struct peer {
	sipalg_address address;
	uint32_t next;
};

enum { PORT_BITMAP_BYTES = 65536 / 8, HANDLE_SLOT_BITS = 22 };

enum { BINDING_ASK_S = 10 }; /* how long the plane may take to tell whether there is traffic */

struct bindings {
	struct endpoint_key endpoint_key;
	struct pool pool;
	struct table by_inside, by_outside;
	struct binding *list; /* by slot, from 1 */
	struct pool peer_pool;
	struct peer *peers;
	struct hosts hosts;
	struct commands *commands;
	struct deadlines *deadlines; /* thing = slot */
	struct ages quarantine;
	struct age_link *quarantine_links;
	uint32_t silence_s; /* orphans end when nothing has come for so long */
	uint32_t host_max;
	uint16_t port_min, port_max;
	uint16_t cursor[2];                   /* where the search for a free port goes on, by parity */
	uint8_t *reserved_udp, *reserved_tcp; /* bitmaps of ports never to be chosen */
	uint64_t opened, closed;
	uint64_t peers_dismissed, peers_refused;
};

enum bind_result {
	BIND_REFUSED = 0, /* never: keeps a forgotten result from looking like success */
	BIND_OK,
	BIND_TABLE_FULL,
	BIND_HOST_LIMIT,
	BIND_NO_PORT,
};

static inline uint32_t seconds_rounded_up(uint64_t time_ns)
{
	return (uint32_t)((time_ns + SIPALG_SECOND_NS - 1) / SIPALG_SECOND_NS);
}

void bindings_lay_out(struct bindings *bindings, struct arena *arena, uint32_t capacity);

/* True if `slot` holds the binding of this endpoint to this address. */
static inline bool bindings_is(const struct bindings *bindings, uint32_t slot, const sipalg_endpoint *inside,
                               const sipalg_address *outside)
{
	const struct binding *binding = &bindings->list[slot];
	return sipalg_endpoint_equal(&binding->inside, inside) &&
	       sipalg_address_equal(&binding->outside.address, outside);
}

/* The slot of the binding that is alive or quarantined; 0: none. */
uint32_t bindings_find_inside(const struct bindings *bindings, const sipalg_endpoint *inside,
                              const sipalg_address *outside);
uint32_t bindings_find_outside(const struct bindings *bindings, const sipalg_endpoint *outside);

/* The same, but alive only. */
uint32_t bindings_find_alive_outside(const struct bindings *bindings, const sipalg_endpoint *outside);

/* What a new binding is wanted for. */
struct bind_wish {
	sipalg_endpoint inside;
	sipalg_address outside;
	uint16_t port;  /* the outside port to take if it is free; 0: the inside port */
	bool port_only; /* … or none at all */
	bool is_fixed;  /* `outside` is this inside address's alone: the port is the inside port, whatever it is */
	bool with_next; /* the next port must be free too (RTCP, RFC 3550 11) */
	bool with_udp;  /* the port must be free for UDP too */
	bool is_signalling;
	bool admits_any;
	bool is_own; /* the sender of the message itself asks for it */
};

/* The binding alive for the wish, a new one if need be. A new one lives until now_ns + SIPALG_UNANSWERED_S unless
 * something prolongs it. */
SIPALG_MUST_USE
enum bind_result bindings_take(struct bindings *bindings, uint64_t now_ns, const struct bind_wish *wish,
                               uint32_t *slot);

/* A binding that the plane has already: exactly these endpoints, for `lease_s`. 0: no room, or one of them is taken by
 * another binding, or by one that the plane is known to have. */
SIPALG_MUST_USE
uint32_t bindings_restore(struct bindings *bindings, uint64_t now_ns, const struct bind_wish *wish, uint32_t lease_s);

/* It is an orphan unless it is for signalling or has owners, who may still lay claim to it. */
void bindings_become_orphan(struct bindings *bindings, uint32_t slot, uint64_t now_ns);

/* An orphan's time has come: the plane is asked whether it carries anything, or has been. */
void bindings_look_after_orphan(struct bindings *bindings, uint32_t slot, uint64_t now_ns);

/* Whether one in quarantine may come back with the port it had: somebody else may use that now. */
bool bindings_may_revive(const struct bindings *bindings, const struct bind_wish *wish, uint32_t slot);

/* The outside port bindings_take() would choose; 0: none. */
uint16_t bindings_choose_port(struct bindings *bindings, const struct bind_wish *wish);

/* Used now: lives until `until_ns` at least, owners or not. */
static inline void bindings_touch(struct bindings *bindings, uint32_t slot, uint64_t until_ns)
{
	struct binding *binding = &bindings->list[slot];
	if (binding->deadline_ns < until_ns)
		binding->deadline_ns = until_ns;
}

/* An owner needs it longer. */
static inline void bindings_prolong(struct bindings *bindings, uint32_t slot, uint64_t until_ns)
{
	struct binding *binding = &bindings->list[slot];
	uint32_t until_s = seconds_rounded_up(until_ns);
	if (binding->owned_until_s < until_s)
		binding->owned_until_s = until_s;
}

/* The slot itself, or 0 when the binding has closed meanwhile: nobody can own it then. */
static inline uint32_t bindings_if_alive(const struct bindings *bindings, uint32_t slot)
{
	return slot && bindings->list[slot].state == BINDING_ALIVE ? slot : 0;
}

/* One owner more, who will disown it, and believes to need it until `until_ns`. */
static inline void bindings_own(struct bindings *bindings, uint32_t slot, uint64_t until_ns)
{
	struct binding *binding = &bindings->list[slot];
	binding->owners++;
	if (binding->is_orphan)
		binding->owned_until_s = 0;
	binding->is_orphan = false;
	bindings_prolong(bindings, slot, until_ns);
}

/* One owner less. Without owners a media binding is closed at once, a signalling one at its own deadline. */
void bindings_disown(struct bindings *bindings, uint32_t slot, uint64_t now_ns);

/* Lets packets from that address in. Where there are too many, the one that was spoken to longest ago gives way.
 * False: it cannot be stored. */
bool bindings_admit(struct bindings *bindings, uint32_t slot, uint64_t now_ns, const sipalg_address *peer);

/* Lets packets from anywhere in to media, as if the host itself had asked for the binding first. To be settled. */
void bindings_admit_any(struct bindings *bindings, uint32_t slot);

/* Somebody else has its outside port: it goes on by this one, which is free. */
void bindings_move(struct bindings *bindings, uint32_t slot, uint64_t now_ns, uint16_t port);

/* Queues the commands that make the plane agree with the table, and sets the deadline. */
void bindings_settle(struct bindings *bindings, uint32_t slot, uint64_t now_ns);

/* The slot's deadline has come. */
void bindings_become_due(struct bindings *bindings, uint32_t slot, uint64_t now_ns);

void bindings_close(struct bindings *bindings, uint32_t slot, uint64_t now_ns);

/* One that was never opened and has no owners: its outside port is kept from others until then. */
void bindings_keep_away(struct bindings *bindings, uint32_t slot, uint32_t until_s);

/* It closes as soon as it has no owners, whatever its deadline, and leaves its flows alone if so told. */
void bindings_doom(struct bindings *bindings, uint32_t slot, bool keeps_flows);

/* Forgets one that never came to be; it must have no owners. What was left of its quarantine goes on. */
void bindings_drop(struct bindings *bindings, uint32_t slot);

/* Closes one that the plane was never told of; it must have no owners. Its port is kept for it as for any other. */
void bindings_put_aside(struct bindings *bindings, uint32_t slot, uint64_t now_ns);

/* The plane does not have it: it is opened anew when next it is needed, or, without owners, dropped. */
void bindings_forget(struct bindings *bindings, uint32_t slot);

void bindings_reserve_port(struct bindings *bindings, enum sipalg_protocol protocol, uint16_t port, bool reserved);

/* A binding's name for the plane: slot and generation. */
uint32_t bindings_handle(const struct bindings *bindings, uint32_t slot);

/* The slot of a handle; 0: that binding is gone. */
uint32_t bindings_slot(const struct bindings *bindings, uint32_t handle);

/* From now on it has another name: it is another one to the plane. */
void bindings_rename(struct binding *binding);

/* A command about this binding, filled but for what the kind needs besides. */
sipalg_command *bindings_command(struct bindings *bindings, uint32_t slot, enum sipalg_command_kind kind);

#endif
