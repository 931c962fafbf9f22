/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "console/values.h"

#include <string.h>
#include <strings.h>

enum {
	DISTANCE_NAME_MAX = 40,
	DISTANCE_MAX = 3, /* further away it is no misspelling */
};

static bool is_separator(char letter)
{
	return letter == ',' || letter == ' ' || letter == '\t';
}

bool value_next(struct value *list, struct value *entry)
{
	while (list->length > 0 && is_separator(*list->start)) {
		list->start++;
		list->length--;
	}
	entry->start = list->start;
	entry->length = 0;
	while (entry->length < list->length && !is_separator(entry->start[entry->length]))
		entry->length++;
	list->start += entry->length;
	list->length -= entry->length;
	return entry->length > 0;
}

bool value_read_number(struct value text, uint32_t smallest, uint32_t largest, uint32_t *number)
{
	uint64_t sum = 0;
	if (text.length == 0 || text.length > 10)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		if (text.start[i] < '0' || text.start[i] > '9')
			return false;
		sum = sum * 10 + (uint64_t)(text.start[i] - '0');
	}
	if (sum < smallest || sum > largest)
		return false;
	*number = (uint32_t)sum;
	return true;
}

bool value_read_ports(struct value text, uint16_t smallest, struct port_range *range)
{
	const char *dash = memchr(text.start, '-', text.length);
	struct value first = text, last = text;
	if (dash != NULL) {
		first.length = (size_t)(dash - text.start);
		last.start = dash + 1;
		last.length = text.length - first.length - 1;
	}
	uint32_t from, to;
	if (!value_read_number(first, smallest, UINT16_MAX, &from) ||
	    !value_read_number(last, smallest, UINT16_MAX, &to) || from > to)
		return false;
	range->first = (uint16_t)from;
	range->last = (uint16_t)to;
	return true;
}

bool value_read_yes_no(struct value text, bool *yes)
{
	static const struct {
		const char *word;
		bool yes;
	} words[] = { { "yes", true },  { "no", false },  { "on", true },
		      { "off", false }, { "true", true }, { "false", false } };
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strlen(words[i].word) != text.length || strncasecmp(words[i].word, text.start, text.length) != 0)
			continue;
		*yes = words[i].yes;
		return true;
	}
	return false;
}

bool value_read_interface(struct value text, char name[IFNAMSIZ])
{
	if (text.length == 0 || text.length >= IFNAMSIZ || text.start[0] == '.')
		return false;
	for (size_t i = 0; i < text.length; i++)
		if (text.start[i] <= ' ' || text.start[i] == 0x7f || strchr("/:\"\\*", text.start[i]) != NULL)
			return false;
	memcpy(name, text.start, text.length);
	name[text.length] = '\0';
	return true;
}

bool value_read_path(struct value text, char path[VALUE_PATH_MAX])
{
	if (text.length == 0 || text.length >= VALUE_PATH_MAX || text.start[0] != '/')
		return false;
	memcpy(path, text.start, text.length);
	path[text.length] = '\0';
	return true;
}

static size_t smaller(size_t left, size_t right)
{
	return left < right ? left : right;
}

/* Optimal string alignment, three rows of the table at a time. */
size_t value_distance(const char *left, const char *right)
{
	size_t rows[3][DISTANCE_NAME_MAX + 1];
	size_t left_length = strlen(left), right_length = strlen(right);
	if (left_length > DISTANCE_NAME_MAX || right_length > DISTANCE_NAME_MAX)
		return DISTANCE_NAME_MAX;
	for (size_t j = 0; j <= right_length; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= left_length; i++) {
		size_t *row = rows[i % 3], *above = rows[(i - 1) % 3];
		row[0] = i;
		for (size_t j = 1; j <= right_length; j++) {
			size_t change = above[j - 1] + (left[i - 1] != right[j - 1]);
			row[j] = smaller(change, smaller(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
				row[j] = smaller(row[j], rows[(i - 2) % 3][j - 2] + 1);
		}
	}
	return rows[left_length % 3][right_length];
}

const char *value_nearest(const char *name, const void *names, size_t count, size_t stride)
{
	const char *nearest = NULL;
	size_t smallest = DISTANCE_MAX + 1;
	for (size_t i = 0; i < count; i++) {
		const char *candidate;
		memcpy(&candidate, (const char *)names + i * stride, sizeof candidate);
		size_t here = value_distance(name, candidate);
		if (here < smallest && here < strlen(candidate)) {
			smallest = here;
			nearest = candidate;
		}
	}
	return nearest;
}
