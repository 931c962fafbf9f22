/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/report.h"

#include "report/words.h"
#include "report/letters.h"

#include <stdlib.h>
#include <string.h>

/* Texts of the report may hold any bytes: what is no UTF-8 becomes '?'. */
static json_t *json_of(const char *text)
{
	json_t *plain = text != NULL ? json_string(text) : json_null();
	if (plain != NULL)
		return plain;
	char *clean = strdup(text);
	if (clean == NULL)
		return NULL;
	for (struct text rest = { clean, strlen(clean) }; !text_is_empty(rest);) {
		struct letter letter = letter_next(rest);
		if (!letter.valid)
			clean[strlen(clean) - rest.length] = '?';
		rest = text_from(rest, letter.length);
	}
	plain = json_string(clean);
	free(clean);
	return plain;
}

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* RFC 4648 4. NULL: no memory. */
static json_t *json_base64(struct text bytes)
{
	size_t length = (bytes.length + 2) / 3 * 4;
	char *out = malloc(length + 1);
	if (out == NULL)
		return NULL;
	for (size_t i = 0, at = 0; i < bytes.length; i += 3) {
		size_t left = bytes.length - i;
		unsigned group = (unsigned)(unsigned char)bytes.start[i] << 16;
		group |= left > 1 ? (unsigned)(unsigned char)bytes.start[i + 1] << 8 : 0;
		group |= left > 2 ? (unsigned)(unsigned char)bytes.start[i + 2] : 0;
		out[at++] = base64_digits[group >> 18];
		out[at++] = base64_digits[group >> 12 & 63];
		out[at++] = left > 1 ? base64_digits[group >> 6 & 63] : '=';
		out[at++] = left > 2 ? base64_digits[group & 63] : '=';
	}
	json_t *made = json_stringn(out, length);
	free(out);
	return made;
}

/* {"label", "text"} or, of bytes that are no UTF-8, {"label", "base64"}. */
static json_t *json_version(const struct finding *finding, enum side side)
{
	const struct difference *difference = finding->difference;
	if (!difference->present[side])
		return json_null();
	struct text version = difference->version[side];
	json_t *text = json_stringn(version.start, version.length);
	if (text != NULL)
		return json_pack("{s:s, s:o}", "label", finding->labels[side], "text", text);
	return json_pack("{s:s, s:o}", "label", finding->labels[side], "base64", json_base64(version));
}

/* [offset, length] of each mark; offsets count bytes from the version's start. */
static json_t *json_marks(const struct difference *difference, const struct difference_line *line, enum side side)
{
	json_t *marks = json_array();
	const struct span *mark = difference->marks[side] + (line->mark_count[side] > 0 ? line->first_mark[side] : 0);
	for (size_t i = 0; i < line->mark_count[side]; i++, mark++)
		json_array_append_new(marks, json_pack("[I, I]", (json_int_t)mark->offset, (json_int_t)mark->length));
	return marks;
}

static json_t *json_line_side(const struct difference *difference, const struct difference_line *line, enum side side)
{
	const struct span *span = &line->line[side];
	if (span->length == 0)
		return json_null();
	return json_pack("{s:I, s:I, s:o}", "offset", (json_int_t)span->offset, "length", (json_int_t)span->length,
	                 "marks", json_marks(difference, line, side));
}

/* Lines that are the same are left out: they follow from the others. */
static json_t *json_difference(const struct finding *finding)
{
	const struct difference *difference = finding->difference;
	if (difference == NULL)
		return json_null();
	json_t *lines = json_array();
	for (size_t i = 0; i < difference->line_count; i++) {
		const struct difference_line *line = &difference->lines[i];
		if (line->kind == LINE_SAME)
			continue;
		json_array_append_new(lines, json_pack("{s:s, s:o, s:o}", "kind", line_kind_word(line->kind), "sent",
		                                       json_line_side(difference, line, SIDE_SENT), "received",
		                                       json_line_side(difference, line, SIDE_RECEIVED)));
	}
	return json_pack("{s:b, s:o, s:o, s:o}", "equal", difference->equal, "sent", json_version(finding, SIDE_SENT),
	                 "received", json_version(finding, SIDE_RECEIVED), "lines", lines);
}

static json_t *json_finding(const struct finding *finding)
{
	const struct fault *fault = fault_of(finding->fault);
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:s, s:s, s:s, s:s, s:o}", "fault", fault->name, "severity",
	                 severity_word(fault->severity), "confidence", confidence_word(finding->confidence), "detail",
	                 json_of(finding->detail), "where", json_of(finding->where), "title", fault->title, "suffer",
	                 fault->suffer, "means", fault->means, "remedy", fault->remedy, "messages",
	                 json_difference(finding));
}

static json_t *json_findings(const struct report *report)
{
	json_t *findings = json_array();
	for (size_t i = 0; i < report->finding_count; i++)
		json_array_append_new(findings, json_finding(&report->findings[i]));
	return findings;
}

/* Findings beyond those listed, by the fault's name. */
static json_t *json_repeated(const struct report *report)
{
	json_t *repeated = json_object();
	for (size_t i = 0; i < FAULT_COUNT; i++)
		if (report->repeated[i] > 0)
			json_object_set_new(repeated, fault_of((enum fault_kind)i)->name,
			                    json_integer((json_int_t)report->repeated[i]));
	return repeated;
}

static json_t *json_facts(const struct report *report)
{
	json_t *facts = json_array();
	for (size_t i = 0; i < report->fact_count; i++)
		json_array_append_new(facts, json_pack("{s:o, s:o}", "name", json_of(report->facts[i].name), "value",
		                                       json_of(report->facts[i].value)));
	return facts;
}

static json_t *json_notes(const struct report *report)
{
	json_t *notes = json_array();
	for (size_t i = 0; i < report->note_count; i++)
		json_array_append_new(notes, json_of(report->notes[i]));
	return notes;
}

static json_t *json_trials(const struct report *report)
{
	json_t *trials = json_array();
	for (size_t i = 0; i < report->trial_count; i++) {
		const struct trial *trial = &report->trials[i];
		json_array_append_new(trials, json_pack("{s:o, s:o, s:s, s:o}", "name", json_of(trial->name), "title",
		                                        json_of(trial->title), "outcome", outcome_word(trial->outcome),
		                                        "detail", json_of(trial->detail)));
	}
	return trials;
}

static json_t *json_hops(const struct report *report)
{
	json_t *hops = json_array();
	for (size_t i = 0; i < report->hop_count; i++) {
		const struct hop *hop = &report->hops[i];
		json_array_append_new(hops,
		                      json_pack("{s:i, s:s, s:b, s:o, s:o, s:o, s:I}", "ttl", (int)hop->ttl, "state",
		                                hop_state_word(hop->state), "suspect", hop->suspect, "address",
		                                json_of(hop->address), "name", json_of(hop->name), "detail",
		                                json_of(hop->detail), "delay_us", (json_int_t)hop->delay_us));
	}
	return hops;
}

static json_t *json_remedies(const struct report *report)
{
	json_t *remedies = json_array();
	for (size_t i = 0; i < report->remedy_count; i++) {
		const struct remedy *remedy = &report->remedies[i];
		json_array_append_new(remedies,
		                      json_pack("{s:o, s:o, s:o, s:o, s:o}", "router", json_of(remedy->router), "why",
		                                json_of(remedy->why), "steps", json_of(remedy->steps), "command",
		                                json_of(remedy->command), "source", json_of(remedy->source)));
	}
	return remedies;
}

static json_t *json_ladder_rows(const struct ladder *ladder)
{
	json_t *rows = json_array();
	for (size_t i = 0; i < ladder->row_count; i++) {
		const struct ladder_row *row = &ladder->rows[i];
		json_array_append_new(rows,
		                      json_pack("{s:I, s:i, s:i, s:o, s:s, s:b, s:o}", "time_us",
		                                (json_int_t)row->time_us, "from", (int)row->from, "to", (int)row->to,
		                                "label", json_of(row->label), "mark", mark_word(row->mark), "media",
		                                row->media, "remark", json_of(row->remark)));
	}
	return rows;
}

static json_t *json_ladders(const struct report *report)
{
	json_t *ladders = json_array();
	for (size_t i = 0; i < report->ladder_count; i++) {
		const struct ladder *ladder = &report->ladders[i];
		json_t *columns = json_array();
		for (size_t j = 0; j < ladder->column_count; j++)
			json_array_append_new(columns, json_of(ladder->columns[j]));
		json_array_append_new(ladders, json_pack("{s:o, s:o, s:o, s:I}", "title", json_of(ladder->title),
		                                         "columns", columns, "rows", json_ladder_rows(ladder), "more",
		                                         (json_int_t)ladder->more));
	}
	return ladders;
}

json_t *report_to_json(const struct report *report)
{
	return json_pack("{s:s, s:s*, s:o, s:I, s:s, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I}",
	                 "tool", report->tool, "version", report->version, "subject", json_of(report->subject), "time",
	                 (json_int_t)report->made, "verdict", verdict_word(report->verdict), "sentence",
	                 report_sentence(report), "exit_code", report_exit_code(report), "unclear",
	                 json_of(report->unclear), "findings", json_findings(report), "repeated", json_repeated(report),
	                 "facts", json_facts(report), "notes", json_notes(report), "trials", json_trials(report),
	                 "hops", json_hops(report), "remedies", json_remedies(report), "ladders", json_ladders(report),
	                 "left_out", (json_int_t)report->left_out);
}
