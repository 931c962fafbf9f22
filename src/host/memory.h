/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_MEMORY_H
#define HOST_MEMORY_H

/* To be called first: large tables get pages of their own, which are there when they are used and gone when freed. */
void memory_prepare(void);

/* Gives the system what was allocated and freed again, as by what is done at start only: the C library would keep it.
 */
void memory_give_back(void);

#endif
