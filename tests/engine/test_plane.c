/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the plane tells the engine: mappings that NAT has already, ports that are taken, bindings found at start or
 * refused by the kernel, traffic. */
#include "conversation.h"

static struct letter letter;

static sipalg_packet packet_of(const sipalg_endpoint *source, const char *host)
{
	letter_write(&letter,
	             "OPTIONS sip:x SIP/2.0\nVia: SIP/2.0/UDP %s\nFrom: <sip:a@x>;tag=1\nTo: <sip:b@x>\nCall-ID: o\n"
	             "CSeq: 1 OPTIONS\n\n",
	             host);
	return (sipalg_packet){ .bytes = (const uint8_t *)letter.bytes,
		                .length = letter.length,
		                .source = *source,
		                .destination = server,
		                .direction = SIPALG_OUTBOUND,
		                .outside = outside_address };
}

static void assert_via(const char *host)
{
	struct text via = header_of(letter_text(&plane->sent), "Via", 'v');
	char expected[64];
	snprintf(expected, sizeof(expected), "SIP/2.0/UDP %s", host);
	assert_text(via, expected);
}

static void a_mapping_of_nat_is_taken_over(void **state)
{
	(void)state;
	sipalg_packet packet = packet_of(&phone, "192.168.1.2:5060");
	assert_true(sipalg_engine_wants_mapping(plane->engine, &packet));
	packet.mapping = 47110;
	assert_int_equal(sipalg_engine_foresee(plane->engine, &packet).port, 47110);
	harness_pass(plane, &packet);
	assert_via("203.0.113.1:47110");
	assert_false(sipalg_engine_wants_mapping(plane->engine, &packet));
	packet.mapping = 5555; /* too late: the binding is there */
	harness_pass(plane, &packet);
	assert_via("203.0.113.1:47110");
	assert_int_equal(sipalg_engine_foresee(plane->engine, &packet).port, 47110);
}

/* A mapping is of the flow's own source; another port in Via is not meant. */
static void a_mapping_is_for_the_source_only(void **state)
{
	(void)state;
	sipalg_packet packet = packet_of(&phone, "192.168.1.2:5070");
	packet.mapping = 47110;
	harness_pass(plane, &packet);
	assert_via("203.0.113.1:5070");
}

static void a_mapping_that_is_taken_is_not(void **state)
{
	(void)state;
	sipalg_endpoint second = endpoint_of("192.168.1.3", 5060);
	sipalg_packet packet = packet_of(&phone, "192.168.1.2");
	harness_pass(plane, &packet);
	packet = packet_of(&second, "192.168.1.3");
	packet.mapping = 5060;
	harness_pass(plane, &packet);
	assert_via("203.0.113.1:5062");
}

static void a_mapping_is_not_asked_for_in_vain(void **state)
{
	(void)state;
	sipalg_prefix off;
	sipalg_packet packet = packet_of(&phone, "192.168.1.2");
	packet.direction = SIPALG_INBOUND;
	assert_false(sipalg_engine_wants_mapping(plane->engine, &packet));
	packet.direction = SIPALG_OUTBOUND;
	packet.outside = (sipalg_address){ { 0 } };
	assert_false(sipalg_engine_wants_mapping(plane->engine, &packet));
	packet.outside = outside_address;
	assert_true(sipalg_prefix_read("192.168.1.2", 11, &off));
	assert_true(sipalg_engine_set_off(plane->engine, &off, 1));
	assert_false(sipalg_engine_wants_mapping(plane->engine, &packet));
}

static void reserved_ports_are_not_chosen(void **state)
{
	(void)state;
	sipalg_packet packet = packet_of(&phone, "192.168.1.2");
	sipalg_engine_reserve_port(plane->engine, SIPALG_PROTOCOL_TCP, 5060, true);
	assert_int_equal(sipalg_engine_foresee(plane->engine, &packet).port, 5060);
	sipalg_engine_reserve_port(plane->engine, SIPALG_PROTOCOL_UDP, 5060, true);
	assert_int_equal(sipalg_engine_foresee(plane->engine, &packet).port, 5062);
	sipalg_engine_reserve_port(plane->engine, SIPALG_PROTOCOL_UDP, 5060, false);
	assert_int_equal(sipalg_engine_foresee(plane->engine, &packet).port, 5060);
	sipalg_engine_reserve_port(plane->engine, SIPALG_PROTOCOL_UDP, 5060, true);
	harness_pass(plane, &packet);
	assert_via("203.0.113.1:5062");
}

static void switch_off(const char *host)
{
	sipalg_prefix off;
	assert_true(sipalg_prefix_read(host, strlen(host), &off));
	assert_true(sipalg_engine_set_off(plane->engine, &off, 1));
	harness_take_commands(plane);
}

/* While nothing passed, plain NAT gave the port of a binding to a host that has none: the next request moves it. */
static void a_binding_whose_port_is_taken_moves(void **state)
{
	(void)state;
	sipalg_packet packet = packet_of(&phone, "192.168.1.2:5060");
	harness_pass(plane, &packet);
	assert_false(sipalg_engine_wants_mapping(plane->engine, &packet)); /* all others have bindings, too */
	switch_off("192.168.1.9");
	assert_true(sipalg_engine_wants_mapping(plane->engine, &packet));
	assert_int_equal(sipalg_engine_foresee(plane->engine, &packet).port, 5060);
	harness_reserve_port(plane, 5060, true);
	assert_int_equal(sipalg_engine_foresee(plane->engine, &packet).port, 5060); /* it may be a service */
	sipalg_engine_move_binding(plane->engine, plane->now_ns, &packet);
	harness_take_commands(plane);
	assert_int_equal(harness_count(plane, SIPALG_COMMAND_CLOSE), 1);
	assert_true(harness_command(plane, SIPALG_COMMAND_CLOSE, 0)->keep_flows);
	assert_int_equal(harness_command(plane, SIPALG_COMMAND_CLOSE, 0)->outside.port, 5060);
	assert_int_equal(harness_command(plane, SIPALG_COMMAND_OPEN, 0)->outside.port, 5062);
	assert_int_equal(harness_count(plane, SIPALG_COMMAND_ADMIT), 1); /* whom it had admitted */
	harness_pass(plane, &packet);
	assert_via("203.0.113.1:5062");
	packet.bytes = (const uint8_t *)"SIP/2.0 200 OK";
	assert_false(sipalg_engine_wants_mapping(plane->engine, &packet)); /* an answer follows a request */
}

static void what_is_not_bound_does_not_move(void **state)
{
	(void)state;
	sipalg_packet packet = packet_of(&phone, "192.168.1.2:5060");
	sipalg_engine_move_binding(plane->engine, plane->now_ns, &packet);
	packet.source.address = server.address;
	sipalg_engine_move_binding(plane->engine, plane->now_ns, &packet);
	harness_take_commands(plane);
	assert_int_equal(plane->command_count, 0);
}

/* ---- Found at start ---- */

static sipalg_command found(const char *inside, uint16_t port, uint16_t outside_port)
{
	sipalg_command open = { .kind = SIPALG_COMMAND_OPEN, .signalling = true, .lease_s = 100 };
	open.inside = endpoint_of(inside, port);
	open.outside = endpoint_of("203.0.113.1", outside_port);
	return open;
}

/* … so that the plane's model knows it as well. */
static uint32_t restore(const sipalg_command *open)
{
	uint32_t handle = 0;
	assert_true(sipalg_engine_restore_binding(plane->engine, plane->now_ns, open, &handle));
	assert_int_not_equal(handle, 0);
	plane->bindings[plane->binding_count++] =
	        (struct plane_binding){ .handle = handle,
		                        .signalling = open->signalling,
		                        .inside = open->inside,
		                        .outside = open->outside,
		                        .until_ns = plane->now_ns + open->lease_s * SIPALG_SECOND_NS };
	plane->opened++;
	return handle;
}

static void bindings_found_at_start_go_on(void **state)
{
	(void)state;
	uint32_t handle, untouched = 99;
	sipalg_command open = found("192.168.1.2", 5060, 33333);
	handle = restore(&open);
	harness_take_commands(plane);
	assert_int_equal(plane->command_count, 0);
	assert_false(sipalg_engine_restore_binding(plane->engine, plane->now_ns, &open, &untouched));
	sipalg_command same_outside = found("192.168.1.3", 5060, 33333);
	assert_false(sipalg_engine_restore_binding(plane->engine, plane->now_ns, &same_outside, &untouched));
	assert_int_equal(untouched, 99);

	asks("OPTIONS", 1, "", "");
	assert_via("203.0.113.1:33333;branch=z1");
	assert_int_equal(harness_count(plane, SIPALG_COMMAND_OPEN), 0);
	assert_int_equal(plane->bindings[0].handle, handle);
	harness_wait(plane, 99);
	assert_true(is_open(5060));
	harness_wait(plane, 2);
	assert_false(is_open(5060));
	assert_int_equal(sipalg_engine_counters(plane->engine)->bindings, 0);
}

/* Who speaks over it owns it anew, beyond the lease it was found with. */
static void a_binding_found_may_be_owned(void **state)
{
	(void)state;
	sipalg_command open = found("192.168.1.2", 5060, 5060);
	(void)restore(&open);
	registers(1, CONTACT_IN, "Expires: 3600\n");
	is_registered(200, 1, CONTACT_OUT ";expires=3600\n", "");
	harness_wait(plane, 3000);
	assert_true(is_open(5060));
	harness_wait_for_the_end(plane);
}

static void there_may_be_no_room_for_what_is_found(void **state)
{
	(void)state;
	sipalg_command open;
	uint32_t handle;
	for (uint16_t i = 0; i < plane->settings.bindings_max; i++) {
		open = found("192.168.1.2", (uint16_t)(10000 + i), (uint16_t)(10000 + i));
		(void)restore(&open);
	}
	open = found("192.168.1.2", 20000, 20000);
	assert_false(sipalg_engine_restore_binding(plane->engine, plane->now_ns, &open, &handle));
	harness_wait_for_the_end(plane);
}

/* ---- Refused by the kernel ---- */

static void drop_from_plane(uint32_t handle)
{
	for (size_t i = 0; i < plane->binding_count; i++)
		if (plane->bindings[i].handle == handle) {
			plane->bindings[i] = plane->bindings[--plane->binding_count];
			plane->opened--;
		}
	sipalg_engine_forget_binding(plane->engine, handle);
}

static void what_could_not_be_opened_is_forgotten(void **state)
{
	(void)state;
	asks("OPTIONS", 1, "", "");
	uint32_t handle = harness_command(plane, SIPALG_COMMAND_OPEN, 0)->binding;
	drop_from_plane(handle);
	sipalg_engine_forget_binding(plane->engine, handle); /* gone already: ignored */
	harness_take_commands(plane);
	assert_int_equal(plane->command_count, 0);
	harness_wait(plane, 100);
	assert_int_equal(sipalg_engine_deadline(plane->engine), SIPALG_NEVER);
	asks("OPTIONS", 2, "", "");
	assert_int_equal(harness_count(plane, SIPALG_COMMAND_OPEN), 1);
	assert_int_not_equal(harness_command(plane, SIPALG_COMMAND_OPEN, 0)->binding, handle);
	harness_wait_for_the_end(plane);
}

/* Owners keep theirs, and the next message asks for it again. */
static void what_is_owned_is_asked_for_again(void **state)
{
	(void)state;
	asks("INVITE", 1, "", own(8000));
	while (plane->binding_count)
		drop_from_plane(plane->bindings[0].handle);
	assert_int_equal(sipalg_engine_counters(plane->engine)->bindings, 0);
	asks("INVITE", 1, "", own(8000));
	assert_int_equal(harness_count(plane, SIPALG_COMMAND_OPEN), 3);
	hears(486, 1, "INVITE", "far", "");
	assert_false(is_open(8000));
	harness_wait_for_the_end(plane);
}

/* ---- Traffic ---- */

static void answers_about_strangers_are_ignored(void **state)
{
	(void)state;
	sipalg_engine_report_traffic(plane->engine, plane->now_ns, 0, true);
	sipalg_engine_report_traffic(plane->engine, plane->now_ns, 1, true);
	sipalg_engine_report_traffic(plane->engine, plane->now_ns, UINT32_MAX, true);
	assert_int_equal(sipalg_engine_deadline(plane->engine), SIPALG_NEVER);
}

/* The plane may answer later, on its own; without an answer the call is over. */
static void traffic_may_be_told_later(void **state)
{
	(void)state;
	asks("INVITE", 1, "", own(8000));
	hears(200, 1, "INVITE", "far", theirs());
	harness_wait(plane, SIPALG_MEDIA_IDLE_S + 5);
	const struct plane_binding *binding;
	sipalg_endpoint media = endpoint_of("192.168.1.2", 8001);
	binding = harness_binding_inside(plane, &media);
	assert_non_null(binding);
	sipalg_engine_report_traffic(plane->engine, plane->now_ns, binding->handle, true);
	harness_wait(plane, SIPALG_MEDIA_IDLE_S);
	assert_true(is_open(8000));
	harness_wait(plane, 30);
	assert_false(is_open(8000));
}

/* ---- Words and memory ---- */

static void everything_has_its_word(void **state)
{
	(void)state;
	for (int reason = 0; reason < SIPALG_REASON_COUNT; reason++) {
		assert_true(strlen(sipalg_reason_word((enum sipalg_reason)reason)) > 3);
		assert_true(strlen(sipalg_reason_sentence((enum sipalg_reason)reason)) > 10);
	}
	assert_string_equal(sipalg_reason_word(SIPALG_REASON_NOTHING_TO_DO), "nothing-to-do");
	for (int place = 0; place <= SIPALG_PLACE_CONTENT_LENGTH; place++)
		assert_non_null(sipalg_place_word((enum sipalg_place)place));
	assert_string_equal(sipalg_place_word(SIPALG_PLACE_SDP_MEDIA), "m=");
	for (int call = 0; call <= SIPALG_CALL_ENDING; call++)
		assert_non_null(sipalg_call_state_word((enum sipalg_call_state)call));
}

/* What is shown is cut to fit, and fit for a terminal. */
static void labels_are_printable(void **state)
{
	(void)state;
	sipalg_call_view view;
	uint32_t cursor = 0;
	letter_write(&letter,
	             "INVITE sip:x SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.2\nFrom: <sip:a@x>;tag=1\nTo: <sip:b@x>\n"
	             "Call-ID: \x1b[2J\x80%s\nCSeq: 1 INVITE\nContact: <sip:a@192.168.1.2>\n\n",
	             "0123456789012345678901234567890123456789012345678901234567890123456789");
	harness_out(plane, &phone, &server, letter_text(&letter));
	assert_true(sipalg_engine_next_call(plane->engine, &cursor, &view));
	assert_int_equal(strlen(view.call_id), SIPALG_LABEL_MAX - 1);
	assert_memory_equal(view.call_id, "?[2J?0123", 9);
	assert_int_equal(view.state, SIPALG_CALL_TRYING);
	assert_true(sipalg_address_equal(&view.phone, &phone.address));
	assert_false(sipalg_engine_next_call(plane->engine, &cursor, &view));
}

static void an_outside_address_may_be_replaced(void **state)
{
	(void)state;
	registers(1, CONTACT_IN, "Expires: 3600\n");
	is_registered(200, 1, CONTACT_OUT ";expires=3600\n", "");
	asks("INVITE", 1, "", own(8000));
	hears(200, 1, "INVITE", "far", theirs());
	sipalg_address other = endpoint_of("203.0.113.2", 0).address;
	sipalg_engine_forget_outside(plane->engine, &other);
	harness_wait(plane, 0);
	assert_int_equal(plane->binding_count, 3);
	sipalg_engine_forget_outside(plane->engine, &outside_address);
	harness_wait(plane, 0);
	assert_int_equal(plane->binding_count, 0);
	assert_false(harness_command(plane, SIPALG_COMMAND_CLOSE, 0)->keep_flows);
	assert_int_equal(sipalg_engine_counters(plane->engine)->registrations, 0);
	assert_int_equal(sipalg_engine_counters(plane->engine)->calls, 0);
	sipalg_packet packet = packet_of(&phone, "192.168.1.2");
	packet.outside = other;
	sipalg_engine_handle(plane->engine, plane->now_ns, &packet, &plane->verdict);
	letter_copy(&plane->sent, (struct text){ (const char *)plane->verdict.bytes, plane->verdict.length });
	assert_via("203.0.113.2");
}

/* It rings, and then the address is another one: the answer tells of that, so it is opened there. */
static void a_call_is_answered_from_a_new_outside_address(void **state)
{
	(void)state;
	is_asked("INVITE", 1, false, theirs());
	answers(180, 1, "INVITE", CONTACT_IN "\n");
	assert_int_equal(sipalg_engine_counters(plane->engine)->calls, 1);
	sipalg_engine_forget_outside(plane->engine, &outside_address);
	harness_wait(plane, 0);
	assert_int_equal(plane->binding_count, 0);
	plane->outside[1] = endpoint_of("203.0.113.2", 0).address;
	answers(200, 1, "INVITE", own(8000));
	assert_true(is_open(8000));
	is_asked("BYE", 2, true, "\n");
	answers(200, 2, "BYE", "\n");
	assert_false(is_open(8000));
}

static void what_is_shown_of_a_binding(void **state)
{
	(void)state;
	sipalg_binding_view view;
	sipalg_registration_view registration;
	uint32_t cursor = 0;
	registers(1, CONTACT_IN, "Expires: 3600\n");
	is_registered(200, 1, CONTACT_OUT ";expires=3600\n", "");
	asks("SUBSCRIBE", 1, "", "Expires: 600\n\n");
	assert_true(sipalg_engine_next_binding(plane->engine, &cursor, &view));
	assert_true(sipalg_endpoint_equal(&view.inside, &phone));
	assert_int_equal(view.outside.port, 5060);
	assert_int_equal(view.owners, 2);
	assert_true(view.signalling);
	assert_int_equal(view.admits, SIPALG_ADMITS_PEERS);
	assert_int_equal(view.deadline_ns, plane->now_ns + (3600 + SIPALG_GRACE_S) * SIPALG_SECOND_NS);
	assert_false(sipalg_engine_next_binding(plane->engine, &cursor, &view));
	cursor = 0;
	assert_true(sipalg_engine_next_registration(plane->engine, &cursor, &registration));
	assert_string_equal(registration.address_of_record, "sip:a@x");
	assert_int_equal(registration.deadline_ns, view.deadline_ns);
	assert_false(sipalg_engine_next_registration(plane->engine, &cursor, &registration)); /* no subscriptions */
}

/* The engine keeps to the memory it has asked for. */
static void memory_ends_where_it_was_said(void **state)
{
	(void)state;
	sipalg_settings settings;
	sipalg_settings_defaults(&settings);
	settings.bindings_max = settings.calls_max = settings.registrations_max = 5;
	size_t size = sipalg_engine_size(&settings);
	struct guarded memory = guarded_open(size + 64);
	char *start = memory.pages + (memory.size - size) / 64 * 64;
	sipalg_engine *engine = sipalg_engine_create(start, &settings);
	sipalg_network network = { 0 };
	assert_true(sipalg_prefix_read("192.168.1.0/24", 14, &network.inside));
	assert_true(sipalg_engine_set_inside(engine, &network, 1));
	for (unsigned i = 0; i < 20; i++) {
		char host[32];
		snprintf(host, sizeof(host), "192.168.1.2:%u", 5060 + 2 * i);
		sipalg_packet packet = packet_of(&phone, host);
		sipalg_verdict verdict;
		sipalg_command command;
		sipalg_engine_handle(engine, i, &packet, &verdict);
		assert_int_equal(verdict.reason, i < 5 ? SIPALG_REASON_EDITED : SIPALG_REASON_BINDINGS_FULL);
		while (sipalg_engine_next_command(engine, &command))
			continue;
	}
	guarded_close(&memory);
}

int main(void)
{
#define PLANE_TEST(test) cmocka_unit_test_setup_teardown(test, conversation_setup, harness_teardown)
	const struct CMUnitTest tests[] = {
		PLANE_TEST(a_mapping_of_nat_is_taken_over),
		PLANE_TEST(a_mapping_is_for_the_source_only),
		PLANE_TEST(a_mapping_that_is_taken_is_not),
		PLANE_TEST(a_mapping_is_not_asked_for_in_vain),
		PLANE_TEST(reserved_ports_are_not_chosen),
		PLANE_TEST(a_binding_whose_port_is_taken_moves),
		PLANE_TEST(what_is_not_bound_does_not_move),
		PLANE_TEST(bindings_found_at_start_go_on),
		PLANE_TEST(a_binding_found_may_be_owned),
		PLANE_TEST(there_may_be_no_room_for_what_is_found),
		PLANE_TEST(what_could_not_be_opened_is_forgotten),
		PLANE_TEST(what_is_owned_is_asked_for_again),
		PLANE_TEST(answers_about_strangers_are_ignored),
		PLANE_TEST(traffic_may_be_told_later),
		PLANE_TEST(everything_has_its_word),
		PLANE_TEST(labels_are_printable),
		PLANE_TEST(an_outside_address_may_be_replaced),
		PLANE_TEST(a_call_is_answered_from_a_new_outside_address),
		PLANE_TEST(memory_ends_where_it_was_said),
		PLANE_TEST(what_is_shown_of_a_binding),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
