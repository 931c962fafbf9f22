/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/store.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_SIZE = 65536 };

struct store_chunk {
	struct store_chunk *next;
	size_t used, size;
	_Alignas(max_align_t) char memory[];
};

static void *must_have(void *memory)
{
	if (!memory) {
		fputs("sipalg lab: out of memory\n", stderr);
		exit(3);
	}
	return memory;
}

static struct store_chunk *chunk_add(struct store *store, size_t size)
{
	size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;
	struct store_chunk *chunk = must_have(calloc(1, sizeof(*chunk) + room));
	chunk->size = room;
	chunk->next = store->chunks;
	store->chunks = chunk;
	return chunk;
}

void *store_take(struct store *store, size_t size)
{
	size_t aligned = (size + _Alignof(max_align_t) - 1) / _Alignof(max_align_t) * _Alignof(max_align_t);
	struct store_chunk *chunk = store->chunks;
	if (!chunk || chunk->size - chunk->used < aligned)
		chunk = chunk_add(store, aligned);
	void *memory = chunk->memory + chunk->used;
	chunk->used += aligned;
	return memory;
}

char *store_text(struct store *store, struct bytes bytes)
{
	char *copy = store_take(store, bytes.length + 1);
	if (bytes.length > 0)
		memcpy(copy, bytes.start, bytes.length);
	return copy;
}

struct bytes store_bytes(struct store *store, struct bytes bytes)
{
	return (struct bytes){ store_text(store, bytes), bytes.length };
}

char *store_format(struct store *store, const char *format, ...)
{
	char *text = NULL;
	va_list arguments;
	va_start(arguments, format);
	int length = vasprintf(&text, format, arguments);
	va_end(arguments);
	must_have(length < 0 ? NULL : text);
	char *copy = store_text(store, (struct bytes){ text, (size_t)length });
	free(text);
	return copy;
}

void store_release(struct store *store)
{
	while (store->chunks) {
		struct store_chunk *next = store->chunks->next;
		free(store->chunks);
		store->chunks = next;
	}
}

struct bytes bytes_of(const char *text)
{
	return (struct bytes){ text, strlen(text) };
}

bool bytes_equal(struct bytes left, struct bytes right)
{
	return left.length == right.length && (left.length == 0 || memcmp(left.start, right.start, left.length) == 0);
}

bool bytes_begin_with(struct bytes bytes, struct bytes prefix)
{
	return bytes.length >= prefix.length && bytes_equal((struct bytes){ bytes.start, prefix.length }, prefix);
}

struct bytes bytes_join(struct store *store, struct bytes first, struct bytes second)
{
	char *joined = store_take(store, first.length + second.length + 1);
	if (first.length > 0)
		memcpy(joined, first.start, first.length);
	if (second.length > 0)
		memcpy(joined + first.length, second.start, second.length);
	return (struct bytes){ joined, first.length + second.length };
}

struct bytes bytes_from(struct bytes bytes, size_t offset)
{
	return (struct bytes){ bytes.start + offset, bytes.length - offset };
}

size_t bytes_find(struct bytes bytes, size_t offset, struct bytes needle)
{
	if (offset >= bytes.length || needle.length == 0)
		return bytes.length;
	const char *found = memmem(bytes.start + offset, bytes.length - offset, needle.start, needle.length);
	return found ? (size_t)(found - bytes.start) : bytes.length;
}

bool bytes_number(struct bytes bytes, uint32_t *number)
{
	uint32_t value = 0;
	if (bytes.length == 0 || bytes.length > 9)
		return false;
	for (size_t i = 0; i < bytes.length; i++) {
		if (bytes.start[i] < '0' || bytes.start[i] > '9')
			return false;
		value = value * 10 + (uint32_t)(bytes.start[i] - '0');
	}
	*number = value;
	return true;
}

void writer_open(struct writer *writer)
{
	*writer = (struct writer){ 0 };
	writer->stream = must_have(open_memstream(&writer->start, &writer->length));
}

void writer_add(struct writer *writer, struct bytes bytes)
{
	if (bytes.length > 0)
		fwrite(bytes.start, 1, bytes.length, writer->stream);
}

struct bytes writer_close(struct writer *writer, struct store *store)
{
	if (fclose(writer->stream) != 0)
		must_have(NULL);
	struct bytes copy = store_bytes(store, (struct bytes){ writer->start, writer->length });
	free(writer->start);
	*writer = (struct writer){ 0 };
	return copy;
}

struct bytes bytes_of_file(struct store *store, int file)
{
	struct writer writer;
	char block[4096];
	ssize_t got;
	writer_open(&writer);
	lseek(file, 0, SEEK_SET);
	while ((got = read(file, block, sizeof(block))) > 0)
		writer_add(&writer, (struct bytes){ block, (size_t)got });
	return writer_close(&writer, store);
}
