/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last messages and what became of each, in a ring of fixed size: the oldest make room for the newest. Recording
 * copies a few hundred bytes and formats nothing; only who asks pays for reading. */
#ifndef DAEMON_JOURNAL_H
#define DAEMON_JOURNAL_H

#include "console/problem.h"
#include "sipalg/engine.h"

enum {
	JOURNAL_START_LINE_MAX = 128, /* bytes kept of each; longer ones are cut */
	JOURNAL_CALL_ID_MAX = 255,
	JOURNAL_CSEQ_MAX = 40,
	JOURNAL_ORIGINAL_MAX = 64, /* bytes kept of what an edit replaced */
	JOURNAL_EDITS_MAX = 96,    /* edits kept of one message */
	JOURNAL_SIZE_MIN = 65536,  /* bytes: holds the largest record several times over */
};

struct journal;

/* A ring of `size` bytes (raised to JOURNAL_SIZE_MIN; pages are touched only when used). NULL: no memory. */
struct journal *journal_create(size_t size);
void journal_destroy(struct journal *journal);

/* Records a message and its verdict (before either is gone). `wall_ns`: nanoseconds since 1970. A NULL journal records
 * nothing. */
void journal_record(struct journal *journal, uint64_t wall_ns, const sipalg_packet *packet,
                    const sipalg_verdict *verdict);

/* ---- Reading ---- */

/* Bytes in the ring: valid until the next journal_record(). Hostile: they may hold anything. */
struct journal_text {
	const char *start;
	size_t length;
};

struct journal_entry {
	uint64_t number; /* of the message, from 1 */
	uint64_t wall_ns;
	sipalg_endpoint source, destination;
	enum sipalg_direction direction;
	enum sipalg_reason reason;
	struct journal_text start_line, call_id, cseq; /* length 0: the message has none */
	size_t edit_count;                             /* edits made; the first JOURNAL_EDITS_MAX can be read */
	const uint8_t *edits;                          /* for journal_next_edit() */
	size_t edits_length;
};

struct journal_edit {
	enum sipalg_place place;
	struct journal_text original, replacement;
	bool cut; /* the original was longer than what is kept */
};

/* Walks the messages, oldest first: start with *cursor = 0, call until false. Messages may be recorded meanwhile; those
 * overwritten are skipped. */
bool journal_next(const struct journal *journal, uint64_t *cursor, struct journal_entry *entry);

/* Walks an entry's edits in order of their place in the message: start with *cursor = 0. */
bool journal_next_edit(const struct journal_entry *entry, size_t *cursor, struct journal_edit *edit);

/* Messages recorded since the journal was made. */
uint64_t journal_count(const struct journal *journal);

#endif
