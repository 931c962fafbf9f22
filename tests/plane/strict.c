/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "strict.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>
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

void strict_open(struct world *world)
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

void strict_start(struct world *world)
{
	strict_open(world);
	assert_true(world_start(world));
}

const char *strict_options(const char *address, unsigned number)
{
	static char text[1024];

	snprintf(text, sizeof(text),
	         "OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/TCP %s:5060;branch=z9hG4bKo%u\r\n"
	         "Max-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=1\r\nTo: <sip:example.com>\r\n"
	         "Call-ID: o%u\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
	         address, number, number);
	return text;
}

struct strict_line strict_dial(struct world *world, const char *address, uint16_t port)
{
	struct strict_line line = { .listener = stream_listen(world, PROVIDER, "203.0.113.2", 5060) };

	line.phone = stream_connect(world, PHONES, address, port, "203.0.113.2", 5060, WORLD_PATIENCE_MS);
	line.server = stream_accept(world, line.listener, line.peer);
	assert_true(line.phone >= 0 && line.server >= 0);
	return line;
}

bool strict_talks(struct world *world, int phone, int server)
{
	static unsigned number;
	size_t handled = world->handled;

	stream_send(phone, strict_options("10.0.0.5", ++number));
	if (stream_receive(world, server, received) <= 0 || strstr(received, "OPTIONS") != received)
		return false;
	stream_send(server, "\r\n");
	return stream_receive(world, phone, received) == 2 && world->handled <= handled + 1;
}

uint32_t strict_connections(const struct world *world)
{
	const struct relay_counters *counters = plane_relay_counters(world->plane);

	return counters == NULL ? 0 : counters->connections;
}

/* Rules of policy routing and local routes slow down every packet of the router, for good. */
static bool has_tables(struct world *world, unsigned count)
{
	char command[256];

	snprintf(command, sizeof(command),
	         "test $(nft list tables | grep -c sipalg) = %u && test $(ip rule | wc -l) = 3 && "
	         "test $(ip -6 rule | wc -l) = 2 && test -z \"$(ip route show table all type local default)\"",
	         count);
	return world_command(world, ROUTER, "%s", command);
}

bool strict_is_clean(struct world *world)
{
	return has_tables(world, 0);
}

bool strict_waits(struct world *world)
{
	return has_tables(world, 1);
}

bool strict_is_installed_once(struct world *world)
{
	return has_tables(world, 2);
}

void strict_connect(struct world *world, const char *phone_address, const char *server_address, const char *seen)
{
	char peer[STREAM_NAME_MAX];
	char expected[STREAM_NAME_MAX];
	int listener = stream_listen(world, PROVIDER, server_address, 5060);
	int phone = stream_connect(world, PHONES, phone_address, 0, server_address, 5060, WORLD_PATIENCE_MS);
	int server = stream_accept(world, listener, peer);

	assert_true(phone >= 0 && server >= 0);
	assert_int_equal(strict_connections(world), 1);
	assert_memory_equal(peer, seen, strlen(seen));
	stream_peer(phone, peer);
	snprintf(expected, sizeof(expected), "%s 5060", server_address);
	assert_string_equal(peer, expected);
	assert_true(strict_talks(world, phone, server));
	assert_int_equal(world->handled, 1);
	close(phone);
	assert_int_equal(stream_receive(world, server, received), STREAM_CLOSED);
	close(server);
	world_run(world, 50);
	assert_int_equal(strict_connections(world), 0);
	close(listener);
}
