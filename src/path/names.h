/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of addresses, asked all at once, with an end to the waiting. */
#ifndef PATH_NAMES_H
#define PATH_NAMES_H

#include "sipalg/address.h"

enum { NAMES_MAX = 32, NAME_MAX_LENGTH = 128 };

struct names {
	sipalg_address addresses[NAMES_MAX];    /* none: not asked for */
	char texts[NAMES_MAX][NAME_MAX_LENGTH]; /* "": none is known, or it took too long */
	size_t count;
};

/* Looks them up for so long at most. */
void names_find(struct names *names, uint32_t patience_ms);

#endif
