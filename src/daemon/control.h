/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's ear for `sipalg show`, `explain`, `off` and `on`: a UNIX stream socket. A client sends one JSON object
 * and a line feed; the answer is one JSON object a line, the first of them saying "ok" true or false (then "error").
 *
 * Nothing here blocks: a client that reads slowly waits in its own bounded buffer, tables are sent a piece at a time,
 * and when all places are taken the client that has stood still for longest has to go. */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include "daemon/journal.h"
#include "console/problem.h"
#include "daemon/settings.h"
#include "daemon/switches.h"
#include "plane/netfilter/plane.h"

enum {
	CONTROL_CLIENTS_MAX = 8,
	CONTROL_REQUEST_MAX = 4096,     /* bytes of a request */
	CONTROL_ANSWER_MAX = 65536,     /* bytes of answer waiting for one client */
	CONTROL_PIECE_ROWS_MAX = 64,    /* rows of a table made for one client in one control_handle() */
	CONTROL_PIECE_LOOKS_MAX = 4096, /* messages of the journal looked at for that */
	CONTROL_STALLED_S = 2,          /* after so long without progress a client may be turned out for another */
	CONTROL_WARNINGS_MAX = 16,
	CONTROL_PLANE_COUNTERS_MAX = 48,
	CONTROL_RECENT_MAX = 20, /* calls listed by `sipalg explain` without a Call-ID */
};

/* Facts the plane knows, for `sipalg show`. */
struct control_status {
	uint64_t started_ns; /* monotonic, as the engine's time */
	struct interface_list lan, wan;
	sipalg_prefix inside[SIPALG_PREFIXES_MAX];
	size_t inside_count;
	sipalg_address outside; /* none: not known (yet) */
	uint16_t queue;
	bool tcp;                 /* SIP over TCP is read */
	uint32_t connections;     /* relayed at present … */
	uint32_t connections_max; /* … and at most */
	uint64_t encrypted;       /* connections that passed unread */
	const char *queue_kind;   /* static text: how packets get into the queue, as "nft queue" or "xt NFQUEUE" */
	char warnings[CONTROL_WARNINGS_MAX][PROBLEM_TEXT_MAX]; /* what the user should do something about */
	size_t warning_count;
	struct {
		const char *name; /* static text with underscores, as "packets_lost"; a field name of --json: stable */
		uint64_t value;
	} counters[CONTROL_PLANE_COUNTERS_MAX];
	size_t counter_count;
};

/* What the event loop provides. Everything pointed to outlives the control. */
struct control_hooks {
	sipalg_engine *engine;
	const struct journal *journal;   /* NULL: none is kept */
	const struct settings *settings; /* socket, group, state, limits */
	struct switches *switches;       /* as in force; changed here after apply_switches() returned true */
	void *context;

	/* Puts `switches` in force at once: all off (no rules, plain NAT; flows that are up go on) or on, and
	 * sipalg_engine_set_off() with the list and settings->off. False: what was in force stays. Called only from
	 * control_handle(). The file is written by the caller. */
	bool (*apply_switches)(void *context, const struct switches *switches, struct problem *problem);

	/* Fills `status`, which comes zeroed. */
	void (*status)(void *context, struct control_status *status);

	/* Walk over what the plane knows, as sipalg_engine_next_binding() does. */
	bool (*next_connection)(void *context, uint32_t *cursor, struct relay_view *view);
	bool (*next_encrypted)(void *context, uint32_t *cursor, struct plane_encrypted *view);
};

struct control;

/* Opens the socket named by the settings (a stale one of a dead daemon is replaced). The hooks are copied. NULL: a
 * second instance answers there, or no rights; `problem` says what to do. */
struct control *control_open(const struct control_hooks *hooks, struct problem *problem);

/* One descriptor for poll or epoll: readable whenever control_handle() has something to do. */
int control_descriptor(const struct control *control);

/* Does what can be done now for every client, a bounded amount. `now_ns`: monotonic, as the engine's time. */
void control_handle(struct control *control, uint64_t now_ns);

/* Closes everything and removes the socket. NULL is fine. */
void control_close(struct control *control);

#endif
