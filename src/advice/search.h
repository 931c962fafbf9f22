/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds entries of the catalogue by words: rare words count more than common ones, the name of a router more than what
 * its instructions say, and misspellings are forgiven. */
#ifndef ADVICE_SEARCH_H
#define ADVICE_SEARCH_H

#include "advice/catalogue.h"

struct hit {
	const struct router *router;
	double score;
};

/* The entries that fit, best first; returns how many. None: no entry has half of what was asked. */
size_t search_find(const struct catalogue *catalogue, const char *query, struct hit hits[ROUTERS_MAX]);

/* Whether a query says anything about which router is meant. */
bool search_is_empty(const char *query);

#endif
