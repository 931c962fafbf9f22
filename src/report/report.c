/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/report.h"

#include "host/clock.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_TEXT_MAX = 512, ROOM_FIRST = 8 };

#define SECOND_NS UINT64_C(1000000000)

const char *confidence_word(enum confidence confidence)
{
	static const char *const words[] = { "hint", "likely", "certain" };
	return words[confidence];
}

struct report *report_create(const char *tool, const char *subject)
{
	struct report *report = calloc(1, sizeof *report);
	if (report == NULL)
		return NULL;
	report->tool = tool;
	report->version = SIPALG_VERSION;
	report->made = (time_t)(clock_wall_ns() / SECOND_NS);
	report->subject = strdup(subject);
	if (report->subject == NULL) {
		free(report);
		return NULL;
	}
	return report;
}

static void free_finding(struct finding *finding)
{
	free(finding->detail);
	free(finding->where);
	difference_destroy(finding->difference);
}

static void free_hop(struct hop *hop)
{
	free(hop->address);
	free(hop->name);
	free(hop->detail);
}

static void free_trial(struct trial *trial)
{
	free(trial->name);
	free(trial->title);
	free(trial->detail);
}

static void free_remedy(struct remedy *remedy)
{
	free(remedy->router);
	free(remedy->why);
	free(remedy->steps);
	free(remedy->command);
	free(remedy->source);
}

static void free_fact(struct fact *fact)
{
	free(fact->name);
	free(fact->value);
}

void report_destroy(struct report *report)
{
	if (report == NULL)
		return;
	for (size_t i = 0; i < report->finding_count; i++)
		free_finding(&report->findings[i]);
	for (size_t i = 0; i < report->fact_count; i++)
		free_fact(&report->facts[i]);
	for (size_t i = 0; i < report->note_count; i++)
		free(report->notes[i]);
	for (size_t i = 0; i < report->trial_count; i++)
		free_trial(&report->trials[i]);
	for (size_t i = 0; i < report->hop_count; i++)
		free_hop(&report->hops[i]);
	for (size_t i = 0; i < report->remedy_count; i++)
		free_remedy(&report->remedies[i]);
	for (size_t i = 0; i < report->ladder_count; i++)
		ladder_clear(&report->ladders[i]);
	free(report->findings);
	free(report->facts);
	free(report->notes);
	free(report->trials);
	free(report->hops);
	free(report->remedies);
	free(report->unclear);
	free(report->subject);
	free(report);
}

/* ---- Lists ---- */

/* The list with room for one more item than `count`; NULL: it stays as it is, and the report says so. */
static void *make_room(struct report *report, void *list, size_t count, size_t item_size)
{
	bool full = count >= ROOM_FIRST ? (count & (count - 1)) == 0 : count == 0;
	if (count >= REPORT_ITEMS_MAX) {
		report->left_out++;
		return NULL;
	}
	if (!full)
		return list;
	void *grown = realloc(list, (count == 0 ? ROOM_FIRST : count * 2) * item_size);
	if (grown == NULL)
		report->left_out++;
	return grown;
}

/* A copy of a text, or NULL for NULL; `*whole` becomes false without memory. */
static char *copy(const char *text, bool *whole)
{
	char *copied = text != NULL ? strdup(text) : NULL;
	if (text != NULL && copied == NULL)
		*whole = false;
	return copied;
}

/* ---- Findings ---- */

static uint64_t count_findings(const struct report *report, enum fault_kind fault)
{
	uint64_t count = 0;
	for (size_t i = 0; i < report->finding_count; i++)
		count += report->findings[i].fault == fault;
	return count;
}

struct finding *report_find(struct report *report, enum fault_kind fault, enum confidence confidence,
                            const char *detail, ...)
{
	char text[LINE_TEXT_MAX];
	va_list arguments;
	va_start(arguments, detail);
	vsnprintf(text, sizeof text, detail, arguments);
	va_end(arguments);
	if (count_findings(report, fault) >= REPORT_FAULT_FINDINGS_MAX) {
		report->repeated[fault]++;
		return NULL;
	}
	void *list = make_room(report, report->findings, report->finding_count, sizeof *report->findings);
	char *kept = list != NULL ? strdup(text) : NULL;
	if (list != NULL)
		report->findings = list;
	if (kept == NULL)
		return NULL;
	struct finding *finding = &report->findings[report->finding_count++];
	*finding = (struct finding){
		.fault = fault, .confidence = confidence, .detail = kept, .labels = { "sent", "received" }
	};
	return finding;
}

void report_show_messages(struct report *report, struct finding *finding, const struct text *sent,
                          const struct text *received)
{
	if (finding == NULL)
		return;
	difference_destroy(finding->difference);
	finding->difference = difference_create(sent, received);
	report->left_out += finding->difference == NULL;
}

void report_label(struct finding *finding, const char *sent, const char *received)
{
	if (finding == NULL)
		return;
	finding->labels[SIDE_SENT] = sent;
	finding->labels[SIDE_RECEIVED] = received;
}

void report_place(struct report *report, struct finding *finding, const char *where)
{
	bool whole = true;
	if (finding == NULL)
		return;
	free(finding->where);
	finding->where = copy(where, &whole);
	report->left_out += !whole;
}

bool report_has(const struct report *report, enum fault_kind fault)
{
	return count_findings(report, fault) > 0;
}

/* ---- The other lists ---- */

void report_add_fact(struct report *report, const char *name, const char *value)
{
	struct fact *list = make_room(report, report->facts, report->fact_count, sizeof *list);
	bool whole = true;
	if (list == NULL)
		return;
	report->facts = list;
	struct fact fact = { .name = copy(name, &whole), .value = copy(value, &whole) };
	if (whole)
		list[report->fact_count++] = fact;
	else
		free_fact(&fact);
	report->left_out += !whole;
}

void report_add_note(struct report *report, const char *format, ...)
{
	char text[LINE_TEXT_MAX];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	char **list = make_room(report, report->notes, report->note_count, sizeof *list);
	bool whole = true;
	if (list == NULL)
		return;
	report->notes = list;
	list[report->note_count] = copy(text, &whole);
	report->note_count += whole;
	report->left_out += !whole;
}

void report_add_trial(struct report *report, const char *name, const char *title, enum outcome outcome,
                      const char *detail)
{
	struct trial *list = make_room(report, report->trials, report->trial_count, sizeof *list);
	bool whole = true;
	if (list == NULL)
		return;
	report->trials = list;
	struct trial trial = { .name = copy(name, &whole), .title = copy(title, &whole), .outcome = outcome };
	trial.detail = copy(detail, &whole);
	if (whole)
		list[report->trial_count++] = trial;
	else
		free_trial(&trial);
	report->left_out += !whole;
}

void report_add_hop(struct report *report, const struct hop *hop)
{
	struct hop *list = make_room(report, report->hops, report->hop_count, sizeof *list);
	bool whole = true;
	if (list == NULL)
		return;
	report->hops = list;
	struct hop kept = *hop;
	kept.address = copy(hop->address, &whole);
	kept.name = copy(hop->name, &whole);
	kept.detail = copy(hop->detail, &whole);
	if (whole)
		list[report->hop_count++] = kept;
	else
		free_hop(&kept);
	report->left_out += !whole;
}

void report_add_remedy(struct report *report, const struct remedy *remedy)
{
	struct remedy *list = make_room(report, report->remedies, report->remedy_count, sizeof *list);
	bool whole = true;
	if (list == NULL)
		return;
	report->remedies = list;
	struct remedy kept = { .router = copy(remedy->router, &whole), .why = copy(remedy->why, &whole) };
	kept.steps = copy(remedy->steps, &whole);
	kept.command = copy(remedy->command, &whole);
	kept.source = copy(remedy->source, &whole);
	if (whole)
		list[report->remedy_count++] = kept;
	else
		free_remedy(&kept);
	report->left_out += !whole;
}

struct ladder *report_add_ladder(struct report *report, const char *title)
{
	char *kept = report->ladder_count < REPORT_LADDERS_MAX ? strdup(title) : NULL;
	if (kept == NULL) {
		report->left_out++;
		return NULL;
	}
	struct ladder *ladder = &report->ladders[report->ladder_count++];
	ladder->title = kept;
	return ladder;
}

void report_say_unclear(struct report *report, const char *format, ...)
{
	char text[LINE_TEXT_MAX];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	if (report->unclear == NULL)
		report->unclear = strdup(text);
}
