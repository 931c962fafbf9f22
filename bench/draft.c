/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "draft.h"

#include "messages.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void draft_add(struct draft *draft, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int added = vsnprintf(draft->out + draft->length, MESSAGE_MAX - draft->length, format, arguments);
	va_end(arguments);
	if (added < 0 || draft->length + (size_t)added >= MESSAGE_MAX) {
		fprintf(stderr, "bench: a message became too long\n");
		exit(1);
	}
	draft->length += (size_t)added;
}
