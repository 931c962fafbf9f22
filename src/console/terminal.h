/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What standard output can show. */
#ifndef CONSOLE_TERMINAL_H
#define CONSOLE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum style { STYLE_PLAIN = 0, STYLE_BOLD, STYLE_DIM, STYLE_GOOD, STYLE_BAD, STYLE_CHANGED, STYLE_COUNT };

struct terminal {
	bool colours;      /* a terminal, and NO_COLOR is not set */
	size_t width;      /* columns; SIZE_MAX when not a terminal: nothing is cut */
	const char *arrow; /* "→", or "->" where the locale has no such letter */
};

struct terminal terminal_find(void);

/* What switches a style on; "" without colours. */
const char *terminal_style(const struct terminal *terminal, enum style style);

enum { DURATION_TEXT_MAX = 48, COUNT_TEXT_MAX = 32 };

/* "45 s", "12 min 5 s", "3 h 12 min", "2 d 3 h". */
const char *duration_text(uint64_t seconds, char out[DURATION_TEXT_MAX]);

/* "1,234,567". */
const char *count_text(uint64_t count, char out[COUNT_TEXT_MAX]);

#endif
