/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/scenario.h"

#include <string.h>

const struct party *scenario_party(const struct scenario *scenario, struct bytes name)
{
	for (size_t i = 0; i < scenario->party_count; i++)
		if (bytes_equal(bytes_of(scenario->parties[i].name), name))
			return &scenario->parties[i];
	return NULL;
}

bool scenario_endpoint(const struct scenario *scenario, const char *text, sipalg_endpoint *endpoint)
{
	size_t length = strcspn(text, ":");
	const struct party *party = scenario_party(scenario, (struct bytes){ text, length });
	uint32_t port;
	if (!party)
		return endpoint_read(text, endpoint);
	if (text[length] == '\0') {
		*endpoint = party->endpoint;
		return true;
	}
	if (!bytes_number(bytes_of(text + length + 1), &port) || port == 0 || port > UINT16_MAX)
		return false;
	*endpoint = party->endpoint;
	endpoint->port = (uint16_t)port;
	endpoint->protocol = SIPALG_PROTOCOL_UDP;
	return true;
}

/* The lines after the statement that belong to it, their common indentation off, trailing blank lines off. */
static struct lines block_take(const struct lines *lines, size_t *next)
{
	struct lines block = { .list = lines->list + *next };
	size_t strip = 0;
	for (; *next < lines->count; (*next)++) {
		struct line *line = &lines->list[*next];
		size_t indent = line_indent(line->text);
		if (indent == 0)
			break;
		if (strip == 0 && indent != SIZE_MAX)
			strip = indent;
		line->text += indent == SIZE_MAX ? strlen(line->text) : indent < strip ? indent : strip;
		block.count++;
	}
	while (block.count > 0 && block.list[block.count - 1].text[0] == '\0')
		block.count--;
	return block;
}

static const char *name_of_path(struct store *store, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');
	return store_text(store, (struct bytes){ name, dot ? (size_t)(dot - name) : strlen(name) });
}

static const char *folder_of_path(struct store *store, const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? store_text(store, (struct bytes){ path, (size_t)(slash - path) }) : ".";
}

static const char *line_parse(struct store *store, struct scenario *scenario, const struct lines *lines, size_t *next)
{
	struct line line = lines->list[(*next)++];
	struct words words;
	if (line_indent(line.text) == SIZE_MAX)
		return NULL;
	if (line_indent(line.text) != 0)
		return "an indented line must follow a statement";
	if (!words_split(store, line.text, &words))
		return "too many words";
	return statement_parse(store, scenario, line, &words, block_take(lines, next));
}

bool scenario_read(struct store *store, const char *path, struct scenario *scenario, const char **error)
{
	struct lines lines;
	*scenario = (struct scenario){ .setup = { .nat_priority = 100, .ip6 = SIPALG_TRANSLATION_NONE } };
	scenario->name = name_of_path(store, path);
	scenario->folder = folder_of_path(store, path);
	scenario->title = scenario->faults = scenario->about = "";
	if (!script_read(store, path, &lines, error))
		return false;
	for (size_t next = 0; next < lines.count;) {
		struct line line = lines.list[next];
		const char *wrong = line_parse(store, scenario, &lines, &next);
		if (wrong) {
			*error = store_format(store, "%s:%u: %s\n    %s", line.file, line.number, wrong, line.text);
			return false;
		}
	}
	if (scenario->step_count > 0)
		return true;
	*error = store_format(store, "%s: has no steps", path);
	return false;
}
