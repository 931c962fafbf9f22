/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/variables.h"

#include <string.h>

const char *variables_find(const struct variables *variables, struct bytes name)
{
	for (size_t i = 0; i < variables->count; i++)
		if (bytes_equal(bytes_of(variables->list[i].name), name))
			return variables->list[i].value;
	return NULL;
}

bool variables_set(struct variables *variables, const char *name, const char *value)
{
	for (size_t i = 0; i < variables->count; i++)
		if (strcmp(variables->list[i].name, name) == 0) {
			variables->list[i].value = value;
			return true;
		}
	if (variables->count == VARIABLES_MAX)
		return false;
	variables->list[variables->count++] = (struct variable){ name, value };
	return true;
}

/* The name in "{name}…"; empty when the text is something else. */
static struct bytes name_at(const char *text)
{
	size_t length = strspn(text + 1, "abcdefghijklmnopqrstuvwxyz0123456789_-");
	if (length > VARIABLE_NAME_MAX || text[1 + length] != '}')
		length = 0;
	return (struct bytes){ text + 1, length };
}

static bool is_composers(struct bytes name)
{
	return bytes_equal(name, bytes_of("length")) || bytes_equal(name, bytes_of("pad"));
}

/* Writes what "{name}" stands for. False: unknown, and not to be captured. */
static bool name_put(FILE *out, const struct variables *variables, struct bytes name, bool capture)
{
	const char *value = variables_find(variables, name);
	if (value)
		fputs(value, out);
	else if (is_composers(name))
		fprintf(out, "{%.*s}", (int)name.length, name.start);
	else if (capture)
		fprintf(out, "%c%.*s%c", CAPTURE_BEGIN, (int)name.length, name.start, CAPTURE_END);
	else
		return false;
	return true;
}

const char *variables_put(struct store *store, const struct variables *variables, const char *text, bool capture,
                          const char **unknown)
{
	struct writer writer;
	bool good = true;
	writer_open(&writer);
	while (*text != '\0' && good) {
		size_t plain = strcspn(text, "{");
		writer_add(&writer, (struct bytes){ text, plain });
		text += plain;
		if (*text == '\0')
			break;
		struct bytes name = name_at(text);
		if (name.length == 0) {
			writer_add(&writer, (struct bytes){ text++, 1 });
			continue;
		}
		good = name_put(writer.stream, variables, name, capture);
		if (!good)
			*unknown = store_text(store, name);
		text += name.length + 2;
	}
	struct bytes result = writer_close(&writer, store);
	return good ? result.start : NULL;
}
