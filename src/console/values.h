/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts the user wrote, read strictly: the whole text or nothing. */
#ifndef CONSOLE_VALUES_H
#define CONSOLE_VALUES_H

#include "sipalg/address.h"

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

enum { VALUE_PATH_MAX = sizeof(((struct sockaddr_un *)0)->sun_path) }; /* with the zero at its end */

struct port_range {
	uint16_t first, last; /* inclusive */
};

struct value {
	const char *start;
	size_t length;
};

/* Takes the next entry of a list separated by commas and blanks. False: none is left. */
bool value_next(struct value *list, struct value *entry);

/* Decimal digits only, within [smallest, largest]. */
SIPALG_MUST_USE
bool value_read_number(struct value text, uint32_t smallest, uint32_t largest, uint32_t *number);

/* "5060" or "10000-20000", ports from `smallest` on. */
SIPALG_MUST_USE
bool value_read_ports(struct value text, uint16_t smallest, struct port_range *range);

/* "yes", "no", "on", "off", "true", "false". */
SIPALG_MUST_USE
bool value_read_yes_no(struct value text, bool *yes);

/* A name the kernel would take for an interface. */
SIPALG_MUST_USE
bool value_read_interface(struct value text, char name[IFNAMSIZ]);

/* An absolute path that fits a socket address. */
SIPALG_MUST_USE
bool value_read_path(struct value text, char path[VALUE_PATH_MAX]);

/* Letters to insert, drop, change or swap with the next to turn one name into the other. */
size_t value_distance(const char *left, const char *right);

/* The nearest of `count` names, unless all are too far away to be what was meant: then NULL. `names` points to the
 * first name's pointer; `stride` is the bytes from one pointer to the next. */
const char *value_nearest(const char *name, const void *names, size_t count, size_t stride);

#endif
