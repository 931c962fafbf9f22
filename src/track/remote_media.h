/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a far end wants its media, m= line by m= line. Of a description's addresses a few are distinct, nearly always
 * one: they are kept apart from the lines, since a call has this for as long as it lives. */
#ifndef TRACK_REMOTE_MEDIA_H
#define TRACK_REMOTE_MEDIA_H

#include "sipalg/address.h"

enum { REMOTE_LINES_MAX = 8, REMOTE_ADDRESSES_MAX = 4 };

struct remote_line {
	uint16_t port, rtcp_port; /* 0: nowhere */
	uint8_t address, rtcp_address;
};

struct remote_media {
	uint64_t tag; /* hash of the far end's tag; 0: nobody has spoken */
	uint8_t address_count, line_count;
	struct remote_line lines[REMOTE_LINES_MAX];
	sipalg_address addresses[REMOTE_ADDRESSES_MAX]; /* last, for most of them are never touched */
};

/* Forgets what was known: a new description of that far end begins. */
void remote_media_begin(struct remote_media *remote, uint64_t tag);

/* The next m= line; NULL: it has no media that are to be sent there. What finds no room is wanted nowhere. */
void remote_media_add(struct remote_media *remote, const sipalg_endpoint *rtp, const sipalg_endpoint *rtcp);

/* False: nowhere. */
bool remote_media_get(const struct remote_media *remote, uint8_t line, bool is_rtcp, sipalg_endpoint *endpoint);

#endif
