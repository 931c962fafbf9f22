/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers that the kernel tells in files. */
#ifndef PLANE_NETFILTER_NUMBER_H
#define PLANE_NETFILTER_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/* The decimal number a file begins with; `otherwise` when there is no such file or no number in it. */
uint32_t number_from_file(const char *path, uint32_t otherwise);

#endif
