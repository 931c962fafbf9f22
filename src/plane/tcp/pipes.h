/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pipes for splice(2): borrowed while bytes are on their way, so that idle connections hold none. */
#ifndef PLANE_TCP_PIPES_H
#define PLANE_TCP_PIPES_H

#include "sipalg/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PIPES_MAX = 256,      /* in all: two descriptors each */
	PIPES_SPARE_MAX = 16, /* empty ones kept for the next borrower */
	PIPE_SIZE = 262144,   /* bytes: with 64 KiB, the kernel's own choice, a fast stream is a fifth slower */
};

struct pipe {
	int out, in; /* where bytes come out, and where they go in; meaningful when `lent` */
	bool lent;
	uint32_t length; /* bytes in it */
};

struct pipes {
	struct pipe spare[PIPES_SPARE_MAX];
	size_t spare_count, count;
};

/* False: there are PIPES_MAX, or descriptors have run out. */
SIPALG_MUST_USE
bool pipe_borrow(struct pipes *pipes, struct pipe *pipe);

/* Fine for one that is not lent. Bytes that are still in it are lost. */
void pipe_return(struct pipes *pipes, struct pipe *pipe);

void pipes_close(struct pipes *pipes);

#endif
