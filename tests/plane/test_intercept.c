/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIP over TCP through a strict router: in and out, switched off, killed, and left without a trace. */
#include "cmocka_all.h"

#include "phone.h"
#include "stream.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The least that a firewall lets in; a masquerade that names no interface; wg-quick's and systemd's sysctls. */
static const char strict[] =
        "table inet firewall {\n"
        " chain input { type filter hook input priority 0; policy drop; ct state invalid drop; "
        "ct state established,related accept; iif lo accept; meta l4proto ipv6-icmp accept\n }\n"
        " chain forward { type filter hook forward priority 0; policy drop; ct state invalid drop; "
        "ct state established,related accept; iifname lan oifname wan accept\n }\n"
        " chain paths { type filter hook prerouting priority -140; meta nfproto ipv6 "
        "fib saddr . mark . iif oif missing drop\n }\n}\n"
        "table ip nat { chain post { type nat hook postrouting priority 100; ip saddr 10.0.0.0/24 masquerade\n }\n }\n";

static char received[WORLD_MESSAGE_MAX];

static void open_strict(struct world *world)
{
	world_open(world, strict);
	assert_true(
	        world_command(world, ROUTER,
	                      "for i in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 1 > $i; done; "
	                      "echo 1 > /proc/sys/net/ipv4/conf/all/src_valid_mark; "
	                      "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding; "
	                      "ip addr add 2001:db8:1::1/64 dev lan nodad; ip addr add 2001:db8:2::1/64 dev wan nodad; "
	                      "ip addr add fe80::1/64 dev lan nodad; ip addr add fe80::1/64 dev wan nodad; "
	                      "ip -6 route add default via 2001:db8:2::2"));
	assert_true(world_command(world, PHONES,
	                          "ip addr add 2001:db8:1::5/64 dev eth0 nodad; ip addr add fe80::5/64 dev eth0 nodad; "
	                          "ip -6 route add default via 2001:db8:1::1"));
	assert_true(world_command(world, PROVIDER,
	                          "ip addr add 2001:db8:2::2/64 dev eth0 nodad; ip addr add fe80::2/64 dev eth0 nodad; "
	                          "ip -6 route add default via 2001:db8:2::1"));
}

static const char *options(const char *address, unsigned number)
{
	static char text[1024];

	snprintf(text, sizeof(text),
	         "OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/TCP %s:5060;branch=z9hG4bKo%u\r\n"
	         "Max-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=1\r\nTo: <sip:example.com>\r\n"
	         "Call-ID: o%u\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
	         address, number, number);
	return text;
}

/* Whether a message gets through a connection, both ways. */
static bool talks(struct world *world, int phone, int server)
{
	static unsigned number;
	size_t handled = world->handled;

	stream_send(phone, options("10.0.0.5", ++number));
	if (stream_receive(world, server, received) <= 0 || strstr(received, "OPTIONS") != received)
		return false;
	stream_send(server, "\r\n");
	return stream_receive(world, phone, received) == 2 && world->handled <= handled + 1;
}

static uint32_t connections(const struct world *world)
{
	const struct relay_counters *counters = plane_relay_counters(world->plane);

	return counters == NULL ? 0 : counters->connections;
}

/* Nothing of ours in rules, policy routing and routes. */
static bool is_clean(struct world *world)
{
	return world_command(
	        world, ROUTER,
	        "! { nft list tables | grep sipalg; ip rule | grep -E 'fwmark|goto|nop'; "
	        "ip -6 rule | grep -E 'fwmark|goto|nop'; ip -4 route show table all | grep 'local default'; "
	        "ip -6 route show table all | grep 'local default'; } | grep -q .");
}

/* One set of everything. */
static bool is_installed_once(struct world *world)
{
	return world_command(
	        world, ROUTER,
	        "test $(nft list tables | grep -c sipalg) = 2 && "
	        "test $(ip rule | grep -cE 'proto 150') = 4 && test $(ip -6 rule | grep -cE 'proto 150') = 4 && "
	        "test $(ip -4 route show table all | grep -c 'local default') = 1 && "
	        "test $(ip -6 route show table all | grep -c 'local default') = 1");
}

/* ---- Out ---- */

static void connect_out(struct world *world, const char *phone_address, const char *server_address, const char *seen)
{
	char peer[STREAM_NAME_MAX];
	char expected[STREAM_NAME_MAX];
	int listener = stream_listen(world, PROVIDER, server_address, 5060);
	int phone = stream_connect(world, PHONES, phone_address, 0, server_address, 5060, WORLD_PATIENCE_MS);
	int server = stream_accept(world, listener, peer);

	assert_true(phone >= 0 && server >= 0);
	assert_int_equal(connections(world), 1);
	assert_memory_equal(peer, seen, strlen(seen));
	stream_peer(phone, peer);
	snprintf(expected, sizeof(expected), "%s 5060", server_address);
	assert_string_equal(peer, expected);
	assert_true(talks(world, phone, server));
	assert_int_equal(world->handled, 1);
	close(phone);
	assert_int_equal(stream_receive(world, server, received), STREAM_CLOSED);
	close(server);
	world_run(world, 50);
	assert_int_equal(connections(world), 0);
	close(listener);
}

static void test_a_phone_connects_to_its_server(void **state)
{
	struct world world;

	(void)state;
	open_strict(&world);
	assert_true(world_start(&world));
	connect_out(&world, "10.0.0.5", "203.0.113.2", "203.0.113.1 ");
	world_close(&world);
}

static void test_a_phone_connects_by_ipv6(void **state)
{
	struct world world;

	(void)state;
	open_strict(&world);
	assert_true(world_start(&world));
	connect_out(&world, "2001:db8:1::5", "2001:db8:2::2", "2001:db8:1::5 ");
	world_close(&world);
}

/* The same port again, while our end of the last connection is in TIME-WAIT. */
static void test_a_phone_uses_one_port_only(void **state)
{
	struct world world;

	(void)state;
	open_strict(&world);
	assert_true(world_start(&world));
	int listener = stream_listen(&world, PROVIDER, "203.0.113.2", 5060);

	for (int round = 0; round < 3; round++) {
		int phone = stream_connect(&world, PHONES, "10.0.0.5", 5060, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
		int server = stream_accept(&world, listener, NULL);

		assert_true(phone >= 0 && server >= 0);
		assert_true(talks(&world, phone, server));
		close(server); /* the server first: so the router's end of the phone's connection closes first */
		assert_int_equal(stream_receive(&world, phone, received), STREAM_CLOSED);
		close(phone);
		world_run(&world, 50);
	}
	assert_int_equal(plane_relay_counters(world.plane)->accepted, 3);
	world_close(&world);
}

/* What is not SIP passes as it is; a browser on port 5060 has to live with that. */
static void test_what_is_not_sip_passes(void **state)
{
	struct world world;

	(void)state;
	open_strict(&world);
	assert_true(world_start(&world));
	int listener = stream_listen(&world, PROVIDER, "203.0.113.2", 5060);
	int phone = stream_connect(&world, PHONES, "10.0.0.5", 0, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	int server = stream_accept(&world, listener, NULL);

	stream_send(phone, "POST / HTTP/1.1\r\nHost: 203.0.113.2\r\n\r\n");
	assert_true(stream_receive(&world, server, received) > 0);
	stream_send(phone, options("10.0.0.5", 1)); /* not a connection's first bytes */
	assert_true(stream_receive(&world, server, received) > 0);
	assert_non_null(strstr(received, "Via: SIP/2.0/TCP 10.0.0.5:5060"));
	assert_int_equal(world.handled, 0);
	world_close(&world);
}

static void test_another_port_is_learned(void **state)
{
	struct world world;

	(void)state;
	open_strict(&world);
	assert_true(world_start(&world));
	int listener = stream_listen(&world, PROVIDER, "203.0.113.2", 5080);
	static const char request[] = "REGISTER sip:x SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n";

	for (int round = 0; round < 2; round++) {
		int phone = stream_connect(&world, PHONES, "10.0.0.5", 0, "203.0.113.2", 5080, WORLD_PATIENCE_MS);
		int server = stream_accept(&world, listener, NULL);

		assert_int_equal(connections(&world), round); /* the first passes, the next is read */
		stream_send(phone, request);
		assert_true(stream_receive(&world, server, received) > 0);
		assert_int_equal(world.handled, round);
		close(phone);
		close(server);
	}
	world_close(&world);
}

static void test_encrypted_is_counted(void **state)
{
	struct plane_encrypted pair;
	struct world world;
	uint32_t cursor = 0;
	char peer[STREAM_NAME_MAX];

	(void)state;
	open_strict(&world);
	assert_true(world_start(&world));
	int secret = stream_listen(&world, PROVIDER, "203.0.113.2", 5061);
	int usual = stream_listen(&world, PROVIDER, "203.0.113.2", 5060);

	for (int round = 0; round < 2; round++) {
		int phone = stream_connect(&world, PHONES, "10.0.0.5", 0, "203.0.113.2", 5061, WORLD_PATIENCE_MS);

		assert_true(phone >= 0 && stream_accept(&world, secret, peer) >= 0);
		close(phone);
	}
	assert_int_equal(connections(&world), 0);
	assert_int_equal(plane_counters(world.plane)->encrypted, 2);
	assert_true(plane_next_encrypted(world.plane, &cursor, &pair));
	assert_int_equal(pair.connections, 2);
	assert_int_equal(pair.server.port, 5061);

	int phone = stream_connect(&world, PHONES, "10.0.0.5", 0, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	int server = stream_accept(&world, usual, NULL);
	assert_int_equal(send(phone, "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", 10, 0), 10); /* a TLS hello */
	assert_int_equal(stream_receive(&world, server, received), 10);
	world_run(&world, 50);
	assert_int_equal(plane_counters(world.plane)->encrypted, 3);
	assert_true(plane_next_encrypted(world.plane, &cursor, &pair));
	assert_int_equal(pair.server.port, 5060);
	assert_false(plane_next_encrypted(world.plane, &cursor, &pair));
	world_close(&world);
}

/* A firewall that does not even let packets through lo: interception would cut phones off. */
static void test_a_router_that_swallows_our_packets(void **state)
{
	struct world world;
	char peer[STREAM_NAME_MAX];

	(void)state;
	open_strict(&world);
	assert_true(world_command(&world, ROUTER,
	                          "nft add table inet deaf; nft 'add chain inet deaf input "
	                          "{ type filter hook input priority -10; }'; "
	                          "nft add rule inet deaf input iif lo ip saddr != 127.0.0.0/8 drop"));
	assert_true(world_start(&world));
	int listener = stream_listen(&world, PROVIDER, "203.0.113.2", 5060);
	int phone = stream_connect(&world, PHONES, "10.0.0.5", 5060, "203.0.113.2", 5060, 8000);
	assert_true(phone >= 0);
	int server = stream_accept(&world, listener, peer);
	assert_string_equal(peer, "203.0.113.1 5060"); /* plain NAT */
	assert_int_equal(connections(&world), 0);
	stream_send(phone, "x");
	assert_true(stream_receive(&world, server, received) > 0);
	world_close(&world);
}

/* ---- In ---- */

static const char register_format[] =
        "REGISTER sip:203.0.113.2 SIP/2.0\r\nVia: SIP/2.0/TCP %s:%u;branch=z9hG4bKr\r\nMax-Forwards: 70\r\n"
        "From: <sip:alice@example.com>;tag=1\r\nTo: <sip:alice@example.com>\r\nCall-ID: r\r\nCSeq: 1 REGISTER\r\n"
        "Contact: <sip:alice@%s:%u;transport=tcp>\r\nExpires: 3600\r\nContent-Length: 0\r\n\r\n";

/* Registers over `phone`; returns the port of the Contact that arrived, 0: none did. */
static unsigned register_contact(struct world *world, int phone, int server, const char *address)
{
	char host[STREAM_NAME_MAX], request[1024], answer[2048], via[256] = "", contact[256] = "";
	unsigned port = 0;

	snprintf(host, sizeof(host), strchr(address, ':') == NULL ? "%s" : "[%s]", address);
	snprintf(request, sizeof(request), register_format, host, 5060, host, 5060);
	stream_send(phone, request);
	if (stream_receive(world, server, received) <= 0)
		return 0;
	const char *start = strstr(received, "Contact: <sip:alice@");
	const char *colon = start == NULL ? NULL : strstr(start, ";transport");
	while (colon != NULL && colon > start && colon[-1] != ':')
		colon--;
	if (colon == NULL || sscanf(colon, "%u", &port) != 1)
		return 0;
	snprintf(via, sizeof(via), "%.*s", (int)strcspn(strstr(received, "Via:"), "\r"), strstr(received, "Via:"));
	snprintf(contact, sizeof(contact), "%.*s", (int)strcspn(start, "\r"), start);
	snprintf(answer, sizeof(answer),
	         "SIP/2.0 200 OK\r\n%s\r\nFrom: <sip:alice@example.com>;tag=1\r\nTo: <sip:alice@example.com>;tag=2\r\n"
	         "Call-ID: r\r\nCSeq: 1 REGISTER\r\n%s;expires=3600\r\nContent-Length: 0\r\n\r\n",
	         via, contact);
	stream_send(server, answer);
	if (stream_receive(world, phone, received) <= 0 || strstr(received, address) == NULL)
		return 0;
	return port;
}

static void open_inbound(struct world *world, const char *phone_address, const char *server_address,
                         const char *outside)
{
	char peer[STREAM_NAME_MAX], expected[STREAM_NAME_MAX];
	int registrar = stream_listen(world, PROVIDER, server_address, 5060);
	int listener = stream_listen(world, PHONES, phone_address, 5060);
	int phone = stream_connect(world, PHONES, phone_address, 0, server_address, 5060, WORLD_PATIENCE_MS);
	int server = stream_accept(world, registrar, NULL);
	unsigned port = register_contact(world, phone, server, phone_address);

	assert_int_not_equal(port, 0);
	int opened = stream_connect(world, PROVIDER, server_address, 34567, outside, (uint16_t)port, WORLD_PATIENCE_MS);
	assert_true(opened >= 0);
	int taken = stream_accept(world, listener, peer);
	assert_true(taken >= 0);
	snprintf(expected, sizeof(expected), "%s 34567", server_address);
	assert_string_equal(peer, expected);
	assert_int_equal(connections(world), 2);
	stream_send(opened, "OPTIONS sip:alice SIP/2.0\r\nCall-ID: i\r\nContent-Length: 0\r\n\r\n");
	assert_true(stream_receive(world, taken, received) > 0);
	assert_int_equal(world->handled, 3);
	stream_send(taken, "\r\n");
	assert_int_equal(stream_receive(world, opened, received), 2);

	/* Nobody else. */
	if (strchr(server_address, ':') == NULL)
		assert_int_equal(stream_connect(world, PROVIDER, "203.0.113.9", 0, outside, (uint16_t)port, 300), -1);
	close(opened);
	close(taken);
	close(phone);
	close(server);
	close(registrar);
	close(listener);
}

static void test_a_registrar_opens_a_connection(void **state)
{
	struct world world;

	(void)state;
	open_strict(&world);
	assert_true(world_start(&world));
	open_inbound(&world, "10.0.0.5", "203.0.113.2", "203.0.113.1");
	world_close(&world);
}

static void test_a_registrar_opens_a_connection_by_ipv6(void **state)
{
	struct world world;

	(void)state;
	open_strict(&world);
	assert_true(world_start(&world));
	open_inbound(&world, "2001:db8:1::5", "2001:db8:2::2", "2001:db8:1::5");
	world_close(&world);
}

/* ---- Switching, dying, leaving ---- */

static void test_nothing_is_left_behind(void **state)
{
	struct world world;

	(void)state;
	open_strict(&world);
	assert_true(is_clean(&world));
	assert_true(world_start(&world));
	assert_true(is_installed_once(&world));
	world_stop(&world);
	assert_true(is_clean(&world));
	world_close(&world);
}

static void test_off_lets_connections_go_on(void **state)
{
	struct world world;
	char peer[STREAM_NAME_MAX];

	(void)state;
	open_strict(&world);
	assert_true(world_start(&world));
	int listener = stream_listen(&world, PROVIDER, "203.0.113.2", 5060);
	int phone = stream_connect(&world, PHONES, "10.0.0.5", 0, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	int server = stream_accept(&world, listener, NULL);
	assert_true(talks(&world, phone, server));
	size_t handled = world.handled;

	assert_true(plane_switch(world.plane, world_now_ns(), false));
	assert_true(world_said(&world, "1 TCP connection goes on"));
	assert_true(talks(&world, phone, server));
	assert_int_equal(world.handled, handled); /* no longer read */
	int other = stream_connect(&world, PHONES, "10.0.0.6", 5070, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	int other_server = stream_accept(&world, listener, peer);
	assert_true(other >= 0 && other_server >= 0);
	assert_string_equal(peer, "203.0.113.1 5070"); /* plain NAT */
	assert_int_equal(connections(&world), 1);
	close(phone);
	close(server);
	world_run(&world, 100);
	assert_int_equal(connections(&world), 0);
	assert_true(is_clean(&world));
	assert_true(talks(&world, other, other_server));

	assert_true(plane_switch(world.plane, world_now_ns(), true));
	assert_true(is_installed_once(&world));
	assert_true(talks(&world, other, other_server)); /* never taken in mid-stream */
	phone = stream_connect(&world, PHONES, "10.0.0.5", 0, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	assert_true(phone >= 0 && stream_accept(&world, listener, NULL) >= 0);
	assert_int_equal(connections(&world), 1);
	world_close(&world);
}

static void test_one_host_is_switched_off(void **state)
{
	const sipalg_prefix off = { sipalg_address_from_ipv4(0x0a000005), 128 };
	struct world world;

	(void)state;
	open_strict(&world);
	assert_true(world_start(&world));
	int listener = stream_listen(&world, PROVIDER, "203.0.113.2", 5060);
	int phone = stream_connect(&world, PHONES, "10.0.0.5", 0, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	int server = stream_accept(&world, listener, NULL);

	assert_true(sipalg_engine_set_off(world.engine, &off, 1));
	plane_carry_out(world.plane, world_now_ns());
	assert_true(talks(&world, phone, server));
	assert_int_equal(world.reason, SIPALG_REASON_SWITCHED_OFF);
	int again = stream_connect(&world, PHONES, "10.0.0.5", 0, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	assert_true(again >= 0 && stream_accept(&world, listener, NULL) >= 0);
	assert_int_equal(connections(&world), 1);
	int other = stream_connect(&world, PHONES, "10.0.0.6", 0, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	assert_true(other >= 0 && stream_accept(&world, listener, NULL) >= 0);
	assert_int_equal(connections(&world), 2);
	world_close(&world);
}

/* A connection read by a process that is then killed. */
static void connect_in_a_process_that_dies(struct world *world)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		bool fine = world_start(world);
		int listener = stream_listen(world, PROVIDER, "203.0.113.2", 5060);
		int phone = stream_connect(world, PHONES, "10.0.0.5", 0, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
		int server = stream_accept(world, listener, NULL);

		if (fine && phone >= 0 && server >= 0 && connections(world) == 1 && talks(world, phone, server))
			raise(SIGKILL);
		_exit(1);
	}
	waitpid(child, &status, 0);
	assert_true(WIFSIGNALED(status));
}

static void test_a_killed_process_is_in_nobodys_way(void **state)
{
	struct world world;
	char peer[STREAM_NAME_MAX];

	(void)state;
	open_strict(&world);
	connect_in_a_process_that_dies(&world);
	assert_true(is_installed_once(&world)); /* what it left */
	int listener = stream_listen(&world, PROVIDER, "203.0.113.2", 5060);
	int phone = stream_connect(&world, PHONES, "10.0.0.6", 5070, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	int server = stream_accept(&world, listener, peer);
	assert_true(phone >= 0 && server >= 0);
	assert_string_equal(peer, "203.0.113.1 5070");

	assert_true(world_start(&world));
	assert_true(is_installed_once(&world));
	assert_true(talks(&world, phone, server)); /* begun without us, left alone */
	int next = stream_connect(&world, PHONES, "10.0.0.6", 0, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	assert_true(next >= 0 && stream_accept(&world, listener, NULL) >= 0);
	assert_int_equal(connections(&world), 1);
	world_stop(&world);
	assert_true(world_said(&world, "1 TCP connection ends with it"));
	assert_int_equal(stream_receive(&world, next, received), STREAM_RESET);
	assert_true(is_clean(&world));
	world_close(&world);
}

static void test_what_somebody_removes_is_put_back(void **state)
{
	struct world world;

	(void)state;
	open_strict(&world);
	assert_true(world_start(&world));
	int listener = stream_listen(&world, PROVIDER, "203.0.113.2", 5060);
	int phone = stream_connect(&world, PHONES, "10.0.0.5", 0, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	int server = stream_accept(&world, listener, NULL);
	assert_true(talks(&world, phone, server));

	assert_true(world_command(&world, ROUTER,
	                          "ip rule flush; ip rule add pref 32766 lookup main; ip route flush table 5060; "
	                          "ip -6 rule flush; ip -6 rule add pref 32766 lookup main"));
	world_run(&world, 2500);
	assert_true(world_said(&world, "put back"));
	assert_true(world_command(&world, ROUTER, "nft delete table inet sipalg_relay"));
	world_run(&world, 2500);
	assert_true(is_installed_once(&world));
	assert_true(talks(&world, phone, server));
	world_stop(&world);
	assert_true(is_clean(&world));
	world_close(&world);
}

static void test_the_user_has_rules_of_that_kind(void **state)
{
	struct plane_view view;
	struct world world;

	(void)state;
	open_strict(&world);
	assert_true(world_command(&world, ROUTER,
	                          "ip rule add pref 2 fwmark 0x20000000/0x20000000 lookup main; "
	                          "ip -6 rule add pref 5060 lookup 5060"));
	assert_true(world_start(&world));
	plane_describe(world.plane, &view);
	assert_int_equal(view.mark, 0x10000000);
	assert_true(world_command(&world, ROUTER, "ip rule | grep -q '^3:.*oif lo lookup 5061 proto 150'"));
	connect_out(&world, "10.0.0.5", "203.0.113.2", "203.0.113.1 ");
	world_stop(&world);
	assert_true(world_command(&world, ROUTER, "test $(ip rule | wc -l) = 4"));
	world_close(&world);
}

static void test_without_tcp(void **state)
{
	struct world world;
	char peer[STREAM_NAME_MAX];

	(void)state;
	open_strict(&world);
	world.settings.without_tcp = true;
	assert_true(world_start(&world));
	int listener = stream_listen(&world, PROVIDER, "203.0.113.2", 5060);
	int phone = stream_connect(&world, PHONES, "10.0.0.5", 5070, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	assert_true(phone >= 0 && stream_accept(&world, listener, peer) >= 0);
	assert_string_equal(peer, "203.0.113.1 5070");
	assert_null(plane_relay_counters(world.plane));
	world_close(&world);
}

/* The user's own `dnat`: the phone would not know who answers it. */
static void test_what_the_user_redirects_is_left(void **state)
{
	struct world world;
	char peer[STREAM_NAME_MAX];

	(void)state;
	open_strict(&world);
	assert_true(world_command(&world, ROUTER,
	                          "nft 'add chain ip nat pre { type nat hook prerouting priority -100; }'; "
	                          "nft add rule ip nat pre ip daddr 203.0.113.77 dnat to 203.0.113.2"));
	assert_true(world_start(&world));
	int listener = stream_listen(&world, PROVIDER, "203.0.113.2", 5060);
	int phone = stream_connect(&world, PHONES, "10.0.0.5", 5070, "203.0.113.77", 5060, WORLD_PATIENCE_MS);
	int server = stream_accept(&world, listener, peer);
	assert_true(phone >= 0 && server >= 0);
	assert_true(talks(&world, phone, server));
	assert_int_equal(connections(&world), 0);
	world_close(&world);
}

static void test_the_users_filter_has_its_say(void **state)
{
	struct world world;

	(void)state;
	open_strict(&world);
	assert_true(world_command(&world, ROUTER, "nft insert rule inet firewall forward ip saddr 10.0.0.6 drop"));
	assert_true(world_start(&world));
	int listener = stream_listen(&world, PROVIDER, "203.0.113.2", 5060);
	assert_int_equal(stream_connect(&world, PHONES, "10.0.0.6", 0, "203.0.113.2", 5060, 300), -1);
	assert_int_equal(plane_counters(world.plane)->connections_taken, 0);
	close(listener);
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_phone_connects_to_its_server),
		cmocka_unit_test(test_a_phone_connects_by_ipv6),
		cmocka_unit_test(test_a_phone_uses_one_port_only),
		cmocka_unit_test(test_what_is_not_sip_passes),
		cmocka_unit_test(test_another_port_is_learned),
		cmocka_unit_test(test_encrypted_is_counted),
		cmocka_unit_test(test_a_router_that_swallows_our_packets),
		cmocka_unit_test(test_a_registrar_opens_a_connection),
		cmocka_unit_test(test_a_registrar_opens_a_connection_by_ipv6),
		cmocka_unit_test(test_nothing_is_left_behind),
		cmocka_unit_test(test_off_lets_connections_go_on),
		cmocka_unit_test(test_one_host_is_switched_off),
		cmocka_unit_test(test_a_killed_process_is_in_nobodys_way),
		cmocka_unit_test(test_what_somebody_removes_is_put_back),
		cmocka_unit_test(test_the_user_has_rules_of_that_kind),
		cmocka_unit_test(test_without_tcp),
		cmocka_unit_test(test_what_the_user_redirects_is_left),
		cmocka_unit_test(test_the_users_filter_has_its_say),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
