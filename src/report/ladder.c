/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/ladder.h"

#include <stdlib.h>
#include <string.h>

const char *mark_word(enum mark mark)
{
	static const char *const words[] = { "", "good", "changed", "lost", "bad" };
	return words[mark];
}

size_t ladder_column(struct ladder *ladder, const char *name)
{
	for (size_t i = 0; i < ladder->column_count; i++)
		if (strcmp(ladder->columns[i], name) == 0)
			return i;
	if (ladder->column_count < LADDER_COLUMNS_MAX) {
		char *copy = strdup(name);
		if (copy != NULL)
			ladder->columns[ladder->column_count++] = copy;
	}
	return ladder->column_count > 0 ? ladder->column_count - 1 : 0;
}

static bool make_room(struct ladder *ladder)
{
	if (ladder->row_count < ladder->row_room)
		return true;
	size_t room = ladder->row_room == 0 ? 16 : ladder->row_room * 2;
	struct ladder_row *grown = realloc(ladder->rows, room * sizeof *grown);
	if (grown == NULL)
		return false;
	ladder->rows = grown;
	ladder->row_room = room;
	return true;
}

void ladder_add(struct ladder *ladder, const struct ladder_row *row, const char *label, const char *remark)
{
	if (ladder->row_count == LADDER_ROWS_MAX || !make_room(ladder)) {
		ladder->more++;
		return;
	}
	struct ladder_row copy = *row;
	copy.label = strdup(label);
	copy.remark = remark != NULL ? strdup(remark) : NULL;
	if (copy.label == NULL || row->from >= ladder->column_count || row->to >= ladder->column_count) {
		free(copy.label);
		free(copy.remark);
		ladder->more++;
		return;
	}
	ladder->rows[ladder->row_count++] = copy;
}

void ladder_clear(struct ladder *ladder)
{
	for (size_t i = 0; i < ladder->column_count; i++)
		free(ladder->columns[i]);
	for (size_t i = 0; i < ladder->row_count; i++) {
		free(ladder->rows[i].label);
		free(ladder->rows[i].remark);
	}
	free(ladder->rows);
	free(ladder->title);
	*ladder = (struct ladder){ 0 };
}
