/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints a report's parts for people at a terminal; what is hostile is shown as escapes, never sent as it is. */
#ifndef REPORT_PRINTER_H
#define REPORT_PRINTER_H

#include "report/report.h"

enum { PRINTER_INDENT = 2, PRINTER_COLUMNS_MAX = 240 };

struct printer {
	const struct terminal *terminal;
	FILE *out;
	size_t width;    /* columns of a line of prose */
	bool plain_only; /* the locale has no letters beyond ASCII */
	bool everything;
};

struct printer printer_create(const struct terminal *terminal, bool everything, FILE *out);

/* What switches a style on; "" without colours. */
const char *printer_style(const struct printer *printer, enum style style);

/* One line's worth of text, made safe, without wrapping; returns its columns. */
size_t printer_text(const struct printer *printer, const char *text);

/* A paragraph: `label` at `indent`, the text beside it from column `hang` on, wrapped; ends the line. */
void printer_paragraph(const struct printer *printer, size_t indent, const char *label, size_t hang, const char *text);

void printer_blanks(const struct printer *printer, size_t count);

/* The two versions of a message: side by side where the terminal is wide enough, else one below the other. */
void printer_difference(const struct printer *printer, const struct finding *finding, size_t indent);

void printer_ladder(const struct printer *printer, const struct ladder *ladder);

void printer_hops(const struct printer *printer, const struct hop *hops, size_t count);

#endif
