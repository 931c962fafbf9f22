/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has been found so far: each fault once, with the first message that shows it and the names of the others. */
#ifndef CHECK_LEDGER_H
#define CHECK_LEDGER_H

#include "check/exchange.h"
#include "compare/judge.h"
#include "report/report.h"

enum { LEDGER_DETAIL_MAX = 256, LEDGER_NAMES_MAX = 128, LEDGER_NAMES_SHOWN = 7 };

struct ledger_entry {
	size_t count;
	bool by_alg; /* see struct finding */
	bool usual;  /* one of the usual messages shows it */
	enum confidence confidence;
	char detail[LEDGER_DETAIL_MAX];
	const struct passage *passage;       /* that shows it; NULL: none */
	const char *names[LEDGER_NAMES_MAX]; /* of the probes that show it, each once */
	size_t name_count;
};

struct ledger {
	struct ledger_entry entries[FAULT_COUNT];
};

/* `where`: the name of what was tried, static text. A surer finding takes the place of one that is less sure. */
__attribute__((format(printf, 6, 7))) void ledger_charge(struct ledger *ledger, enum fault_kind fault,
                                                         enum confidence confidence, const char *where,
                                                         const struct passage *passage, const char *format, ...);

/* What is charged so far with that fault depends on SIP: the same bytes get through where nobody looks for it. */
void ledger_blame(struct ledger *ledger, enum fault_kind fault);

/* Takes out what follows from something else that was found. */
void ledger_settle(struct ledger *ledger);

/* Writes them into the report. */
void ledger_report(const struct ledger *ledger, struct report *report);

#endif
