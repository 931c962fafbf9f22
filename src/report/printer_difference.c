/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/printer.h"

#include "report/letters.h"
#include "report/words.h"

#include <string.h>

enum {
	SIDE_BY_SIDE_MIN = 110, /* columns a terminal needs for two messages */
	GUTTER = 10,            /* room for a word left of a line */
	CHUNK_WHEN_ENDLESS = 4096,
};

/* A line as it is printed, a row at a time. */
struct strip {
	struct text rest; /* what is still to be printed */
	size_t offset;    /* of `rest` in its version */
	const struct span *marks;
	size_t mark_count;
	enum style style;
};

/* Line ends are not shown, unless they are what differs. */
static size_t end_length(struct text line)
{
	if (line.length >= 2 && memcmp(line.start + line.length - 2, "\r\n", 2) == 0)
		return 2;
	return line.length >= 1 && line.start[line.length - 1] == '\n' ? 1 : 0;
}

static struct text line_of(const struct difference *difference, const struct difference_line *line, enum side side)
{
	return text_first(text_from(difference->version[side], line->line[side].offset), line->line[side].length);
}

static struct strip strip_create(const struct difference *difference, const struct difference_line *line,
                                 enum side side)
{
	struct text text = line_of(difference, line, side);
	size_t ends[SIDE_COUNT] = { end_length(line_of(difference, line, SIDE_SENT)),
		                    end_length(line_of(difference, line, SIDE_RECEIVED)) };
	if (line->kind != LINE_CHANGED || ends[SIDE_SENT] == ends[SIDE_RECEIVED])
		text.length -= ends[side];
	enum style style = line->kind == LINE_SAME      ? STYLE_DIM
	                   : line->kind == LINE_CHANGED ? STYLE_PLAIN
	                                                : STYLE_CHANGED;
	return (struct strip){
		.rest = text,
		.offset = line->line[side].offset,
		.marks = line->mark_count[side] > 0 ? difference->marks[side] + line->first_mark[side] : NULL,
		.mark_count = line->mark_count[side],
		.style = style,
	};
}

static bool is_marked(const struct strip *strip)
{
	for (size_t i = 0; i < strip->mark_count; i++)
		if (strip->offset - strip->marks[i].offset < strip->marks[i].length)
			return true;
	return false;
}

/* Prints at most `room` columns; `carets` gets a caret below each that is marked. Returns the columns. */
static size_t print_row(const struct printer *printer, struct strip *strip, size_t room, char *carets)
{
	char shown[LETTER_TEXT_MAX];
	size_t column = 0;
	bool was_marked = false;
	fputs(printer_style(printer, strip->style), printer->out);
	while (!text_is_empty(strip->rest)) {
		struct letter letter = letter_next(strip->rest);
		size_t columns = letter_write(strip->rest, letter, printer->plain_only, shown);
		bool marked = is_marked(strip);
		if (column + columns > room)
			break;
		if (marked != was_marked)
			fputs(printer_style(printer, marked ? STYLE_CHANGED : STYLE_PLAIN), printer->out);
		fputs(shown, printer->out);
		memset(carets + column, marked ? '^' : ' ', columns);
		was_marked = marked;
		column += columns;
		strip->rest = text_from(strip->rest, letter.length);
		strip->offset += letter.length;
	}
	fputs(printer_style(printer, STYLE_PLAIN), printer->out);
	carets[column] = '\0';
	return column;
}

/* Colours mark by themselves. */
static bool wants_carets(const struct printer *printer, const char *carets)
{
	return !printer->terminal->colours && strchr(carets, '^') != NULL;
}

static void print_gutter(const struct printer *printer, size_t indent, const char *word)
{
	printer_blanks(printer, indent);
	fprintf(printer->out, "%s%-*s%s", printer_style(printer, STYLE_DIM), GUTTER, word,
	        printer_style(printer, STYLE_PLAIN));
}

static size_t trimmed(const char *carets)
{
	size_t length = strlen(carets);
	while (length > 0 && carets[length - 1] == ' ')
		length--;
	return length;
}

/* One version of a line, below what came before. */
static void print_stacked(const struct printer *printer, struct strip strip, size_t indent, const char *word)
{
	static const size_t endless = CHUNK_WHEN_ENDLESS;
	char carets[CHUNK_WHEN_ENDLESS + 1];
	size_t left = indent + GUTTER, room = printer->terminal->width > left ? printer->terminal->width - left : 1;
	room = room < LETTER_TEXT_MAX ? LETTER_TEXT_MAX : room < endless ? room : endless;
	do {
		print_gutter(printer, indent, word);
		print_row(printer, &strip, room, carets);
		fputc('\n', printer->out);
		if (wants_carets(printer, carets)) {
			printer_blanks(printer, left);
			fprintf(printer->out, "%.*s\n", (int)trimmed(carets), carets);
		}
		word = "";
	} while (!text_is_empty(strip.rest));
}

static void print_line_stacked(const struct printer *printer, const struct finding *finding,
                               const struct difference_line *line, size_t indent)
{
	const struct difference *difference = finding->difference;
	struct strip sent = strip_create(difference, line, SIDE_SENT);
	struct strip received = strip_create(difference, line, SIDE_RECEIVED);
	bool has_sent = line->line[SIDE_SENT].length > 0, has_received = line->line[SIDE_RECEIVED].length > 0;
	const char *word = line_kind_word(line->kind);
	switch (line->kind) {
	case LINE_SAME:
		print_stacked(printer, sent, indent, "");
		break;
	case LINE_CHANGED:
		print_stacked(printer, sent, indent, finding->labels[SIDE_SENT]);
		print_stacked(printer, received, indent, finding->labels[SIDE_RECEIVED]);
		break;
	case LINE_MOVED:
		print_stacked(printer, has_sent ? sent : received, indent, has_sent ? "moved from" : "moved to");
		break;
	case LINE_REMOVED:
	case LINE_ADDED:
		print_stacked(printer, has_received ? received : sent, indent, word);
		break;
	}
}

/* Both versions of a line beside each other, in as many rows as the longer one needs. */
static void print_line_beside(const struct printer *printer, const struct difference *difference,
                              const struct difference_line *line, size_t indent, size_t room)
{
	struct strip strips[SIDE_COUNT] = { strip_create(difference, line, SIDE_SENT),
		                            strip_create(difference, line, SIDE_RECEIVED) };
	const char *between = line->kind == LINE_SAME ? "   " : line->kind == LINE_CHANGED ? " | " : " ! ";
	if (line->kind == LINE_REMOVED || line->kind == LINE_ADDED)
		between = line->kind == LINE_REMOVED ? " < " : " > ";
	do {
		char carets[SIDE_COUNT][CHUNK_WHEN_ENDLESS + 1];
		printer_blanks(printer, indent);
		size_t columns = print_row(printer, &strips[SIDE_SENT], room, carets[SIDE_SENT]);
		printer_blanks(printer, room - columns);
		fputs(between, printer->out);
		print_row(printer, &strips[SIDE_RECEIVED], room, carets[SIDE_RECEIVED]);
		fputc('\n', printer->out);
		if (wants_carets(printer, carets[SIDE_SENT]) || wants_carets(printer, carets[SIDE_RECEIVED])) {
			printer_blanks(printer, indent);
			fprintf(printer->out, "%-*s   %.*s\n", (int)room, carets[SIDE_SENT],
			        (int)trimmed(carets[SIDE_RECEIVED]), carets[SIDE_RECEIVED]);
		}
	} while (!text_is_empty(strips[SIDE_SENT].rest) || !text_is_empty(strips[SIDE_RECEIVED].rest));
}

static void print_alike(const struct printer *printer, size_t count, size_t indent, bool beside)
{
	printer_blanks(printer, beside ? indent : indent + GUTTER);
	fprintf(printer->out, "%s(%zu line%s alike)%s\n", printer_style(printer, STYLE_DIM), count,
	        count == 1 ? "" : "s", printer_style(printer, STYLE_PLAIN));
}

/* Whose version is absent is said in a word; its lines are those of the other. */
static void print_heads(const struct printer *printer, const struct finding *finding, size_t indent, size_t room)
{
	const struct difference *difference = finding->difference;
	for (int side = 0; side < SIDE_COUNT; side++)
		if (!difference->present[side])
			printer_paragraph(printer, indent, finding->labels[side], indent + GUTTER, "nothing");
	if (room == 0)
		return;
	printer_blanks(printer, indent);
	fprintf(printer->out, "%s%-*s   %s%s\n", printer_style(printer, STYLE_DIM), (int)room,
	        finding->labels[SIDE_SENT], finding->labels[SIDE_RECEIVED], printer_style(printer, STYLE_PLAIN));
}

/* Columns for each version; 0: there is no room for two. */
static size_t room_beside(const struct printer *printer, const struct difference *difference, size_t indent)
{
	size_t width = printer->terminal->width;
	bool both = difference->present[SIDE_SENT] && difference->present[SIDE_RECEIVED];
	if (!both || width == SIZE_MAX || width < SIDE_BY_SIDE_MIN)
		return 0;
	size_t used = width < PRINTER_COLUMNS_MAX ? width : PRINTER_COLUMNS_MAX;
	return (used - indent - 3) / 2;
}

void printer_difference(const struct printer *printer, const struct finding *finding, size_t indent)
{
	enum { SHOWN_AROUND = 1 }; /* the first line says which message it is */
	const struct difference *difference = finding->difference;
	size_t room = room_beside(printer, difference, indent), alike = 0;
	print_heads(printer, finding, indent, room);
	for (size_t i = 0; i < difference->line_count; i++) {
		const struct difference_line *line = &difference->lines[i];
		if (line->kind == LINE_SAME && i >= SHOWN_AROUND && !printer->everything) {
			alike++;
			continue;
		}
		if (alike > 0)
			print_alike(printer, alike, indent, room > 0);
		alike = 0;
		if (room > 0)
			print_line_beside(printer, difference, line, indent, room);
		else
			print_line_stacked(printer, finding, line, indent);
	}
	if (alike > 0)
		print_alike(printer, alike, indent, room > 0);
}
