/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/html.h"

#include "report/words.h"

#include <inttypes.h>

/* Sizes of the ladder in its own units, which are pixels when there is room. */
enum {
	TIME_WIDTH = 86,
	GAP = 250,
	MARGIN = 110, /* beside the outermost columns: half of a host's name */
	HEAD = 54,
	ROW = 36,
	REMARK = 15, /* below an arrow */
	HOST_HEIGHT = 30,
	HOST_LETTERS = 28,
	LABEL_LETTERS = 28,
	REMARK_LETTERS = 64,
	TIP = 9,
};

static unsigned column_x(size_t column)
{
	return TIME_WIDTH + MARGIN + (unsigned)column * GAP;
}

static void write_host(FILE *out, size_t column, const char *name, unsigned height)
{
	unsigned x = column_x(column);
	fprintf(out, "<line class=\"life\" x1=\"%u\" y1=\"%d\" x2=\"%u\" y2=\"%u\"/>\n", x, HOST_HEIGHT, x, height);
	fprintf(out, "<rect class=\"host\" x=\"%u\" y=\"1\" width=\"%d\" height=\"%d\" rx=\"6\"/>", x - MARGIN + 2,
	        2 * MARGIN - 4, HOST_HEIGHT);
	fprintf(out, "<text x=\"%u\" y=\"21\" text-anchor=\"middle\">", x);
	html_text_cut(out, name, HOST_LETTERS);
	fputs("</text>\n", out);
}

static void write_arrow(FILE *out, const struct ladder_row *row, unsigned y)
{
	bool right = row->from < row->to;
	unsigned from = column_x(row->from), to = column_x(row->to), tip = right ? to - TIP : to + TIP;
	unsigned end = row->mark == MARK_LOST ? (right ? to - 3 * TIP : to + 3 * TIP) : tip;
	fprintf(out, "<line class=\"arrow\" x1=\"%u\" y1=\"%u\" x2=\"%u\" y2=\"%u\"/>", from, y, end, y);
	if (row->mark == MARK_LOST)
		fprintf(out, "<path class=\"cross\" d=\"M%u %ul12 12m0 -12l-12 12\"/>", end - 6, y - 6);
	else
		fprintf(out, "<path class=\"tip\" d=\"M%u %ul%d -5v10z\"/>", to, y, right ? -TIP - 2 : TIP + 2);
}

/* The label stands above the arrow, why it is marked below it. */
static void write_row(FILE *out, const struct ladder_row *row, unsigned y)
{
	bool self = row->from == row->to;
	unsigned middle = (column_x(row->from) + column_x(row->to)) / 2;
	fprintf(out, "<g class=\"%s%s\">", mark_word(row->mark), row->media ? " media" : "");
	fprintf(out, "<text class=\"time\" x=\"%d\" y=\"%u\" text-anchor=\"end\">%" PRIu64 ".%03u s</text>",
	        TIME_WIDTH - 8, y + 4, row->time_us / 1000000, (unsigned)(row->time_us / 1000 % 1000));
	if (self)
		fprintf(out, "<circle class=\"tip\" cx=\"%u\" cy=\"%u\" r=\"5\"/>", middle, y);
	else
		write_arrow(out, row, y);
	fprintf(out, "<text x=\"%u\" y=\"%u\" text-anchor=\"middle\">", middle, y - 8);
	html_text_cut(out, row->label, LABEL_LETTERS);
	fputs("</text>", out);
	if (row->remark != NULL) {
		fprintf(out, "<text class=\"remark\" x=\"%u\" y=\"%u\" text-anchor=\"middle\">", middle, y + REMARK);
		html_text_cut(out, row->remark, REMARK_LETTERS);
		fputs("</text>", out);
	}
	fputs("</g>\n", out);
}

static unsigned row_height(const struct ladder_row *row)
{
	return ROW + (row->remark != NULL ? REMARK : 0);
}

void html_ladder(FILE *out, const struct ladder *ladder)
{
	unsigned height = HEAD + ROW / 2, y = HEAD + ROW / 2;
	if (ladder->column_count == 0)
		return;
	for (size_t i = 0; i < ladder->row_count; i++)
		height += row_height(&ladder->rows[i]);
	html_element(out, "h3", NULL, ladder->title);
	fprintf(out,
	        "<div class=\"scroll\"><svg class=\"ladder\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" "
	        "viewBox=\"0 0 %u %u\">\n",
	        column_x(ladder->column_count - 1) + MARGIN, height);
	for (size_t i = 0; i < ladder->column_count; i++)
		write_host(out, i, ladder->columns[i], height);
	for (size_t i = 0; i < ladder->row_count; i++) {
		write_row(out, &ladder->rows[i], y);
		y += row_height(&ladder->rows[i]);
	}
	fputs("</svg></div>\n", out);
	if (ladder->more > 0)
		fprintf(out, "<p class=\"means\">and %" PRIu64 " more</p>\n", ladder->more);
}

/* ---- The path ---- */

static const char *hop_class(const struct hop *hop)
{
	if (hop->suspect || hop->state == HOP_ALTERED)
		return "bad";
	switch (hop->state) {
	case HOP_AS_SENT:
	case HOP_TRANSLATED:
		return "good";
	case HOP_DESTINATION:
		return "end";
	case HOP_SILENT:
	case HOP_TOO_SHORT:
	case HOP_ALTERED:
		break;
	}
	return "none";
}

static void write_hop(FILE *out, const struct hop *hop, bool before_suspect)
{
	fprintf(out, "<li class=\"%s%s\"><b>", hop_class(hop), before_suspect ? " before" : "");
	html_text(out, hop->address != NULL ? hop->address : "no answer");
	fputs("</b> ", out);
	if (hop->name != NULL)
		html_element(out, "span", NULL, hop->name);
	fprintf(out, "<small>hop %u", hop->ttl);
	if (hop->delay_us > 0)
		fprintf(out, ", %" PRIu64 ".%01u ms", hop->delay_us / 1000, (unsigned)(hop->delay_us % 1000 / 100));
	fprintf(out, "</small><br/>%s", hop_state_sentence(hop->state));
	if (hop->detail != NULL) {
		fputs(": ", out);
		html_text(out, hop->detail);
	}
	if (hop->suspect)
		fputs("<br/><span class=\"pill bad\">what changes SIP is here or right before</span>", out);
	fputs("</li>\n", out);
}

void html_path(FILE *out, const struct hop *hops, size_t count)
{
	fputs("<ul class=\"path\">\n<li class=\"end\"><b>you</b></li>\n", out);
	for (size_t i = 0; i < count; i++)
		write_hop(out, &hops[i], i + 1 < count && hops[i + 1].suspect);
	fputs("</ul>\n", out);
}
