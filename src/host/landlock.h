/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Landlock: the process sees no file but its own, and /proc for reading. */
#ifndef HOST_LANDLOCK_H
#define HOST_LANDLOCK_H

#include "host/sandbox.h"

/* Confines the process. True also where the kernel has no Landlock. */
SIPALG_MUST_USE
bool landlock_enter(const struct sandbox_wish *wish, struct problem *problem);

/* The version of Landlock this process is confined by; 0: it is not. */
unsigned landlock_version(void);

#endif
