/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers taken from messages under a name, {name}, and put into later ones. */
#ifndef LAB_VARIABLES_H
#define LAB_VARIABLES_H

#include "lab/store.h"

enum {
	VARIABLES_MAX = 256,
	VARIABLE_NAME_MAX = 32, /* bytes */
};

/* A name not yet known stands in a pattern between the first two of these bytes, what may be missing between the
 * others.
 */
enum { CAPTURE_BEGIN = 1, CAPTURE_END = 2, OPTION_BEGIN = 3, OPTION_END = 4 };

struct variable {
	const char *name, *value;
};

struct variables {
	struct variable list[VARIABLES_MAX];
	size_t count;
};

const char *variables_find(const struct variables *variables, struct bytes name);

/* Gives the name its value, or another one. False: there are too many. */
bool variables_set(struct variables *variables, const char *name, const char *value);

/* Puts the values where `text` says {name}. An unknown name becomes a capture when `capture`, else NULL is returned and
 * *unknown names it. {length} and {pad} stay: they are the composer's. */
const char *variables_put(struct store *store, const struct variables *variables, const char *text, bool capture,
                          const char **unknown);

#endif
