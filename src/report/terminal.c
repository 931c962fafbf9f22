/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/groups.h"
#include "report/printer.h"
#include "report/words.h"

#include <inttypes.h>

enum { LABEL_WIDTH = 16, BODY = PRINTER_INDENT + LABEL_WIDTH, TOLD_MAX = 4 };

static enum style verdict_style(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_UNKNOWN:
		return STYLE_CHANGED;
	case VERDICT_NO_ALG:
	case VERDICT_ALG_HARMLESS:
		return STYLE_GOOD;
	case VERDICT_ALG_HARMFUL:
	case VERDICT_FAULTS:
		break;
	}
	return STYLE_BAD;
}

static void print_head(const struct printer *printer, const char *title)
{
	fprintf(printer->out, "\n%s%s%s\n", printer_style(printer, STYLE_BOLD), title,
	        printer_style(printer, STYLE_PLAIN));
}

static void print_verdict(const struct printer *printer, const struct report *report)
{
	fprintf(printer->out, "%s%s%s\n", printer_style(printer, verdict_style(report->verdict)),
	        report_sentence(report), printer_style(printer, STYLE_PLAIN));
	if (report->verdict == VERDICT_UNKNOWN && report->unclear != NULL)
		printer_paragraph(printer, 0, "", 0, report->unclear);
}

static void print_facts(const struct printer *printer, const struct report *report)
{
	if (report->fact_count > 0)
		fputc('\n', printer->out);
	for (size_t i = 0; i < report->fact_count; i++)
		printer_paragraph(printer, PRINTER_INDENT, report->facts[i].name, BODY + PRINTER_INDENT,
		                  report->facts[i].value);
}

static void print_finding(const struct printer *printer, const struct finding *finding, bool show_messages)
{
	char label[LABEL_WIDTH];
	snprintf(label, sizeof label, "seen (%s)", confidence_word(finding->confidence));
	printer_paragraph(printer, PRINTER_INDENT, label, BODY, finding->detail);
	if (finding->where != NULL)
		printer_paragraph(printer, PRINTER_INDENT, "in", BODY, finding->where);
	if (finding->difference != NULL && show_messages) {
		fputc('\n', printer->out);
		printer_difference(printer, finding, PRINTER_INDENT);
	}
}

/* One message says enough of a fault, unless everything is wanted. */
static void print_group(const struct printer *printer, const struct report *report, const struct group *group)
{
	const struct fault *fault = fault_of(group->fault);
	bool is_note = fault->severity == SEVERITY_NOTE, shown = false;
	uint64_t told = 0, more = report->repeated[group->fault];
	fprintf(printer->out, "\n%s%s%s  %s%s%s  %s[%s]%s\n", printer_style(printer, is_note ? STYLE_DIM : STYLE_BAD),
	        is_note ? "note " : "FAULT", printer_style(printer, STYLE_PLAIN), printer_style(printer, STYLE_BOLD),
	        fault->title, printer_style(printer, STYLE_PLAIN), printer_style(printer, STYLE_DIM), fault->name,
	        printer_style(printer, STYLE_PLAIN));
	printer_paragraph(printer, PRINTER_INDENT, "you notice", BODY, fault->suffer);
	if (!is_note || printer->everything)
		printer_paragraph(printer, PRINTER_INDENT, "for support", BODY, fault->means);
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct finding *finding = &report->findings[i];
		if (finding->fault != group->fault)
			continue;
		if (told == TOLD_MAX && !printer->everything) {
			more++;
			continue;
		}
		told++;
		print_finding(printer, finding, printer->everything || !shown);
		shown = shown || finding->difference != NULL;
	}
	if (more > 0)
		fprintf(printer->out, "%*s(and %" PRIu64 " more)\n", BODY, "", more);
}

static void print_remedies(const struct printer *printer, const struct report *report, const struct groups *groups)
{
	if (groups->remedy_count > 0)
		print_head(printer, "What to do");
	for (size_t i = 0; i < groups->remedy_count; i++)
		printer_paragraph(printer, PRINTER_INDENT, "-", PRINTER_INDENT + 2, groups->remedies[i]);
	for (size_t i = 0; i < report->remedy_count; i++) {
		const struct remedy *remedy = &report->remedies[i];
		fputc('\n', printer->out);
		printer_paragraph(printer, PRINTER_INDENT, "router", BODY, remedy->router);
		printer_paragraph(printer, PRINTER_INDENT, "recognised by", BODY, remedy->why);
		if (remedy->steps != NULL && remedy->steps[0] != '\0')
			printer_paragraph(printer, PRINTER_INDENT, "switch", BODY, remedy->steps);
		if (remedy->command != NULL && remedy->command[0] != '\0')
			printer_paragraph(printer, PRINTER_INDENT, "command", BODY, remedy->command);
	}
}

static enum style outcome_style(enum outcome outcome)
{
	return outcome == OUTCOME_FINE ? STYLE_GOOD : outcome == OUTCOME_FOUND ? STYLE_BAD : STYLE_DIM;
}

static void print_trials(const struct printer *printer, const struct report *report)
{
	size_t counts[OUTCOME_UNCLEAR + 1] = { 0 };
	if (report->trial_count == 0)
		return;
	for (size_t i = 0; i < report->trial_count; i++)
		counts[report->trials[i].outcome]++;
	print_head(printer, report->trials_title != NULL ? report->trials_title : "What was tried");
	for (size_t i = 0; i < report->trial_count; i++) {
		const struct trial *trial = &report->trials[i];
		if (trial->outcome == OUTCOME_FINE && !printer->everything)
			continue;
		fprintf(printer->out, "  %s%-9s%s", printer_style(printer, outcome_style(trial->outcome)),
		        outcome_word(trial->outcome), printer_style(printer, STYLE_PLAIN));
		printer_text(printer, trial->title);
		if (trial->detail != NULL) {
			fputs(": ", printer->out);
			printer_text(printer, trial->detail);
		}
		fputc('\n', printer->out);
	}
	fprintf(printer->out, "  %zu %s: %zu fine, %zu led to a finding, %zu unclear, %zu skipped\n",
	        report->trial_count, report->trials_title != NULL ? "in all" : "tried", counts[OUTCOME_FINE],
	        counts[OUTCOME_FOUND], counts[OUTCOME_UNCLEAR], counts[OUTCOME_SKIPPED]);
}

static void print_pictures(const struct printer *printer, const struct report *report)
{
	if (report->hop_count > 0) {
		print_head(printer, "The path");
		printer_hops(printer, report->hops, report->hop_count);
	}
	for (size_t i = 0; i < report->ladder_count; i++) {
		fputc('\n', printer->out);
		printer_ladder(printer, &report->ladders[i]);
	}
}

static void print_notes(const struct printer *printer, const struct report *report)
{
	if (report->note_count > 0)
		fputc('\n', printer->out);
	for (size_t i = 0; i < report->note_count; i++)
		printer_paragraph(printer, 0, "-", 2, report->notes[i]);
	if (report->left_out > 0)
		fprintf(printer->out, "- %" PRIu64 " more things found no room in this report\n", report->left_out);
}

void report_print(const struct report *report, const struct terminal *terminal, bool everything, FILE *out)
{
	struct printer printer = printer_create(terminal, everything, out);
	struct groups groups;
	groups_find(report, &groups);
	print_verdict(&printer, report);
	print_facts(&printer, report);
	for (size_t i = 0; i < groups.count; i++)
		print_group(&printer, report, &groups.at[i]);
	print_pictures(&printer, report);
	print_trials(&printer, report);
	print_remedies(&printer, report, &groups);
	print_notes(&printer, report);
}
