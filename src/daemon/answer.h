/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the control socket answers: a request is taken up once, its answer is made a piece at a time. */
#ifndef DAEMON_ANSWER_H
#define DAEMON_ANSWER_H

#include "daemon/control.h"

#include <jansson.h>

enum {
	ANSWER_ROW_MAX = 32768,   /* bytes the longest line can have: a message with JOURNAL_EDITS_MAX edits */
	ANSWER_CANDIDATES_MAX = 8 /* Call-IDs told when a beginning fits several */
};

/* Lines waiting to be sent. */
struct answer_lines {
	size_t length;
	char bytes[CONTROL_ANSWER_MAX];
};

enum answer_step {
	ANSWER_DONE = 0,
	ANSWER_PHONES,
	ANSWER_CALLS,
	ANSWER_BINDINGS,
	ANSWER_CONNECTIONS,
	ANSWER_ENCRYPTED,
	ANSWER_RECENT,   /* looking for the calls heard of last */
	ANSWER_SEARCH,   /* looking for the Call-ID that is meant */
	ANSWER_MESSAGES, /* telling its messages */
};

struct answer_call_id {
	char text[JOURNAL_CALL_ID_MAX + 1];
	uint64_t number, wall_ns; /* of its latest message */
	sipalg_endpoint source, destination;
	enum sipalg_direction direction;
	char start_line[JOURNAL_START_LINE_MAX + 1];
};

struct answer {
	enum answer_step step;
	uint64_t count; /* rows so far */
	uint32_t cursor;
	uint64_t journal_cursor;
	bool exact; /* the Call-ID was found as a whole */
	char wanted[JOURNAL_CALL_ID_MAX + 1];
	struct answer_call_id calls[CONTROL_RECENT_MAX]; /* those heard of last, or the candidates */
	size_t call_count;
};

/* Takes the request up: some answers are complete then, others have step != ANSWER_DONE. */
void answer_begin(struct answer *answer, const struct control_hooks *hooks, uint64_t now_ns, const char *request,
                  size_t length, struct answer_lines *lines);

/* Adds a piece while a longest row fits. */
void answer_go_on(struct answer *answer, const struct control_hooks *hooks, uint64_t now_ns,
                  struct answer_lines *lines);

/* Adds {"ok": false, "error": …}; the answer is complete with it. */
void answer_refuse(struct answer *answer, struct answer_lines *lines, const char *error);

/* ---- Parts of JSON (rows.c) ---- */

/* A string of hostile bytes: what is not printable ASCII becomes '?'. */
json_t *json_from_text(const char *start, size_t length);
json_t *json_from_address(const sipalg_address *address); /* null when none */
json_t *json_from_endpoint(const sipalg_endpoint *endpoint);
json_t *json_from_prefix(const sipalg_prefix *prefix);

json_t *row_from_registration(const sipalg_registration_view *view, const struct control_hooks *hooks, uint64_t now_ns);
json_t *row_from_call(const sipalg_call_view *view, uint64_t now_ns);
json_t *row_from_binding(const sipalg_binding_view *view, uint64_t now_ns);
json_t *row_from_connection(const struct relay_view *view, uint64_t now_ns);
json_t *row_from_encrypted(const struct plane_encrypted *view, uint64_t now_ns);
json_t *row_from_message(const struct journal_entry *entry);
json_t *row_from_call_id(const struct answer_call_id *call);
json_t *counters_to_json(const struct control_hooks *hooks);
json_t *sandbox_to_json(void);
json_t *status_to_json(const struct control_hooks *hooks, uint64_t now_ns);

/* Copies a text as json_from_text() would show it, with a zero; returns its length. */
size_t text_make_printable(char *out, size_t room, const char *start, size_t length);

#endif
