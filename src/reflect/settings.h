/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What who runs `sipalg reflect` may choose. */
#ifndef REFLECT_SETTINGS_H
#define REFLECT_SETTINGS_H

#include "reflect/protocol.h"
#include "sipalg/address.h"

#include <stdbool.h>
#include <sys/types.h>

struct reflect_settings {
	uint16_t control_port;
	uint16_t ports[REFLECT_PLACE_COUNT];
	sipalg_address twins[2]; /* second addresses given for IPv4 and for IPv6; none: find one */
	bool json;               /* the log, one object a line */
	bool confine;            /* give up rights, files and system calls */
	uid_t user;
	gid_t group;
};

#endif
