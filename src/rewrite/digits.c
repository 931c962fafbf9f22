/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rewrite/digits.h"

size_t digits_write(uint64_t number, char out[DIGITS_MAX])
{
	char reversed[DIGITS_MAX];
	size_t length = 0;
	do {
		reversed[length++] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	for (size_t i = 0; i < length; i++)
		out[i] = reversed[length - 1 - i];
	return length;
}
