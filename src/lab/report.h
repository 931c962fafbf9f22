/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The outcome, for people and for programs. */
#ifndef LAB_REPORT_H
#define LAB_REPORT_H

#include "lab/cells.h"

struct scenarios {
	struct scenario *list;
	size_t count;
};

/* The names, faults and titles. */
void report_list(FILE *out, const struct scenarios *scenarios);

/* Scenario by router. Colours when `colour`. */
void report_table(FILE *out, const struct scenarios *scenarios, const struct cells *cells, bool colour);

/* Why what failed failed, and what came out otherwise than the scenario says. */
void report_reasons(FILE *out, const struct cells *cells);

/* The messages of every cell. */
void report_traces(FILE *out, const struct cells *cells);

void report_json(FILE *out, const struct scenarios *scenarios, const struct cells *cells);

/* How many cells of this router have this result. */
size_t report_count(const struct cells *cells, enum router router, enum cell_result result);

#endif
