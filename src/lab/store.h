/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that is given back all at once, and byte strings that live in it. Running out of memory ends the program: the
 * lab has nothing better to do then. */
#ifndef LAB_STORE_H
#define LAB_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct store_chunk;

/* All zero is an empty store. */
struct store {
	struct store_chunk *chunks;
};

/* Bytes somebody else owns; not zero-terminated. */
struct bytes {
	const char *start;
	size_t length;
};

/* `size` zeroed bytes, aligned for any type. */
void *store_take(struct store *store, size_t size);

/* A zero-terminated copy of the bytes. */
char *store_text(struct store *store, struct bytes bytes);

/* A copy of the bytes. */
struct bytes store_bytes(struct store *store, struct bytes bytes);

__attribute__((format(printf, 2, 3))) char *store_format(struct store *store, const char *format, ...);

void store_release(struct store *store);

struct bytes bytes_of(const char *text);
bool bytes_equal(struct bytes left, struct bytes right);
bool bytes_begin_with(struct bytes bytes, struct bytes prefix);

/* One behind the other. */
struct bytes bytes_join(struct store *store, struct bytes first, struct bytes second);

/* The bytes from `offset` on. */
struct bytes bytes_from(struct bytes bytes, size_t offset);

/* Where `needle` first occurs at or after `offset`; bytes.length when it does not. */
size_t bytes_find(struct bytes bytes, size_t offset, struct bytes needle);

/* Reads a decimal number of at most nine digits that fills the bytes. */
bool bytes_number(struct bytes bytes, uint32_t *number);

/* Bytes being written: a stream whose content ends up in a store. */
struct writer {
	FILE *stream;
	char *start;
	size_t length;
};

void writer_open(struct writer *writer);
void writer_add(struct writer *writer, struct bytes bytes);

/* Closes the stream; what was written is copied into the store. */
struct bytes writer_close(struct writer *writer, struct store *store);

/* All that an open file holds, from its beginning; it stays open. */
struct bytes bytes_of_file(struct store *store, int file);

#endif
