/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/switches.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SWITCHES_LINE_MAX = 80, SWITCHES_PATH_MAX = 128 };

/* ---- The list ---- */

/* For IPv4 people do not count the mapped bits. */
static const char *prefix_text(const sipalg_prefix *prefix, char out[SWITCHES_LINE_MAX])
{
	char address[SIPALG_ADDRESS_TEXT_MAX];
	sipalg_address_write(&prefix->address, address);
	bool ipv4 = sipalg_address_is_ipv4(&prefix->address);
	snprintf(out, SWITCHES_LINE_MAX, prefix->length == 128 ? "%s" : "%s/%d", address,
	         ipv4 ? prefix->length - 96 : prefix->length);
	return out;
}

static bool prefix_holds(const sipalg_prefix *outer, const sipalg_prefix *inner)
{
	return outer->length <= inner->length && sipalg_prefix_contains(outer, &inner->address);
}

bool switches_add(struct switches *switches, const sipalg_prefix *prefix, struct problem *problem)
{
	for (size_t i = 0; i < switches->off_count; i++)
		if (prefix_holds(&switches->off[i], prefix))
			return true;
	if (switches->off_count == SIPALG_PREFIXES_MAX)
		return problem_say(problem,
		                   "%d hosts are switched off already; switch a network off instead, as 192.168.1.0/24",
		                   SIPALG_PREFIXES_MAX);
	switches->off[switches->off_count++] = *prefix;
	return true;
}

bool switches_remove(struct switches *switches, const sipalg_prefix *prefix, struct problem *problem)
{
	char inner[SWITCHES_LINE_MAX], outer[SWITCHES_LINE_MAX];
	size_t kept = 0, count = switches->off_count;
	for (size_t i = 0; i < count; i++)
		if (!prefix_holds(prefix, &switches->off[i]))
			switches->off[kept++] = switches->off[i];
	switches->off_count = kept;
	if (kept < count)
		return true;
	for (size_t i = 0; i < count; i++)
		if (prefix_holds(&switches->off[i], prefix))
			return problem_say(problem, "%s is off as a part of %s; switch that on",
			                   prefix_text(prefix, inner), prefix_text(&switches->off[i], outer));
	return problem_say(problem, "%s is not switched off; `sipalg show` lists what is", prefix_text(prefix, inner));
}

bool switches_cover(const struct switches *switches, const sipalg_address *address)
{
	if (switches->everything_off)
		return true;
	for (size_t i = 0; i < switches->off_count; i++)
		if (sipalg_prefix_contains(&switches->off[i], address))
			return true;
	return false;
}

/* ---- The file: "off" for everything, "off NETWORK" for one ---- */

static bool line_read(struct switches *switches, const char *line, size_t length)
{
	static const char word[] = "off";
	size_t word_length = sizeof word - 1;
	sipalg_prefix prefix;
	struct problem full;
	if (length == 0 || line[0] == '#')
		return true;
	if (length < word_length || memcmp(line, word, word_length) != 0)
		return false;
	if (length == word_length) {
		switches->everything_off = true;
		return true;
	}
	return line[word_length] == ' ' &&
	       sipalg_prefix_read(line + word_length + 1, length - word_length - 1, &prefix) &&
	       switches_add(switches, &prefix, &full);
}

bool switches_read(struct switches *switches, const char *path, struct problem *problem)
{
	struct switches found = { 0 };
	char line[SWITCHES_LINE_MAX];
	unsigned number = 0;
	bool readable = true;
	FILE *file = path[0] == '\0' ? NULL : fopen(path, "re");
	if (file == NULL && path[0] != '\0' && errno != ENOENT && errno != ENOTDIR)
		return problem_say(problem, "%s: %s; run as root or choose another file with --state", path,
		                   strerror(errno));
	while (file != NULL && readable && fgets(line, sizeof line, file) != NULL) {
		number++;
		readable = line_read(&found, line, strcspn(line, "\n"));
	}
	if (file != NULL) {
		readable = readable && !ferror(file);
		fclose(file);
	}
	if (!readable)
		return problem_say(problem, "%s:%u: not what sipalg wrote; correct the line or remove the file", path,
		                   number);
	*switches = found;
	return true;
}

static bool make_folder(const char *path)
{
	char folder[SWITCHES_PATH_MAX];
	const char *slash = strrchr(path, '/');
	if (slash == NULL || slash == path || (size_t)(slash - path) >= sizeof folder)
		return true;
	memcpy(folder, path, (size_t)(slash - path));
	folder[slash - path] = '\0';
	return mkdir(folder, 0755) == 0 || errno == EEXIST;
}

static bool lines_write(const struct switches *switches, FILE *file)
{
	char text[SWITCHES_LINE_MAX];
	fputs("# What `sipalg off` switched off; sipalg writes this file.\n", file);
	if (switches->everything_off)
		fputs("off\n", file);
	for (size_t i = 0; i < switches->off_count; i++)
		fprintf(file, "off %s\n", prefix_text(&switches->off[i], text));
	return fflush(file) == 0 && fsync(fileno(file)) == 0;
}

bool switches_write(const struct switches *switches, const char *path, struct problem *problem)
{
	char draft[SWITCHES_PATH_MAX];
	if (path[0] == '\0')
		return true;
	snprintf(draft, sizeof draft, "%s.new", path);
	FILE *file = make_folder(path) ? fopen(draft, "we") : NULL;
	bool written = file != NULL && lines_write(switches, file);
	int error = errno;
	if (file != NULL && fclose(file) != 0)
		written = false;
	if (written && rename(draft, path) == 0)
		return true;
	if (written)
		error = errno;
	unlink(draft);
	return problem_say(problem, "%s: %s; it holds until sipalg ends", path, strerror(error));
}
