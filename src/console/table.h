/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Aligned columns. Rows are collected in batches, so that a table of any length needs little memory; the columns are as
 * wide as the widest cell met so far. */
#ifndef CONSOLE_TABLE_H
#define CONSOLE_TABLE_H

#include "console/terminal.h"

enum { TABLE_COLUMNS_MAX = 8, TABLE_CELL_MAX = 80, TABLE_BATCH = 256 };

struct table {
	const struct terminal *terminal;
	const char *const *heads;
	size_t columns;
	size_t widths[TABLE_COLUMNS_MAX];
	size_t rows; /* in the batch */
	bool begun;  /* heads have been printed */
	char cells[TABLE_BATCH][TABLE_COLUMNS_MAX][TABLE_CELL_MAX];
};

/* `heads` ends with NULL and outlives the table. NULL: no memory. */
struct table *table_create(const struct terminal *terminal, const char *const *heads);

/* Adds a row of as many texts as there are heads; they are copied (and cut). */
void table_add(struct table *table, const char *const *cells);

/* Prints what is left and frees the table. */
void table_finish(struct table *table);

#endif
