/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plane/tcp/buffer.h"

#include <stdlib.h>
#include <string.h>

enum { CAPACITY_MIN = 512 }; /* bytes: the rest of a message is seldom smaller */

static size_t capacity_for(size_t length)
{
	size_t capacity = CAPACITY_MIN;

	while (capacity < length)
		capacity *= 2;
	return capacity;
}

static bool buffer_grow(struct buffers *buffers, struct buffer *buffer, size_t length)
{
	size_t capacity = capacity_for(length);
	uint8_t *bytes = realloc(buffer->bytes, capacity);

	if (bytes == NULL)
		return false;
	buffers->used += capacity - buffer->capacity;
	buffer->bytes = bytes;
	buffer->capacity = (uint32_t)capacity;
	return true;
}

bool buffer_append(struct buffers *buffers, struct buffer *buffer, const uint8_t *bytes, size_t length)
{
	if (length == 0)
		return true;
	if (buffer->start > 0 && buffer->start + buffer->length + length > buffer->capacity) {
		memmove(buffer->bytes, buffer_bytes(buffer), buffer->length);
		buffer->start = 0;
	}
	if (buffer->length + length > buffer->capacity && !buffer_grow(buffers, buffer, buffer->length + length))
		return false;
	memcpy(buffer->bytes + buffer->start + buffer->length, bytes, length);
	buffer->length += (uint32_t)length;
	return true;
}

void buffer_drop(struct buffers *buffers, struct buffer *buffer, size_t length)
{
	buffer->start += (uint32_t)length;
	buffer->length -= (uint32_t)length;
	if (buffer->length == 0)
		buffer_clear(buffers, buffer);
}

void buffer_clear(struct buffers *buffers, struct buffer *buffer)
{
	free(buffer->bytes);
	buffers->used -= buffer->capacity;
	*buffer = (struct buffer){ 0 };
}
