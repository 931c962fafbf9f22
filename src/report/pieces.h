/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cuts a message into the pieces that are compared: lines, and within them words. */
#ifndef REPORT_PIECES_H
#define REPORT_PIECES_H

#include "base/text.h"

/* The first line of `rest` with its end (LF, or none at the end of all). Empty when `rest` is. */
struct text piece_line(struct text rest);

/* The first word of `rest`: letters, digits and what stands inside addresses and tokens, or one other byte. */
struct text piece_word(struct text rest);

/* How well two lines go together: 0 not at all, most when they are equal. */
unsigned piece_likeness(struct text left, struct text right);

#endif
