/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages written from a pattern: text with names in braces, "{inside}", for which values are put in. Each '\n' of the
 * pattern becomes CRLF. Some names are this file's own: "{length}" is the body's length, "{length-less-8}" leaves its
 * last eight bytes out, and "{fill}" is as many lines of a body as make the message as large as it shall be. */
#ifndef CHECK_COMPOSE_H
#define CHECK_COMPOSE_H

#include "sipalg/attributes.h"

#include "base/text.h"

enum {
	COMPOSE_MAX = 8192, /* bytes of a message: what the far end sends and reports whole */
	BLANKS_MAX = 32,
	COMPOSE_SPARE = 16, /* what a message is too long before its length is settled */
};

struct blank {
	const char *name;
	struct text value; /* not copied */
};

struct blanks {
	struct blank list[BLANKS_MAX];
	size_t count;
};

struct pattern {
	const char *text;
	size_t size;  /* of the whole message, by way of "{fill}"; 0: as it comes */
	bool bare_lf; /* lines end in LF alone */
};

struct composed {
	char bytes[COMPOSE_MAX + COMPOSE_SPARE];
	size_t length;
};

/* Sets what stands for a name; a later value replaces an earlier one. */
void blanks_set(struct blanks *blanks, const char *name, struct text value);

/* False: a name has no value, or the message has no room. */
SIPALG_MUST_USE
bool compose(const struct pattern *pattern, const struct blanks *blanks, struct composed *out);

static inline struct text composed_text(const struct composed *composed)
{
	return (struct text){ composed->bytes, composed->length };
}

#endif
