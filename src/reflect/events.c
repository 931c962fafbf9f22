/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reflect/events.h"

#include "reflect/digest.h"

enum { NS_PER_US = 1000, TIME_MAX_US = 1000000000000 };

/* ---- Welcome ---- */

static bool read_ports(const json_t *list, struct reflect_server *server)
{
	if (json_array_size(list) != REFLECT_PLACE_COUNT)
		return false;
	for (size_t i = 0; i < REFLECT_PLACE_COUNT; i++) {
		json_int_t port = json_integer_value(json_array_get(list, i));
		if (port < 1 || port > UINT16_MAX)
			return false;
		server->ports[i] = (uint16_t)port;
	}
	return true;
}

static bool read_twin(const json_t *line, const struct wire_mask *mask, struct reflect_server *server)
{
	const json_t *value = json_object_get(line, "twin");
	sipalg_endpoint twin = { 0 };
	if (value != NULL && !wire_read_endpoint(mask, value, &twin))
		return false;
	server->twin = twin.address;
	return true;
}

bool event_read_welcome(const json_t *line, struct reflect_server *server, struct wire_mask *mask)
{
	const char *tell = json_string_value(json_object_get(line, "tell"));
	const char *token = json_string_value(json_object_get(line, "token"));
	struct reflect_server read = { 0 };
	struct wire_mask read_mask;
	size_t length;
	if (tell == NULL || strcmp(tell, "welcome") != 0 || token == NULL || strlen(token) != REFLECT_TOKEN_LENGTH ||
	    !wire_read_plain(json_object_get(line, "mask"), read_mask.bytes, sizeof read_mask.bytes, &length) ||
	    length != sizeof read_mask.bytes || !read_ports(json_object_get(line, "ports"), &read) ||
	    !read_twin(line, &read_mask, &read) ||
	    !wire_read_endpoint(&read_mask, json_object_get(line, "seen"), &read.seen))
		return false;
	memcpy(read.token, token, sizeof read.token);
	read.seen.protocol = SIPALG_PROTOCOL_TCP;
	*server = read;
	*mask = read_mask;
	return true;
}

/* ---- Events ---- */

static bool read_number(const json_t *line, const char *name, uint64_t max, uint64_t *number)
{
	return wire_read_number(line, name, 0, 0, max, number);
}

static bool read_small(const json_t *line, const char *name, uint32_t *number)
{
	uint64_t read;
	if (!read_number(line, name, UINT32_MAX, &read))
		return false;
	*number = (uint32_t)read;
	return true;
}

static bool read_arrival(const json_t *line, const struct wire_mask *mask, struct reflect_event *event)
{
	uint64_t place, transport;
	if (!wire_read_endpoint(mask, json_object_get(line, "source"), &event->source) ||
	    !read_number(line, "place", REFLECT_PLACE_COUNT - 1, &place) ||
	    !read_number(line, "transport", UINT8_MAX, &transport) || !read_small(line, "stream", &event->stream))
		return false;
	event->place = (enum reflect_place)place;
	event->source.protocol = (uint8_t)transport;
	event->at_twin = wire_read_flag(line, "twin");
	event->elsewhere = wire_read_flag(line, "elsewhere");
	return true;
}

/* What was cut cannot be compared. */
static bool is_damaged(const json_t *line, const struct reflect_event *event)
{
	uint8_t told[DIGESTS_LENGTH_MAX], own[DIGESTS_LENGTH_MAX];
	size_t length, own_length;
	if (event->bytes.length != event->length)
		return false;
	if (!wire_read_plain(json_object_get(line, "hashes"), told, sizeof told, &length))
		return true;
	own_length = digest_message(event->bytes, own);
	return own_length != length || memcmp(told, own, length) != 0;
}

static bool read_received(const json_t *line, const struct wire_mask *mask, char bytes[REFLECT_REPORTED_MAX],
                          struct reflect_event *event)
{
	const char *known = json_string_value(json_object_get(line, "known"));
	uint64_t length;
	if (!read_arrival(line, mask, event) || !read_number(line, "length", SIZE_MAX / 2, &length) || known == NULL ||
	    !wire_read_bytes(mask, json_object_get(line, "bytes"), bytes, REFLECT_REPORTED_MAX, &event->bytes.length) ||
	    length < event->bytes.length)
		return false;
	event->bytes.start = bytes;
	event->length = (size_t)length;
	event->by_token = strcmp(known, "token") == 0;
	event->damaged = is_damaged(line, event);
	return true;
}

static bool read_done(const json_t *line, struct reflect_event *event)
{
	const char *refused = json_string_value(json_object_get(line, "refused"));
	size_t refusal = wire_find_word(wire_refusals, REFLECT_REFUSAL_COUNT, refused);
	if (refused != NULL && refusal == 0)
		refusal = REFLECT_REFUSED_FAILED; /* a word of a later version */
	event->refusal = (enum reflect_refusal)refusal;
	return read_small(line, "number", &event->number) && read_small(line, "stream", &event->stream);
}

static bool read_media(const json_t *line, const struct wire_mask *mask, struct reflect_event *event)
{
	return read_arrival(line, mask, event) && read_number(line, "packets", INT64_MAX, &event->packets) &&
	       read_number(line, "bytes", INT64_MAX, &event->octets) &&
	       read_number(line, "lost", INT64_MAX, &event->lost);
}

static bool read_pong(const json_t *line, struct reflect_event *event)
{
	return read_small(line, "number", &event->number) && read_number(line, "strays", INT64_MAX, &event->strays) &&
	       read_number(line, "missed", INT64_MAX, &event->missed);
}

static bool read_rest(const json_t *line, const struct wire_mask *mask, char bytes[REFLECT_REPORTED_MAX],
                      struct reflect_event *event)
{
	switch (event->kind) {
	case REFLECT_NONE:
		return false;
	case REFLECT_RECEIVED:
		return read_received(line, mask, bytes, event);
	case REFLECT_OPENED:
		return read_arrival(line, mask, event);
	case REFLECT_CLOSED:
		event->reset = wire_read_flag(line, "reset");
		return read_small(line, "stream", &event->stream);
	case REFLECT_DONE:
		return read_done(line, event);
	case REFLECT_MEDIA_COUNT:
		return read_media(line, mask, event);
	case REFLECT_PONG:
		return read_pong(line, event);
	}
	return false;
}

bool event_read(const json_t *line, const struct wire_mask *mask, char bytes[REFLECT_REPORTED_MAX],
                struct reflect_event *event)
{
	static const char *const kinds[] = {
		[REFLECT_NONE] = "",         [REFLECT_RECEIVED] = "received", [REFLECT_OPENED] = "opened",
		[REFLECT_CLOSED] = "closed", [REFLECT_DONE] = "done",         [REFLECT_MEDIA_COUNT] = "media",
		[REFLECT_PONG] = "pong",
	};
	const char *tell = json_string_value(json_object_get(line, "tell"));
	struct reflect_event read = { 0 };
	uint64_t time_us;
	read.kind = (enum reflect_event_kind)wire_find_word(kinds, sizeof kinds / sizeof kinds[0], tell);
	if (!read_number(line, "time_us", TIME_MAX_US, &time_us) || !read_rest(line, mask, bytes, &read))
		return false;
	read.time_ns = time_us * NS_PER_US;
	*event = read;
	return true;
}
