/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/settings.h"

#include "console/values.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

/* inih holds 200 bytes of a line (its INI_MAX_LINE) and takes longer ones for two: they are refused here. */
enum { INIH_LINE_MAX = 200 - 2 };

struct reading {
	struct settings *settings;
	const char *path;
	FILE *file;
	unsigned line;
	unsigned failed; /* line of the first mistake; 0: none */
	struct problem *problem;
	unsigned lines[SETTING_COUNT]; /* where each setting stands */
};

static void reading_fail(struct reading *reading, unsigned line, const char *text)
{
	problem_say(reading->problem, "%s:%u: %s", reading->path, line, text);
	reading->failed = line;
}

/* Hands inih one line without the blanks it begins with (to inih they would continue the line before). */
static char *reading_line(char *out, int room, void *context)
{
	struct reading *reading = context;
	char line[SETTINGS_LINE_MAX];
	if (reading->failed != 0 || fgets(line, sizeof line, reading->file) == NULL)
		return NULL;
	reading->line++;
	const char *start = line + strspn(line, " \t");
	size_t length = strcspn(start, "\r\n");
	if (length > INIH_LINE_MAX || length + 2 > (size_t)room) {
		reading_fail(reading, reading->line,
		             "the line is too long; a list may be spread over several lines of the same name");
		return NULL;
	}
	memcpy(out, start, length);
	memcpy(out + length, "\n", 2);
	return out;
}

/* A list may be given in several lines; a second line of a single value contradicts the first. */
static bool is_list(const char *name)
{
	static const char lists[][12] = { "lan", "wan", "inside", "server", "off", "sip-port", "reserve" };
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		if (strcmp(lists[i], name) == 0)
			return true;
	return false;
}

static bool said_before(struct reading *reading, const char *name)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		if (strcmp(settings_table[i].name, name) != 0)
			continue;
		unsigned line = reading->lines[i];
		reading->lines[i] = reading->line;
		struct problem problem;
		if (line == 0 || is_list(name))
			return false;
		problem_say(&problem, "%s stands in line %u already; remove one of them", name, line);
		reading_fail(reading, reading->line, problem.text);
		return true;
	}
	return false;
}

static int reading_setting(void *context, const char *section, const char *name, const char *value)
{
	struct reading *reading = context;
	struct problem problem;
	if (reading->failed != 0)
		return 0;
	if (section[0] != '\0') {
		problem_say(&problem, "sections as [%s] are not used; remove that line", section);
		reading_fail(reading, reading->line, problem.text);
	} else if (!said_before(reading, name) &&
	           !settings_set(reading->settings, SETTINGS_BY_FILE, name, value, &problem)) {
		reading_fail(reading, reading->line, problem.text);
	}
	return reading->failed == 0;
}

bool settings_read_file(struct settings *settings, const char *path, struct problem *problem)
{
	struct settings changed = *settings;
	struct reading reading = { .settings = &changed, .path = path, .problem = problem };
	reading.file = fopen(path, "re");
	if (reading.file == NULL)
		return problem_say(problem, "%s: %s; is the path right?", path, strerror(errno));
	int line = ini_parse_stream(reading_line, &reading, reading_setting, &reading);
	bool unreadable = ferror(reading.file);
	fclose(reading.file);
	if (unreadable)
		return problem_say(problem, "%s: cannot be read; is it a file?", path);
	/* inih goes on after a line it cannot read, and names the first of them. */
	if (line != 0 && (reading.failed == 0 || (unsigned)line < reading.failed))
		reading_fail(&reading, (unsigned)line, "cannot be read; write it as `name = value`");
	if (reading.failed != 0)
		return false;
	*settings = changed;
	return true;
}
