/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A piece of a message kept for people to read. */
#ifndef TRACK_LABEL_H
#define TRACK_LABEL_H

#include "base/text.h"
#include "sipalg/limits.h"

/* Cuts the text to fit, puts '?' for what a terminal should not see, ends it with zero. */
static inline void label_write(char label[SIPALG_LABEL_MAX], struct text text)
{
	size_t length = text.length < SIPALG_LABEL_MAX - 1 ? text.length : SIPALG_LABEL_MAX - 1;
	for (size_t i = 0; i < length; i++)
		label[i] = text.start[i] < ' ' || text.start[i] > '~' ? '?' : text.start[i];
	label[length] = '\0';
}

#endif
