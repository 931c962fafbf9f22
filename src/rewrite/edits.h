/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is to be changed in a message: a list of disjoint spans of the unchanged original with their replacements,
 * applied once. The smallest edit: a replacement equal to what stands there is no edit. */
#ifndef REWRITE_EDITS_H
#define REWRITE_EDITS_H

#include "base/text.h"
#include "sipalg/engine.h"

struct edits {
	struct text original;
	size_t count;
	size_t end;                         /* of the last span */
	ptrdiff_t growth;                   /* bytes by which they make the message longer (or, negative, shorter) */
	sipalg_edit list[SIPALG_EDITS_MAX]; /* by offset */
	bool overflowed;                    /* an edit was refused: the list must not be applied */
};

void edits_begin(struct edits *edits, struct text original);

/* Replaces `span`, a slice of the original, by `length` bytes at `replacement`. An edit of the very same span is
 * replaced; one that overlaps another, is too long or finds the list full sets `overflowed`. */
void edits_replace(struct edits *edits, struct text span, enum sipalg_place place, const char *replacement,
                   size_t length);

/* The same with the digits of a number. */
void edits_replace_number(struct edits *edits, struct text span, enum sipalg_place place, uint64_t number);

/* Writes the edited message to `out`; returns its length, original.length + growth. `out` must hold
 * SIPALG_REPLACEMENT_MAX bytes more than that: replacements are copied whole, which is quicker than by their length. */
size_t edits_apply(const struct edits *edits, uint8_t *out);

#endif
