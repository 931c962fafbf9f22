/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Datagrams in fragments, cut and sent by hand; messages that no longer fit; checksums that a sender left to its
 * hardware. All of it for both families. */
#include "cmocka_all.h"

#include "phone.h"

#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char rules[] =
        "table ip nat { chain post { type nat hook postrouting priority 100; oifname \"wan\" masquerade\n }\n }\n"
        "table ip6 nat { chain post { type nat hook postrouting priority 100; oifname \"wan\" masquerade\n }\n }\n";

static char message[WORLD_MESSAGE_MAX], received[WORLD_MESSAGE_MAX];

/* Who is who in a family. */
struct cast {
	int family;
	const char *phone, *outside, *server;
};

static const struct cast casts[] = {
	{ AF_INET, "10.0.0.5", "203.0.113.1", "203.0.113.2" },
	{ AF_INET6, "fd00:1::5", "2001:db8:ffff::1", "2001:db8:ffff::2" },
};

struct line {
	struct world world;
	const struct cast *cast;
	int phone, server;
	sipalg_endpoint contact; /* what the phone is outside */
};

static void line_open(struct line *line, const struct cast *cast)
{
	struct world *world = &line->world;

	world_open(world, rules);
	world_add_ipv6(world);
	assert_true(world_start(world));
	line->cast = cast;
	line->phone = world_socket(world, PHONES, cast->phone, 5060);
	line->server = world_socket(world, PROVIDER, cast->server, 5060);
	size_t length = phone_register(message, cast->phone, 5060, "register");
	world_send(line->phone, cast->server, 5060, message, length);
	assert_true(world_receive(world, line->server, received, &line->contact) > 0);
	length = provider_response(message, received, "200 OK", NULL, 0, 3600);
	world_send(line->server, cast->outside, line->contact.port, message, length);
	assert_true(world_receive(world, line->phone, received, NULL) > 0);
}

/* ---- Datagrams by hand ---- */

static uint32_t sum_words(uint32_t sum, const void *bytes, size_t length)
{
	const uint8_t *byte = bytes;

	for (size_t index = 0; index < length; index++)
		sum += index % 2 == 0 ? (uint32_t)byte[index] << 8 : byte[index];
	return sum;
}

/* A UDP datagram as it stands behind the IP header. */
static size_t datagram(uint8_t *out, const struct cast *cast, const char *from, const char *to, uint16_t port,
                       const char *text, size_t length)
{
	struct udphdr udp = { .source = htons(5060), .dest = htons(port), .len = htons((uint16_t)(length + 8)) };
	size_t address = cast->family == AF_INET ? 4 : 16;
	uint8_t addresses[2][16];
	uint32_t sum = (uint32_t)(IPPROTO_UDP + length + 8);

	assert_int_equal(inet_pton(cast->family, from, addresses[0]), 1);
	assert_int_equal(inet_pton(cast->family, to, addresses[1]), 1);
	memcpy(out, &udp, sizeof(udp));
	memcpy(out + sizeof(udp), text, length);
	for (int side = 0; side < 2; side++)
		sum = sum_words(sum, addresses[side], address);
	sum = sum_words(sum, out, length + sizeof(udp));
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	udp.check = htons((uint16_t)~sum);
	memcpy(out, &udp, sizeof(udp));
	return length + sizeof(udp);
}

struct fragment {
	size_t from, to; /* bytes of the datagram; `to` 0: to its end */
};

static size_t header_ipv4(uint8_t *out, const char *from, const char *to, const struct fragment *fragment, bool more,
                          uint16_t number)
{
	struct iphdr ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP, .id = htons(number) };

	ip.frag_off = htons((uint16_t)(fragment->from / 8 | (more ? IP_MF : 0)));
	assert_int_equal(inet_pton(AF_INET, from, &ip.saddr), 1);
	assert_int_equal(inet_pton(AF_INET, to, &ip.daddr), 1);
	memcpy(out, &ip, sizeof(ip));
	return sizeof(ip);
}

static size_t header_ipv6(uint8_t *out, const char *from, const char *to, const struct fragment *fragment, bool more,
                          uint16_t number)
{
	struct ip6_hdr ip = { .ip6_flow = htonl(6U << 28), .ip6_nxt = IPPROTO_FRAGMENT, .ip6_hlim = 64 };
	struct ip6_frag piece = { .ip6f_nxt = IPPROTO_UDP, .ip6f_ident = htonl(number) };

	piece.ip6f_offlg = htons((uint16_t)(fragment->from | (more ? 1 : 0)));
	ip.ip6_plen = htons((uint16_t)(sizeof(piece) + fragment->to - fragment->from));
	assert_int_equal(inet_pton(AF_INET6, from, &ip.ip6_src), 1);
	assert_int_equal(inet_pton(AF_INET6, to, &ip.ip6_dst), 1);
	memcpy(out, &ip, sizeof(ip));
	memcpy(out + sizeof(ip), &piece, sizeof(piece));
	return sizeof(ip) + sizeof(piece);
}

static void send_raw(struct world *world, enum place place, const struct cast *cast, const char *to,
                     const uint8_t *bytes, size_t length)
{
	struct sockaddr_in ipv4 = { .sin_family = AF_INET };
	struct sockaddr_in6 ipv6 = { .sin6_family = AF_INET6 };
	bool old = cast->family == AF_INET;

	(void)inet_pton(AF_INET, to, &ipv4.sin_addr);
	(void)inet_pton(AF_INET6, to, &ipv6.sin6_addr);
	world_go(world, place);
	int descriptor = socket(cast->family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	world_go(world, ROUTER);
	assert_true(descriptor >= 0);
	assert_int_equal(sendto(descriptor, bytes, length, 0, old ? (struct sockaddr *)&ipv4 : (struct sockaddr *)&ipv6,
	                        old ? sizeof(ipv4) : sizeof(ipv6)),
	                 length);
	close(descriptor);
}

/* How a datagram is sent. */
struct cutting {
	const char *what;
	struct fragment fragments[4]; /* in the order of sending */
	bool lost;                    /* the kernel throws it away: it is no datagram at all */
	size_t forged;                /* the fragment that has other bytes; 0: none */
};

static void send_cut(struct line *line, bool outbound, const struct cutting *cutting, size_t length)
{
	static uint16_t number = 1000;
	const struct cast *cast = line->cast;
	const char *from = outbound ? cast->phone : cast->server, *to = outbound ? cast->server : cast->outside;
	uint8_t whole[4096], packet[4096];
	size_t size = datagram(whole, cast, from, to, outbound ? 5060 : line->contact.port, message, length);

	number++;
	for (size_t index = 0; index < 4; index++) {
		struct fragment fragment = cutting->fragments[index];

		if (index > 0 && fragment.from == 0 && fragment.to == 0)
			break;
		if (fragment.to == 0)
			fragment.to = size;
		size_t header = (cast->family == AF_INET ? header_ipv4 : header_ipv6)(packet, from, to, &fragment,
		                                                                      fragment.to < size, number);
		memcpy(packet + header, whole + fragment.from, fragment.to - fragment.from);
		if (index > 0 && index == cutting->forged)
			memset(packet + header, '#', fragment.to - fragment.from);
		send_raw(&line->world, outbound ? PHONES : PROVIDER, cast, to, packet,
		         header + fragment.to - fragment.from);
	}
}

static const struct cutting cuttings[] = {
	{ "nothing but the UDP header in the first", { { 0, 8 }, { 8, 0 } }, false, 0 },
	{ "the first word of SIP cut", { { 0, 16 }, { 16, 0 } }, false, 0 },
	{ "the header cut", { { 0, 48 }, { 48, 200 }, { 200, 0 } }, false, 0 },
	{ "the last one first", { { 200, 0 }, { 16, 200 }, { 0, 16 } }, false, 0 },
	{ "one twice", { { 0, 16 }, { 16, 200 }, { 16, 200 }, { 200, 0 } }, false, 0 },
	{ "two that overlap", { { 0, 48 }, { 40, 0 } }, true, 0 },
	{ "one within another, with other bytes", { { 0, 200 }, { 16, 48 }, { 200, 0 } }, false, 1 },
	{ "the first one written over", { { 16, 0 }, { 0, 24 } }, true, 0 },
};

static void test_cut(struct line *line, bool outbound, const struct cutting *cutting, int number)
{
	struct world *world = &line->world;
	size_t length, handled = world->handled;
	char call[32];

	snprintf(call, sizeof(call), "cut%d", number);
	length = outbound ? phone_invite(message, line->cast->phone, 5060, (uint16_t)(4000 + 2 * number), call, 0)
	                  : provider_request(message, "OPTIONS", line->cast->outside, line->contact.port);
	send_cut(line, outbound, cutting, length);
	bool arrived = world_receive(world, outbound ? line->server : line->phone, received, NULL) > 0;
	if (arrived == cutting->lost)
		fail_msg("%s, %s, IPv%d: %s", cutting->what, outbound ? "out" : "in",
		         line->cast->family == AF_INET ? 4 : 6, arrived ? "let in" : "lost");
	assert_int_equal(world->handled, handled + (cutting->lost ? 0 : 1));
	if (cutting->lost)
		return;
	assert_int_equal(world->reason, outbound ? SIPALG_REASON_EDITED : SIPALG_REASON_RESTORED);
	assert_null(strstr(received, outbound ? line->cast->phone : line->cast->outside));
	assert_null(strstr(received, "##"));
}

static void test_fragments(void **state)
{
	(void)state;
	for (size_t family = 0; family < 2; family++) {
		struct line line;

		line_open(&line, &casts[family]);
		for (size_t index = 0; index < sizeof(cuttings) / sizeof(cuttings[0]); index++)
			for (int outbound = 0; outbound < 2; outbound++)
				test_cut(&line, outbound, &cuttings[index], (int)index);
		world_close(&line.world);
	}
}

/* ---- Too long ---- */

/* As long as the link takes, and longer behind the gateway: no word to the phone could help. */
static void test_messages_grow_past_the_mtu(void **state)
{
	const int always = IP_PMTUDISC_DO;

	(void)state;
	for (size_t family = 0; family < 2; family++) {
		struct line line;
		bool old = casts[family].family == AF_INET;
		size_t most = old ? 1500 - 28 : 1500 - 48;

		line_open(&line, &casts[family]);
		size_t bare = phone_invite(message, line.cast->phone, 5060, 4000, "size", 0);
		assert_int_equal(setsockopt(line.phone, old ? IPPROTO_IP : IPPROTO_IPV6,
		                            old ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER, &always, sizeof(always)),
		                 0);
		for (size_t length = most - 60; length <= most; length += 4) {
			assert_int_equal(phone_invite(message, line.cast->phone, 5060, 4000, "size", length - bare),
			                 length);
			world_send(line.phone, line.cast->server, 5060, message, length);
			ssize_t arrived = world_receive(&line.world, line.server, received, NULL);
			if (arrived <= (ssize_t)length)
				fail_msg("IPv%d: an INVITE of %zu bytes was lost", old ? 4 : 6, length);
			assert_null(strstr(received, line.cast->phone));
		}
		world_close(&line.world);
	}
}

/* ---- Checksums ---- */

/* The far side computes them itself, as a card that does not trust the sender's. */
static void test_checksums_are_whole(void **state)
{
	static const char *const senders[] = { "on", "off" };

	(void)state;
	for (size_t family = 0; family < 2; family++)
		for (size_t sender = 0; sender < 2; sender++) {
			struct line line;

			line_open(&line, &casts[family]);
			assert_true(world_command(&line.world, PHONES,
			                          "ethtool -K eth0 tx %s gso %s tx-udp-segmentation %s >/dev/null",
			                          senders[sender], senders[sender], senders[sender]));
			assert_true(
			        world_command(&line.world, ROUTER,
			                      "ethtool -K lan gro on >/dev/null; ethtool -K wan tx off >/dev/null"));
			assert_true(
			        world_command(&line.world, PROVIDER,
			                      "ethtool -K eth0 rx off gro on >/dev/null; nft add table inet t; "
			                      "nft add chain inet t in '{ type filter hook prerouting priority 0; }'"));
			for (uint16_t call = 0; call < 8; call++) {
				size_t length = phone_invite(message, line.cast->phone, 5060, (uint16_t)(4000 + call),
				                             "sum", call * 100);

				world_send(line.phone, line.cast->server, 5060, message, length);
				assert_true(world_receive(&line.world, line.server, received, NULL) > (ssize_t)length);
				assert_null(strstr(received, line.cast->phone));
			}
			assert_true(world_command(
			        &line.world, PROVIDER,
			        "test $(awk '/^Udp: [0-9]/ { print $8 } /^Udp6InCsumErrors/ { print $2 }' "
			        "/proc/net/snmp /proc/net/snmp6 | tr -d '\\n') = 00"));
			world_close(&line.world);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_messages_grow_past_the_mtu),
		cmocka_unit_test(test_checksums_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
