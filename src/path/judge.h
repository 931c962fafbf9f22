/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the stops on the way are evidence of. */
#ifndef PATH_JUDGE_H
#define PATH_JUDGE_H

#include "path/names.h"
#include "path/search.h"

/* Adds hops, findings and notes. Returns whether the hops let one tell: either way. `names` has a text for each stop.
 */
bool judge_stops(const struct search *search, const struct names *names, struct report *report);

#endif
