/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The data files that the program carries (tools/embed writes them as C). */
#ifndef ADVICE_EMBEDDED_H
#define ADVICE_EMBEDDED_H

#include <stddef.h>

extern const unsigned char embedded_routers[]; /* routers.json */
extern const size_t embedded_routers_length;
extern const unsigned char embedded_mac_vendors[]; /* mac-vendors.txt */
extern const size_t embedded_mac_vendors_length;

#endif
