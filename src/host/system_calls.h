/* SPDX-License-Identifier: GPL-2.0-or-later */
/* seccomp: the system calls the daemon has a use for; all others fail with EPERM. They fail rather than kill: a call
 * that a new libc makes in place of an old one must not take a router's telephones down. */
#ifndef HOST_SYSTEM_CALLS_H
#define HOST_SYSTEM_CALLS_H

#include "console/problem.h"
#include "sipalg/attributes.h"

#include <stdbool.h>
#include <stddef.h>

/* Puts the list in force. True also where the kernel has no seccomp. */
SIPALG_MUST_USE
bool system_calls_enter(struct problem *problem);

/* How many the list allows. */
size_t system_calls_count(void);

#endif
