/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rewrite/digits.h"

/* Ports and lengths, which is nearly all there is to write, take no loop to measure. */
static size_t count_digits(uint64_t number)
{
	size_t length = 1u + (number >= 10) + (number >= 100) + (number >= 1000) + (number >= 10000);
	for (number /= 100000; number; number /= 10)
		length++;
	return length;
}

size_t digits_write(uint64_t number, char out[DIGITS_MAX])
{
	size_t length = count_digits(number);
	size_t at = length;
	for (; number > UINT32_MAX; number /= 10)
		out[--at] = (char)('0' + number % 10);
	for (uint32_t rest = (uint32_t)number; at > 0; rest /= 10)
		out[--at] = (char)('0' + rest % 10);
	return length;
}
