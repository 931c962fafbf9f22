/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file in which a daemon leaves what it knows to the one after it: calls, registrations, how phones write. It lies
 * beside the control socket, in memory as a rule (/run), because it is worth something only until the next boot: with
 * the router's own tables the flows of all that it tells of are gone, too. It holds Call-IDs and the secret of the hash
 * tables, so nobody but the owner may read it. */
#ifndef DAEMON_SNAPSHOT_H
#define DAEMON_SNAPSHOT_H

#include "daemon/settings.h"

enum {
	SNAPSHOT_MS = 250,        /* a killed process loses no more than that, if writing is cheap … */
	SNAPSHOT_PER_WRITE = 100, /* … for no more than one part in so many of the time goes into it */
	SNAPSHOT_SLICE = 1 << 18, /* bytes written at one go: messages come first */
	SNAPSHOT_MARK_MAX = 64,   /* bytes that say where and when a snapshot holds */
	SNAPSHOT_SIZE_MAX = 1 << 30,
};

struct snapshot {
	char path[VALUE_PATH_MAX + sizeof(".snapshot")];
	uid_t writer;                 /* who writes it, besides who reads it */
	char mark[SNAPSHOT_MARK_MAX]; /* this boot, this network namespace */
	uint8_t *bytes;
	size_t room;
	uint64_t next_ns; /* when to write; SIPALG_NEVER: nothing has changed */
	uint64_t last_ns, last_took_ns;
	int draft; /* the file being written; -1: none */
	size_t length, written;
	uint64_t took_ns; /* to write it so far */
	bool changed;     /* something that is not in it */
	bool failed;      /* and the operator was told */
};

/* `socket`: the path of the control socket. `writer`: the user whom
 * the process will have become when it writes. */
void snapshot_open(struct snapshot *snapshot, const char *socket, uid_t writer);
void snapshot_close(struct snapshot *snapshot);

/* Gives the engine, which is new, what the file holds. False: nothing, and `problem` says why unless there is no file.
 */
bool snapshot_load(struct snapshot *snapshot, sipalg_engine *engine, uint64_t now_ns, struct problem *problem);

/* Something may have changed: it is to be written soon. */
void snapshot_mark_changed(struct snapshot *snapshot, uint64_t now_ns);

/* Does a part of writing it: `next_ns` says when it wants to be called again. False: it could not, and the first time
 * `problem` says why. */
bool snapshot_work(struct snapshot *snapshot, const sipalg_engine *engine, uint64_t now_ns, struct problem *problem);

/* Writes it, all at one go. */
bool snapshot_write(struct snapshot *snapshot, const sipalg_engine *engine, uint64_t now_ns, struct problem *problem);

#endif
