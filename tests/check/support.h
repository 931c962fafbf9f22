/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probes written out, messages mangled as ALGs do, and what the judge makes of them. */
#ifndef TESTS_CHECK_SUPPORT_H
#define TESTS_CHECK_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare/judge.h"
#include "check/probe.h"

#define INSIDE "192.168.1.2"
#define OUTSIDE "203.0.113.1"
#define SERVER "203.0.113.2"
#define MARK "qzsaabcdefghijklmnop0000"

enum { REPLACEMENTS_MAX = 4, EXPECTED_MAX = 4 };

/* What an ALG does: texts replaced, everywhere. `find` may be "^", the start, or "$", the end: then it is put there. */
struct mangling {
	const char *find, *replace;
};

struct blanks usual_blanks(void);
struct judge usual_judge(void);

void compose_probe(const struct probe *probe, const struct blanks *blanks, struct composed *out);
void mangle(const struct composed *message, const struct mangling *manglings, struct composed *out);

/* Sets Content-Length to what it has to be. */
void mend_length(struct composed *message);

/* Fails unless the charges are exactly these, in any order. */
void assert_charges(const char *what, const struct charges *charges, const enum fault_kind *expected);

#endif
