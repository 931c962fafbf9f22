/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A daemon without packets, for the tests of the command line: the real control socket over an engine of a few numbers.
 * usage: control_server SOCKET STATE PHONES; it says "ready" and serves until its standard input ends. */
#include "daemon/control.h"

#include "fake_engine.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WALL_S = 1700000000 };

static bool apply_switches(void *context, const struct switches *switches, struct problem *problem)
{
	(void)context, (void)switches, (void)problem;
	return true;
}

static void status(void *context, struct control_status *status)
{
	(void)context;
	status->lan.count = status->wan.count = status->inside_count = status->warning_count = 1;
	snprintf(status->lan.names[0], IFNAMSIZ, "eth1");
	snprintf(status->wan.names[0], IFNAMSIZ, "eth0");
	status->inside[0] = (sipalg_prefix){ sipalg_address_from_ipv4(0x0a000000), 104 };
	status->outside = sipalg_address_from_ipv4(0xcb007101);
	status->queue = 5060;
	status->queue_kind = "nft queue";
	snprintf(status->warnings[0], PROBLEM_TEXT_MAX, "the kernel's own SIP helper is attached");
	status->counters[0].name = "packets_lost";
	status->counter_count = 1;
}

/* An INVITE and its answer, both changed. */
static void record_call(struct journal *journal)
{
	static const char invite[] = "INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5060\r\n"
	                             "CSeq: 1 INVITE\r\nCall-ID: f81d4fae@10.0.0.1\r\n\r\n";
	static const char ok[] = "SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\nCall-ID: f81d4fae@10.0.0.1\r\n\r\n";
	const sipalg_endpoint phone = { fake_phone_address(1), 5060, SIPALG_PROTOCOL_UDP, 0 };
	const sipalg_endpoint server = { sipalg_address_from_ipv4(0xcb007102), 5060, SIPALG_PROTOCOL_UDP, 0 };
	sipalg_packet packet = { .bytes = (const uint8_t *)invite,
		                 .length = sizeof invite - 1,
		                 .source = phone,
		                 .destination = server,
		                 .direction = SIPALG_OUTBOUND };
	const sipalg_edit edit = {
		.offset = (uint32_t)(strstr(invite, "10.0.0.1") - invite),
		.length = 8,
		.replacement_length = 11,
		.place = SIPALG_PLACE_VIA,
		.replacement = "203.0.113.1",
	};
	sipalg_verdict verdict = { .reason = SIPALG_REASON_EDITED, .edits = &edit, .edit_count = 1 };
	verdict.call_id = strstr(invite, "f81d4fae");
	verdict.call_id_length = strlen("f81d4fae@10.0.0.1");
	journal_record(journal, WALL_S * SIPALG_SECOND_NS, &packet, &verdict);

	packet = (sipalg_packet){ .bytes = (const uint8_t *)ok,
		                  .length = sizeof ok - 1,
		                  .source = server,
		                  .destination = phone,
		                  .direction = SIPALG_INBOUND };
	verdict = (sipalg_verdict){ .reason = SIPALG_REASON_NOTHING_TO_DO, .call_id = strstr(ok, "f81d4fae") };
	verdict.call_id_length = strlen("f81d4fae@10.0.0.1");
	journal_record(journal, (WALL_S + 1) * SIPALG_SECOND_NS, &packet, &verdict);
}

static void serve(struct control *control)
{
	struct pollfd descriptors[] = { { .fd = control_descriptor(control), .events = POLLIN },
		                        { .fd = STDIN_FILENO, .events = POLLIN } };
	struct timespec now;
	while (poll(descriptors, 2, -1) >= 0 && descriptors[1].revents == 0) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		control_handle(control, (uint64_t)now.tv_sec * SIPALG_SECOND_NS + (uint64_t)now.tv_nsec);
	}
}

static bool next_connection(void *context, uint32_t *cursor, struct relay_view *view)
{
	(void)context;
	*view = (struct relay_view){ .route.direction = SIPALG_OUTBOUND,
		                     .route.phone = { .address = sipalg_address_from_ipv4(0x0a000005), .port = 5070 },
		                     .state = RELAY_ESTABLISHED,
		                     .outbound = SIPALG_STREAM_SIP };
	return (*cursor)++ < 1;
}

static bool next_encrypted(void *context, uint32_t *cursor, struct plane_encrypted *view)
{
	(void)context;
	*view = (struct plane_encrypted){ .phone = sipalg_address_from_ipv4(0x0a000005), .connections = 7 };
	return (*cursor)++ < 1;
}

int main(int argc, char **argv)
{
	struct sipalg_engine engine = { .calls = 2, .bindings = 3, .counters = { .outbound = 1234567, .calls = 2 } };
	struct settings settings;
	struct switches switches = { 0 };
	struct problem problem;
	if (argc != 4)
		return 2;
	settings_defaults(&settings);
	snprintf(settings.socket, sizeof settings.socket, "%s", argv[1]);
	snprintf(settings.state, sizeof settings.state, "%s", argv[2]);
	engine.phones = (uint32_t)strtoul(argv[3], NULL, 10);
	engine.counters.registrations = engine.phones;
	struct journal *journal = journal_create(0);
	record_call(journal);
	struct control *control = control_open(&(struct control_hooks){ .engine = &engine,
	                                                                .journal = journal,
	                                                                .settings = &settings,
	                                                                .switches = &switches,
	                                                                .apply_switches = apply_switches,
	                                                                .status = status,
	                                                                .next_connection = next_connection,
	                                                                .next_encrypted = next_encrypted },
	                                       &problem);
	if (control == NULL || !switches_read(&switches, settings.state, &problem)) {
		fprintf(stderr, "%s\n", problem.text);
		return 1;
	}
	puts("ready");
	fflush(stdout);
	serve(control);
	control_close(control);
	journal_destroy(journal);
	return 0;
}
