/* SPDX-License-Identifier: GPL-2.0-or-later */
/* So much at once, and so much a second: a bucket that fills by time and is emptied by use. */
#ifndef REFLECT_BUDGET_H
#define REFLECT_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

enum { BUDGET_UNITS = 60 }; /* parts of one: so that a rate per minute is a whole number */

struct budget {
	uint64_t burst;      /* the most it holds, in parts */
	uint64_t per_second; /* what comes each second, in parts */
	uint64_t left;
	uint64_t time_ns; /* up to when it has been filled */
};

/* A full one. */
struct budget budget_make(uint64_t burst, uint64_t per_minute, uint64_t now_ns);

/* Whether so much could be taken. */
bool budget_allows(struct budget *budget, uint64_t amount, uint64_t now_ns);

/* Takes it when there is so much; false: there is not, and nothing was taken. */
bool budget_take(struct budget *budget, uint64_t amount, uint64_t now_ns);

#endif
