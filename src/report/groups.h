/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report's findings in the order in which a reader wants them: by fault, the worst and surest first. */
#ifndef REPORT_GROUPS_H
#define REPORT_GROUPS_H

#include "report/report.h"

struct group {
	enum fault_kind fault;
	enum confidence confidence; /* the highest of its findings */
};

struct groups {
	struct group at[FAULT_COUNT];
	size_t count;
	const char *remedies[2 * FAULT_COUNT]; /* what to do about the faults, each once; static texts */
	size_t remedy_count;
};

void groups_find(const struct report *report, struct groups *groups);

#endif
