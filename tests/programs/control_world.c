/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

char socket_path[40], state_path[40];

static sipalg_endpoint endpoint_of(const char *address, uint16_t port)
{
	sipalg_endpoint endpoint = { .port = port, .protocol = SIPALG_PROTOCOL_TCP };
	assert_true(sipalg_address_read(address, strlen(address), &endpoint.address));
	return endpoint;
}

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
	status->tcp = true;
	status->connections = 2;
	status->connections_max = 100;
	status->encrypted = 7;
}

static bool next_connection(void *context, uint32_t *cursor, struct relay_view *view)
{
	(void)context;
	*view = (struct relay_view){
		.route = { .direction = SIPALG_OUTBOUND,
		           .phone = endpoint_of("10.0.0.5", 40000),
		           .server = endpoint_of("2001:db8::2", 5060),
		           .outside = sipalg_address_from_ipv4(0xcb007101),
		           .mapping = 40001 },
		.state = RELAY_ESTABLISHED,
		.outbound = SIPALG_STREAM_SIP,
		.since_ns = 40 * SIPALG_SECOND_NS,
		.messages = 12,
	};
	if (*cursor == 1) {
		view->route.direction = SIPALG_INBOUND;
		view->route.mapping = 0;
		view->outbound = SIPALG_STREAM_UNDECIDED;
		view->inbound = SIPALG_STREAM_TLS;
		view->state = RELAY_HALF_CLOSED;
	}
	return (*cursor)++ < 2;
}

static bool next_encrypted(void *context, uint32_t *cursor, struct plane_encrypted *view)
{
	(void)context;
	*view = (struct plane_encrypted){ .phone = sipalg_address_from_ipv4(0x0a000005),
		                          .server = endpoint_of("203.0.113.9", 5061),
		                          .connections = 7,
		                          .last_ns = 40 * SIPALG_SECOND_NS };
	return (*cursor)++ < 1;
}

struct control_hooks hooks_of(struct world *world)
{
	return (struct control_hooks){
		.engine = &world->engine,
		.journal = world->journal,
		.settings = &world->settings,
		.switches = &world->switches,
		.context = world,
		.apply_switches = apply_switches,
		.status = status,
		.next_connection = next_connection,
		.next_encrypted = next_encrypted,
	};
}

int world_create(void **state)
{
	struct world *world = calloc(1, sizeof *world);
	struct problem problem;
	assert_non_null(world);
	snprintf(socket_path, sizeof socket_path, "test_control.%d.sock", (int)getpid());
	snprintf(state_path, sizeof state_path, "test_control.%d.state", (int)getpid());
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

int world_destroy(void **state)
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

int knock(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
	int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_true(descriptor >= 0);
	assert_int_equal(connect(descriptor, (struct sockaddr *)&address, sizeof address), 0);
	return descriptor;
}

void tell(int descriptor, const char *text)
{
	assert_int_equal(send(descriptor, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

char *hear(struct world *world, int descriptor)
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

char *ask(struct world *world, const char *request)
{
	int descriptor = knock();
	tell(descriptor, request);
	return hear(world, descriptor);
}

void assert_says(struct world *world, const char *request, const char *expected)
{
	char *text = ask(world, request);
	if (strstr(text, expected) == NULL)
		fail_msg("%s: \"%.2000s\" does not say \"%s\"", request, text, expected);
	free(text);
}

size_t count_lines(const char *text)
{
	size_t lines = 0;
	for (; (text = strchr(text, '\n')) != NULL; text++)
		lines++;
	return lines;
}
