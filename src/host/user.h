/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Users of this system whom a program may become. */
#ifndef HOST_USER_H
#define HOST_USER_H

#include "sipalg/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* False: there is none of that name; nothing is written. */
SIPALG_MUST_USE
bool user_find(const char *name, size_t length, uid_t *user, gid_t *group);

/* "sipalg", else "nobody"; where neither is known nothing is written. */
void user_find_default(uid_t *user, gid_t *group);

#endif
