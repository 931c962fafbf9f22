/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/printer.h"

#include "report/letters.h"

#include <inttypes.h>
#include <string.h>

enum {
	TIME_WIDTH = 12,
	GAP_MIN = 18, /* between two columns: room for a method and its arrow */
	GAP_MAX = 34,
	WIDTH_MAX = 200,
	EDGE = 10, /* right of the last column: half of its name */
};

/* One line of the picture, a short text for each column of the terminal; "" for what a wide letter covers. */
struct canvas {
	const struct printer *printer;
	size_t width;
	char cells[WIDTH_MAX][LETTER_TEXT_MAX];
};

/* How the picture is drawn in this locale. */
struct pen {
	const char *life, *line, *media, *right, *left, *lost;
};

static const struct pen plain_pen = { "|", "-", "=", ">", "<", "x" };
static const struct pen fine_pen = { "│", "─", "═", "▶", "◀", "✗" };

struct layout {
	const struct pen *pen;
	size_t gap, width;
};

static void put(struct canvas *canvas, size_t column, const char *text)
{
	if (column < canvas->width)
		snprintf(canvas->cells[column], LETTER_TEXT_MAX, "%s", text);
}

/* Writes a text made safe, at most `room` columns; returns the columns. */
static size_t put_text(struct canvas *canvas, size_t column, size_t room, const char *string)
{
	struct text rest = { string, strlen(string) };
	char shown[LETTER_TEXT_MAX];
	size_t done = 0;
	while (!text_is_empty(rest)) {
		struct letter letter = letter_next(rest);
		size_t columns = letter_write(rest, letter, canvas->printer->plain_only, shown);
		if (done + columns > room)
			break;
		put(canvas, column + done, shown);
		for (size_t i = 1; i < columns; i++)
			canvas->cells[column + done + i < canvas->width ? column + done + i : canvas->width - 1][0] =
			        '\0';
		done += columns;
		rest = text_from(rest, letter.length);
	}
	return done;
}

static size_t text_columns(const struct printer *printer, const char *string)
{
	struct text rest = { string, strlen(string) };
	char shown[LETTER_TEXT_MAX];
	size_t columns = 0;
	for (; !text_is_empty(rest); rest = text_from(rest, letter_next(rest).length))
		columns += letter_write(rest, letter_next(rest), printer->plain_only, shown);
	return columns;
}

static size_t column_at(const struct layout *layout, size_t host)
{
	return TIME_WIDTH + layout->gap / 2 + host * layout->gap;
}

static void clear(struct canvas *canvas, const struct layout *layout, size_t hosts)
{
	for (size_t i = 0; i < canvas->width; i++)
		put(canvas, i, " ");
	for (size_t i = 0; i < hosts; i++)
		put(canvas, column_at(layout, i), layout->pen->life);
}

static void flush(const struct canvas *canvas, enum style style)
{
	size_t end = canvas->width;
	while (end > 0 && strcmp(canvas->cells[end - 1], " ") == 0)
		end--;
	fputs(printer_style(canvas->printer, style), canvas->printer->out);
	for (size_t i = 0; i < end; i++)
		fputs(canvas->cells[i], canvas->printer->out);
	fputs(printer_style(canvas->printer, STYLE_PLAIN), canvas->printer->out);
}

static void print_heads(const struct printer *printer, const struct ladder *ladder, const struct layout *layout)
{
	struct canvas canvas = { .printer = printer, .width = layout->width };
	for (size_t i = 0; i < canvas.width; i++)
		put(&canvas, i, " ");
	for (size_t i = 0; i < ladder->column_count; i++) {
		size_t columns = text_columns(printer, ladder->columns[i]), room = layout->gap - 1;
		columns = columns < room ? columns : room;
		put_text(&canvas, column_at(layout, i) - columns / 2, columns, ladder->columns[i]);
	}
	flush(&canvas, STYLE_BOLD);
	fputc('\n', printer->out);
	clear(&canvas, layout, ladder->column_count);
	flush(&canvas, STYLE_PLAIN);
	fputc('\n', printer->out);
}

/* What is lost ends on its way. */
static void draw_arrow(struct canvas *canvas, const struct layout *layout, const struct ladder_row *row)
{
	const struct pen *pen = layout->pen;
	size_t from = column_at(layout, row->from), to = column_at(layout, row->to);
	size_t left = (from < to ? from : to) + 1, right = (from < to ? to : from) - 1;
	for (size_t i = left; i <= right; i++)
		put(canvas, i, row->media ? pen->media : pen->line);
	put(canvas, from < to ? right : left, row->mark == MARK_LOST ? pen->lost : from < to ? pen->right : pen->left);
	size_t room = right - left - 3, columns = text_columns(canvas->printer, row->label);
	columns = columns < room ? columns : room;
	size_t start = left + (right - left + 1 - columns) / 2;
	size_t written = put_text(canvas, start, columns, row->label);
	put(canvas, start - 1, " ");
	put(canvas, start + written, " ");
}

static enum style style_of(enum mark mark)
{
	switch (mark) {
	case MARK_NONE:
		break;
	case MARK_GOOD:
		return STYLE_GOOD;
	case MARK_CHANGED:
		return STYLE_CHANGED;
	case MARK_LOST:
	case MARK_BAD:
		return STYLE_BAD;
	}
	return STYLE_PLAIN;
}

static void print_row(const struct printer *printer, const struct ladder *ladder, const struct layout *layout,
                      const struct ladder_row *row)
{
	struct canvas canvas = { .printer = printer, .width = layout->width };
	char time[32];
	clear(&canvas, layout, ladder->column_count);
	snprintf(time, sizeof time, "%6" PRIu64 ".%03u s", row->time_us / 1000000,
	         (unsigned)(row->time_us / 1000 % 1000));
	put_text(&canvas, 0, TIME_WIDTH, time);
	if (row->from == row->to)
		put_text(&canvas, column_at(layout, row->from) + 2, WIDTH_MAX, row->label);
	else
		draw_arrow(&canvas, layout, row);
	flush(&canvas, style_of(row->mark));
	if (row->mark != MARK_NONE && row->mark != MARK_GOOD)
		fprintf(printer->out, "  %s%s%s", printer_style(printer, style_of(row->mark)), mark_word(row->mark),
		        printer_style(printer, STYLE_PLAIN));
	if (row->remark != NULL) {
		fputs(row->mark != MARK_NONE ? ": " : "  ", printer->out);
		printer_text(printer, row->remark);
	}
	fputc('\n', printer->out);
}

void printer_ladder(const struct printer *printer, const struct ladder *ladder)
{
	struct layout layout = { .pen = printer->plain_only ? &plain_pen : &fine_pen };
	size_t columns = ladder->column_count;
	if (columns == 0)
		return;
	layout.gap = (printer->width - TIME_WIDTH) / columns;
	layout.gap = layout.gap < GAP_MIN ? GAP_MIN : layout.gap > GAP_MAX ? GAP_MAX : layout.gap;
	layout.width = column_at(&layout, columns - 1) + EDGE;
	layout.width = layout.width < WIDTH_MAX ? layout.width : WIDTH_MAX;
	fprintf(printer->out, "%s", printer_style(printer, STYLE_BOLD));
	printer_text(printer, ladder->title);
	fprintf(printer->out, "%s\n", printer_style(printer, STYLE_PLAIN));
	print_heads(printer, ladder, &layout);
	for (size_t i = 0; i < ladder->row_count; i++)
		print_row(printer, ladder, &layout, &ladder->rows[i]);
	if (ladder->more > 0)
		fprintf(printer->out, "%*s(and %" PRIu64 " more)\n", TIME_WIDTH, "", ladder->more);
}
