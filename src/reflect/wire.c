/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reflect/wire.h"

#include <sodium.h>
#include <stdlib.h>

enum { ENDPOINT_LENGTH = 18 };

const char *const wire_refusals[REFLECT_REFUSAL_COUNT] = {
	[REFLECT_CARRIED_OUT] = "",
	[REFLECT_REFUSED_PORT] = "port",
	[REFLECT_REFUSED_NO_TWIN] = "no-twin",
	[REFLECT_REFUSED_NO_STREAM] = "no-stream",
	[REFLECT_REFUSED_BUDGET] = "budget",
	[REFLECT_REFUSED_ROOM] = "room",
	[REFLECT_REFUSED_FAILED] = "failed",
};

const char *const wire_ends[REFLECT_END_COUNT] = {
	[REFLECT_END_NONE] = "",       [REFLECT_END_BUSY] = "busy", [REFLECT_END_VERSION] = "version",
	[REFLECT_END_WRONG] = "wrong", [REFLECT_END_IDLE] = "idle", [REFLECT_END_LONG] = "long",
	[REFLECT_END_STOP] = "stop",
};

size_t wire_find_word(const char *const *words, size_t count, const char *word)
{
	for (size_t i = 1; word != NULL && i < count; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return 0;
}

static void apply_mask(const struct wire_mask *mask, uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] ^= mask->bytes[i % REFLECT_MASK_LENGTH];
}

json_t *wire_plain(const void *bytes, size_t length)
{
	size_t room = sodium_base64_encoded_len(length, sodium_base64_VARIANT_ORIGINAL);
	char *text = malloc(room);
	if (text == NULL)
		return NULL;
	sodium_bin2base64(text, room, bytes, length, sodium_base64_VARIANT_ORIGINAL);
	json_t *value = json_stringn(text, room - 1);
	free(text);
	return value;
}

json_t *wire_bytes(const struct wire_mask *mask, struct text bytes)
{
	uint8_t *masked = malloc(bytes.length + 1);
	if (masked == NULL)
		return NULL;
	if (bytes.length > 0)
		memcpy(masked, bytes.start, bytes.length);
	apply_mask(mask, masked, bytes.length);
	json_t *value = wire_plain(masked, bytes.length);
	free(masked);
	return value;
}

json_t *wire_endpoint(const struct wire_mask *mask, const sipalg_endpoint *endpoint)
{
	char bytes[ENDPOINT_LENGTH];
	memcpy(bytes, endpoint->address.bytes, sizeof endpoint->address.bytes);
	bytes[ENDPOINT_LENGTH - 2] = (char)(endpoint->port >> 8);
	bytes[ENDPOINT_LENGTH - 1] = (char)(endpoint->port & 0xff);
	return wire_bytes(mask, (struct text){ bytes, sizeof bytes });
}

bool wire_read_plain(const json_t *value, void *out, size_t max, size_t *length)
{
	const char *text = json_string_value(value);
	return text != NULL && sodium_base642bin(out, max, text, json_string_length(value), NULL, length, NULL,
	                                         sodium_base64_VARIANT_ORIGINAL) == 0;
}

bool wire_read_bytes(const struct wire_mask *mask, const json_t *value, void *out, size_t max, size_t *length)
{
	if (!wire_read_plain(value, out, max, length))
		return false;
	apply_mask(mask, out, *length);
	return true;
}

bool wire_read_endpoint(const struct wire_mask *mask, const json_t *value, sipalg_endpoint *endpoint)
{
	uint8_t bytes[ENDPOINT_LENGTH];
	size_t length;
	if (!wire_read_bytes(mask, value, bytes, sizeof bytes, &length) || length != sizeof bytes)
		return false;
	*endpoint = (sipalg_endpoint){ 0 };
	memcpy(endpoint->address.bytes, bytes, sizeof endpoint->address.bytes);
	endpoint->port = (uint16_t)(bytes[ENDPOINT_LENGTH - 2] << 8 | bytes[ENDPOINT_LENGTH - 1]);
	return true;
}

bool wire_read_number(const json_t *object, const char *name, uint64_t fallback, uint64_t min, uint64_t max,
                      uint64_t *number)
{
	const json_t *value = json_object_get(object, name);
	if (value == NULL) {
		*number = fallback;
		return fallback >= min && fallback <= max;
	}
	json_int_t read = json_integer_value(value);
	if (!json_is_integer(value) || read < 0 || (uint64_t)read < min || (uint64_t)read > max)
		return false;
	*number = (uint64_t)read;
	return true;
}

bool wire_read_flag(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

size_t wire_write_line(const json_t *object, char *out, size_t max)
{
	size_t length = json_dumpb(object, out, max, JSON_COMPACT);
	if (length == 0 || length >= max)
		return 0;
	out[length] = '\n';
	return length + 1;
}
