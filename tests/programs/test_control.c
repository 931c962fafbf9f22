/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/answer.h"
#include "daemon/control.h"

#include "cmocka_all.h"
#include "fake_engine.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const char socket_path[] = "test_control.sock", state_path[] = "test_control.state";

/* A daemon without packets. */
struct world {
	struct sipalg_engine engine;
	struct settings settings;
	struct switches switches, applied;
	struct journal *journal;
	struct control *control;
	int applications;
	bool refuses;
	uint64_t now_ns;
};

static bool apply_switches(void *context, const struct switches *switches, struct problem *problem)
{
	struct world *world = context;
	world->applications++;
	world->applied = *switches;
	return !world->refuses || problem_say(problem, "the rules would not go");
}

static void status(void *context, struct control_status *status)
{
	(void)context;
	status->started_ns = 40 * SIPALG_SECOND_NS;
	status->wan.count = 1;
	snprintf(status->wan.names[0], IFNAMSIZ, "eth0");
	status->outside = sipalg_address_from_ipv4(0xcb007101);
	status->queue = 5060;
	status->queue_kind = "nft queue";
	snprintf(status->warnings[status->warning_count++], PROBLEM_TEXT_MAX, "a \033[31mwarning");
	status->counters[0].name = "packets_lost";
	status->counters[0].value = 3;
	status->counter_count = 1;
}

static struct control_hooks hooks_of(struct world *world)
{
	return (struct control_hooks){
		.engine = &world->engine,
		.journal = world->journal,
		.settings = &world->settings,
		.switches = &world->switches,
		.context = world,
		.apply_switches = apply_switches,
		.status = status,
	};
}

static int world_create(void **state)
{
	struct world *world = calloc(1, sizeof *world);
	struct problem problem;
	assert_non_null(world);
	unlink(socket_path);
	unlink(state_path);
	settings_defaults(&world->settings);
	snprintf(world->settings.socket, sizeof world->settings.socket, "%s", socket_path);
	snprintf(world->settings.state, sizeof world->settings.state, "%s", state_path);
	world->journal = journal_create(0);
	world->now_ns = 100 * SIPALG_SECOND_NS;
	struct control_hooks hooks = hooks_of(world);
	world->control = control_open(&hooks, &problem);
	if (world->control == NULL)
		fail_msg("%s", problem.text);
	*state = world;
	return 0;
}

static int world_destroy(void **state)
{
	struct world *world = *state;
	control_close(world->control);
	assert_int_not_equal(access(socket_path, F_OK), 0);
	journal_destroy(world->journal);
	free(world);
	unlink(state_path);
	return 0;
}

/* ---- A client that never blocks ---- */

static int knock(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
	int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_true(descriptor >= 0);
	assert_int_equal(connect(descriptor, (struct sockaddr *)&address, sizeof address), 0);
	return descriptor;
}

static void tell(int descriptor, const char *text)
{
	assert_int_equal(send(descriptor, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* Reads until the daemon ends the talk; what was read belongs to the caller. */
static char *hear(struct world *world, int descriptor)
{
	size_t length = 0, room = 65536;
	char *text = malloc(room);
	for (int rounds = 0; rounds < 1000000; rounds++) {
		control_handle(world->control, world->now_ns);
		if (room - length < 32768)
			text = realloc(text, room *= 2);
		ssize_t got = recv(descriptor, text + length, room - length - 1, 0);
		if (got == 0)
			break;
		if (got > 0)
			length += (size_t)got;
	}
	text[length] = '\0';
	close(descriptor);
	return text;
}

static char *ask(struct world *world, const char *request)
{
	int descriptor = knock();
	tell(descriptor, request);
	return hear(world, descriptor);
}

static void assert_says(struct world *world, const char *request, const char *expected)
{
	char *text = ask(world, request);
	if (strstr(text, expected) == NULL)
		fail_msg("%s: \"%.2000s\" does not say \"%s\"", request, text, expected);
	free(text);
}

static size_t count_lines(const char *text)
{
	size_t lines = 0;
	for (; (text = strchr(text, '\n')) != NULL; text++)
		lines++;
	return lines;
}

/* ---- Requests ---- */

static void test_status_and_counters(void **state)
{
	struct world *world = *state;
	world->engine.counters.reasons[SIPALG_REASON_SIGNED] = 5;
	world->engine.counters.calls = 12;
	assert_says(world, "{\"command\":\"status\"}\n", "{\"ok\":true,\"status\":{\"on\":true,\"seconds\":60,");
	assert_says(world, "{\"command\":\"status\"}\n",
	            "\"wan\":[\"eth0\"],\"inside\":[],\"outside\":\"203.0.113.1\"");
	assert_says(world, "{\"command\":\"status\"}\n", "\"warnings\":[\"a ?[31mwarning\"]");
	assert_says(world, "{\"command\":\"counters\"}\n", "\"signed\":5");
	assert_says(world, "{\"command\":\"counters\"}\n", "\"calls\":12");
	assert_says(world, "{\"command\":\"counters\"}\n", "\"plane\":{\"packets_lost\":3}");
}

static void test_tables(void **state)
{
	struct world *world = *state;
	world->engine.phones = 2;
	world->engine.calls = 2;
	world->engine.bindings = 2;
	assert_says(
	        world, "{\"command\":\"phones\"}\n",
	        "{\"ok\":true,\"table\":\"phones\"}\n"
	        "{\"address_of_record\":\"sip:phone0@example.com\",\"inside\":\"10.0.0.0:5060\",\"outside\":"
	        "\"203.0.113.1:20000\",\"protocol\":\"udp\",\"registered\":true,\"off\":false,\"seconds_left\":null}\n"
	        "{\"address_of_record\":\"sip:phone1@example.com\",\"inside\":\"10.0.0.1:5060\",\"outside\":"
	        "\"203.0.113.1:20001\",\"protocol\":\"udp\",\"registered\":false,\"off\":false,\"seconds_left\":3500}\n"
	        "{\"end\":true,\"rows\":2}\n");
	assert_says(world, "{\"command\":\"calls\"}\n",
	            "\"state\":\"confirmed\",\"held\":true,\"media\":[{\"inside\":"
	            "\"10.0.0.1:12000\",\"outside\":\"203.0.113.1:30000\"},");
	assert_says(world, "{\"command\":\"bindings\"}\n",
	            "\"carries\":\"signalling\",\"admits\":\"peers\",\"owners\":0,"
	            "\"seconds_left\":0}");
	assert_says(world, "{\"command\":\"bindings\"}\n", "\"owners\":1,\"seconds_left\":null}");
}

static void test_wrong_requests_are_refused(void **state)
{
	struct world *world = *state;
	char longest[CONTROL_REQUEST_MAX + 1];
	memset(longest, ' ', sizeof longest);
	longest[CONTROL_REQUEST_MAX] = '\0';
	assert_says(world, "\n", "{\"ok\":false,\"error\":\"a request is an object");
	assert_says(world, "{\"command\":\n", "{\"ok\":false,");
	assert_says(world, "[1]\n", "{\"ok\":false,");
	assert_says(world, "{\"command\":7}\n", "{\"ok\":false,");
	assert_says(world, "{\"command\":\"dance\"}\n", "no such command");
	assert_says(world, longest, "{\"ok\":false,");
	assert_int_equal(world->applications, 0);
}

static void test_a_request_may_come_in_pieces(void **state)
{
	struct world *world = *state;
	int descriptor = knock();
	for (const char *at = "{\"command\":\"status\"}\n"; *at != '\0'; at++) {
		tell(descriptor, (char[]){ *at, '\0' });
		control_handle(world->control, world->now_ns);
	}
	char *text = hear(world, descriptor);
	assert_non_null(strstr(text, "\"ok\":true"));
	free(text);
}

static void test_clients_that_vanish_do_no_harm(void **state)
{
	struct world *world = *state;
	world->engine.phones = 100000;
	for (int i = 0; i < 100; i++) {
		int descriptor = knock();
		if (i % 3 > 0)
			tell(descriptor, i % 3 == 1 ? "{\"comm" : "{\"command\":\"phones\"}\n");
		for (int j = 0; j < i % 7; j++)
			control_handle(world->control, world->now_ns);
		close(descriptor);
	}
	for (int i = 0; i < 200; i++)
		control_handle(world->control, world->now_ns);
	assert_says(world, "{\"command\":\"status\"}\n", "\"ok\":true");
}

/* ---- Much to tell, slow to hear ---- */

static void test_a_large_table_comes_in_pieces(void **state)
{
	struct world *world = *state;
	world->engine.phones = 100000;
	char *text = ask(world, "{\"command\":\"phones\"}\n");
	assert_int_equal(count_lines(text), 100000 + 2);
	assert_non_null(strstr(text, "sip:phone99999@example.com"));
	assert_non_null(strstr(text, "{\"end\":true,\"rows\":100000}\n"));
	free(text);
}

static void test_a_stalled_client_holds_up_nobody(void **state)
{
	struct world *world = *state;
	world->engine.phones = 100000;
	int stalled = knock();
	tell(stalled, "{\"command\":\"phones\"}\n");
	for (int i = 0; i < 2000; i++)
		control_handle(world->control, world->now_ns);
	assert_says(world, "{\"command\":\"status\"}\n", "\"ok\":true");
	/* When it reads again it gets all. */
	char *text = hear(world, stalled);
	assert_int_equal(count_lines(text), 100000 + 2);
	free(text);
}

static void test_places_go_to_who_uses_them(void **state)
{
	struct world *world = *state;
	int idle[CONTROL_CLIENTS_MAX];
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		idle[i] = knock();
		control_handle(world->control, world->now_ns);
		world->now_ns += 1000;
	}
	assert_says(world, "", "too many clients at once");
	world->now_ns += CONTROL_STALLED_S * SIPALG_SECOND_NS;
	assert_says(world, "{\"command\":\"status\"}\n", "\"ok\":true");
	char byte;
	assert_int_equal(recv(idle[0], &byte, 1, 0), 0); /* turned out */
	assert_int_equal(recv(idle[1], &byte, 1, 0), -1);
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		close(idle[i]);
}

static void test_nothing_to_do_is_not_readable(void **state)
{
	struct world *world = *state;
	struct pollfd poll_descriptor = { .fd = control_descriptor(world->control), .events = POLLIN };
	assert_int_equal(poll(&poll_descriptor, 1, 0), 0);
	int descriptor = knock();
	assert_int_equal(poll(&poll_descriptor, 1, 0), 1);
	control_handle(world->control, world->now_ns);
	assert_int_equal(poll(&poll_descriptor, 1, 0), 0);
	tell(descriptor, "{\"command\":\"status\"}\n");
	assert_int_equal(poll(&poll_descriptor, 1, 0), 1);
	free(hear(world, descriptor));
	assert_int_equal(poll(&poll_descriptor, 1, 0), 0);
}

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

/* ---- The socket ---- */

static void test_only_root_or_the_group_may_ask(void **state)
{
	struct world *world = *state;
	struct stat status;
	struct problem problem;
	assert_int_equal(stat(socket_path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	control_close(world->control);
	world->settings.group = getgid();
	struct control_hooks hooks = hooks_of(world);
	world->control = control_open(&hooks, &problem);
	assert_non_null(world->control);
	assert_int_equal(stat(socket_path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0660);
	assert_int_equal(status.st_gid, getgid());
}

static void test_a_second_instance_is_told(void **state)
{
	struct world *world = *state;
	struct problem problem = { 0 };
	struct control_hooks hooks = hooks_of(world);
	assert_null(control_open(&hooks, &problem));
	assert_non_null(strstr(problem.text, "another sipalg is running"));
	assert_says(world, "{\"command\":\"status\"}\n", "\"ok\":true");
}

static void test_a_dead_ones_socket_is_replaced(void **state)
{
	struct world *world = *state;
	struct problem problem = { 0 };
	struct control_hooks hooks = hooks_of(world);
	control_close(world->control);
	int dead = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
	assert_int_equal(bind(dead, (struct sockaddr *)&address, sizeof address), 0);
	close(dead);
	world->control = control_open(&hooks, &problem);
	if (world->control == NULL)
		fail_msg("%s", problem.text);
	assert_says(world, "{\"command\":\"status\"}\n", "\"ok\":true");
}

static void test_what_is_no_socket_stays(void **state)
{
	struct world *world = *state;
	struct problem problem = { 0 };
	struct control_hooks hooks = hooks_of(world);
	control_close(world->control);
	FILE *file = fopen(socket_path, "w");
	assert_non_null(file);
	fclose(file);
	assert_null(control_open(&hooks, &problem));
	assert_non_null(strstr(problem.text, "no socket"));
	assert_int_equal(unlink(socket_path), 0);
	snprintf(world->settings.socket, sizeof world->settings.socket, "/proc/none/sipalg.sock");
	assert_null(control_open(&hooks, &problem));
	assert_non_null(strstr(problem.text, "--socket"));
	snprintf(world->settings.socket, sizeof world->settings.socket, "%s", socket_path);
	world->control = control_open(&hooks, &problem);
	assert_non_null(world->control);
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

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, world_create, world_destroy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_WORLD(test_status_and_counters),
		IN_A_WORLD(test_tables),
		IN_A_WORLD(test_wrong_requests_are_refused),
		IN_A_WORLD(test_a_request_may_come_in_pieces),
		IN_A_WORLD(test_clients_that_vanish_do_no_harm),
		IN_A_WORLD(test_a_large_table_comes_in_pieces),
		IN_A_WORLD(test_a_stalled_client_holds_up_nobody),
		IN_A_WORLD(test_places_go_to_who_uses_them),
		IN_A_WORLD(test_nothing_to_do_is_not_readable),
		IN_A_WORLD(test_off_and_on),
		IN_A_WORLD(test_what_cannot_be_switched),
		IN_A_WORLD(test_off_without_a_file_warns),
		IN_A_WORLD(test_explain),
		IN_A_WORLD(test_the_latest_calls),
		IN_A_WORLD(test_a_long_journal_is_searched_in_pieces),
		IN_A_WORLD(test_only_root_or_the_group_may_ask),
		IN_A_WORLD(test_a_second_instance_is_told),
		IN_A_WORLD(test_a_dead_ones_socket_is_replaced),
		IN_A_WORLD(test_what_is_no_socket_stays),
		cmocka_unit_test(test_the_longest_row_fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
