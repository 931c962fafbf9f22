/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that is given back all at once, and byte strings that live in it. Running out of memory ends the program: the
 * lab has nothing better to do then. */
#ifndef LAB_ARENA_H
#define LAB_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct arena_chunk;

/* All zero is an empty arena. */
struct arena {
	struct arena_chunk *chunks;
};

/* Bytes somebody else owns; not zero-terminated. */
struct bytes {
	const char *start;
	size_t length;
};

/* `size` zeroed bytes, aligned for any type. */
void *arena_take(struct arena *arena, size_t size);

/* A zero-terminated copy of the bytes. */
char *arena_text(struct arena *arena, struct bytes bytes);

/* A copy of the bytes. */
struct bytes arena_bytes(struct arena *arena, struct bytes bytes);

__attribute__((format(printf, 2, 3))) char *arena_format(struct arena *arena, const char *format, ...);

void arena_release(struct arena *arena);

struct bytes bytes_of(const char *text);
bool bytes_equal(struct bytes left, struct bytes right);
bool bytes_begin_with(struct bytes bytes, struct bytes prefix);

/* The bytes from `offset` on. */
struct bytes bytes_from(struct bytes bytes, size_t offset);

/* Where `needle` first occurs at or after `offset`; bytes.length when it does not. */
size_t bytes_find(struct bytes bytes, size_t offset, struct bytes needle);

/* Reads a decimal number of at most nine digits that fills the bytes. */
bool bytes_number(struct bytes bytes, uint32_t *number);

/* Bytes being written: a stream whose content ends up in an arena. */
struct writer {
	FILE *stream;
	char *start;
	size_t length;
};

void writer_open(struct writer *writer);
void writer_add(struct writer *writer, struct bytes bytes);

/* Closes the stream; what was written is copied into the arena. */
struct bytes writer_close(struct writer *writer, struct arena *arena);

/* All that an open file holds, from its beginning; it stays open. */
struct bytes bytes_of_file(struct arena *arena, int file);

#endif
