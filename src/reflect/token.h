/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words by which what was received is known to be a session's. */
#ifndef REFLECT_TOKEN_H
#define REFLECT_TOKEN_H

#include "base/text.h"
#include "reflect/protocol.h"

/* Makes one by chance, with a zero at its end. */
void token_make(char token[REFLECT_TOKEN_LENGTH + 1]);

/* The next token at or behind *from in `bytes`; *from moves behind its beginning. False: there is none. */
bool token_next(struct text bytes, size_t *from, struct text *token);

#endif
