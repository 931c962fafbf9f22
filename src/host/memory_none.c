/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the C library does so by itself (musl). */
#include "host/memory.h"

void memory_prepare(void)
{
}

void memory_give_back(void)
{
}
