/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which phones speak to which servers in a way nobody on the path can read. */
#ifndef PLANE_NETFILTER_ENCRYPTED_H
#define PLANE_NETFILTER_ENCRYPTED_H

#include "plane/netfilter/plane.h"

enum { ENCRYPTED_MAX = 128 }; /* pairs remembered; the one not seen for longest gives way */

struct encrypted {
	struct plane_encrypted pairs[ENCRYPTED_MAX];
	size_t count;
	uint64_t connections; /* of all pairs that ever were */
};

void encrypted_note(struct encrypted *encrypted, uint64_t now_ns, const sipalg_address *phone,
                    const sipalg_endpoint *server);

#endif
