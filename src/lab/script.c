/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/script.h"

#include <string.h>

struct macro {
	const char *name;
	struct words words; /* "macro", its name, its parameters ("name" or "name=value") */
	struct lines body;
};

/* Where reading goes on: a file, or the body of a macro with its arguments put in. */
struct frame {
	struct lines lines;
	size_t next;
};

struct reader {
	struct store *store;
	const char *folder;
	struct frame frames[SCRIPT_DEPTH_MAX];
	size_t depth;
	struct macro macros[SCRIPT_MACROS_MAX];
	size_t macro_count;
	struct lines *out;
	const char *error;
};

size_t line_indent(const char *text)
{
	size_t indent = strspn(text, " \t");
	return text[indent] == '\0' ? SIZE_MAX : indent;
}

bool words_split(struct store *store, const char *text, struct words *words)
{
	*words = (struct words){ 0 };
	for (text += strspn(text, " \t"); *text != '\0'; text += strspn(text, " \t")) {
		if (words->count == SCRIPT_WORDS_MAX)
			return false;
		bool quoted = *text == '"';
		text += quoted ? 1 : 0;
		size_t length = strcspn(text, quoted ? "\"" : " \t");
		words->list[words->count++] = store_text(store, (struct bytes){ text, length });
		text += length;
		text += quoted && *text == '"' ? 1 : 0;
	}
	return true;
}

static void lines_add(struct store *store, struct lines *lines, struct line line)
{
	if (lines->count == lines->room) {
		struct line *old = lines->list;
		lines->room = lines->room ? lines->room * 2 : 64;
		lines->list = store_take(store, lines->room * sizeof(*lines->list));
		if (lines->count > 0)
			memcpy(lines->list, old, lines->count * sizeof(*old));
	}
	lines->list[lines->count++] = line;
}

static bool fail(struct reader *reader, const struct line *at, const char *what)
{
	reader->error = store_format(reader->store, "%s:%u: %s", at->file, at->number, what);
	return false;
}

static bool file_read(struct store *store, const char *path, struct bytes *content)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return false;
	struct writer writer;
	char block[4096];
	writer_open(&writer);
	for (size_t got = fread(block, 1, sizeof(block), file); got > 0; got = fread(block, 1, sizeof(block), file))
		writer_add(&writer, (struct bytes){ block, got });
	bool good = !ferror(file);
	fclose(file);
	*content = writer_close(&writer, store);
	return good;
}

static bool frame_push(struct reader *reader, struct lines lines, const struct line *at)
{
	if (reader->depth == SCRIPT_DEPTH_MAX)
		return fail(reader, at, "macros or files are too deep within each other");
	reader->frames[reader->depth++] = (struct frame){ .lines = lines };
	return true;
}

static bool file_push(struct reader *reader, const char *path, const struct line *at)
{
	struct bytes content;
	struct lines lines = { 0 };
	if (!file_read(reader->store, path, &content))
		return fail(reader, at, store_format(reader->store, "cannot read %s", path));
	unsigned number = 0;
	for (size_t start = 0; start < content.length;) {
		size_t end = bytes_find(content, start, bytes_of("\n"));
		struct bytes text = { content.start + start, end - start };
		lines_add(reader->store, &lines, (struct line){ path, ++number, store_text(reader->store, text) });
		start = end + 1;
	}
	return frame_push(reader, lines, at);
}

/* Takes the lines that belong to the statement before: indented or blank. Their indentation is taken off. */
static struct lines block_take(struct reader *reader)
{
	struct frame *frame = &reader->frames[reader->depth - 1];
	struct lines block = { 0 };
	size_t strip = 0;
	for (; frame->next < frame->lines.count; frame->next++) {
		struct line line = frame->lines.list[frame->next];
		size_t indent = line_indent(line.text);
		if (indent == 0)
			break;
		if (strip == 0 && indent != SIZE_MAX)
			strip = indent;
		size_t length = strlen(line.text);
		line.text += indent == SIZE_MAX ? length : indent < strip ? indent : strip;
		lines_add(reader->store, &block, line);
	}
	return block;
}

static bool macro_define(struct reader *reader, const struct line *line, const struct words *words)
{
	if (words->count < 2 || reader->macro_count == SCRIPT_MACROS_MAX)
		return fail(reader, line, "a macro needs a name: macro NAME [PARAMETER…]; at most 64 macros");
	struct macro *macro = &reader->macros[reader->macro_count++];
	*macro = (struct macro){ .name = words->list[1], .words = *words };
	macro->body = block_take(reader);
	return true;
}

static const struct macro *macro_find(const struct reader *reader, const char *name)
{
	for (size_t i = 0; i < reader->macro_count; i++)
		if (strcmp(reader->macros[i].name, name) == 0)
			return &reader->macros[i];
	return NULL;
}

struct binding_of_words {
	struct bytes name;
	const char *value;
};

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static const char *value_find(const struct binding_of_words *values, size_t count, struct bytes name)
{
	for (size_t i = 0; i < count; i++)
		if (bytes_equal(values[i].name, name))
			return values[i].value;
	return NULL;
}

/* Puts the macro's arguments where the text says $name. */
static const char *arguments_put(struct store *store, const char *text, const struct binding_of_words *values,
                                 size_t count)
{
	struct writer writer;
	writer_open(&writer);
	while (*text != '\0') {
		size_t plain = strcspn(text, "$");
		writer_add(&writer, (struct bytes){ text, plain });
		text += plain;
		if (*text == '\0')
			break;
		size_t length = 0;
		while (is_name_byte(text[1 + length]))
			length++;
		const char *value = value_find(values, count, (struct bytes){ text + 1, length });
		writer_add(&writer, value ? bytes_of(value) : (struct bytes){ text, 1 + length });
		text += 1 + length;
	}
	return writer_close(&writer, store).start;
}

/* Gives each parameter its argument: by name (name=value), else in order, else its default. */
static bool arguments_bind(struct reader *reader, const struct line *line, const struct macro *macro,
                           const struct words *call, struct binding_of_words *values, size_t *count)
{
	bool used[SCRIPT_WORDS_MAX] = { false };
	for (size_t p = 2; p < macro->words.count; p++) {
		const char *parameter = macro->words.list[p];
		const char *standard = strchr(parameter, '=');
		struct bytes name = { parameter, strcspn(parameter, "=") };
		const char *value = standard ? standard + 1 : NULL;
		for (size_t a = 1; a < call->count; a++) {
			struct bytes word = bytes_of(call->list[a]);
			if (word.length > name.length && bytes_begin_with(word, name) &&
			    word.start[name.length] == '=') {
				value = word.start + name.length + 1;
				used[a] = true;
			}
		}
		if (!standard && !value && p - 1 < call->count) {
			value = call->list[p - 1];
			used[p - 1] = true;
		}
		if (!value)
			return fail(reader, line, store_format(reader->store, "%s needs %s", macro->name, parameter));
		/* A default may name the parameters before it. */
		values[*count] = (struct binding_of_words){ name, arguments_put(reader->store, value, values, *count) };
		(*count)++;
	}
	for (size_t a = 1; a < call->count; a++)
		if (!used[a])
			return fail(reader, line,
			            store_format(reader->store, "%s knows no \"%s\"", macro->name, call->list[a]));
	return true;
}

static bool macro_call(struct reader *reader, const struct line *line, const struct macro *macro,
                       const struct words *call)
{
	struct binding_of_words values[SCRIPT_WORDS_MAX];
	size_t count = 0;
	struct lines lines = { 0 };
	if (!arguments_bind(reader, line, macro, call, values, &count))
		return false;
	for (size_t i = 0; i < macro->body.count; i++) {
		struct line body = macro->body.list[i];
		body.text = arguments_put(reader->store, body.text, values, count);
		lines_add(reader->store, &lines, body);
	}
	return frame_push(reader, lines, line);
}

static bool line_handle(struct reader *reader, struct line line)
{
	struct words words;
	if (line.text[0] == '#')
		return true;
	if (line_indent(line.text) != 0) {
		lines_add(reader->store, reader->out, line);
		return true;
	}
	if (!words_split(reader->store, line.text, &words))
		return fail(reader, &line, "too many words");
	if (strcmp(words.list[0], "include") == 0 && words.count == 2)
		return file_push(
		        reader, store_format(reader->store, "%s/include/%s.txt", reader->folder, words.list[1]), &line);
	if (strcmp(words.list[0], "macro") == 0)
		return macro_define(reader, &line, &words);
	const struct macro *macro = macro_find(reader, words.list[0]);
	if (macro)
		return macro_call(reader, &line, macro, &words);
	lines_add(reader->store, reader->out, line);
	return true;
}

bool script_read(struct store *store, const char *path, struct lines *lines, const char **error)
{
	struct reader *reader = store_take(store, sizeof(*reader));
	struct line start = { path, 0, "" };
	const char *slash = strrchr(path, '/');
	reader->store = store;
	reader->out = lines;
	reader->folder = slash ? store_text(store, (struct bytes){ path, (size_t)(slash - path) }) : ".";
	*lines = (struct lines){ 0 };
	bool good = file_push(reader, path, &start);
	while (good && reader->depth > 0) {
		struct frame *frame = &reader->frames[reader->depth - 1];
		if (frame->next == frame->lines.count)
			reader->depth--;
		else if (lines->count >= SCRIPT_LINES_MAX)
			good = fail(reader, &start, "too many lines");
		else
			good = line_handle(reader, frame->lines.list[frame->next++]);
	}
	*error = reader->error;
	return good;
}
