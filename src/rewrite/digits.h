/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers as text. */
#ifndef REWRITE_DIGITS_H
#define REWRITE_DIGITS_H

#include <stddef.h>
#include <stdint.h>

enum { DIGITS_MAX = 20 };

/* Writes the number in decimal, without a zero at the end; returns the length. */
size_t digits_write(uint64_t number, char out[DIGITS_MAX]);

#endif
