/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "console/problem.h"

#include <stdarg.h>
#include <stdio.h>

bool problem_say(struct problem *problem, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(problem->text, sizeof problem->text, format, arguments);
	va_end(arguments);
	for (char *at = problem->text; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
	return false;
}
