/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The messages that are sent: short, since routers quote little, and with our address wherever ALGs look for one. */
#ifndef PATH_LETTER_H
#define PATH_LETTER_H

#include "base/text.h"
#include "sipalg/address.h"

enum { LETTER_MAX = 1400, LETTER_HOST_MAX = 256, LETTER_MARK_MAX = 32 };

/* Those of the search for the hop are quoted; with the others a dialogue is tried. Each row of the dialogue has one
 * oddity that RFC 3261 allows and ALGs are known to drop. */
enum letter_kind {
	LETTER_INVITE = 0, /* no INVITE here can ring: Max-Forwards is 0 */
	LETTER_REGISTER,
	LETTER_OPTIONS,
	LETTER_NO_LENGTH,
	LETTER_COMPACT,
	LETTER_FOLDED,
	LETTER_ORIGIN_NAME, /* o= names a host */
	LETTER_DISCARD,     /* m= has port 9 (RFC 8839 4.3.1.1) */
	LETTER_KIND_COUNT,
};

struct letter {
	enum letter_kind kind;
	char bytes[LETTER_MAX];
	size_t length;
	size_t first_address_end;   /* a quote that ends before says nothing */
	char mark[LETTER_MARK_MAX]; /* in branch, tag and Call-ID: by which an answer is known */
};

/* What letters are written for. */
struct correspondence {
	sipalg_endpoint inside;     /* where we send from */
	char host[LETTER_HOST_MAX]; /* the other end, as a Request-URI names it: with port, when it is not 5060 */
	uint32_t salt;              /* of this run: no proxy takes a letter for one of an earlier run */
};

/* In words: "an INVITE with a folded header". */
const char *letter_title(enum letter_kind kind);
/* Stable: "invite-folded". */
const char *letter_name(enum letter_kind kind);

/* Writes it. `number` makes this one different from all others of the run. False: no room (a very long host name). */
SIPALG_MUST_USE
bool letter_compose(const struct correspondence *correspondence, enum letter_kind kind, unsigned number,
                    struct letter *letter);

/* What has to follow a final response to an INVITE: the ACK (RFC 3261 17.1.1.3), and a BYE should somebody have taken
 * the call. `to` is the response's To. */
SIPALG_MUST_USE
bool letter_compose_end(const struct correspondence *correspondence, const struct letter *invite, const char *method,
                        struct text to, struct letter *end);

static inline struct text letter_text(const struct letter *letter)
{
	return (struct text){ letter->bytes, letter->length };
}

#endif
