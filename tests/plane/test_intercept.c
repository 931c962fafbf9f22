/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIP over TCP through a strict router: out, in, and what is left alone. */
#include "cmocka_all.h"

#include "stream.h"
#include "strict.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char received[WORLD_MESSAGE_MAX];

/* ---- Out ---- */

static void test_a_phone_connects_to_its_server(void **state)
{
	struct world world;

	(void)state;
	strict_start(&world);
	strict_connect(&world, "10.0.0.5", "203.0.113.2", "203.0.113.1 ");
	world_close(&world);
}

/* Bridges call the hooks before routing by themselves, and what these have found out about a packet's socket is
 * forgotten behind a bridge. */
static void test_a_phone_connects_through_a_bridge(void **state)
{
	struct world world;

	(void)state;
	strict_open(&world);
	assert_true(world_command(
	        &world, ROUTER,
	        "ip link set lan down; ip link set lan name port; ip addr flush dev port; "
	        "ip link add lan type bridge && ip link set port master lan && ip link set port up && "
	        "ip addr add 10.0.0.1/24 dev lan && ip link set lan up && "
	        "sysctl -qw net.bridge.bridge-nf-call-iptables=1 && "
	        "for i in $(seq 50); do bridge link | grep -q forwarding && exit 0; sleep 0.1; done; false"));
	assert_true(world_start(&world));
	strict_connect(&world, "10.0.0.5", "203.0.113.2", "203.0.113.1 ");
	world_close(&world);
}

static void test_a_phone_connects_by_ipv6(void **state)
{
	struct world world;

	(void)state;
	strict_start(&world);
	strict_connect(&world, "2001:db8:1::5", "2001:db8:2::2", "2001:db8:1::5 ");
	world_close(&world);
}

/* The same port again, while our end of the last connection is in TIME-WAIT. */
static void test_a_phone_uses_one_port_only(void **state)
{
	struct world world;

	(void)state;
	strict_start(&world);
	int listener = stream_listen(&world, PROVIDER, "203.0.113.2", 5060);

	for (int round = 0; round < 3; round++) {
		int phone = stream_connect(&world, PHONES, "10.0.0.5", 5060, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
		int server = stream_accept(&world, listener, NULL);

		assert_true(phone >= 0 && server >= 0);
		assert_true(strict_talks(&world, phone, server));
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
	strict_start(&world);
	struct strict_line line = strict_dial(&world, "10.0.0.5", 0);

	stream_send(line.phone, "POST / HTTP/1.1\r\nHost: 203.0.113.2\r\n\r\n");
	assert_true(stream_receive(&world, line.server, received) > 0);
	stream_send(line.phone, strict_options("10.0.0.5", 1)); /* not a connection's first bytes */
	assert_true(stream_receive(&world, line.server, received) > 0);
	assert_non_null(strstr(received, "Via: SIP/2.0/TCP 10.0.0.5:5060"));
	assert_int_equal(world.handled, 0);
	world_close(&world);
}

static void test_another_port_is_learned(void **state)
{
	struct world world;

	(void)state;
	strict_start(&world);
	int listener = stream_listen(&world, PROVIDER, "203.0.113.2", 5080);
	static const char request[] = "REGISTER sip:x SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n";

	for (int round = 0; round < 2; round++) {
		int phone = stream_connect(&world, PHONES, "10.0.0.5", 0, "203.0.113.2", 5080, WORLD_PATIENCE_MS);
		int server = stream_accept(&world, listener, NULL);

		assert_int_equal(strict_connections(&world), round); /* the first passes, the next is read */
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
	strict_start(&world);
	int secret = stream_listen(&world, PROVIDER, "203.0.113.2", 5061);
	int usual = stream_listen(&world, PROVIDER, "203.0.113.2", 5060);

	for (int round = 0; round < 2; round++) {
		int phone = stream_connect(&world, PHONES, "10.0.0.5", 0, "203.0.113.2", 5061, WORLD_PATIENCE_MS);

		assert_true(phone >= 0 && stream_accept(&world, secret, peer) >= 0);
		close(phone);
	}
	assert_int_equal(strict_connections(&world), 0);
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
	strict_open(&world);
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
	assert_int_equal(strict_connections(&world), 0);
	stream_send(phone, "x");
	assert_true(stream_receive(&world, server, received) > 0);
	world_close(&world);
}

/* The user's marks choose the way for the onward connection as they did for the phone's packet. */
static void test_the_users_mark_goes_with_it(void **state)
{
	struct world world;

	(void)state;
	strict_open(&world);
	assert_true(world_command(&world, ROUTER,
	                          "nft 'add table inet ways; add chain inet ways pre { type filter hook prerouting "
	                          "priority -150; }; add rule inet ways pre iifname lan meta mark set 0x7'; "
	                          "nft 'add chain inet ways out { type filter hook output priority 0; }; "
	                          "add rule inet ways out meta mark 7 tcp dport 5060 tcp flags syn counter'"));
	assert_true(world_start(&world));
	strict_connect(&world, "10.0.0.5", "203.0.113.2", "203.0.113.1 ");
	/* Also the copy's packet comes by there, with our mark. */
	assert_true(world_command(&world, ROUTER, "nft list chain inet ways out | grep -q 'counter packets 1 '"));
	world_close(&world);
}

/* A path beyond the router that carries less than its links. */
static void test_a_narrow_path_is_told_to_the_relay(void **state)
{
	static char filler[12000], big[16384];
	struct world world;
	size_t whole = 0;

	(void)state;
	strict_open(&world);
	/* A router between: the provider answers there for an address of its own. */
	assert_true(world_command(
	        &world, PROVIDER,
	        "ip netns add sapnarrow$PPID; ip link add far type veth peer name eth0 netns sapnarrow$PPID; "
	        "ip addr add 198.51.100.1/24 dev far; ip link set far mtu 1000 up; "
	        "ip netns exec sapnarrow$PPID sh -c 'ip link set lo up; ip addr add 198.51.100.2/24 dev eth0; "
	        "ip link set eth0 mtu 1000 up; ip route add default via 198.51.100.1 advmss 1460'; "
	        "echo 1 > /proc/sys/net/ipv4/ip_forward"));
	assert_true(world_start(&world));
	world_go(&world, PROVIDER);
	char name[64];
	snprintf(name, sizeof(name), "/run/netns/sapnarrow%d", getpid());
	int far = open(name, O_RDONLY | O_CLOEXEC), provider = world.places[PROVIDER];
	assert_true(far >= 0);
	world.places[PROVIDER] = far;
	int listener = stream_listen(&world, PROVIDER, "198.51.100.2", 5060);
	int phone = stream_connect(&world, PHONES, "10.0.0.5", 0, "198.51.100.2", 5060, WORLD_PATIENCE_MS);
	int server = stream_accept(&world, listener, NULL);
	world.places[PROVIDER] = provider;
	assert_true(world_command(&world, PROVIDER, "ip netns delete sapnarrow$PPID"));
	assert_true(phone >= 0 && server >= 0);

	memset(filler, 'x', sizeof(filler) - 1);
	int length = snprintf(big, sizeof(big), "MESSAGE sip:b SIP/2.0\r\nCall-ID: n\r\nContent-Length: %zu\r\n\r\n%s",
	                      sizeof(filler) - 1, filler);
	stream_send(phone, big);
	for (ssize_t some; whole < (size_t)length && (some = stream_receive(&world, server, received)) > 0;)
		whole += (size_t)some;
	assert_int_equal(whole, length);
	close(far);
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
	assert_int_equal(strict_connections(world), 2);
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
	strict_start(&world);
	open_inbound(&world, "10.0.0.5", "203.0.113.2", "203.0.113.1");
	world_close(&world);
}

static void test_a_registrar_opens_a_connection_by_ipv6(void **state)
{
	struct world world;

	(void)state;
	strict_start(&world);
	open_inbound(&world, "2001:db8:1::5", "2001:db8:2::2", "2001:db8:1::5");
	world_close(&world);
}

/* Where a firewall drops nothing and nobody inside may be connected to, packets that arrive meet no chain of ours. */
static bool looks_at_what_arrives(struct world *world)
{
	return world_command(world, ROUTER, "nft list table inet sipalg 2>&1 | grep -q 'type filter hook prerouting'");
}

static void test_only_who_may_be_connected_to_costs(void **state)
{
	struct world world;

	(void)state;
	world_open(
	        &world,
	        "table ip nat { chain post { type nat hook postrouting priority 100; oifname wan masquerade\n }\n }\n");
	assert_true(world_start(&world));
	assert_false(looks_at_what_arrives(&world));
	struct strict_line line = strict_dial(&world, "10.0.0.5", 0);
	assert_false(looks_at_what_arrives(&world));
	assert_int_not_equal(register_contact(&world, line.phone, line.server, "10.0.0.5"), 0);
	assert_true(looks_at_what_arrives(&world));
	plane_work(world.plane, NULL, 0, world_now_ns() + 7200 * SIPALG_SECOND_NS);
	plane_work(world.plane, NULL, 0, world_now_ns() + 7300 * SIPALG_SECOND_NS);
	assert_false(looks_at_what_arrives(&world));
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_phone_connects_to_its_server),
		cmocka_unit_test(test_a_phone_connects_through_a_bridge),
		cmocka_unit_test(test_a_phone_connects_by_ipv6),
		cmocka_unit_test(test_a_phone_uses_one_port_only),
		cmocka_unit_test(test_what_is_not_sip_passes),
		cmocka_unit_test(test_another_port_is_learned),
		cmocka_unit_test(test_encrypted_is_counted),
		cmocka_unit_test(test_a_router_that_swallows_our_packets),
		cmocka_unit_test(test_the_users_mark_goes_with_it),
		cmocka_unit_test(test_a_narrow_path_is_told_to_the_relay),
		cmocka_unit_test(test_a_registrar_opens_a_connection),
		cmocka_unit_test(test_a_registrar_opens_a_connection_by_ipv6),
		cmocka_unit_test(test_only_who_may_be_connected_to_costs),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
