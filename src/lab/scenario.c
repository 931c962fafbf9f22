/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/scenario.h"

#include <arpa/inet.h>
#include <string.h>

const struct party *scenario_party(const struct scenario *scenario, struct bytes name)
{
	for (size_t i = 0; i < scenario->party_count; i++)
		if (bytes_equal(bytes_of(scenario->parties[i].name), name))
			return &scenario->parties[i];
	return NULL;
}

static bool port_read(const char *text, uint16_t *port)
{
	uint32_t number;
	if (!bytes_number(bytes_of(text), &number) || number == 0 || number > UINT16_MAX)
		return false;
	*port = (uint16_t)number;
	return true;
}

bool spot_read(const struct scenario *scenario, const char *text, struct spot *spot)
{
	const char *colon = strchr(text, ':');
	struct bytes host = { text, colon ? (size_t)(colon - text) : strlen(text) };
	const struct party *party = scenario_party(scenario, host);
	struct spot read = { 0 };
	if (party) {
		read = party->spot;
	} else {
		char address[INET_ADDRSTRLEN] = "";
		struct in_addr ipv4;
		if (!colon || host.length >= sizeof(address))
			return false;
		memcpy(address, host.start, host.length);
		if (inet_pton(AF_INET, address, &ipv4) != 1)
			return false;
		read.address = ntohl(ipv4.s_addr);
	}
	if (colon && !port_read(colon + 1, &read.port))
		return false;
	*spot = read;
	return true;
}

const char *spot_write(struct spot spot, char text[24])
{
	snprintf(text, 24, "%u.%u.%u.%u:%u", spot.address >> 24, spot.address >> 16 & 255, spot.address >> 8 & 255,
	         spot.address & 255, (unsigned)spot.port);
	return text;
}

bool spot_equal(struct spot left, struct spot right)
{
	return left.address == right.address && left.port == right.port;
}

bool spot_is_inside(struct spot spot)
{
	return spot.address >> 8 == 0xc0a801; /* LAB_LAN_PREFIX */
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

static const char *name_of_path(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');
	return arena_text(arena, (struct bytes){ name, dot ? (size_t)(dot - name) : strlen(name) });
}

static const char *folder_of_path(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? arena_text(arena, (struct bytes){ path, (size_t)(slash - path) }) : ".";
}

static const char *line_parse(struct arena *arena, struct scenario *scenario, const struct lines *lines, size_t *next)
{
	struct line line = lines->list[(*next)++];
	struct words words;
	if (line_indent(line.text) == SIZE_MAX)
		return NULL;
	if (line_indent(line.text) != 0)
		return "an indented line must follow a statement";
	if (!words_split(arena, line.text, &words))
		return "too many words";
	return statement_parse(arena, scenario, line, &words, block_take(lines, next));
}

bool scenario_read(struct arena *arena, const char *path, struct scenario *scenario, const char **error)
{
	struct lines lines;
	*scenario = (struct scenario){ .setup.nat_priority = 100 };
	scenario->name = name_of_path(arena, path);
	scenario->folder = folder_of_path(arena, path);
	scenario->title = scenario->faults = scenario->about = "";
	if (!script_read(arena, path, &lines, error))
		return false;
	for (size_t next = 0; next < lines.count;) {
		struct line line = lines.list[next];
		const char *wrong = line_parse(arena, scenario, &lines, &next);
		if (wrong) {
			*error = arena_format(arena, "%s:%u: %s\n    %s", line.file, line.number, wrong, line.text);
			return false;
		}
	}
	if (scenario->step_count > 0)
		return true;
	*error = arena_format(arena, "%s: has no steps", path);
	return false;
}
