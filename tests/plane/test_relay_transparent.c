/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TCP relay in a router, with packets brought to it by `tproxy`: neither end sees that there is one. */
#include "cmocka_all.h"
#include "relay_world.h"
#include "world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TEXT_MAX = 4096 };

static struct world world;
static struct relay_world relayed;

struct family {
	const char *phone, *server, *loopback;
};

static const struct family families[] = {
	{ "10.0.0.5", "203.0.113.2", "ip to 127.0.0.1" },
	{ "fd00:a::5", "2001:db8::2", "ip6 to [::1]" },
};

static int open_world(void **state)
{
	(void)state;
	world_open(&world, "table inet router { }");
	assert_true(world_command(&world, PHONES,
	                          "ip addr add fd00:a::5/64 dev eth0 nodad && ip -6 route add default via fd00:a::1"));
	assert_true(
	        world_command(&world, PROVIDER,
	                      "ip addr add 2001:db8::2/64 dev eth0 nodad && ip -6 route add default via 2001:db8::1 "
	                      "&& ip route add default via 203.0.113.1"));
	assert_true(
	        world_command(&world, ROUTER,
	                      "ip addr add fd00:a::1/64 dev lan nodad && ip addr add 2001:db8::1/64 dev wan nodad && "
	                      "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding && "
	                      "ip rule add fwmark 1 lookup 100 && ip route add local default dev lo table 100 && "
	                      "ip -6 rule add fwmark 1 lookup 100 && "
	                      "ip -6 route add local default dev lo table 100"));
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

static void bring(const struct family *family, uint16_t port)
{
	assert_true(world_command(&world, ROUTER,
	                          "nft 'flush table inet router; table inet router { chain prerouting { "
	                          "type filter hook prerouting priority mangle; "
	                          "socket transparent 1 meta mark set 1 accept; "
	                          "iifname lan tcp dport 5060 tproxy %s:%u meta mark set 1 accept; }; }'",
	                          family->loopback, port));
}

static int tcp_socket(enum place place, bool listens, const char *address, uint16_t port)
{
	struct sockaddr_in ipv4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 ipv6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	bool is_ipv4 = inet_pton(AF_INET, address, &ipv4.sin_addr) == 1;
	int descriptor;

	world_go(&world, place);
	descriptor = socket(is_ipv4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listens) {
		assert_true(is_ipv4 || inet_pton(AF_INET6, address, &ipv6.sin6_addr) == 1);
		assert_int_equal(is_ipv4 ? bind(descriptor, (struct sockaddr *)&ipv4, sizeof(ipv4))
		                         : bind(descriptor, (struct sockaddr *)&ipv6, sizeof(ipv6)),
		                 0);
		assert_int_equal(listen(descriptor, 10), 0);
	} else {
		assert_true(is_ipv4 || inet_pton(AF_INET6, address, &ipv6.sin6_addr) == 1);
		assert_int_equal(is_ipv4 ? connect(descriptor, (struct sockaddr *)&ipv4, sizeof(ipv4))
		                         : connect(descriptor, (struct sockaddr *)&ipv6, sizeof(ipv6)),
		                 -1);
		assert_int_equal(errno, EINPROGRESS);
	}
	world_go(&world, ROUTER);
	return descriptor;
}

static void assert_name(int descriptor, int (*ask)(int, struct sockaddr *, socklen_t *), const char *address,
                        uint16_t port)
{
	struct sockaddr_storage name = { 0 };
	struct sockaddr_in6 ipv6;
	struct sockaddr_in ipv4;
	socklen_t length = sizeof(name);
	char text[64];

	assert_int_equal(ask(descriptor, (struct sockaddr *)&name, &length), 0);
	memcpy(&ipv4, &name, sizeof(ipv4));
	memcpy(&ipv6, &name, sizeof(ipv6));
	inet_ntop(name.ss_family, name.ss_family == AF_INET ? (void *)&ipv4.sin_addr : (void *)&ipv6.sin6_addr, text,
	          sizeof(text));
	assert_string_equal(text, address);
	if (port != 0)
		assert_int_equal(ntohs(ipv4.sin_port), port);
}

/* A server opens a connection from the very port at which phones' connections end: they do not get into each other's
 * way. Who opens it here is a phone, for the hook says what is to be made of it. */
static void from_the_server_itself(const struct family *family)
{
	int listening = tcp_socket(PHONES, true, family->phone, 5062), opener, phone;

	relayed.from = relayed.to = relayed.server_endpoint;
	assert_true(sipalg_address_read(family->phone, strlen(family->phone), &relayed.to.address));
	relayed.to.port = 5062;
	opener = tcp_socket(PHONES, false, family->server, 5060);
	while ((phone = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) < 0 &&
	       relay_counters(relayed.relay)->unreachable == 0)
		relay_world_step(&relayed, 10);
	assert_true(phone >= 0);
	assert_name(phone, getpeername, family->server, 5060);
	close(phone);
	close(opener);
	close(listening);
}

static void through_the_router(const struct family *family)
{
	char text[TEXT_MAX];
	uint8_t expected[TEXT_MAX];
	size_t length = relay_world_message(text, sizeof(text), 1, 100),
	       expected_length = relay_world_edit(text, length, expected);
	struct relay_pair pair;

	world_go(&world, ROUTER);
	relay_world_start(&relayed, NULL);
	bring(family, relay_port(relayed.relay));
	assert_true(sipalg_address_read(family->server, strlen(family->server), &relayed.server_endpoint.address));
	relayed.server_endpoint.port = 5060;
	relayed.server_endpoint.protocol = SIPALG_PROTOCOL_TCP;
	relayed.server = tcp_socket(PROVIDER, true, family->server, 5060);
	pair.phone = tcp_socket(PHONES, false, family->server, 5060);
	pair.server = relay_world_server(&relayed);
	assert_true(pair.server >= 0);
	assert_true(relay_world_carry(&relayed, pair.phone, pair.server, text, length, expected, expected_length));
	assert_true(relay_world_carry(&relayed, pair.server, pair.phone, text, length, expected, expected_length));
	assert_name(pair.server, getpeername, family->phone, relayed.local.port);
	assert_name(pair.phone, getpeername, family->server, 5060);
	assert_true(sipalg_endpoint_equal(&relayed.opened_to, &relayed.server_endpoint));
	assert_true(sipalg_address_equal(&relayed.local.address, &relayed.opened_from.address));
	assert_in_range(relayed.local.port, 1024, 32767); /* where phones' systems choose none */
	from_the_server_itself(family);
	close(pair.server);
	assert_int_equal(relay_world_end(&relayed, pair.phone), 0);
	close(pair.phone);
	relay_world_close(&relayed);
}

static void test_ipv4_through_a_router(void **state)
{
	(void)state;
	through_the_router(&families[0]);
}

static void test_ipv6_through_a_router(void **state)
{
	(void)state;
	through_the_router(&families[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ipv4_through_a_router),
		TEST(test_ipv6_through_a_router),
	};

	return cmocka_run_group_tests_name("relay transparent", tests, NULL, NULL);
}
