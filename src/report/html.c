/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/html.h"

#include "report/groups.h"
#include "report/words.h"

#include <inttypes.h>

enum { DATE_MAX = 40, TOLD_MAX = 4 };

static const char *verdict_class(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_UNKNOWN:
		return "warn";
	case VERDICT_NO_ALG:
	case VERDICT_ALG_HARMLESS:
		return "good";
	case VERDICT_ALG_HARMFUL:
	case VERDICT_FAULTS:
		break;
	}
	return "bad";
}

/* A tick, a question mark or a cross. */
static void write_icon(FILE *out, const char *class)
{
	const char *path = class[0] == 'g'   ? "M14 25l8 8 13-16"
	                   : class[0] == 'w' ? "M18 19a6 6 0 1 1 9 5c-2 1.500-3 3-3 5m0 5v1"
	                                     : "M16 16l16 16m0-16l-16 16";
	fprintf(out,
	        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 48 48\" fill=\"none\" "
	        "stroke=\"currentColor\" stroke-width=\"4\" stroke-linecap=\"round\" stroke-linejoin=\"round\">"
	        "<circle cx=\"24\" cy=\"24\" r=\"21\"/><path d=\"%s\"/></svg>\n",
	        path);
}

static size_t count_severity(const struct groups *groups, enum severity severity)
{
	size_t count = 0;
	for (size_t i = 0; i < groups->count; i++)
		count += fault_of(groups->at[i].fault)->severity == severity;
	return count;
}

static void write_verdict(FILE *out, const struct report *report, const struct groups *groups)
{
	const char *class = verdict_class(report->verdict);
	size_t faults = count_severity(groups, SEVERITY_FAULT), notes = count_severity(groups, SEVERITY_NOTE);
	fprintf(out, "<section class=\"card verdict %s\">", class);
	write_icon(out, class);
	fputs("<div>", out);
	html_element(out, "h1", NULL, report_sentence(report));
	if (report->verdict == VERDICT_UNKNOWN && report->unclear != NULL)
		html_element(out, "p", NULL, report->unclear);
	if (groups->count > 0)
		fprintf(out, "<p>%zu fault%s, %zu note%s</p>", faults, faults == 1 ? "" : "s", notes,
		        notes == 1 ? "" : "s");
	fputs("</div></section>\n", out);
}

static void write_facts(FILE *out, const struct report *report)
{
	if (report->fact_count == 0)
		return;
	fputs("<section class=\"card\"><dl>\n", out);
	for (size_t i = 0; i < report->fact_count; i++) {
		html_element(out, "dt", NULL, report->facts[i].name);
		html_element(out, "dd", NULL, report->facts[i].value);
	}
	fputs("</dl></section>\n", out);
}

static void write_remedy(FILE *out, const struct remedy *remedy)
{
	fputs("<section class=\"card\">", out);
	html_element(out, "h3", NULL, remedy->router);
	if (remedy->why != NULL)
		html_element(out, "p", "means", remedy->why);
	if (remedy->steps != NULL && remedy->steps[0] != '\0')
		html_element(out, "p", NULL, remedy->steps);
	if (remedy->command != NULL && remedy->command[0] != '\0')
		html_element(out, "pre", NULL, remedy->command);
	if (remedy->source != NULL && remedy->source[0] != '\0')
		html_element(out, "p", "name", remedy->source);
	fputs("</section>\n", out);
}

static void write_remedies(FILE *out, const struct report *report, const struct groups *groups)
{
	if (groups->remedy_count + report->remedy_count == 0)
		return;
	fputs("<h2>What to do</h2>\n", out);
	if (groups->remedy_count > 0) {
		fputs("<section class=\"card\"><ol class=\"steps\">\n", out);
		for (size_t i = 0; i < groups->remedy_count; i++)
			html_element(out, "li", NULL, groups->remedies[i]);
		fputs("</ol></section>\n", out);
	}
	for (size_t i = 0; i < report->remedy_count; i++)
		write_remedy(out, &report->remedies[i]);
}

static void write_finding(FILE *out, const struct finding *finding)
{
	fprintf(out, "<li>");
	html_text(out, finding->detail);
	fprintf(out, " <small>%s", confidence_word(finding->confidence));
	if (finding->where != NULL) {
		fputs(", ", out);
		html_text(out, finding->where);
	}
	fputs("</small>\n", out);
	if (finding->difference != NULL)
		html_difference(out, finding);
	fputs("</li>\n", out);
}

/* After the first few the others are folded away. */
static void write_findings(FILE *out, const struct report *report, enum fault_kind fault)
{
	size_t written = 0;
	for (size_t i = 0; i < report->finding_count; i++) {
		if (report->findings[i].fault != fault)
			continue;
		if (written == TOLD_MAX)
			fputs("<li><details><summary>more of the same</summary><ul>\n", out);
		write_finding(out, &report->findings[i]);
		written++;
	}
	if (report->repeated[fault] > 0)
		fprintf(out, "<li><small>and %" PRIu64 " more</small></li>\n", report->repeated[fault]);
	if (written > TOLD_MAX)
		fputs("</ul></details></li>\n", out);
}

static void write_group(FILE *out, const struct report *report, const struct group *group)
{
	const struct fault *fault = fault_of(group->fault);
	bool is_note = fault->severity == SEVERITY_NOTE;
	fprintf(out,
	        "<article class=\"card%s\"><div class=\"head\"><span class=\"pill %s\">%s</span>"
	        "<h3>",
	        is_note ? "" : " fault", is_note ? "none" : "bad", severity_word(fault->severity));
	html_text(out, fault->title);
	fprintf(out, "</h3><code class=\"name\">%s</code></div>\n", fault->name);
	html_element(out, "p", "notice", fault->suffer);
	fputs("<p class=\"means\"><b>For the support desk:</b> ", out);
	html_text(out, fault->means);
	fputs("</p>\n", out);
	fputs("<ul class=\"seen\">\n", out);
	write_findings(out, report, group->fault);
	fputs("</ul></article>\n", out);
}

static void write_trials(FILE *out, const struct report *report)
{
	static const char *const classes[] = { "none", "good", "bad", "warn" };
	if (report->trial_count == 0)
		return;
	html_element(out, "h2", NULL, report->trials_title != NULL ? report->trials_title : "What was tried");
	fputs("<section class=\"card\"><table>\n", out);
	for (size_t i = 0; i < report->trial_count; i++) {
		const struct trial *trial = &report->trials[i];
		fprintf(out, "<tr><td><span class=\"pill %s\">%s</span></td><td>", classes[trial->outcome],
		        outcome_word(trial->outcome));
		html_text(out, trial->title);
		if (trial->detail != NULL)
			html_element(out, "div", "means", trial->detail);
		fputs("</td></tr>\n", out);
	}
	fputs("</table></section>\n", out);
}

static void write_pictures(FILE *out, const struct report *report)
{
	if (report->hop_count > 0) {
		fputs("<h2>The path</h2>\n<section class=\"card\">\n", out);
		html_path(out, report->hops, report->hop_count);
		fputs("</section>\n", out);
	}
	if (report->ladder_count > 0)
		fputs("<h2>Who sent what</h2>\n", out);
	for (size_t i = 0; i < report->ladder_count; i++) {
		fputs("<section class=\"card\">\n", out);
		html_ladder(out, &report->ladders[i]);
		fputs("</section>\n", out);
	}
}

static void write_notes(FILE *out, const struct report *report)
{
	if (report->note_count + report->left_out == 0)
		return;
	fputs("<h2>Notes</h2>\n<section class=\"card\">\n", out);
	for (size_t i = 0; i < report->note_count; i++)
		html_element(out, "p", NULL, report->notes[i]);
	if (report->left_out > 0)
		fprintf(out, "<p>%" PRIu64 " more things found no room in this report.</p>\n", report->left_out);
	fputs("</section>\n", out);
}

/* In UTC, so that it means the same wherever the page is read. */
static void write_date(FILE *out, time_t made)
{
	struct tm broken;
	char date[DATE_MAX];
	if (made != 0 && gmtime_r(&made, &broken) != NULL && strftime(date, sizeof date, "%F %R UTC", &broken) > 0)
		fprintf(out, "<span>%s</span>", date);
}

/* No script, nothing from elsewhere: a reader's browser is told to refuse both. */
static void write_head(FILE *out, const struct report *report)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
	      "'unsafe-inline'\"/>\n"
	      "<title>",
	      out);
	html_text_cut(out, report->subject, 80);
	fprintf(out, " - sipalg %s</title>\n", report->tool);
	html_style(out);
	fprintf(out, "</head>\n<body>\n<main>\n<div class=\"top\"><span><b>sipalg %s</b> ", report->tool);
	html_text(out, report->subject);
	fputs("</span>", out);
	write_date(out, report->made);
	fputs("</div>\n", out);
}

void report_write_html(const struct report *report, FILE *out)
{
	struct groups groups;
	groups_find(report, &groups);
	write_head(out, report);
	write_verdict(out, report, &groups);
	write_facts(out, report);
	write_remedies(out, report, &groups);
	if (groups.count > 0)
		fputs("<h2>What was found</h2>\n", out);
	for (size_t i = 0; i < groups.count; i++)
		write_group(out, report, &groups.at[i]);
	write_pictures(out, report);
	write_trials(out, report);
	write_notes(out, report);
	fprintf(out,
	        "<footer>Made by sipalg%s%s. This page holds addresses and messages of the network it was made in.",
	        report->version != NULL ? " " : "", report->version != NULL ? report->version : "");
	fputs("</footer>\n</main>\n</body>\n</html>\n", out);
}
