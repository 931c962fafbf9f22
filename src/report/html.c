/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/report.h"

#include "report/letters.h"

/* What stands for itself in HTML is written by its name. */
static void write_text(FILE *out, const char *text)
{
	char shown[LETTER_TEXT_MAX];
	for (struct text rest = { text, strlen(text) }; !text_is_empty(rest);) {
		struct letter letter = letter_next(rest);
		letter_write(rest, letter, true, shown);
		fputs(shown[0] == '<' ? "&lt;" : shown[0] == '&' ? "&amp;" : shown[0] == '"' ? "&quot;" : shown, out);
		rest = text_from(rest, letter.length);
	}
}

void report_write_html(const struct report *report, FILE *out)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
	      "charset=\"utf-8\"/><title>sipalg</title></head><body><h1>",
	      out);
	write_text(out, report_sentence(report));
	fputs("</h1></body></html>\n", out);
}
