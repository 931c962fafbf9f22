/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the lines of a scenario to the bytes of a datagram. */
#ifndef LAB_COMPOSE_H
#define LAB_COMPOSE_H

#include "lab/scenario.h"
#include "lab/variables.h"

/* The offset of the body: behind the first empty line, or the message's length. */
size_t message_body(struct bytes message);

/* The header lines (with continuation lines and line ends) named `name` or, when not '\0', `compact`; *offset is where
 * to look on. False: no further one. */
bool message_header(struct bytes message, const char *name, char compact, size_t *offset, struct bytes *header);

/* The message a STEP_SEND describes. False: *error says why. */
bool message_compose(struct store *store, const struct scenario *scenario, const struct step *step,
                     const struct variables *variables, struct bytes *message, const char **error);

/* The answer a STEP_REPLY describes, to this request: Via, Record-Route, From, To, Call-ID and CSeq are copied. */
bool reply_compose(struct store *store, const struct step *step, const struct variables *variables,
                   struct bytes request, struct bytes *message, const char **error);

#endif
