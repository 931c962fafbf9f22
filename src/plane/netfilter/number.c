/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/netfilter/number.h"

#include <fcntl.h>
#include <unistd.h>

uint32_t number_from_file(const char *path, uint32_t otherwise)
{
	char text[32];
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = descriptor < 0 ? -1 : read(descriptor, text, sizeof(text));
	uint64_t number = 0;
	ssize_t digits = 0;

	if (descriptor >= 0)
		close(descriptor);
	while (digits < length && digits < 9 && text[digits] >= '0' && text[digits] <= '9')
		number = number * 10 + (uint64_t)(text[digits++] - '0');
	return digits > 0 ? (uint32_t)number : otherwise;
}
