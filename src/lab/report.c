/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/report.h"

#include <jansson.h>
#include <string.h>

enum { CELL_WIDTH = 10 };

const char *router_word(enum router router)
{
	static const char *const words[ROUTER_COUNT] = { "plain", "kernel", "sipalg" };
	return words[router];
}

static const char *result_word(enum cell_result result)
{
	static const char *const words[] = { "-", "passed", "FAILED", "not here" };
	return words[result];
}

static const struct cell *cell_find(const struct cells *cells, const struct scenario *scenario, enum router router)
{
	for (size_t i = 0; i < cells->count; i++)
		if (cells->list[i].scenario == scenario && cells->list[i].router == router)
			return &cells->list[i];
	return NULL;
}

static int name_width(const struct scenarios *scenarios)
{
	size_t width = strlen("scenario");
	for (size_t i = 0; i < scenarios->count; i++)
		if (strlen(scenarios->list[i].name) > width)
			width = strlen(scenarios->list[i].name);
	return (int)width + 2;
}

void report_list(FILE *out, const struct scenarios *scenarios)
{
	int width = name_width(scenarios);
	for (size_t i = 0; i < scenarios->count; i++) {
		const struct scenario *scenario = &scenarios->list[i];
		fprintf(out, "%-*s%-12s%s\n", width, scenario->name, scenario->faults, scenario->title);
	}
}

static bool router_is_there(const struct cells *cells, enum router router)
{
	for (size_t i = 0; i < cells->count; i++)
		if (cells->list[i].router == router)
			return true;
	return false;
}

static void cell_write(FILE *out, const struct cell *cell, bool colour)
{
	static const char *const colours[] = { "", "\033[32m", "\033[31m", "\033[33m" };
	if (!cell) {
		fprintf(out, "%-*s", CELL_WIDTH, "-");
		return;
	}
	char text[24];
	snprintf(text, sizeof(text), "%s%s", result_word(cell->result), cell->modelled ? "*" : "");
	fprintf(out, "%s%-*s%s", colour ? colours[cell->result] : "", CELL_WIDTH, text, colour ? "\033[0m" : "");
}

void report_table(FILE *out, const struct scenarios *scenarios, const struct cells *cells, bool colour)
{
	int width = name_width(scenarios);
	bool modelled = false;
	fprintf(out, "%-*s", width, "scenario");
	for (enum router router = 0; router < ROUTER_COUNT; router++)
		if (router_is_there(cells, router))
			fprintf(out, "%-*s", CELL_WIDTH, router_word(router));
	fprintf(out, "what it is about\n");
	for (size_t i = 0; i < scenarios->count; i++) {
		fprintf(out, "%-*s", width, scenarios->list[i].name);
		for (enum router router = 0; router < ROUTER_COUNT; router++) {
			const struct cell *cell = cell_find(cells, &scenarios->list[i], router);
			if (router_is_there(cells, router))
				cell_write(out, cell, colour);
			modelled = modelled || (cell && cell->modelled);
		}
		fprintf(out, "%s\n", scenarios->list[i].title);
	}
	if (modelled)
		fputs("* played by the engine and a model of NAT, on a clock of its own (--slow plays it here, for "
		      "real)\n",
		      out);
}

/* True when the scenario says how this router does, and it did otherwise. */
static bool is_unexpected(const struct cell *cell)
{
	enum known known = cell->router == ROUTER_PLAIN    ? cell->scenario->plain_known
	                   : cell->router == ROUTER_KERNEL ? cell->scenario->kernel_known
	                                                   : KNOWN_NOTHING;
	return (known == KNOWN_FAILS && cell->result == CELL_PASSED) ||
	       (known == KNOWN_PASSES && cell->result == CELL_FAILED);
}

void report_reasons(FILE *out, const struct cells *cells)
{
	for (enum router router = 0; router < ROUTER_COUNT; router++) {
		const char *heading = router_word(router);
		for (size_t i = 0; i < cells->count; i++) {
			const struct cell *cell = &cells->list[i];
			if (cell->router != router || (cell->result == CELL_PASSED && !is_unexpected(cell)))
				continue;
			if (heading)
				fprintf(out, "\n%s:\n", heading);
			heading = NULL;
			fprintf(out, "  %s: %s%s\n", cell->scenario->name,
			        cell->result == CELL_PASSED ? "passed" : cell->reason,
			        is_unexpected(cell) ? " (the scenario says otherwise of this router)" : "");
		}
	}
}

void report_traces(FILE *out, const struct cells *cells)
{
	for (size_t i = 0; i < cells->count; i++) {
		const struct cell *cell = &cells->list[i];
		fprintf(out, "==== %s, %s: %s\n%.*s\n", cell->scenario->name, router_word(cell->router),
		        result_word(cell->result), (int)cell->trace.length, cell->trace.start);
	}
}

static json_t *cell_json(const struct cell *cell)
{
	json_t *object = json_object();
	json_object_set_new(object, "result", json_string(result_word(cell->result)));
	json_object_set_new(object, "modelled", json_boolean(cell->modelled));
	json_object_set_new(object, "milliseconds", json_integer(cell->duration_ms));
	if (cell->result != CELL_PASSED)
		json_object_set_new(object, "reason", json_string(cell->reason));
	return object;
}

void report_json(FILE *out, const struct scenarios *scenarios, const struct cells *cells)
{
	json_t *array = json_array();
	for (size_t i = 0; i < scenarios->count; i++) {
		const struct scenario *scenario = &scenarios->list[i];
		json_t *object = json_object();
		json_t *routers = json_object();
		json_object_set_new(object, "scenario", json_string(scenario->name));
		json_object_set_new(object, "title", json_string(scenario->title));
		json_object_set_new(object, "faults", json_string(scenario->faults));
		json_object_set_new(object, "about", json_string(scenario->about));
		for (enum router router = 0; router < ROUTER_COUNT; router++) {
			const struct cell *cell = cell_find(cells, scenario, router);
			if (cell)
				json_object_set_new(routers, router_word(router), cell_json(cell));
		}
		json_object_set_new(object, "routers", routers);
		json_array_append_new(array, object);
	}
	json_dumpf(array, out, JSON_INDENT(2));
	fputc('\n', out);
	json_decref(array);
}

size_t report_count(const struct cells *cells, enum router router, enum cell_result result)
{
	size_t count = 0;
	for (size_t i = 0; i < cells->count; i++)
		count += cells->list[i].router == router && cells->list[i].result == result;
	return count;
}
