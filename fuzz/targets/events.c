/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What anybody may say who calls himself `sipalg reflect`, line by line: whatever the near end makes of it, it lies
 * within the bounds of the protocol, and a line that is understood as nothing leaves nothing behind. */
#include "reflect/events.h"
#include "reader.h"

static void check_welcome(const struct reflect_server *server)
{
	assert_int_equal(strlen(server->token), REFLECT_TOKEN_LENGTH);
	for (size_t i = 0; i < REFLECT_PLACE_COUNT; i++)
		assert_true(server->ports[i] > 0);
}

static void check_event(const struct reflect_event *event, const char *bytes)
{
	assert_true(event->kind > REFLECT_NONE && event->kind <= REFLECT_PONG);
	assert_true(event->place >= 0 && event->place < REFLECT_PLACE_COUNT);
	assert_true(event->refusal >= 0 && event->refusal < REFLECT_REFUSAL_COUNT);
	assert_true(event->bytes.length <= REFLECT_REPORTED_MAX);
	if (event->kind != REFLECT_RECEIVED)
		return;
	assert_true(event->bytes.length == 0 || event->bytes.start == bytes);
	assert_true(event->length >= event->bytes.length);
}

static void read_line(struct text line, struct wire_mask *mask)
{
	static char bytes[REFLECT_REPORTED_MAX];
	struct reflect_server server;
	struct reflect_event event;
	json_t *object = json_loadb(line.start, line.length, 0, NULL);
	if (object == NULL)
		return;
	if (event_read_welcome(object, &server, mask))
		check_welcome(&server);
	if (event_read(object, mask, bytes, &event))
		check_event(&event, bytes);
	(void)wire_find_word(wire_ends, REFLECT_END_COUNT, json_string_value(json_object_get(object, "why")));
	json_decref(object);
}

static void read_events(struct text text)
{
	struct wire_mask mask = { "a mask of thirty-two letters ..." };
	while (text.length > 0) {
		struct text line = text_first(text, text_find(text, '\n'));
		read_line(line, &mask);
		text = text_from(text, line.length + 1);
	}
}

FUZZ_READER(read_events)
