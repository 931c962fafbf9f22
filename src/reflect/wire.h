/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How values stand in the lines of the protocol. */
#ifndef REFLECT_WIRE_H
#define REFLECT_WIRE_H

#include "base/text.h"
#include "reflect/protocol.h"
#include "sipalg/address.h"

#include <jansson.h>

struct wire_mask {
	uint8_t bytes[REFLECT_MASK_LENGTH];
};

/* Bytes and endpoints, masked, as JSON strings; NULL: no memory. */
json_t *wire_bytes(const struct wire_mask *mask, struct text bytes);
json_t *wire_endpoint(const struct wire_mask *mask, const sipalg_endpoint *endpoint);

/* Base64 of unmasked bytes. */
json_t *wire_plain(const void *bytes, size_t length);

/* Reads what wire_bytes() wrote into `out`, at most `max` bytes. False: not a string, not base64, or too long. */
SIPALG_MUST_USE
bool wire_read_bytes(const struct wire_mask *mask, const json_t *value, void *out, size_t max, size_t *length);
SIPALG_MUST_USE
bool wire_read_plain(const json_t *value, void *out, size_t max, size_t *length);

/* An endpoint without protocol. */
SIPALG_MUST_USE
bool wire_read_endpoint(const struct wire_mask *mask, const json_t *value, sipalg_endpoint *endpoint);

/* A whole number within the bounds; `fallback` when it is absent. False: something else. */
SIPALG_MUST_USE
bool wire_read_number(const json_t *object, const char *name, uint64_t fallback, uint64_t min, uint64_t max,
                      uint64_t *number);

/* true; anything else, and absent, is false. */
bool wire_read_flag(const json_t *object, const char *name);

/* Writes the object as one line with its LF. The length; 0: it would be longer than `max`. */
size_t wire_write_line(const json_t *object, char *out, size_t max);

/* The words of the enums; "" for their first value. */
extern const char *const wire_refusals[REFLECT_REFUSAL_COUNT], *const wire_ends[REFLECT_END_COUNT];

/* The place of the word (NULL allowed) in the list; 0: not there. */
size_t wire_find_word(const char *const *words, size_t count, const char *word);

#endif
