/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A piece of a message kept for people to read. */
#ifndef TRACK_LABEL_H
#define TRACK_LABEL_H

#include "base/text.h"
#include "sipalg/limits.h"

/* Keeps what fits, as it is: calls and registrations come far more often than somebody looks at them. */
static inline void label_keep(char label[SIPALG_LABEL_MAX], struct text text)
{
	size_t length = text.length < SIPALG_LABEL_MAX - 1 ? text.length : SIPALG_LABEL_MAX - 1;
	memcpy(label, text.start, length);
	label[length] = '\0';
}

/* Copies a label that was kept, with '?' for what a terminal should not see. */
static inline void label_show(char shown[SIPALG_LABEL_MAX], const char label[SIPALG_LABEL_MAX])
{
	for (size_t i = 0; i < SIPALG_LABEL_MAX; i++)
		shown[i] = label[i] != '\0' && (label[i] < ' ' || label[i] > '~') ? '?' : label[i];
}

#endif
