/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A message while it is being written. */
#ifndef BENCH_DRAFT_H
#define BENCH_DRAFT_H

#include <stddef.h>

struct draft {
	char *out; /* MESSAGE_MAX bytes */
	size_t length;
};

/* Appends; a message that becomes longer than MESSAGE_MAX ends the program. */
__attribute__((format(printf, 2, 3))) void draft_add(struct draft *draft, const char *format, ...);

#endif
