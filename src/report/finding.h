/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One thing that was found: which fault, how sure, and the message that shows it. */
#ifndef REPORT_FINDING_H
#define REPORT_FINDING_H

#include "report/difference.h"
#include "report/fault.h"

enum confidence {
	CONFIDENCE_HINT = 0, /* would explain what was seen, and so would other things: never decides the verdict */
	CONFIDENCE_LIKELY,
	CONFIDENCE_CERTAIN,
};

/* "hint", "likely", "certain". */
const char *confidence_word(enum confidence confidence);

struct finding {
	enum fault_kind fault;
	enum confidence confidence;
	bool by_alg;                    /* a network can do this without reading SIP, but here it depends on SIP */
	char *detail;                   /* one line: what was seen, where; may be "" */
	char *where;                    /* the probe, or the call, that shows it; NULL: none */
	struct difference *difference;  /* NULL: none */
	const char *labels[SIDE_COUNT]; /* of the two versions; static text */
};

#endif
