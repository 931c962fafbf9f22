/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line for the user: what is wrong, where, and what to do about it. */
#ifndef CONSOLE_PROBLEM_H
#define CONSOLE_PROBLEM_H

#include <stdbool.h>

enum { PROBLEM_TEXT_MAX = 320 };

/* Zero-terminated, no line end. */
struct problem {
	char text[PROBLEM_TEXT_MAX];
};

/* Writes the line (cut when longer; bytes that could control a terminal become '?'). Always returns false, so that
 * "return problem_say(…)" both tells and fails. */
__attribute__((format(printf, 2, 3))) bool problem_say(struct problem *problem, const char *format, ...);

#endif
