/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control_world.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

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
		IN_A_WORLD(test_only_root_or_the_group_may_ask),
		IN_A_WORLD(test_a_second_instance_is_told),
		IN_A_WORLD(test_a_dead_ones_socket_is_replaced),
		IN_A_WORLD(test_what_is_no_socket_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
