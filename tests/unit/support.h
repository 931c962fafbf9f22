/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the unit tests share: cmocka with what it needs before it, and inputs that end where a page that may not be
 * touched begins. */
#ifndef TESTS_UNIT_SUPPORT_H
#define TESTS_UNIT_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

/* Memory for one input: reading the byte behind it, or the page before it, kills the test. */
struct guarded {
	char *pages;
	size_t size; /* of what may be used */
};

struct guarded guarded_open(size_t length_max);
void guarded_close(struct guarded *guarded);

/* Copies the bytes to the very end. What was copied before is gone. */
struct text guarded_put(struct guarded *guarded, struct text text);

/* Copies the bytes to the very beginning, behind the other page that may not be touched. */
struct text guarded_put_first(struct guarded *guarded, struct text text);

/* A reader under test: it must cope with any input, and checks itself what it got. */
typedef void try_reader(struct text text);

/* Runs the reader over the input as it is, cut at every length from either end, and with each byte changed to each of a
 * set of hostile values; always against a guard page. */
void try_everything(struct text text, try_reader *reader);

/* True when `part` is a slice of `whole`, or empty without a start. */
bool is_slice_of(struct text whole, struct text part);

/* Compares a slice with a string and prints both when they differ. */
#define assert_text(text, string) assert_text_at((text), (string), __FILE__, __LINE__)
void assert_text_at(struct text text, const char *string, const char *file, int line);

static inline struct text text_of(const char *string)
{
	return (struct text){ string, strlen(string) };
}

/* A whole file of tests/data; free() its start. */
struct text data_read(const char *name);

#endif
