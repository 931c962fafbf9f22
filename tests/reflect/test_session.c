/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session without sockets: what it may send where, what it is told, the lines of both sides. */
#include "reflect/events.h"
#include "reflect/session.h"

#include "../programs/cmocka_all.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum { S = 1000000000, MS = 1000000 };

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

struct world {
	struct visitor visitor;
	struct session *session;
};

static sipalg_endpoint endpoint_of(const char *address, uint16_t port, uint8_t protocol)
{
	sipalg_endpoint endpoint = { .port = port, .protocol = protocol };
	assert_true(sipalg_address_read(address, strlen(address), &endpoint.address));
	return endpoint;
}

static struct text text_of(const char *string)
{
	return (struct text){ string, strlen(string) };
}

static int open_world(void **state)
{
	struct world *world = calloc(1, sizeof *world);
	world->visitor.bytes = budget_make(ADDRESS_BURST, ADDRESS_PER_S * UINT64_C(60), 0);
	world->session = calloc(1, sizeof *world->session);
	world->session->visitor = &world->visitor;
	world->session->client = endpoint_of("203.0.113.1", 40000, SIPALG_PROTOCOL_TCP);
	world->session->at = endpoint_of("203.0.113.2", 0, 0).address;
	world->session->twin = endpoint_of("203.0.113.9", 0, 0).address;
	*state = world;
	return session_greet(world->session, 0) ? 0 : -1;
}

static int close_world(void **state)
{
	struct world *world = *state;
	session_free(world->session);
	free(world);
	return 0;
}

static struct arrival arrival_from(const char *address, uint16_t port, uint8_t protocol)
{
	return (struct arrival){ .place = REFLECT_SIP,
		                 .local = endpoint_of("203.0.113.2", 0, 0).address,
		                 .source = endpoint_of(address, port, protocol) };
}

/* ---- Where it may send ---- */

static void a_port_is_reached_once_the_token_came_from_it(void **state)
{
	struct session *session = ((struct world *)*state)->session;
	struct arrival arrival = arrival_from("203.0.113.1", 5060, SIPALG_PROTOCOL_UDP);
	assert_int_equal(session_may_reach(session, SIPALG_PROTOCOL_UDP, 5060), REFLECT_REFUSED_PORT);
	session_learn(session, &arrival, text_of("x"));
	assert_int_equal(session_may_reach(session, SIPALG_PROTOCOL_UDP, 5060), REFLECT_CARRIED_OUT);
	assert_int_equal(session_may_reach(session, SIPALG_PROTOCOL_TCP, 5060), REFLECT_REFUSED_PORT);
	assert_int_equal(session_may_reach(session, SIPALG_PROTOCOL_UDP, 5061), REFLECT_REFUSED_PORT);
	assert_true(session_has_source(session, REFLECT_SIP, &arrival.source));
	assert_false(session_has_source(session, REFLECT_PLAIN, &arrival.source));
}

/* A forged source must not make the server send there. */
static void another_address_teaches_nothing(void **state)
{
	struct session *session = ((struct world *)*state)->session;
	struct arrival arrival = arrival_from("198.51.100.7", 5060, SIPALG_PROTOCOL_UDP);
	session_learn(session, &arrival, text_of("Contact: <sip:a@203.0.113.1:5062>"));
	assert_int_equal(session_may_reach(session, SIPALG_PROTOCOL_UDP, 5060), REFLECT_REFUSED_PORT);
	assert_int_equal(session_may_reach(session, SIPALG_PROTOCOL_UDP, 5062), REFLECT_REFUSED_PORT);
	assert_false(session_has_source(session, REFLECT_SIP, &arrival.source));
}

static void a_named_port_is_reached_so_often(void **state)
{
	struct session *session = ((struct world *)*state)->session;
	struct arrival arrival = arrival_from("203.0.113.1", 5060, SIPALG_PROTOCOL_UDP);
	session_learn(session, &arrival, text_of("Contact: <sip:a@203.0.113.1:5062>"));
	for (size_t i = 0; i < NAMED_DATAGRAMS_MAX; i++)
		assert_int_equal(session_may_reach(session, SIPALG_PROTOCOL_UDP, 5062), REFLECT_CARRIED_OUT);
	assert_int_equal(session_may_reach(session, SIPALG_PROTOCOL_UDP, 5062), REFLECT_REFUSED_BUDGET);
	assert_int_equal(session_may_reach(session, SIPALG_PROTOCOL_UDP, 5060), REFLECT_CARRIED_OUT);
}

/* Behind a carrier's NAT a neighbour's ports are not to be scanned by naming them all. */
static void so_many_ports_can_be_named(void **state)
{
	struct session *session = ((struct world *)*state)->session;
	struct arrival arrival = arrival_from("203.0.113.1", 5060, SIPALG_PROTOCOL_UDP);
	size_t reached = 0;
	for (unsigned port = 20000; port < 21000; port++) {
		char message[64];
		snprintf(message, sizeof message, "203.0.113.1:%u", port);
		session_learn(session, &arrival, text_of(message));
	}
	for (unsigned port = 20000; port < 21000; port++)
		reached += session_may_reach(session, SIPALG_PROTOCOL_UDP, (uint16_t)port) == REFLECT_CARRIED_OUT;
	assert_int_equal(reached, NAMED_MAX);
}

static void sources_have_an_end(void **state)
{
	struct session *session = ((struct world *)*state)->session;
	for (uint16_t port = 1; port < 2 * SOURCES_MAX; port++) {
		struct arrival arrival = arrival_from("203.0.113.1", port, SIPALG_PROTOCOL_UDP);
		session_learn(session, &arrival, text_of("x"));
	}
	assert_int_equal(session->source_count, SOURCES_MAX);
}

/* ---- How much ---- */

static void a_session_sends_so_much_at_once_and_in_all(void **state)
{
	struct session *session = ((struct world *)*state)->session;
	const size_t datagram = 972; /* 1000 with its headers */
	uint64_t sent = 0;
	while (session_spend(session, datagram, 0) == REFLECT_CARRIED_OUT)
		sent += 1000;
	assert_in_range(sent, SESSION_BURST - 1000, SESSION_BURST);
	for (uint64_t now_ns = 0; now_ns < 1000 * (uint64_t)S; now_ns += 10 * MS)
		if (session_spend(session, datagram, now_ns) == REFLECT_CARRIED_OUT)
			sent += 1000;
	assert_in_range(sent, SESSION_TOTAL - 1000, SESSION_TOTAL);
}

static void sessions_of_one_address_share_its_budget(void **state)
{
	struct world *world = *state;
	world->visitor.bytes = budget_make(1000, 0, 0);
	assert_int_equal(session_spend(world->session, 500, 0), REFLECT_CARRIED_OUT);
	assert_int_equal(session_spend(world->session, 500, 0), REFLECT_REFUSED_BUDGET);
}

/* ---- What a client says ---- */

static bool read_order(const struct session *session, const char *line, struct order *order)
{
	json_t *object = json_loads(line, JSON_DECODE_ANY, NULL);
	bool read;
	assert_non_null(object);
	read = order_read(object, &session->mask, order);
	json_decref(object);
	return read;
}

static void orders_are_read(void **state)
{
	struct session *session = ((struct world *)*state)->session;
	struct order order;
	assert_true(read_order(session, "{\"do\":\"ping\",\"number\":4294967295}", &order));
	assert_int_equal(order.number, UINT32_MAX);
	assert_true(read_order(session,
	                       "{\"do\":\"send\",\"number\":1,\"place\":4,\"port\":65535,\"twin\":true,"
	                       "\"after_ms\":1000000,\"bytes\":\"AAAA\"}",
	                       &order));
	assert_int_equal(order.place, REFLECT_MEDIA_CONTROL);
	assert_true(order.twin);
	assert_int_equal(order.after_ms, REFLECT_DELAY_MAX_MS);
	assert_int_equal(order.length, 3);
	assert_memory_equal(order.bytes, session->mask.bytes, 3);
	order_free(&order);
	assert_true(read_order(session, "{\"do\":\"finish\",\"number\":1,\"stream\":7,\"reset\":true}", &order));
	assert_true(order.reset && order.stream == 7);
}

static void wrong_orders_are_refused(void **state)
{
	static const char *const lines[] = {
		"{}",
		"[]",
		"\"ping\"",
		"{\"do\":\"ping\"}",
		"{\"do\":\"ping\",\"number\":0}",
		"{\"do\":\"ping\",\"number\":-1}",
		"{\"do\":\"ping\",\"number\":4294967296}",
		"{\"do\":\"ping\",\"number\":1.5}",
		"{\"do\":\"ping\",\"number\":\"1\"}",
		"{\"do\":\"relay\",\"number\":1}",
		"{\"do\":1,\"number\":1}",
		"{\"do\":\"send\",\"number\":1}",
		"{\"do\":\"send\",\"number\":1,\"place\":5,\"port\":1,\"bytes\":\"\"}",
		"{\"do\":\"send\",\"number\":1,\"place\":-1,\"port\":1,\"bytes\":\"\"}",
		"{\"do\":\"send\",\"number\":1,\"place\":0,\"port\":0,\"bytes\":\"\"}",
		"{\"do\":\"send\",\"number\":1,\"place\":0,\"port\":65536,\"bytes\":\"\"}",
		"{\"do\":\"send\",\"number\":1,\"place\":0,\"port\":1}",
		"{\"do\":\"send\",\"number\":1,\"place\":0,\"port\":1,\"bytes\":\"&\"}",
		"{\"do\":\"send\",\"number\":1,\"place\":0,\"port\":1,\"bytes\":\"\",\"after_ms\":1000001}",
		"{\"do\":\"media\",\"number\":1,\"place\":3,\"port\":1,\"bytes\":\"AAAA\",\"count\":1,\"interval_ms\":"
		"20}",
		"{\"do\":\"media\",\"number\":1,\"place\":3,\"port\":1,\"bytes\":\"AAAAAAAAAAAA\",\"count\":3001,"
		"\"interval_ms\":20}",
		"{\"do\":\"media\",\"number\":1,\"place\":3,\"port\":1,\"bytes\":\"AAAAAAAAAAAA\",\"count\":1,"
		"\"interval_ms\":4}",
		"{\"do\":\"write\",\"number\":1,\"stream\":1,\"bytes\":\"\"}",
		"{\"do\":\"write\",\"number\":1,\"stream\":0,\"bytes\":\"AAAA\"}",
		"{\"do\":\"connect\",\"number\":1,\"place\":3,\"port\":1}",
	};
	struct session *session = ((struct world *)*state)->session;
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct order order;
		if (read_order(session, lines[i], &order))
			fail_msg("taken: %s", lines[i]);
	}
}

static void a_message_too_long_is_refused(void **state)
{
	struct session *session = ((struct world *)*state)->session;
	static char bytes[REFLECT_SENT_MAX + 1];
	struct order order;
	for (size_t length = REFLECT_SENT_MAX; length <= REFLECT_SENT_MAX + 1; length++) {
		json_t *object = json_pack("{s:s, s:i, s:i, s:i, s:o}", "do", "send", "number", 1, "place", 0, "port",
		                           1, "bytes", wire_bytes(&session->mask, (struct text){ bytes, length }));
		bool read = order_read(object, &session->mask, &order);
		assert_int_equal(read, length == REFLECT_SENT_MAX);
		if (read)
			order_free(&order);
		json_decref(object);
	}
}

static void orders_wait_for_their_time_and_have_an_end(void **state)
{
	struct session *session = ((struct world *)*state)->session;
	for (uint32_t i = 1; i <= ORDERS_MAX; i++)
		assert_true(orders_add(&session->orders, &(struct order){ .number = i, .due_ns = ORDERS_MAX - i / 2 }));
	assert_false(orders_add(&session->orders, &(struct order){ .number = 9 }));
	assert_null(orders_due(&session->orders, ORDERS_MAX / 2 - 1));
	assert_int_equal(orders_deadline(&session->orders), ORDERS_MAX / 2);
	assert_int_equal(orders_due(&session->orders, UINT64_MAX)->number, ORDERS_MAX);
	orders_remove(&session->orders, orders_due(&session->orders, UINT64_MAX));
	assert_int_equal(orders_due(&session->orders, UINT64_MAX)->number, ORDERS_MAX - 2);
	assert_true(orders_add(&session->orders, &(struct order){ .number = 9, .length = ORDER_BYTES_MAX }));
	assert_false(orders_add(&session->orders, &(struct order){ .number = 9 }));
	orders_remove(&session->orders, orders_due(&session->orders, UINT64_MAX));
	assert_true(
	        orders_add(&session->orders, &(struct order){ .number = 9, .due_ns = S, .length = ORDER_BYTES_MAX }));
	orders_remove(&session->orders, orders_due(&session->orders, UINT64_MAX));
	assert_false(orders_add(&session->orders, &(struct order){ .number = 9, .length = 1 }));
}

static void media_count_on(void **state)
{
	(void)state;
	char *bytes = malloc(12);
	struct order order = { .count = 3, .interval_ms = 20, .step = 0xffffffff, .bytes = bytes, .length = 12 };
	memcpy(bytes, "\x80\x00\xff\xff\x00\x00\x00\xff\x01\x02\x03\x04", 12);
	assert_true(order_advance_media(&order));
	assert_memory_equal(bytes, "\x80\x00\x00\x00\x00\x00\x00\xfe\x01\x02\x03\x04", 12);
	assert_int_equal(order.due_ns, 20 * MS);
	assert_true(order_advance_media(&order));
	assert_false(order_advance_media(&order));
	free(bytes);
}

/* ---- What a client is told ---- */

/* The last line told, as the client reads it. */
static bool told(struct session *session, struct reflect_event *event, char bytes[REFLECT_REPORTED_MAX])
{
	size_t from = session->output_to - 1;
	while (from > 0 && session->output[from - 1] != '\n')
		from--;
	json_t *line = json_loadb(session->output + from, session->output_to - from, 0, NULL);
	bool read = event_read(line, &session->mask, bytes, event);
	json_decref(line);
	return read;
}

static void what_was_received_is_told_bit_for_bit(void **state)
{
	static char message[65507], bytes[REFLECT_REPORTED_MAX];
	static const size_t lengths[] = { 0, 1, 1400, REFLECT_REPORTED_MAX, REFLECT_REPORTED_MAX + 1, sizeof message };
	struct session *session = ((struct world *)*state)->session;
	randombytes_buf(message, sizeof message);
	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct arrival arrival = arrival_from("203.0.113.1", 5060, SIPALG_PROTOCOL_UDP);
		struct reflect_event event;
		size_t shown = lengths[i] < REFLECT_REPORTED_MAX ? lengths[i] : REFLECT_REPORTED_MAX;
		arrival.time_ns = 5 * MS;
		session_tell_received(session, &arrival, (struct text){ message, lengths[i] }, true, 0);
		assert_true(told(session, &event, bytes));
		assert_int_equal(event.kind, REFLECT_RECEIVED);
		assert_int_equal(event.length, lengths[i]);
		assert_int_equal(event.bytes.length, shown);
		assert_memory_equal(event.bytes.start, message, shown);
		assert_true(sipalg_endpoint_equal(&event.source, &arrival.source));
		assert_int_equal(event.time_ns, 5 * MS);
		assert_true(event.by_token);
		assert_false(event.damaged || event.at_twin || event.elsewhere);
	}
}

/* No address, no token of SIP stands in what goes over the control connection. */
static void nothing_told_can_be_recognised(void **state)
{
	struct session *session = ((struct world *)*state)->session;
	struct arrival arrival = arrival_from("203.0.113.1", 5060, SIPALG_PROTOCOL_UDP);
	static const uint16_t ports[REFLECT_PLACE_COUNT] = { 5060, 5080, 7061, 7070, 7071 };
	static const char *const words[] = { "203.0.113", "192.168", "SIP/2.0", "sip:", "Via", "5060;" };
	memset(&session->mask, 0x5a, sizeof session->mask);
	session_tell_welcome(session, ports);
	session_tell_received(session, &arrival,
	                      text_of("OPTIONS sip:a SIP/2.0\r\nVia: 192.168.1.2:5060;rport\r\n\r\n"), true, 0);
	for (size_t i = 0; i < COUNT(words); i++)
		assert_null(memmem(session->output, session->output_to, words[i], strlen(words[i])));
}

static void what_changes_the_control_connection_is_seen(void **state)
{
	static char bytes[REFLECT_REPORTED_MAX];
	struct session *session = ((struct world *)*state)->session;
	struct arrival arrival = arrival_from("203.0.113.1", 5060, SIPALG_PROTOCOL_UDP);
	struct reflect_event event;
	memset(&session->mask, 0, sizeof session->mask);
	session_tell_received(session, &arrival, text_of("AAAAAA"), true, 0);
	char *found = memmem(session->output, session->output_to, "QUFBQUFB", 8);
	assert_non_null(found);
	found[3] = 'C';
	assert_true(told(session, &event, bytes));
	assert_true(event.damaged);
}

static void reports_without_room_are_counted(void **state)
{
	static char message[REFLECT_REPORTED_MAX];
	struct session *session = ((struct world *)*state)->session;
	struct arrival arrival = arrival_from("203.0.113.1", 5060, SIPALG_PROTOCOL_UDP);
	for (size_t i = 0; i < 100; i++)
		session_tell_received(session, &arrival, (struct text){ message, sizeof message }, true, 0);
	assert_true(session->output_to <= OUTPUT_MAX);
	assert_true(session->missed > 80);
	assert_int_equal(session->received, 100);
	size_t before = session->output_to;
	session_tell_goodbye(session, REFLECT_END_STOP);
	assert_true(session->output_to > before);
}

static void reports_have_a_rate(void **state)
{
	struct session *session = ((struct world *)*state)->session;
	struct arrival arrival = arrival_from("203.0.113.1", 5060, SIPALG_PROTOCOL_UDP);
	for (size_t i = 0; i < REPORTS_BURST + 100; i++) {
		session_tell_received(session, &arrival, text_of("x"), true, 0);
		session->output_to = 0;
	}
	assert_int_equal(session->missed, 100);
}

/* ---- A server that is none ---- */

static void lines_of_a_hostile_server_are_passed_over(void **state)
{
	static const char *const lines[] = {
		"{}",
		"[]",
		"7",
		"{\"tell\":\"received\"}",
		"{\"tell\":7}",
		"{\"tell\":\"done\",\"number\":-1}",
		"{\"tell\":\"done\",\"number\":1,\"time_us\":-1}",
		"{\"tell\":\"received\",\"source\":\"AAAA\",\"bytes\":\"\",\"known\":\"token\"}",
		"{\"tell\":\"received\",\"source\":\"AAAAAAAAAAAAAAAAAAAAAAAA\",\"bytes\":\"A\",\"known\":\"token\"}",
		("{\"tell\":\"received\",\"source\":\"AAAAAAAAAAAAAAAAAAAAAAAA\",\"bytes\":\"\",\"known\":\"token\","
		 "\"place\":9}"),
		"{\"tell\":\"media\",\"source\":\"AAAAAAAAAAAAAAAAAAAAAAAA\",\"packets\":-5}",
	};
	static char bytes[REFLECT_REPORTED_MAX];
	struct session *session = ((struct world *)*state)->session;
	for (size_t i = 0; i < COUNT(lines); i++) {
		json_t *line = json_loads(lines[i], JSON_DECODE_ANY, NULL);
		struct reflect_event event;
		struct reflect_server server;
		struct wire_mask mask;
		if (event_read(line, &session->mask, bytes, &event) || event_read_welcome(line, &server, &mask))
			fail_msg("taken: %s", lines[i]);
		json_decref(line);
	}
}

static void a_word_of_a_later_version_is_a_refusal(void **state)
{
	static char bytes[REFLECT_REPORTED_MAX];
	struct session *session = ((struct world *)*state)->session;
	json_t *line = json_loads("{\"tell\":\"done\",\"number\":1,\"time_us\":1,\"refused\":\"moon\"}", 0, NULL);
	struct reflect_event event;
	assert_true(event_read(line, &session->mask, bytes, &event));
	assert_int_equal(event.refusal, REFLECT_REFUSED_FAILED);
	json_decref(line);
}

static void welcome_is_read(void **state)
{
	static const uint16_t ports[REFLECT_PLACE_COUNT] = { 5060, 5080, 7061, 7070, 7071 };
	struct session *session = ((struct world *)*state)->session;
	struct reflect_server server;
	struct wire_mask mask;
	session_tell_welcome(session, ports);
	json_t *line = json_loadb(session->output, session->output_to, 0, NULL);
	assert_true(event_read_welcome(line, &server, &mask));
	assert_string_equal(server.token, session->token);
	assert_memory_equal(server.ports, ports, sizeof ports);
	assert_true(sipalg_endpoint_equal(&server.seen, &session->client));
	assert_true(sipalg_address_equal(&server.twin, &session->twin));
	json_decref(line);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_port_is_reached_once_the_token_came_from_it),
		TEST(another_address_teaches_nothing),
		TEST(a_named_port_is_reached_so_often),
		TEST(so_many_ports_can_be_named),
		TEST(sources_have_an_end),
		TEST(a_session_sends_so_much_at_once_and_in_all),
		TEST(sessions_of_one_address_share_its_budget),
		TEST(orders_are_read),
		TEST(wrong_orders_are_refused),
		TEST(a_message_too_long_is_refused),
		TEST(orders_wait_for_their_time_and_have_an_end),
		TEST(media_count_on),
		TEST(what_was_received_is_told_bit_for_bit),
		TEST(nothing_told_can_be_recognised),
		TEST(what_changes_the_control_connection_is_seen),
		TEST(reports_without_room_are_counted),
		TEST(reports_have_a_rate),
		TEST(lines_of_a_hostile_server_are_passed_over),
		TEST(a_word_of_a_later_version_is_a_refusal),
		TEST(welcome_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
