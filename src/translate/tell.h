/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells what became of each message, as `sipalg explain` does, as soon as it is known. */
#ifndef TRANSLATE_TELL_H
#define TRANSLATE_TELL_H

#include "console/terminal.h"
#include "translate/passage.h"

struct teller {
	struct terminal terminal;
	bool json;
	uint64_t begin_ns; /* of the capture; 0: nothing has been told */
	uint64_t reasons[SIPALG_REASON_COUNT];
	uint64_t told;
};

void tell_message(void *teller, const struct passage_message *message);

/* `trouble`: what kept the capture from being read to its end; NULL: nothing did. */
void tell_end(struct teller *teller, const struct passage *passage, const char *trouble);

#endif
