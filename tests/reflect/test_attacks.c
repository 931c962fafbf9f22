/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may come to a server that is open to everybody: it sends nothing to those who have not asked for it, holds no
 * more than its bounds, and serves others meanwhile. */
#include "../programs/cmocka_all.h"

#include "world.h"

#include "reflect/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* The address sanitizer keeps what was freed for a while, and shadows the rest. */
#ifdef __SANITIZE_ADDRESS__
enum { MEMORY_MAX_KIB = 256 * 1024 };
#else
enum { MEMORY_MAX_KIB = 64 * 1024 };
#endif

static struct reflect_way way_to(enum reflect_place place, uint16_t port)
{
	return (struct reflect_way){ .place = place, .port = port };
}

/* A session can be opened, and works. */
static void expect_service(void)
{
	struct reflect_client *client = session_open(false);
	int descriptor = socket_at(SIPALG_PROTOCOL_UDP, CLIENT, 0);
	send_to(descriptor, SERVER, 5060, with_token(client, "", ""));
	assert_true(expect_event(client, REFLECT_RECEIVED).by_token);
	close(descriptor);
	reflect_client_close(client);
	assert_true(server_lives());
	assert_in_range(server_memory_kib(), 1, MEMORY_MAX_KIB);
}

/* ---- Relaying and amplifying ---- */

static const char options_request[] = "OPTIONS sip:203.0.113.2 SIP/2.0\r\n"
                                      "Via: SIP/2.0/UDP 198.51.100.8:5060;rport;branch=z9hG4bK1\r\n"
                                      "Max-Forwards: 70\r\nFrom: <sip:a@198.51.100.8>;tag=1\r\n"
                                      "To: <sip:203.0.113.2>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n"
                                      "Content-Length: 0\r\n\r\n";

static void who_has_no_session_gets_no_answer(void **state)
{
	(void)state;
	static const uint16_t ports[] = { 5060, 5080, 7061, 7070, 7071 };
	int stranger = socket_at(SIPALG_PROTOCOL_UDP, STRANGER, 5060);
	char bytes[2048];
	for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
		send_to(stranger, SERVER, ports[i], TEXT(options_request));
		send_to(stranger, SERVER, ports[i], TEXT(""));
	}
	assert_int_equal(receive(stranger, bytes, sizeof bytes, SILENCE_MS, NULL), -1);
	int descriptor = socket_connected(STRANGER, SERVER, 5060);
	send(descriptor, options_request, sizeof options_request - 1, 0);
	assert_int_equal(receive(descriptor, bytes, sizeof bytes, SILENCE_MS, NULL), -1);
	close(descriptor);
	close(stranger);
}

/* A forged source: the server would send to somebody who has not asked for it. */
static void a_strangers_address_is_never_sent_to(void **state)
{
	(void)state;
	struct reflect_client *client = session_open(false);
	int forged = socket_at(SIPALG_PROTOCOL_UDP, STRANGER, 5060);
	char bytes[64];
	send_to(forged, SERVER, 5060, with_token(client, "", " Contact: <sip:a@" STRANGER ":5060>"));
	struct reflect_event event = expect_event(client, REFLECT_RECEIVED);
	assert_true(event.elsewhere);
	struct reflect_way way = way_to(REFLECT_SIP, 5060);
	struct reflect_media media = { .count = 10, .interval_ms = 10 };
	assert_int_equal(expect_done(client, reflect_client_send(client, &way, TEXT("x"))), REFLECT_REFUSED_PORT);
	assert_int_equal(expect_done(client, reflect_client_media(client, &way, &media, TEXT("12345678"))),
	                 REFLECT_REFUSED_PORT);
	assert_int_equal(expect_done(client, reflect_client_connect(client, &way)), REFLECT_REFUSED_PORT);
	assert_int_equal(receive(forged, bytes, sizeof bytes, SILENCE_MS, NULL), -1);
	close(forged);
	reflect_client_close(client);
}

/* Others at the same address, behind a carrier's NAT, have other ports and other connections. */
static void a_neighbour_is_left_alone(void **state)
{
	(void)state;
	struct reflect_client *client = session_open(false), *neighbour = session_open(false);
	int own = socket_at(SIPALG_PROTOCOL_UDP, CLIENT, 5060), other = socket_at(SIPALG_PROTOCOL_UDP, CLIENT, 5062);
	send_to(own, SERVER, 5060, with_token(client, "", ""));
	expect_event(client, REFLECT_RECEIVED);
	send_to(other, SERVER, 5060, with_token(neighbour, "", ""));
	expect_event(neighbour, REFLECT_RECEIVED);
	struct reflect_way way = way_to(REFLECT_SIP, 5062);
	assert_int_equal(expect_done(client, reflect_client_send(client, &way, TEXT("x"))), REFLECT_REFUSED_PORT);
	int descriptor = socket_connected(CLIENT, SERVER, 5060);
	struct text message = with_token(neighbour, "", "");
	send(descriptor, message.start, message.length, 0);
	uint32_t stream = expect_event(neighbour, REFLECT_OPENED).stream;
	assert_int_equal(expect_done(client, reflect_client_write(client, stream, 0, TEXT("x"))),
	                 REFLECT_REFUSED_NO_STREAM);
	assert_int_equal(expect_done(client, reflect_client_finish(client, stream, 0, true)),
	                 REFLECT_REFUSED_NO_STREAM);
	close(own);
	close(other);
	close(descriptor);
	reflect_client_close(client);
	reflect_client_close(neighbour);
}

/* Media are the one thing of which more goes out than came in. */
static void media_end_with_the_budget(void **state)
{
	(void)state;
	static const char packet[REFLECT_MEDIA_PACKET_MAX];
	struct reflect_client *client = session_open(false);
	struct reflect_way way = way_to(REFLECT_MEDIA, 12000);
	struct reflect_media media = { .count = REFLECT_MEDIA_COUNT_MAX, .interval_ms = 5 };
	int descriptor = socket_at(SIPALG_PROTOCOL_UDP, CLIENT, 12000), size = 1 << 22;
	char bytes[1024];
	uint64_t received = 0;
	setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	send_to(descriptor, SERVER, 7070, with_token(client, "", ""));
	expect_event(client, REFLECT_RECEIVED);
	for (size_t i = 0; i < 8; i++)
		reflect_client_media(client, &way, &media, (struct text){ packet, sizeof packet });
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(expect_event(client, REFLECT_DONE).refusal, REFLECT_REFUSED_BUDGET);
	while (receive(descriptor, bytes, sizeof bytes, SILENCE_MS, NULL) > 0)
		received += sizeof packet + DATAGRAM_OVERHEAD;
	assert_in_range(received, SESSION_BURST / 2, SESSION_BURST + 2 * SESSION_PER_S);
	close(descriptor);
	reflect_client_close(client);
}

/* ---- Floods ---- */

static void a_flood_of_datagrams_changes_nothing(void **state)
{
	(void)state;
	int stranger = socket_at(SIPALG_PROTOCOL_UDP, STRANGER, 0);
	char bytes[1400];
	memset(bytes, 'q', sizeof bytes);
	for (size_t i = 0; i < 50000; i++) {
		/* Many that nearly are tokens. */
		memcpy(bytes + i % 1300, "qzsaqzsaqzsaqzsaqzsaqzsa", 24);
		send_to(stranger, SERVER, 5060, (struct text){ bytes, sizeof bytes });
	}
	close(stranger);
	expect_service();
}

/* One source of a session sends more than can be told. */
static void a_flood_of_ones_own_is_counted(void **state)
{
	(void)state;
	struct reflect_client *client = session_open(false);
	int descriptor = socket_at(SIPALG_PROTOCOL_UDP, CLIENT, 5060);
	struct text message = with_token(client, "", "");
	for (size_t i = 0; i < 20000; i++)
		send_to(descriptor, SERVER, 5060, message);
	assert_int_not_equal(reflect_client_ping(client), 0);
	assert_true(expect_event(client, REFLECT_PONG).missed > 0);
	close(descriptor);
	reflect_client_close(client);
	expect_service();
}

static void connections_without_a_token_end(void **state)
{
	(void)state;
	int descriptors[STREAMS_PER_ADDRESS * 2];
	char bytes[STREAM_HEAD_MAX];
	size_t ended = 0;
	memset(bytes, 'x', sizeof bytes);
	for (size_t i = 0; i < STREAMS_PER_ADDRESS * 2; i++)
		descriptors[i] = socket_connected(STRANGER, SERVER, 5060);
	/* More than one address may have: the server has closed them. */
	for (size_t i = 0; i < STREAMS_PER_ADDRESS * 2; i++)
		ended += receive(descriptors[i], bytes, 1, i == 0 ? SILENCE_MS : 0, NULL) >= 0;
	assert_int_equal(ended, STREAMS_PER_ADDRESS);
	/* One that says too much. */
	memset(bytes, 'x', sizeof bytes);
	for (size_t i = 0; i < 3; i++)
		send(descriptors[0], bytes, sizeof bytes, MSG_NOSIGNAL);
	assert_true(receive(descriptors[0], bytes, 1, PATIENCE_MS, NULL) <= 0);
	expect_service();
	for (size_t i = 0; i < STREAMS_PER_ADDRESS * 2; i++)
		close(descriptors[i]);
}

static void a_session_has_so_many_connections(void **state)
{
	(void)state;
	struct reflect_client *client = session_open(false);
	int descriptors[STREAMS_PER_SESSION + 1];
	char byte;
	for (size_t i = 0; i <= STREAMS_PER_SESSION; i++) {
		struct text message = with_token(client, "", "");
		descriptors[i] = socket_connected(CLIENT, SERVER, 5060);
		send(descriptors[i], message.start, message.length, 0);
		if (i < STREAMS_PER_SESSION)
			expect_event(client, REFLECT_OPENED);
	}
	assert_int_equal(receive(descriptors[STREAMS_PER_SESSION], &byte, 1, PATIENCE_MS, NULL), 0);
	for (size_t i = 0; i <= STREAMS_PER_SESSION; i++)
		close(descriptors[i]);
	reflect_client_close(client);
}

/* ---- Control connections ---- */

static bool is_closed(int descriptor)
{
	char bytes[256];
	ssize_t length;
	do
		length = receive(descriptor, bytes, sizeof bytes, PATIENCE_MS, NULL);
	while (length > 0);
	return length == 0 || errno == ECONNRESET;
}

static void what_is_no_command_ends_the_connection(void **state)
{
	(void)state;
	static const char *const lines[] = {
		"GET / HTTP/1.0\r\n\r\n",
		"{}\n",
		"\n",
		"{\"hello\":2}\n",
		"{\"hello\":\"1\"}\n",
		"{\"hello\":1}\n{\"do\":\"x\"}\n",
		"{\"hello\":1}\n[]\n",
	};
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		int descriptor = socket_connected(CLIENT, SERVER, 7060);
		send(descriptor, lines[i], strlen(lines[i]), MSG_NOSIGNAL);
		if (!is_closed(descriptor))
			fail_msg("still open after %s", lines[i]);
		close(descriptor);
	}
	expect_service();
}

static void a_line_without_end_ends_the_connection(void **state)
{
	(void)state;
	static char line[REFLECT_LINE_MAX + 1], deep[REFLECT_LINE_MAX];
	memset(line, ' ', sizeof line);
	memset(deep, '[', sizeof deep);
	deep[sizeof deep - 1] = '\n';
	int descriptor = socket_connected(CLIENT, SERVER, 7060);
	send(descriptor, line, sizeof line, MSG_NOSIGNAL);
	assert_true(is_closed(descriptor));
	close(descriptor);
	descriptor = socket_connected(CLIENT, SERVER, 7060);
	send(descriptor, deep, sizeof deep, MSG_NOSIGNAL);
	assert_true(is_closed(descriptor));
	close(descriptor);
	expect_service();
}

static int connect_many_at(size_t i)
{
	char address[32];
	snprintf(address, sizeof address, "198.51.100.%zu", 100 + i % 100);
	return socket_connected(address, SERVER, 7060);
}

/* Many that connect and say nothing do not keep out who says hello. */
static void half_open_sessions_give_way(void **state)
{
	(void)state;
	enum { MANY = SESSIONS_MAX + 2 * GREETED_NOT_MAX };
	int descriptors[MANY];
	assert_int_equal(system("for i in $(seq 100 200); do ip address add 198.51.100.$i/32 dev eth0; done"), 0);
	for (size_t i = 0; i < MANY; i++)
		descriptors[i] = connect_many_at(i);
	expect_service();
	for (size_t i = 0; i < MANY; i++)
		close(descriptors[i]);
}

static void a_full_house_says_so(void **state)
{
	(void)state;
	struct reflect_client *clients[SESSIONS_PER_ADDRESS];
	struct problem problem;
	for (size_t i = 0; i < SESSIONS_PER_ADDRESS; i++)
		clients[i] = session_open(true);
	assert_null(reflect_client_open(SERVER6, 0, REFLECT_IPV6, &problem));
	assert_non_null(strstr(problem.text, "busy"));
	for (size_t i = 0; i < SESSIONS_PER_ADDRESS; i++)
		reflect_client_close(clients[i]);
}

/* Nothing is read by the client: what waits for it has a bound. */
static void a_client_that_does_not_read_costs_little(void **state)
{
	(void)state;
	struct reflect_client *client = session_open(true);
	int descriptor = socket_at(SIPALG_PROTOCOL_UDP, CLIENT6, 5060);
	static char large[8000];
	memset(large, 'x', sizeof large);
	struct text token = with_token(client, "", "");
	memcpy(large, token.start, token.length);
	for (size_t i = 0; i < 5000; i++)
		send_to(descriptor, SERVER6, 5060, (struct text){ large, sizeof large });
	expect_service();
	close(descriptor);
	reflect_client_close(client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_has_no_session_gets_no_answer),
		cmocka_unit_test(a_strangers_address_is_never_sent_to),
		cmocka_unit_test(a_neighbour_is_left_alone),
		cmocka_unit_test(media_end_with_the_budget),
		cmocka_unit_test(a_flood_of_datagrams_changes_nothing),
		cmocka_unit_test(a_flood_of_ones_own_is_counted),
		cmocka_unit_test(connections_without_a_token_end),
		cmocka_unit_test(a_session_has_so_many_connections),
		cmocka_unit_test(half_open_sessions_give_way),
		cmocka_unit_test(what_is_no_command_ends_the_connection),
		cmocka_unit_test(a_line_without_end_ends_the_connection),
		cmocka_unit_test(a_client_that_does_not_read_costs_little),
		cmocka_unit_test(a_full_house_says_so),
	};
	return cmocka_run_group_tests(tests, world_open_confined, world_close);
}
