/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a server's response shows of the request as it arrived there: Via, From, To, Call-ID and CSeq are copied from it
 * (RFC 3261 8.2.6.2). An ALG that puts everything back on the way to us does not show. */
#ifndef PATH_ECHO_H
#define PATH_ECHO_H

#include "path/letter.h"
#include "report/report.h"

/* Adds to the report what the response to the letter gives away. *seen gets the address the server saw us at (received,
 * RFC 3581 4), if it says so; none otherwise. */
void echo_judge(struct report *report, const struct correspondence *correspondence, const sipalg_address *server,
                const struct letter *letter, struct text response, sipalg_address *seen);

#endif
