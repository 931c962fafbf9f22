/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compares a message as it was sent with what arrived. */
#ifndef COMPARE_COMPARE_H
#define COMPARE_COMPARE_H

#include "compare/change.h"
#include "compare/lines.h"

/* No change: they are equal byte for byte. A Content-Length that follows a changed body is no change. Slices point into
 * the two messages. */
void compare_messages(struct text sent, struct text received, struct changes *changes);

/* ---- For its own files ---- */

/* The value of the same header in both. */
void compare_values(const struct header_line *sent, const struct header_line *received, struct changes *changes);

/* Bodies: session descriptions, by themselves or among the parts of another, and any other. */
void compare_bodies(struct text sent, struct text received, struct changes *changes);

#endif
