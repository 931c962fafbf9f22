/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a program gives up before it reads the first byte from the network: the user root, every right (but the one that
 * the kernel asks for with each rule of the gateway's), all files but its own, all system calls it has no use for. */
#ifndef HOST_SANDBOX_H
#define HOST_SANDBOX_H

#include "console/problem.h"
#include "sipalg/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	SANDBOX_FOLDERS_MAX = 4,
	SANDBOX_FOLDER_MAX = 128, /* bytes of a path, with its zero */
	SANDBOX_RIGHTS_TEXT_MAX = 512,
};

/* What it asks for. */
struct sandbox_wish {
	bool confine;             /* false: everything stays as it was at start */
	bool administers_network; /* keeps CAP_NET_ADMIN */
	uid_t user;               /* whom to become; 0: stay who one is */
	gid_t group;
	struct sandbox_folder {
		char path[SANDBOX_FOLDER_MAX];
		bool needed;            /* it is an error when the user cannot write there */
	} folders[SANDBOX_FOLDERS_MAX]; /* where files are made and removed at run time */
	size_t folder_count;
};

/* What holds: read back from the kernel, not copied from the wish. */
struct sandbox_view {
	uid_t user;
	gid_t group;
	char rights[SANDBOX_RIGHTS_TEXT_MAX]; /* "net_admin"; empty: none */
	bool no_new_rights;                   /* an executed program could gain none (no_new_privs) */
	bool system_calls;                    /* a seccomp filter is in force */
	size_t system_call_count;             /* … that allows so many; 0: not known */
	unsigned landlock;                    /* version of Landlock that confines files; 0: none */
	bool processes;                       /* could start further processes */
};

/* Adds the folder that holds `path` to the wish; one that is missing is made, and it
 * or one that is called "sipalg" is given to the user of the wish. False: the path
 * is too long. */
SIPALG_MUST_USE
bool sandbox_add_folder(struct sandbox_wish *wish, const char *path, bool needed, struct problem *problem);

/* Gives up what the wish says, in this order: the user, the rights, the files, the system calls. Everything that needs
 * more must have been opened before. What this kernel does not have (Landlock, seccomp) is left out and shown by
 * sandbox_describe(). False: a right that the kernel knows could not be given up, or `user` cannot write in one of the
 * folders; then the process must end. */
SIPALG_MUST_USE
bool sandbox_enter(struct sandbox_wish *wish, struct problem *problem);

void sandbox_describe(struct sandbox_view *view);

#endif
