/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "console/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GAP = 2 };

static void widen(struct table *table, size_t column, const char *text)
{
	size_t length = strlen(text);
	if (length > table->widths[column])
		table->widths[column] = length;
}

struct table *table_create(const struct terminal *terminal, const char *const *heads)
{
	struct table *table = malloc(sizeof *table);
	if (table == NULL)
		return NULL;
	*table = (struct table){ .terminal = terminal, .heads = heads };
	for (; heads[table->columns] != NULL; table->columns++)
		widen(table, table->columns, heads[table->columns]);
	return table;
}

/* On a terminal no line goes beyond its edge. */
static void print_row(const struct table *table, const char *const *cells)
{
	size_t left = table->terminal->width;
	for (size_t i = 0; i < table->columns && left > 0; i++) {
		size_t length = strlen(cells[i]), shown = length < left ? length : left;
		size_t padding = i + 1 < table->columns ? table->widths[i] + GAP - length : 0;
		left -= shown;
		padding = padding < left ? padding : left;
		left -= padding;
		printf("%.*s%*s", (int)shown, cells[i], (int)padding, "");
	}
	putchar('\n');
}

static void print_batch(struct table *table)
{
	if (!table->begun) {
		fputs(terminal_style(table->terminal, STYLE_BOLD), stdout);
		print_row(table, table->heads);
		fputs(terminal_style(table->terminal, STYLE_PLAIN), stdout);
		table->begun = true;
	}
	for (size_t row = 0; row < table->rows; row++) {
		const char *cells[TABLE_COLUMNS_MAX];
		for (size_t i = 0; i < table->columns; i++)
			cells[i] = table->cells[row][i];
		print_row(table, cells);
	}
	table->rows = 0;
}

void table_add(struct table *table, const char *const *cells)
{
	if (table->rows == TABLE_BATCH)
		print_batch(table);
	for (size_t i = 0; i < table->columns; i++) {
		snprintf(table->cells[table->rows][i], TABLE_CELL_MAX, "%s", cells[i]);
		widen(table, i, table->cells[table->rows][i]);
	}
	table->rows++;
}

void table_finish(struct table *table)
{
	print_batch(table);
	free(table);
}
