/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which items of one row belong to which of another when neither may change its order. */
#ifndef REPORT_ALIGNMENT_H
#define REPORT_ALIGNMENT_H

#include "sipalg/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ALIGNMENT_MAX = 512 }; /* items on either side: a quarter of a million comparisons */

#define ALIGNMENT_ALONE SIZE_MAX

/* How well two items go together; 0: not at all. */
typedef uint32_t alignment_score(const void *context, size_t left, size_t right);

/* Pairs items so that the sum of scores is as high as can be; `partner[left]` is the right item or ALIGNMENT_ALONE.
 * Rows longer than ALIGNMENT_MAX are left unpaired. False: no memory. */
SIPALG_MUST_USE
bool alignment_find(size_t left_count, size_t right_count, alignment_score *score, const void *context,
                    size_t *partner);

#endif
