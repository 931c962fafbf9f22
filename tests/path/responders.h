/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What answers on the way. Both run until they are ended. */
#ifndef TESTS_PATH_RESPONDERS_H
#define TESTS_PATH_RESPONDERS_H

/* A SIP server: a 404 to all but ACKs, with received and rport (RFC 3581). `strict`: not to what has no
 * Content-Length. */
void serve_sip(int strict);

/* Quotes datagrams that have run out of hops: 28 bytes of them, or (`mpls`) 128 with an extension. */
void serve_quotes(int mpls);

#endif
