/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/html.h"

#include "report/words.h"

enum { ALIKE_SHOWN = 3 }; /* more lines in a row that are the same are folded away */

static struct text part(const struct difference *difference, enum side side, size_t from, size_t end)
{
	return text_first(text_from(difference->version[side], from), end - from);
}

/* Line ends are not shown, unless the two differ in them. */
static size_t end_shown(const struct difference *difference, const struct difference_line *line, enum side side)
{
	size_t end = line->line[side].offset + line->line[side].length;
	struct text text = part(difference, side, line->line[side].offset, end);
	size_t marks = line->mark_count[side];
	const struct span *last = marks > 0 ? &difference->marks[side][line->first_mark[side] + marks - 1] : NULL;
	size_t cut = text.length >= 2 && memcmp(text.start + text.length - 2, "\r\n", 2) == 0 ? 2 : 0;
	if (cut == 0 && text.length >= 1 && text.start[text.length - 1] == '\n')
		cut = 1;
	return last != NULL && last->offset + last->length > end - cut ? end : end - cut;
}

static void write_side(FILE *out, const struct finding *finding, const struct difference_line *line, enum side side)
{
	const struct difference *difference = finding->difference;
	const struct span *span = &line->line[side];
	fprintf(out, "<div class=\"%s%s\" title=\"%s\">", side == SIDE_SENT ? "sent" : "received",
	        span->length > 0 ? " full" : " none", finding->labels[side]);
	size_t at = span->offset, end = span->length > 0 ? end_shown(difference, line, side) : at;
	for (size_t i = 0; i < line->mark_count[side]; i++) {
		const struct span *mark = &difference->marks[side][line->first_mark[side] + i];
		size_t mark_end = mark->offset + mark->length < end ? mark->offset + mark->length : end;
		html_bytes(out, part(difference, side, at, mark->offset));
		fputs("<mark>", out);
		html_bytes(out, part(difference, side, mark->offset, mark_end));
		fputs("</mark>", out);
		at = mark_end;
	}
	html_bytes(out, part(difference, side, at, end));
	if (span->length > 0 && line->kind == LINE_MOVED)
		fputs("<span class=\"tag\">moved</span>", out);
	fputs("</div>", out);
}

static bool is_present(const struct difference *difference, enum side side)
{
	return difference->present[side];
}

static void write_line(FILE *out, const struct finding *finding, const struct difference_line *line)
{
	fprintf(out, "<div class=\"row %s\">", line_kind_word(line->kind));
	for (int side = 0; side < SIDE_COUNT; side++)
		if (is_present(finding->difference, (enum side)side))
			write_side(out, finding, line, (enum side)side);
	fputs("</div>\n", out);
}

static size_t count_alike(const struct difference *difference, size_t first)
{
	size_t count = 0;
	while (first + count < difference->line_count && difference->lines[first + count].kind == LINE_SAME)
		count++;
	return count;
}

/* The first line says which message it is and is always shown. */
static void write_lines(FILE *out, const struct finding *finding)
{
	const struct difference *difference = finding->difference;
	for (size_t i = 0; i < difference->line_count;) {
		size_t alike = i > 0 ? count_alike(difference, i) : 0, end = i + (alike > 0 ? alike : 1);
		bool folded = alike > ALIKE_SHOWN;
		if (folded)
			fprintf(out, "<details><summary>%zu lines alike</summary>\n", alike);
		for (; i < end; i++)
			write_line(out, finding, &difference->lines[i]);
		if (folded)
			fputs("</details>\n", out);
	}
}

void html_difference(FILE *out, const struct finding *finding)
{
	const struct difference *difference = finding->difference;
	bool both = is_present(difference, SIDE_SENT) && is_present(difference, SIDE_RECEIVED);
	fprintf(out, "<div class=\"message%s\">\n<div class=\"row labels\">", both ? "" : " one");
	for (int side = 0; side < SIDE_COUNT; side++)
		if (is_present(difference, (enum side)side))
			fprintf(out, both ? "<div>%s</div>" : "<div>%s (%s: nothing)</div>", finding->labels[side],
			        finding->labels[SIDE_COUNT - 1 - side]);
	fputs("</div>\n", out);
	write_lines(out, finding);
	fputs("</div>\n", out);
}
