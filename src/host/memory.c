/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/memory.h"

#include <malloc.h>

enum { LARGE = 32768 }; /* bytes */

/* Said once, it stays so. The library would raise it with each large block that is freed, and then take the next table
 * from memory that has been used, which has to be cleared: so all of it is there from the start. */
void memory_prepare(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, LARGE);
}

void memory_give_back(void)
{
	(void)malloc_trim(0);
}
