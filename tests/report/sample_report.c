/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes the sample report in the form that the argument names: text, all, json or html. */
#include "sample.h"

#include <locale.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	const char *form = argc > 1 ? argv[1] : "text";
	struct report *report = sample_create();
	struct terminal terminal = terminal_find();
	const char *columns = getenv("SAMPLE_COLUMNS");
	setlocale(LC_CTYPE, "");
	terminal.arrow = terminal_find().arrow;
	if (columns != NULL)
		terminal.width = strtoul(columns, NULL, 10);
	terminal.colours = getenv("SAMPLE_COLOURS") != NULL;
	if (strcmp(form, "html") == 0) {
		report_write_html(report, stdout);
	} else if (strcmp(form, "json") == 0) {
		json_t *json = report_to_json(report);
		json_dumpf(json, stdout, JSON_INDENT(1));
		json_decref(json);
	} else {
		report_print(report, &terminal, strcmp(form, "all") == 0, stdout);
	}
	report_destroy(report);
	return 0;
}
