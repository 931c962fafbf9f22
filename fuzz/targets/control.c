/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a client of the control socket writes, and a journal of hostile messages: the first line is the request, the
 * rest a message in the journal. Each line of the answer is one JSON object, and the answer comes to an end. */
#include "../../tests/programs/control_world.h"
#include "daemon/answer.h"
#include "reader.h"

#include <jansson.h>

enum { ROUNDS_MAX = 10000 };

static void check_lines(const struct answer_lines *lines)
{
	const char *next = lines->bytes, *end = lines->bytes + lines->length;
	while (next < end) {
		const char *line_end = memchr(next, '\n', (size_t)(end - next));
		assert_non_null(line_end);
		json_t *object = json_loadb(next, (size_t)(line_end - next), 0, NULL);
		assert_true(json_is_object(object));
		json_decref(object);
		next = line_end + 1;
	}
}

static void ask_world(struct world *world, const char *request, size_t length)
{
	static struct answer answer;
	static struct answer_lines lines;
	struct control_hooks hooks = hooks_of(world);
	size_t rounds = 0;
	lines.length = 0;
	answer_begin(&answer, &hooks, world->now_ns, request, length, &lines);
	check_lines(&lines);
	while (answer.step != ANSWER_DONE) {
		assert_true(++rounds < ROUNDS_MAX);
		lines.length = 0;
		answer_go_on(&answer, &hooks, world->now_ns, &lines);
		check_lines(&lines);
	}
}

/* Any slice of the message may be its Call-ID, and any have been edited. */
static void record(struct world *world, struct text message)
{
	const uint8_t *bytes = (const uint8_t *)message.start;
	sipalg_packet packet = { .bytes = bytes, .length = message.length, .direction = SIPALG_OUTBOUND };
	sipalg_verdict verdict = { .reason = SIPALG_REASON_EDITED, .bytes = bytes, .length = message.length };
	sipalg_edit edit = { .offset = (uint32_t)(message.length / 3),
		             .length = (uint32_t)(message.length / 3),
		             .replacement_length = 3,
		             .place = SIPALG_PLACE_CONTACT,
		             .replacement = "\"\n\xff" };
	verdict.edits = &edit;
	verdict.edit_count = 1;
	verdict.call_id = message.start;
	verdict.call_id_length = message.length / 2;
	journal_record(world->journal, 1, &packet, &verdict);
}

static void read_request(struct text text)
{
	static struct world world;
	if (world.journal == NULL) {
		settings_defaults(&world.settings);
		world.settings.state[0] = '\0';
		world.journal = journal_create(0);
		world.engine.phones = world.engine.calls = world.engine.bindings = 3;
		world.now_ns = 100 * SIPALG_SECOND_NS;
	}
	const char *end = memchr(text.start, '\n', text.length);
	struct text request = text_first(text, end != NULL ? (size_t)(end - text.start) : text.length);
	world.switches = (struct switches){ 0 };
	record(&world, text_from(text, request.length));
	ask_world(&world, request.start, request.length);
}

FUZZ_READER(read_request)
