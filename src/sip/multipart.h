/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of a multipart body (RFC 2046 5.1.1). */
#ifndef SIP_MULTIPART_H
#define SIP_MULTIPART_H

#include "base/text.h"

/* A multipart body on its way through; take parts until multipart_next() says NONE. */
struct multipart {
	struct text boundary;
	struct text rest; /* behind the delimiter line last read */
	bool is_closed;   /* the closing delimiter has been read */
};

struct multipart_part {
	struct text content_type;
	bool is_encoded; /* has a Content-Encoding or a Content-Transfer-Encoding under which its bytes are not its text
	                  */
	struct text body;
};

enum multipart_result {
	MULTIPART_BAD = 0, /* no delimiter, or no closing one: where its parts end is a guess */
	MULTIPART_NONE,    /* no part is left */
	MULTIPART_PART,
};

/* Goes to the first part; the preamble is passed over. */
SIPALG_MUST_USE
enum multipart_result multipart_begin(struct text body, struct text boundary, struct multipart *multipart);

/* Takes the next part. Its body ends before the line end that belongs to the delimiter behind it. */
SIPALG_MUST_USE
enum multipart_result multipart_next(struct multipart *multipart, struct multipart_part *part);

#endif
