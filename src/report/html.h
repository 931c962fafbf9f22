/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the page. All of them write well-formed XML, so that any parser can check them. */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "report/report.h"

/* Text for people: what HTML would take for its own is written by name, what is no visible letter as an escape. */
void html_bytes(FILE *out, struct text text);
void html_text(FILE *out, const char *text);

/* The same, cut at `letters_max` letters and an ellipsis. Returns the letters written. */
size_t html_text_cut(FILE *out, const char *text, size_t letters_max);

/* <element class="…">text</element>; `class` may be NULL. */
void html_element(FILE *out, const char *element, const char *class, const char *text);

void html_style(FILE *out);
void html_difference(FILE *out, const struct finding *finding);
void html_ladder(FILE *out, const struct ladder *ladder);
void html_path(FILE *out, const struct hop *hops, size_t count);

#endif
