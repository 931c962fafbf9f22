/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of `sipalg lab`. */
#ifndef LAB_OPTIONS_H
#define LAB_OPTIONS_H

#include "lab/world.h"

enum { OPTIONS_ONLY_MAX = 64 };

struct options {
	const char *only[OPTIONS_ONLY_MAX]; /* parts of names, or globs */
	size_t only_count;
	bool routers[ROUTER_COUNT]; /* none: all */
	const char *folder;         /* of the scenarios; NULL: the usual one */
	size_t jobs;                /* 0: as many as are good */
	bool verbose, json, list, slow, engine, test, help;
};

/* NULL: understood; else what is wrong. */
const char *options_read(struct store *store, int argc, char **argv, struct options *options);

void options_help(FILE *out);

#endif
