/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server and the client's library, over real sockets. */
#include "../programs/cmocka_all.h"

#include "world.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static struct reflect_way way_to(enum reflect_place place, uint16_t port)
{
	return (struct reflect_way){ .place = place, .port = port };
}

static void the_session_knows_both_ends(void **state)
{
	(void)state;
	for (int ipv6 = 0; ipv6 <= 1; ipv6++) {
		struct reflect_client *client = session_open(ipv6);
		const struct reflect_server *server = reflect_client_server(client);
		sipalg_address address = endpoint_at(ipv6 ? SERVER6 : SERVER, 0, 0).address;
		sipalg_address twin = endpoint_at(ipv6 ? TWIN6 : TWIN, 0, 0).address;
		assert_true(sipalg_address_equal(&server->address, &address));
		assert_true(sipalg_endpoint_equal(&server->own, &server->seen));
		assert_int_equal(server->ports[REFLECT_SIP], 5060);
		assert_int_equal(server->ports[REFLECT_MEDIA_CONTROL], 7071);
		assert_true(sipalg_address_equal(&server->twin, &twin));
		reflect_client_close(client);
	}
}

static void datagrams_are_reported_bit_for_bit(void **state)
{
	(void)state;
	for (int ipv6 = 0; ipv6 <= 1; ipv6++) {
		struct reflect_client *client = session_open(ipv6);
		const struct reflect_server *server = reflect_client_server(client);
		int descriptor = socket_at(SIPALG_PROTOCOL_UDP, ipv6 ? CLIENT6 : CLIENT, 5060);
		sipalg_endpoint source = endpoint_at(ipv6 ? CLIENT6 : CLIENT, 5060, SIPALG_PROTOCOL_UDP);
		for (enum reflect_place place = 0; place < REFLECT_PLACE_COUNT; place++) {
			struct text message = with_token(client, "OPTIONS sip:a SIP/2.0\r\nX: \xff", "\r\n\r\n\x01");
			send_to(descriptor, ipv6 ? SERVER6 : SERVER, server->ports[place], message);
			struct reflect_event event = expect_event(client, REFLECT_RECEIVED);
			assert_true(text_equal(event.bytes, message));
			assert_int_equal(event.place, place);
			assert_true(sipalg_endpoint_equal(&event.source, &source));
			assert_true(event.by_token);
			assert_false(event.damaged || event.elsewhere || event.at_twin);
			assert_int_equal(event.stream, 0);
		}
		close(descriptor);
		reflect_client_close(client);
	}
}

/* Something has changed the token: the source is known all the same. */
static void a_known_source_needs_no_token(void **state)
{
	(void)state;
	struct reflect_client *client = session_open(false);
	int known = socket_at(SIPALG_PROTOCOL_UDP, CLIENT, 5060),
	    unknown = socket_at(SIPALG_PROTOCOL_UDP, CLIENT, 5061);
	send_to(known, SERVER, 5060, with_token(client, "", ""));
	assert_true(expect_event(client, REFLECT_RECEIVED).by_token);
	send_to(unknown, SERVER, 5060, TEXT("nobody's"));
	send_to(known, SERVER, 5060, TEXT("changed"));
	struct reflect_event event = expect_event(client, REFLECT_RECEIVED);
	assert_false(event.by_token);
	assert_true(text_equal(event.bytes, TEXT("changed")));
	assert_int_not_equal(reflect_client_ping(client), 0);
	assert_int_equal(expect_event(client, REFLECT_PONG).strays, 1);
	close(known);
	close(unknown);
	reflect_client_close(client);
}

static void datagrams_are_sent_from_the_place_asked_for(void **state)
{
	(void)state;
	for (int ipv6 = 0; ipv6 <= 1; ipv6++) {
		struct reflect_client *client = session_open(ipv6);
		const struct reflect_server *server = reflect_client_server(client);
		int descriptor = socket_at(SIPALG_PROTOCOL_UDP, ipv6 ? CLIENT6 : CLIENT, 5060);
		send_to(descriptor, ipv6 ? SERVER6 : SERVER, 5060, with_token(client, "", ""));
		expect_event(client, REFLECT_RECEIVED);
		for (enum reflect_place place = 0; place < REFLECT_PLACE_COUNT; place++)
			for (int twin = 0; twin <= 1; twin++) {
				struct reflect_way way = way_to(place, 5060);
				char bytes[64];
				sipalg_endpoint from;
				way.from_twin = twin;
				assert_int_equal(expect_done(client, reflect_client_send(client, &way, TEXT("abc"))),
				                 0);
				assert_int_equal(receive(descriptor, bytes, sizeof bytes, PATIENCE_MS, &from), 3);
				assert_int_equal(from.port, server->ports[place]);
				assert_true(
				        sipalg_address_equal(&from.address, twin ? &server->twin : &server->address));
			}
		close(descriptor);
		reflect_client_close(client);
	}
}

static void large_and_empty_datagrams_are_sent(void **state)
{
	(void)state;
	static char large[REFLECT_SENT_MAX], bytes[REFLECT_SENT_MAX + 1];
	struct reflect_client *client = session_open(false);
	struct reflect_way way = way_to(REFLECT_SIP, 5060);
	int descriptor = socket_at(SIPALG_PROTOCOL_UDP, CLIENT, 5060);
	send_to(descriptor, SERVER, 5060, with_token(client, "", ""));
	reflect_client_send(client, &way, (struct text){ large, sizeof large });
	assert_int_equal(receive(descriptor, bytes, sizeof bytes, PATIENCE_MS, NULL), sizeof large);
	reflect_client_send(client, &way, TEXT(""));
	assert_int_equal(receive(descriptor, bytes, sizeof bytes, PATIENCE_MS, NULL), 0);
	assert_int_equal(reflect_client_send(client, &way, (struct text){ bytes, sizeof bytes }), 0);
	close(descriptor);
	reflect_client_close(client);
}

static void what_is_sent_later_comes_later(void **state)
{
	(void)state;
	struct reflect_client *client = session_open(false);
	struct reflect_way later = way_to(REFLECT_SIP, 5060), now = later;
	int descriptor = socket_at(SIPALG_PROTOCOL_UDP, CLIENT, 5060);
	char bytes[8];
	later.after_ms = 300;
	send_to(descriptor, SERVER, 5060, with_token(client, "", ""));
	expect_event(client, REFLECT_RECEIVED);
	uint32_t number = reflect_client_send(client, &later, TEXT("later"));
	assert_int_equal(expect_done(client, reflect_client_send(client, &now, TEXT("now"))), 0);
	assert_int_equal(receive(descriptor, bytes, sizeof bytes, PATIENCE_MS, NULL), 3);
	assert_int_equal(receive(descriptor, bytes, sizeof bytes, SILENCE_MS, NULL), -1);
	assert_int_equal(receive(descriptor, bytes, sizeof bytes, PATIENCE_MS, NULL), 5);
	assert_int_equal(expect_done(client, number), 0);
	close(descriptor);
	reflect_client_close(client);
}

/* Where a Contact has been rewritten, it is tried whether its port is open. */
static void a_named_contact_is_reached(void **state)
{
	(void)state;
	struct reflect_client *client = session_open(false);
	int source = socket_at(SIPALG_PROTOCOL_UDP, CLIENT, 5060),
	    contact = socket_at(SIPALG_PROTOCOL_UDP, CLIENT, 5062);
	struct reflect_way way = way_to(REFLECT_SIP, 5062);
	char bytes[8];
	send_to(source, SERVER, 5060, with_token(client, "Call-ID: ", "\r\n"));
	assert_int_equal(expect_done(client, reflect_client_send(client, &way, TEXT("call"))), REFLECT_REFUSED_PORT);
	send_to(source, SERVER, 5060, with_token(client, "Call-ID: ", "\r\nContact: <sip:a@" CLIENT ":5062>\r\n"));
	expect_event(client, REFLECT_RECEIVED);
	assert_int_equal(expect_done(client, reflect_client_send(client, &way, TEXT("call"))), REFLECT_CARRIED_OUT);
	assert_int_equal(receive(contact, bytes, sizeof bytes, PATIENCE_MS, NULL), 4);
	close(source);
	close(contact);
	reflect_client_close(client);
}

/* ---- Media ---- */

static void media_of_the_client_are_counted(void **state)
{
	(void)state;
	struct reflect_client *client = session_open(false);
	int descriptor = socket_at(SIPALG_PROTOCOL_UDP, CLIENT, 12000);
	send_to(descriptor, SERVER, 7070, with_token(client, "", ""));
	assert_int_equal(expect_event(client, REFLECT_RECEIVED).place, REFLECT_MEDIA);
	for (char i = 0; i < 10; i++) {
		char packet[172] = { (char)0x80, 0, 0, i };
		if (i != 4 && i != 5)
			send_to(descriptor, SERVER, 7070, (struct text){ packet, sizeof packet });
	}
	struct reflect_event event;
	do
		event = expect_event(client, REFLECT_MEDIA_COUNT);
	while (event.packets < 9);
	assert_int_equal(event.packets, 9);
	assert_int_equal(event.lost, 2);
	assert_int_equal(event.octets, 8 * 172 + REFLECT_TOKEN_LENGTH);
	assert_int_equal(event.source.port, 12000);
	close(descriptor);
	reflect_client_close(client);
}

static void media_of_the_server_come_as_asked_for(void **state)
{
	(void)state;
	struct reflect_client *client = session_open(false);
	struct reflect_way way = { .place = REFLECT_MEDIA, .from_twin = true, .port = 12000 };
	struct reflect_media media = { .count = 5, .interval_ms = 10, .timestamp_step = 160 };
	int descriptor = socket_at(SIPALG_PROTOCOL_UDP, CLIENT, 12000);
	unsigned char packet[64];
	send_to(descriptor, SERVER, 7070, with_token(client, "", ""));
	expect_event(client, REFLECT_RECEIVED);
	uint32_t number = reflect_client_media(client, &way, &media, TEXT("\x80\x00\x00\xfe\x00\x00\x00\x00ssrcdata"));
	for (unsigned i = 0; i < media.count; i++) {
		sipalg_endpoint from;
		assert_int_equal(receive(descriptor, packet, sizeof packet, PATIENCE_MS, &from), 16);
		assert_int_equal(packet[2] << 8 | packet[3], 0xfe + i);
		assert_int_equal(packet[6] << 8 | packet[7], 160 * i);
		assert_true(sipalg_address_equal(&from.address, &reflect_client_server(client)->twin));
		assert_int_equal(from.port, 7070);
	}
	assert_int_equal(expect_done(client, number), 0);
	assert_int_equal(receive(descriptor, packet, sizeof packet, SILENCE_MS, NULL), -1);
	close(descriptor);
	reflect_client_close(client);
}

/* ---- TCP ---- */

static void connections_are_reported_read_by_read(void **state)
{
	(void)state;
	for (int ipv6 = 0; ipv6 <= 1; ipv6++) {
		struct reflect_client *client = session_open(ipv6);
		int descriptor = socket_connected(ipv6 ? CLIENT6 : CLIENT, ipv6 ? SERVER6 : SERVER, 5080);
		struct text message = with_token(client, "REGISTER ", "\r\n\r\n");
		struct text first = text_first(message, 15), second = text_from(message, 15);
		send(descriptor, first.start, first.length, 0);
		usleep(50000);
		send(descriptor, second.start, second.length, 0);
		struct reflect_event opened = expect_event(client, REFLECT_OPENED);
		assert_int_equal(opened.place, REFLECT_SIP_ELSEWHERE);
		assert_int_equal(opened.source.protocol, SIPALG_PROTOCOL_TCP);
		struct reflect_event event = expect_event(client, REFLECT_RECEIVED);
		assert_true(text_equal(event.bytes, first));
		assert_int_equal(event.stream, opened.stream);
		uint64_t time_ns = event.time_ns;
		event = expect_event(client, REFLECT_RECEIVED);
		assert_true(text_equal(event.bytes, second));
		assert_true(event.time_ns >= time_ns + 40000000);
		close(descriptor);
		event = expect_event(client, REFLECT_CLOSED);
		assert_int_equal(event.stream, opened.stream);
		assert_false(event.reset);
		reflect_client_close(client);
	}
}

static int open_stream(struct reflect_client *client, uint32_t *stream)
{
	int descriptor = socket_connected(CLIENT, SERVER, 5060);
	struct text message = with_token(client, "", "");
	send(descriptor, message.start, message.length, 0);
	*stream = expect_event(client, REFLECT_OPENED).stream;
	return descriptor;
}

static void a_connection_carries_what_is_written(void **state)
{
	(void)state;
	struct reflect_client *client = session_open(false);
	uint32_t stream;
	char bytes[16];
	int descriptor = open_stream(client, &stream);
	assert_int_equal(expect_done(client, reflect_client_write(client, stream, 0, TEXT("SIP/2.0"))), 0);
	assert_int_equal(receive(descriptor, bytes, sizeof bytes, PATIENCE_MS, NULL), 7);
	assert_int_equal(expect_done(client, reflect_client_finish(client, stream, 0, false)), 0);
	assert_int_equal(receive(descriptor, bytes, sizeof bytes, PATIENCE_MS, NULL), 0);
	assert_int_equal(expect_done(client, reflect_client_write(client, stream, 0, TEXT("x"))),
	                 REFLECT_REFUSED_NO_STREAM);
	close(descriptor);
	descriptor = open_stream(client, &stream);
	assert_int_equal(expect_done(client, reflect_client_finish(client, stream, 0, true)), 0);
	assert_int_equal(receive(descriptor, bytes, sizeof bytes, PATIENCE_MS, NULL), -1);
	close(descriptor);
	reflect_client_close(client);
}

static void a_reset_is_told(void **state)
{
	(void)state;
	struct reflect_client *client = session_open(false);
	const struct linger at_once = { .l_onoff = 1 };
	uint32_t stream;
	int descriptor = open_stream(client, &stream);
	setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	close(descriptor);
	assert_true(expect_event(client, REFLECT_CLOSED).reset);
	reflect_client_close(client);
}

static void a_connection_is_made_to_a_named_contact(void **state)
{
	(void)state;
	struct reflect_client *client = session_open(false);
	struct reflect_way way = way_to(REFLECT_SIP, 5062), closed = way_to(REFLECT_SIP, 5063);
	uint32_t stream;
	int listener = socket_at(SIPALG_PROTOCOL_TCP, CLIENT, 5062), descriptor = open_stream(client, &stream);
	listen(listener, 1);
	assert_int_equal(expect_done(client, reflect_client_connect(client, &way)), REFLECT_REFUSED_PORT);
	struct text message = with_token(client, "", " " CLIENT ":5062 " CLIENT ":5063");
	send(descriptor, message.start, message.length, 0);
	while (expect_event(client, REFLECT_RECEIVED).length != message.length)
		;
	uint32_t number = reflect_client_connect(client, &way);
	struct reflect_event done = expect_event(client, REFLECT_DONE);
	assert_int_equal(done.number, number);
	assert_int_equal(done.refusal, REFLECT_CARRIED_OUT);
	int incoming = accept(listener, NULL, NULL);
	char bytes[8];
	assert_int_equal(expect_done(client, reflect_client_write(client, done.stream, 0, TEXT("call"))), 0);
	assert_int_equal(receive(incoming, bytes, sizeof bytes, PATIENCE_MS, NULL), 4);
	send(incoming, "ok", 2, 0);
	assert_int_equal(expect_event(client, REFLECT_RECEIVED).stream, done.stream);
	assert_int_equal(expect_done(client, reflect_client_connect(client, &closed)), REFLECT_REFUSED_FAILED);
	close(incoming);
	close(listener);
	close(descriptor);
	reflect_client_close(client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_session_knows_both_ends),
		cmocka_unit_test(datagrams_are_reported_bit_for_bit),
		cmocka_unit_test(a_known_source_needs_no_token),
		cmocka_unit_test(datagrams_are_sent_from_the_place_asked_for),
		cmocka_unit_test(large_and_empty_datagrams_are_sent),
		cmocka_unit_test(what_is_sent_later_comes_later),
		cmocka_unit_test(a_named_contact_is_reached),
		cmocka_unit_test(media_of_the_client_are_counted),
		cmocka_unit_test(media_of_the_server_come_as_asked_for),
		cmocka_unit_test(connections_are_reported_read_by_read),
		cmocka_unit_test(a_connection_carries_what_is_written),
		cmocka_unit_test(a_reset_is_told),
		cmocka_unit_test(a_connection_is_made_to_a_named_contact),
	};
	return cmocka_run_group_tests(tests, world_open, world_close);
}
