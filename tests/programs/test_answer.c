/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/answer.h"

#include "control_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Switching ---- */

static void assert_state(const char *expected)
{
	char text[512] = { 0 };
	FILE *file = fopen(state_path, "r");
	assert_non_null(file);
	size_t length = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	assert_true(length > 0);
	const char *second_line = strchr(text, '\n') + 1;
	assert_string_equal(second_line, expected);
}

static void test_off_and_on(void **state)
{
	struct world *world = *state;
	world->engine.phones = 20;
	assert_says(world, "{\"command\":\"off\"}\n", "{\"everything_off\":true,\"off\":[],\"remembered\":true}");
	assert_true(world->applied.everything_off && world->switches.everything_off);
	assert_state("off\n");
	assert_says(world, "{\"command\":\"off\",\"host\":\"10.0.0.9\"}\n", "\"off\":[\"10.0.0.9\"]");
	assert_says(world, "{\"command\":\"off\",\"host\":\"phone3\"}\n", "\"off\":[\"10.0.0.9\",\"10.0.0.3\"]");
	assert_says(world, "{\"command\":\"off\",\"host\":\"sip:phone4@example.com\"}\n", "\"10.0.0.4\"]");
	assert_state("off\noff 10.0.0.9\noff 10.0.0.3\noff 10.0.0.4\n");
	assert_says(world, "{\"command\":\"phones\"}\n", "\"off\":true");
	assert_says(world, "{\"command\":\"on\",\"host\":\"10.0.0.9\"}\n",
	            "{\"everything_off\":true,\"off\":[\"10.0.0.3\"");
	assert_says(world, "{\"command\":\"on\"}\n", "{\"everything_off\":false,\"off\":[],\"remembered\":true}");
	assert_state("");
	assert_int_equal(world->applied.off_count, 0);
	assert_int_equal(world->applications, 6);
}

static void test_connections_are_told(void **state)
{
	struct world *world = *state;
	assert_says(world, "{\"command\":\"status\"}\n", "\"tcp\":true,\"connections\":2,\"encrypted\":7");
	assert_says(world, "{\"command\":\"status\"}\n", "\"connections\":100");
	assert_says(world, "{\"command\":\"connections\"}\n",
	            "{\"phone\":\"10.0.0.5:40000\",\"server\":\"[2001:db8::2]:5060\",\"outside\":\"203.0.113.1:40001\","
	            "\"opened_by\":\"phone\",\"carries\":\"sip\",\"state\":\"up\",\"messages\":12");
	assert_says(world, "{\"command\":\"connections\"}\n",
	            "\"outside\":null,\"opened_by\":\"server\",\"carries\":\"encrypted\",\"state\":\"half closed\"");
	assert_says(world, "{\"command\":\"connections\"}\n", "{\"end\":true,\"rows\":2}");
	assert_says(world, "{\"command\":\"encrypted\"}\n",
	            "{\"phone\":\"10.0.0.5\",\"server\":\"203.0.113.9:5061\",\"connections\":7,\"seconds_since\":");
	assert_says(world, "{\"command\":\"encrypted\"}\n", "{\"end\":true,\"rows\":1}");
}

static void test_what_cannot_be_switched(void **state)
{
	struct world *world = *state;
	world->engine.phones = 20;
	world->settings.off[0] = (sipalg_prefix){ sipalg_address_from_ipv4(0x0a000200), 120 };
	world->settings.off_count = 1;
	assert_says(world, "{\"command\":\"off\",\"host\":\"phone6\"}\n", "several phones have registered as");
	assert_says(world, "{\"command\":\"off\",\"host\":\"phone\"}\n", "no phone has registered as");
	assert_says(world, "{\"command\":\"off\",\"host\":\"\"}\n", "no phone has registered as");
	assert_says(world, "{\"command\":\"on\",\"host\":\"10.0.0.9\"}\n", "10.0.0.9 is not switched off");
	assert_says(world, "{\"command\":\"on\",\"host\":\"10.0.2.9\"}\n", "off by the configuration");
	assert_int_equal(world->applications, 0);
	world->refuses = true;
	assert_says(world, "{\"command\":\"off\"}\n", "{\"ok\":false,\"error\":\"the rules would not go\"}");
	assert_false(world->switches.everything_off);
	assert_int_not_equal(access(state_path, F_OK), 0);
}

static void test_off_without_a_file_warns(void **state)
{
	struct world *world = *state;
	snprintf(world->settings.state, sizeof world->settings.state, "/proc/none/switches");
	assert_says(world, "{\"command\":\"off\"}\n", "it holds until sipalg ends\",\"remembered\":false}");
	assert_true(world->switches.everything_off);
	world->settings.state[0] = '\0';
	assert_says(world, "{\"command\":\"on\"}\n", "{\"everything_off\":false,\"off\":[],\"remembered\":false}");
}

/* ---- Explaining ---- */

static void record(struct world *world, const char *call_id, const char *start_line, uint64_t wall_ns)
{
	char text[400];
	int head = snprintf(text, sizeof text, "%s\r\n", start_line);
	snprintf(text + head, sizeof text - (size_t)head, "%s\r\n\r\n", call_id);
	sipalg_packet packet = {
		.bytes = (const uint8_t *)text,
		.length = strlen(text),
		.source = { fake_phone_address(1), 5060, SIPALG_PROTOCOL_UDP, 0 },
		.destination = { sipalg_address_from_ipv4(0xcb007102), 5060, SIPALG_PROTOCOL_UDP, 0 },
		.direction = SIPALG_OUTBOUND,
	};
	sipalg_edit edit = { .offset = 0,
		             .length = 3,
		             .replacement_length = 4,
		             .place = SIPALG_PLACE_VIA,
		             .replacement = "\"\\\n\xff" };
	sipalg_verdict verdict = { .reason = SIPALG_REASON_EDITED,
		                   .edits = &edit,
		                   .edit_count = 1,
		                   .call_id = text + head,
		                   .call_id_length = strlen(call_id) };
	journal_record(world->journal, wall_ns, &packet, &verdict);
}

static void test_explain(void **state)
{
	struct world *world = *state;
	record(world, "abc1@x", "INVITE sip:b SIP/2.0", 5000000);
	record(world, "abc2@x", "INVITE sip:c SIP/2.0", 6000000);
	record(world, "abc2@x.longer", "INVITE sip:d SIP/2.0", 7000000);
	record(world, "abc1@x", "BYE sip:b SIP/2.0", 8000000);
	assert_says(
	        world, "{\"command\":\"explain\",\"call_id\":\"abc1\"}\n",
	        "{\"ok\":true,\"table\":\"messages\"}\n"
	        "{\"number\":1,\"time_us\":5000,\"direction\":\"outbound\",\"source\":\"10.0.0.1:5060\","
	        "\"destination\":"
	        "\"203.0.113.2:5060\",\"start_line\":\"INVITE sip:b SIP/2.0\",\"call_id\":\"abc1@x\",\"cseq\":\"\","
	        "\"reason\":\"edited\",\"sentence\":\"inside addresses were replaced by this network's outside "
	        "address\",\"edit_count\":1,\"edits\":[{\"place\":\"Via\",\"before\":\"INV\",\"after\":\"\\\"\\\\??\","
	        "\"cut\":false}]}\n{\"number\":4,");
	/* A whole Call-ID is meant even when a longer one begins with it. */
	assert_says(world, "{\"command\":\"explain\",\"call_id\":\"abc2@x\"}\n", "{\"end\":true,\"rows\":1}");
	assert_says(world, "{\"command\":\"explain\",\"call_id\":\"abc\"}\n",
	            "3 Call-IDs begin with \\\"abc\\\", as abc1@x and abc2@x; write more of it");
	assert_says(world, "{\"command\":\"explain\",\"call_id\":\"nothing\"}\n",
	            "no remembered message has a Call-ID");
}

static void test_the_latest_calls(void **state)
{
	struct world *world = *state;
	char call_id[32], expected[64];
	for (unsigned i = 0; i < 50; i++) {
		snprintf(call_id, sizeof call_id, "call%02u", i);
		record(world, call_id, "INVITE sip:b SIP/2.0", i * 1000);
	}
	record(world, "call31", "BYE sip:b SIP/2.0", 50000);
	record(world, "call07", "BYE sip:b SIP/2.0", 51000);
	record(world, "bad\xff\033[1m\x7f", "BYE sip:b SIP/2.0", 52000);
	char *text = ask(world, "{\"command\":\"explain\"}\n");
	assert_int_equal(count_lines(text), CONTROL_RECENT_MAX + 2);
	const char *at = text;
	static const unsigned last[] = { 33, 34, 35, 48, 49, 31, 7 };
	for (size_t i = 0; i < sizeof last / sizeof last[0]; i++) {
		snprintf(expected, sizeof expected, "\"call_id\":\"call%02u\"", last[i]);
		at = strstr(at, expected);
		if (at == NULL)
			fail_msg("%s is missing or out of order in %s", expected, text);
	}
	assert_non_null(strstr(at, "\"call_id\":\"bad??[1m?\""));
	assert_null(strstr(text, "call32"));
	free(text);
	assert_says(world, "{\"command\":\"explain\",\"call_id\":\"bad?\"}\n", "{\"end\":true,\"rows\":1}");
}

/* The search goes on over many control_handle(), while messages keep coming. */
static void test_a_long_journal_is_searched_in_pieces(void **state)
{
	struct world *world = *state;
	journal_destroy(world->journal);
	world->journal = journal_create(8 * 1024 * 1024);
	control_close(world->control);
	struct control_hooks hooks = hooks_of(world);
	struct problem problem;
	world->control = control_open(&hooks, &problem);
	assert_non_null(world->control);
	for (unsigned i = 0; i < 3 * CONTROL_PIECE_LOOKS_MAX; i++)
		record(world, i % 2 == 0 ? "even" : "odd", "INVITE sip:b SIP/2.0", i);
	char *text = ask(world, "{\"command\":\"explain\",\"call_id\":\"odd\"}\n");
	assert_int_equal(count_lines(text), 3 * CONTROL_PIECE_LOOKS_MAX / 2 + 2);
	free(text);
}

/* The longest row there can be fits where it is put. */
static void test_the_longest_row_fits(void **state)
{
	(void)state;
	struct journal *journal = journal_create(0);
	struct journal_entry entry;
	uint64_t cursor = 0;
	static char text[SIPALG_MESSAGE_MAX];
	memset(text, '"', sizeof text);
	sipalg_edit edits[SIPALG_EDITS_MAX];
	for (size_t i = 0; i < SIPALG_EDITS_MAX; i++) {
		edits[i] = (sipalg_edit){ .length = 1000,
			                  .replacement_length = SIPALG_REPLACEMENT_MAX,
			                  .place = SIPALG_PLACE_SDP_CANDIDATE };
		memset(edits[i].replacement, '\\', SIPALG_REPLACEMENT_MAX);
	}
	sipalg_packet packet = { .bytes = (const uint8_t *)text, .length = sizeof text };
	sipalg_verdict verdict = {
		.call_id = text, .call_id_length = 1000, .edits = edits, .edit_count = SIPALG_EDITS_MAX
	};
	journal_record(journal, 1, &packet, &verdict);
	assert_true(journal_next(journal, &cursor, &entry));
	json_t *row = row_from_message(&entry);
	char *dumped = json_dumps(row, JSON_COMPACT);
	assert_in_range(strlen(dumped), 20000, ANSWER_ROW_MAX - 1);
	free(dumped);
	json_decref(row);
	journal_destroy(journal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_WORLD(test_off_and_on),
		IN_A_WORLD(test_connections_are_told),
		IN_A_WORLD(test_what_cannot_be_switched),
		IN_A_WORLD(test_off_without_a_file_warns),
		IN_A_WORLD(test_explain),
		IN_A_WORLD(test_the_latest_calls),
		IN_A_WORLD(test_a_long_journal_is_searched_in_pieces),
		cmocka_unit_test(test_the_longest_row_fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
