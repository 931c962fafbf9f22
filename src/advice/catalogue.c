/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "advice/catalogue.h"

#include "advice/embedded.h"

#include <string.h>

const char *catalogue_item(const json_t *list, size_t place)
{
	const char *text = json_string_value(json_array_get(list, place));
	return text != NULL ? text : "";
}

static const char *text_of(const json_t *entry, const char *key)
{
	const char *text = json_string_value(json_object_get(entry, key));
	return text != NULL ? text : "";
}

static bool is_list_of_texts(const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!json_is_string(json_array_get(list, i)))
			return false;
	return list == NULL || json_is_array(list);
}

static bool is_kind(const char *kind)
{
	static const char *const kinds[] = { "switch", "none", "fixed", "soften", "unclear" };
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kinds[i], kind) == 0)
			return true;
	return false;
}

/* Nothing but these keys, so that a misspelt one is found. */
static bool has_known_keys(json_t *entry)
{
	static const char *const known[] = { "vendor",   "product", "versions", "kind",      "names", "steps",
		                             "commands", "note",    "words",    "recognise", "source" };
	const char *key;
	json_t *value;
	json_object_foreach(entry, key, value)
	{
		bool found = false;
		for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
			found = found || strcmp(known[i], key) == 0;
		if (!found)
			return false;
	}
	return true;
}

static bool read_router(json_t *entry, struct router *router)
{
	*router = (struct router){
		.vendor = text_of(entry, "vendor"),
		.product = text_of(entry, "product"),
		.versions = text_of(entry, "versions"),
		.kind = text_of(entry, "kind"),
		.note = text_of(entry, "note"),
		.source = text_of(entry, "source"),
		.names = json_object_get(entry, "names"),
		.steps = json_object_get(entry, "steps"),
		.commands = json_object_get(entry, "commands"),
		.words = json_object_get(entry, "words"),
		.recognise = json_object_get(entry, "recognise"),
		.json = entry,
	};
	return json_is_object(entry) && has_known_keys(entry) && router->vendor[0] != '\0' &&
	       router->product[0] != '\0' && is_kind(router->kind) && json_array_size(router->steps) > 0 &&
	       is_list_of_texts(router->names) && is_list_of_texts(router->steps) &&
	       is_list_of_texts(router->commands) && is_list_of_texts(router->words) &&
	       is_list_of_texts(router->recognise);
}

bool catalogue_read(struct catalogue *catalogue, const char *text, size_t length, struct problem *problem)
{
	json_error_t error;
	*catalogue = (struct catalogue){ .root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error) };
	if (catalogue->root == NULL)
		return problem_say(problem, "the list of routers is damaged: line %d: %s", error.line, error.text);
	size_t count = json_array_size(catalogue->root);
	for (size_t i = 0; i < count && i < ROUTERS_MAX; i++) {
		if (!read_router(json_array_get(catalogue->root, i), &catalogue->routers[i])) {
			problem_say(problem, "the list of routers is damaged: entry %zu", i + 1);
			catalogue_close(catalogue);
			return false;
		}
		catalogue->count++;
	}
	return true;
}

bool catalogue_open(struct catalogue *catalogue, struct problem *problem)
{
	return catalogue_read(catalogue, (const char *)embedded_routers, embedded_routers_length, problem);
}

void catalogue_close(struct catalogue *catalogue)
{
	json_decref(catalogue->root);
	*catalogue = (struct catalogue){ 0 };
}
