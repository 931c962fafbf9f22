/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where routers hide the switch of their SIP ALG: routers.json, which the program carries. */
#ifndef ADVICE_CATALOGUE_H
#define ADVICE_CATALOGUE_H

#include "console/problem.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { ROUTERS_MAX = 512 };

/* An entry; the texts belong to the catalogue. Those that an entry does not have are "". */
struct router {
	const char *vendor, *product, *versions;
	const char *kind; /* "switch", "none" (has no ALG), "fixed" (cannot be switched), "soften", "unclear" */
	const char *note, *source;
	const json_t *names;     /* under which the feature hides */
	const json_t *steps;     /* where to click */
	const json_t *commands;  /* what to type */
	const json_t *words;     /* other words by which people look for it */
	const json_t *recognise; /* what the router says of itself */
	json_t *json;            /* the whole entry */
};

struct catalogue {
	json_t *root;
	struct router routers[ROUTERS_MAX];
	size_t count;
};

/* The catalogue of the program. False: no memory, or the file is damaged. */
bool catalogue_open(struct catalogue *catalogue, struct problem *problem);

/* The same of any text in that form. */
bool catalogue_read(struct catalogue *catalogue, const char *text, size_t length, struct problem *problem);

void catalogue_close(struct catalogue *catalogue);

/* A text of a list; "": there is none at that place. */
const char *catalogue_item(const json_t *list, size_t place);

#endif
