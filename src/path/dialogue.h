/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A short dialogue with any SIP server, the user's own provider as a rule: which of a few legal messages it answers,
 * and what its answers show. */
#ifndef PATH_DIALOGUE_H
#define PATH_DIALOGUE_H

#include "path/search.h"

/* Tries all, and adds trials, findings and notes. `rewrites`: the hops have shown an ALG, so that a message which is
 * not answered is more likely its doing than the server's. */
void dialogue_run(struct search *search, bool rewrites, struct report *report);

#endif
