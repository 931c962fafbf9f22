/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/compose.h"

#include <string.h>
#include <strings.h>

size_t message_body(struct bytes message)
{
	size_t start = 0;
	while (start < message.length && (message.start[start] == '\r' || message.start[start] == '\n'))
		start++;
	size_t crlf = bytes_find(message, start, bytes_of("\r\n\r\n"));
	size_t lf = bytes_find(message, start, bytes_of("\n\n"));
	if (crlf == message.length && lf == message.length)
		return message.length;
	return crlf < lf ? crlf + 4 : lf + 2;
}

static bool header_is(struct bytes line, const char *name, char compact)
{
	size_t length = strlen(name);
	size_t colon = 0;
	if (line.length > length && strncasecmp(line.start, name, length) == 0)
		colon = length;
	else if (compact != '\0' && line.length > 1 && (line.start[0] | 0x20) == compact)
		colon = 1;
	else
		return false;
	while (colon < line.length && (line.start[colon] == ' ' || line.start[colon] == '\t'))
		colon++;
	return colon < line.length && line.start[colon] == ':';
}

/* The end of the header line that starts at `start`: continuation lines belong to it (RFC 3261 7.3.1). */
static size_t header_end(struct bytes message, size_t start)
{
	size_t end = bytes_find(message, start, bytes_of("\n"));
	while (end + 1 < message.length && (message.start[end + 1] == ' ' || message.start[end + 1] == '\t'))
		end = bytes_find(message, end + 1, bytes_of("\n"));
	return end < message.length ? end + 1 : message.length;
}

bool message_header(struct bytes message, const char *name, char compact, size_t *offset, struct bytes *header)
{
	size_t body = message_body(message);
	while (*offset < body) {
		size_t start = *offset;
		*offset = header_end(message, start);
		*header = (struct bytes){ message.start + start, *offset - start };
		if (header_is(*header, name, compact))
			return true;
	}
	return false;
}

static int hex_value(char c)
{
	const char *digits = "0123456789abcdef";
	const char *found = c == '\0' ? NULL : strchr(digits, c | 0x20);
	return found ? (int)(found - digits) : -1;
}

/* Copies the text, \r \n \t \0 \\ and \xHH being what they mean. */
static void escapes_put(struct writer *writer, const char *text)
{
	static const char letters[] = "rnt0\\";
	static const char meaning[] = { '\r', '\n', '\t', '\0', '\\' };
	for (; *text != '\0'; text++) {
		const char *letter = text[0] == '\\' && text[1] != '\0' ? strchr(letters, text[1]) : NULL;
		char byte = text[0];
		if (letter) {
			byte = meaning[letter - letters];
			text++;
		} else if (text[0] == '\\' && text[1] == 'x' && hex_value(text[2]) >= 0 && hex_value(text[3]) >= 0) {
			byte = (char)(hex_value(text[2]) * 16 + hex_value(text[3]));
			text += 3;
		}
		writer_add(writer, (struct bytes){ &byte, 1 });
	}
}

static bool lines_put(struct store *store, struct writer *writer, const struct lines *lines, unsigned flags,
                      const struct variables *variables, const char **error)
{
	const char *end = flags & FLAG_RAW ? "" : flags & FLAG_LF ? "\n" : "\r\n";
	for (size_t i = 0; i < lines->count; i++) {
		const char *unknown = NULL;
		const char *text = variables_put(store, variables, lines->list[i].text, false, &unknown);
		if (!text) {
			*error = store_format(store, "no message has given {%s} a value yet", unknown);
			return false;
		}
		if (flags & (FLAG_RAW | FLAG_ESCAPED))
			escapes_put(writer, text);
		else
			writer_add(writer, bytes_of(text));
		writer_add(writer, bytes_of(end));
	}
	return true;
}

/* Replaces the first `old` by `new`. */
static struct bytes replace_once(struct store *store, struct bytes message, const char *old, struct bytes new)
{
	size_t at = bytes_find(message, 0, bytes_of(old));
	struct writer writer;
	if (at == message.length)
		return message;
	writer_open(&writer);
	writer_add(&writer, (struct bytes){ message.start, at });
	writer_add(&writer, new);
	writer_add(&writer, bytes_from(message, at + strlen(old)));
	return writer_close(&writer, store);
}

static struct bytes length_put(struct store *store, struct bytes message)
{
	size_t length = message.length - message_body(message);
	return replace_once(store, message, "{length}", bytes_of(store_format(store, "%zu", length)));
}

/* Fills {pad} so that the message will have `size` bytes, once {length} has given way to its digits: how many they are
 * depends on the padding, so that it takes a second look. */
static struct bytes pad_put(struct store *store, struct bytes message, uint32_t size)
{
	struct bytes padded = replace_once(store, message, "{pad}", bytes_of(""));
	size_t bare = length_put(store, padded).length;
	if (padded.length == message.length)
		return message;
	for (int look = 0; look < 2 && bare <= size; look++) {
		size_t fill = size - bare;
		char *padding = store_take(store, fill + 1);
		memset(padding, 'x', fill);
		padded = replace_once(store, message, "{pad}", (struct bytes){ padding, fill });
		bare = length_put(store, padded).length - fill;
	}
	return padded;
}

static bool file_message(struct store *store, const char *path, struct bytes *message, const char **error)
{
	struct writer writer;
	char block[65536];
	FILE *file = fopen(path, "rb");
	if (!file) {
		*error = store_format(store, "cannot read %s", path);
		return false;
	}
	writer_open(&writer);
	writer_add(&writer, (struct bytes){ block, fread(block, 1, sizeof(block), file) });
	fclose(file);
	*message = writer_close(&writer, store);
	return true;
}

bool message_compose(struct store *store, const struct scenario *scenario, const struct step *step,
                     const struct variables *variables, struct bytes *message, const char **error)
{
	struct writer writer;
	if (step->file)
		return file_message(store, store_format(store, "%s/%s", scenario->folder, step->file), message, error);
	writer_open(&writer);
	bool good = lines_put(store, &writer, &step->block, step->flags, variables, error);
	struct bytes text = writer_close(&writer, store);
	if (!good)
		return false;
	if (!(step->flags & FLAG_RAW) && message_body(text) == text.length)
		text = bytes_of(store_format(store, "%s%s", text.start, step->flags & FLAG_LF ? "\n" : "\r\n"));
	*message = length_put(store, pad_put(store, text, step->size));
	return true;
}

/* The To of an answer has a tag (RFC 3261 8.2.6.2). */
static void to_put(struct writer *writer, struct bytes header, const struct step *step)
{
	size_t end = header.length;
	while (end > 0 && (header.start[end - 1] == '\n' || header.start[end - 1] == '\r'))
		end--;
	writer_add(writer, (struct bytes){ header.start, end });
	if (bytes_find(header, 0, bytes_of(";tag=")) == header.length && strncmp(step->status, "100", 3) != 0)
		fprintf(writer->stream, ";tag=%s", step->tag ? step->tag : step->from);
	writer_add(writer, bytes_from(header, end));
}

static void copied_put(struct writer *writer, struct bytes request, const struct step *step)
{
	static const struct {
		const char *name;
		char compact;
	} copied[] = { { "Via", 'v' }, { "Record-Route", '\0' }, { "From", 'f' },
		       { "To", 't' },  { "Call-ID", 'i' },       { "CSeq", '\0' } };
	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++) {
		struct bytes header;
		for (size_t at = 0; message_header(request, copied[i].name, copied[i].compact, &at, &header);) {
			if (strcmp(copied[i].name, "To") == 0)
				to_put(writer, header, step);
			else
				writer_add(writer, header);
		}
	}
}

bool reply_compose(struct store *store, const struct step *step, const struct variables *variables,
                   struct bytes request, struct bytes *message, const char **error)
{
	struct lines headers = step->block, body = { 0 };
	struct writer writer;
	for (size_t i = 0; i < step->block.count; i++)
		if (step->block.list[i].text[0] == '\0') {
			headers.count = i;
			body = (struct lines){ .list = step->block.list + i + 1, .count = step->block.count - i - 1 };
			break;
		}
	writer_open(&writer);
	fprintf(writer.stream, "SIP/2.0 %s\r\n", step->status);
	copied_put(&writer, request, step);
	bool good = lines_put(store, &writer, &headers, 0, variables, error);
	fputs("Content-Length: {length}\r\n\r\n", writer.stream);
	good = good && lines_put(store, &writer, &body, 0, variables, error);
	*message = length_put(store, writer_close(&writer, store));
	return good;
}
