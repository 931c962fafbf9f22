/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that have to be kept: what is unfinished, and what a slow reader has not taken. All of them together have a
 * limit, which is looked at before bytes are read: what has been read is kept in any case. */
#ifndef PLANE_TCP_BUFFER_H
#define PLANE_TCP_BUFFER_H

#include "sipalg/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffers {
	size_t used, max; /* bytes */
};

/* All zero: empty, and takes no memory. */
struct buffer {
	uint8_t *bytes;
	uint32_t start, length; /* what is kept is bytes[start … start + length) */
	uint32_t capacity;
};

static inline const uint8_t *buffer_bytes(const struct buffer *buffer)
{
	return buffer->bytes + buffer->start;
}

static inline size_t buffers_room(const struct buffers *buffers)
{
	return buffers->used < buffers->max ? buffers->max - buffers->used : 0;
}

/* False: the system has no memory; the buffer is as before. */
SIPALG_MUST_USE
bool buffer_append(struct buffers *buffers, struct buffer *buffer, const uint8_t *bytes, size_t length);

/* Drops bytes from the front; an empty buffer gives its memory back. */
void buffer_drop(struct buffers *buffers, struct buffer *buffer, size_t length);

void buffer_clear(struct buffers *buffers, struct buffer *buffer);

#endif
