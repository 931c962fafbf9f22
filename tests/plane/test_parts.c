/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the plane that need no kernel. */
#include "cmocka_all.h"

#include "plane/netfilter/interval.h"
#include "plane/netfilter/packet.h"
#include "plane/netfilter/peers.h"

#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>

enum { IP_HEADER = 20, IP6_HEADER = 40, UDP_HEADER = 8 };

/* ---- Packets ---- */

/* 10.0.0.5:5060 -> 203.0.113.2:5060 with `length` bytes of message. */
static size_t packet_make(uint8_t *out, size_t length, uint16_t identification, uint16_t fragments, uint16_t checksum)
{
	struct iphdr ip = { .version = 4,
		            .ihl = 5,
		            .tot_len = htons((uint16_t)(IP_HEADER + UDP_HEADER + length)),
		            .id = htons(identification),
		            .frag_off = htons(fragments),
		            .ttl = 64,
		            .protocol = 17,
		            .saddr = htonl(0x0a000005),
		            .daddr = htonl(0xcb007102) };
	struct udphdr udp = { .source = htons(5060),
		              .dest = htons(5060),
		              .len = htons((uint16_t)(UDP_HEADER + length)),
		              .check = checksum };

	memcpy(out, &ip, sizeof(ip));
	memcpy(out + IP_HEADER, &udp, sizeof(udp));
	for (size_t index = 0; index < length; index++)
		out[IP_HEADER + UDP_HEADER + index] = (uint8_t)('a' + index % 26);
	return IP_HEADER + UDP_HEADER + length;
}

/* RFC 1071 as it stands there, for comparison. */
static uint16_t sum_slowly(uint32_t sum, const uint8_t *bytes, size_t length)
{
	for (size_t index = 0; index < length; index++)
		sum += (uint32_t)bytes[index] << (index % 2 == 0 ? 8 : 0);
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static void assert_checksums(const uint8_t *bytes, size_t length)
{
	uint8_t pseudo[12] = { 0 };

	memcpy(pseudo, bytes + 12, 8);
	pseudo[9] = 17;
	pseudo[10] = (uint8_t)((length - IP_HEADER) >> 8);
	pseudo[11] = (uint8_t)(length - IP_HEADER);
	assert_int_equal(sum_slowly(0, bytes, IP_HEADER), 0xffff);
	assert_int_equal(sum_slowly(sum_slowly(0, pseudo, sizeof(pseudo)), bytes + IP_HEADER, length - IP_HEADER),
	                 0xffff);
}

static void test_packet_reads_endpoints(void **state)
{
	uint8_t bytes[100];
	size_t length = packet_make(bytes, 10, 1, 0, 0);
	struct packet packet;

	(void)state;
	assert_true(packet_read(bytes, length, &packet));
	assert_int_equal(packet.message_length, 10);
	assert_ptr_equal(packet.message, bytes + IP_HEADER + UDP_HEADER);
	assert_int_equal(packet.source.port, 5060);
	assert_int_equal(sipalg_address_to_ipv4(&packet.source.address), 0x0a000005);
	assert_int_equal(sipalg_address_to_ipv4(&packet.destination.address), 0xcb007102);
}

static void test_packet_refuses_what_is_not_whole(void **state)
{
	uint8_t bytes[100];
	size_t length = packet_make(bytes, 10, 1, 0, 0);
	struct packet packet;

	(void)state;
	for (size_t cut = 0; cut < length; cut++) {
		uint8_t *exact = malloc(cut == 0 ? 1 : cut); /* so that a sanitizer sees a read too far */

		memcpy(exact, bytes, cut);
		assert_false(packet_read(exact, cut, &packet));
		free(exact);
	}
	packet_make(bytes, 10, 1, IP_MF, 0);
	assert_false(packet_read(bytes, length, &packet));
	packet_make(bytes, 10, 1, 3, 0);
	assert_false(packet_read(bytes, length, &packet));
	packet_make(bytes, 10, 1, 0, 0);
	bytes[9] = 6;
	assert_false(packet_read(bytes, length, &packet));
	packet_make(bytes, 10, 1, 0, 0);
	bytes[IP_HEADER + 5]--; /* UDP ends before IP does */
	assert_false(packet_read(bytes, length, &packet));
}

static void test_packet_writes_lengths_and_checksums(void **state)
{
	static const size_t lengths[] = { 0, 1, 2, 3, 4, 5, 7, 8, 9, 100, 1471, 1472, 1473, 9001 };
	uint8_t bytes[2000] = { 0 }, out[10000], message[9001];
	struct packet packet;

	(void)state;
	memset(message, 0xff, sizeof(message));
	assert_true(packet_read(bytes, packet_make(bytes, 500, 7, IP_DF, 1), &packet));
	for (size_t index = 0; index < sizeof(lengths) / sizeof(lengths[0]); index++) {
		size_t length = packet_write(&packet, message, lengths[index], out);
		struct packet written;

		assert_int_equal(length, IP_HEADER + UDP_HEADER + lengths[index]);
		assert_checksums(out, length);
		assert_true(packet_read(out, length, &written));
		assert_int_equal(written.message_length, lengths[index]);
		assert_memory_equal(written.message, message, lengths[index]);
	}
}

static void test_packet_without_checksum_stays_without(void **state)
{
	uint8_t bytes[100], out[100];
	struct packet packet;

	(void)state;
	assert_true(packet_read(bytes, packet_make(bytes, 10, 7, 0, 0), &packet));
	packet_write(&packet, packet.message, 9, out);
	assert_int_equal(out[IP_HEADER + 6] | out[IP_HEADER + 7], 0);
}

static bool may_be_fragmented(const uint8_t *bytes)
{
	struct iphdr ip;

	memcpy(&ip, bytes, sizeof(ip));
	return (ntohs(ip.frag_off) & IP_DF) == 0;
}

static void test_packet_that_grew_may_be_fragmented(void **state)
{
	uint8_t bytes[2000] = { 0 }, out[2000];
	struct packet packet;

	(void)state;
	assert_true(packet_read(bytes, packet_make(bytes, 1472, 0, IP_DF, 1), &packet));
	packet_write(&packet, packet.message, 1472, out);
	assert_false(may_be_fragmented(out)); /* it has not grown */
	packet_write(&packet, packet.message, 1473, out);
	assert_true(may_be_fragmented(out));
	assert_true(out[4] != 0 || out[5] != 0); /* fragments need an identification */
	assert_checksums(out, IP_HEADER + UDP_HEADER + 1473);

	assert_true(packet_read(bytes, packet_make(bytes, 400, 0, IP_DF, 1), &packet));
	packet_write(&packet, packet.message, 420, out);
	assert_false(may_be_fragmented(out)); /* it fits everywhere */
}

static void test_packet_has_a_greatest_length(void **state)
{
	uint8_t bytes[100];
	struct packet packet;

	(void)state;
	assert_true(packet_read(bytes, packet_make(bytes, 10, 7, 0, 0), &packet));
	assert_true(packet_can_hold(&packet, 65531 - IP_HEADER - UDP_HEADER));
	assert_false(packet_can_hold(&packet, 65531 - IP_HEADER - UDP_HEADER + 1));
}

/* [2001:db8::5]:5060 -> [2001:db8:1::2]:5060 behind `extension` bytes of headers that nobody here needs to know. */
static size_t packet6_make(uint8_t *out, size_t extension, size_t length)
{
	struct ip6_hdr ip = { .ip6_nxt = extension > 0 ? IPPROTO_HOPOPTS : IPPROTO_UDP, .ip6_hlim = 64 };
	struct udphdr udp = {
		.source = htons(5060), .dest = htons(5060), .len = htons((uint16_t)(UDP_HEADER + length)), .check = 1
	};

	ip.ip6_vfc = 6 << 4;
	ip.ip6_plen = htons((uint16_t)(extension + UDP_HEADER + length));
	inet_pton(AF_INET6, "2001:db8::5", &ip.ip6_src);
	inet_pton(AF_INET6, "2001:db8:1::2", &ip.ip6_dst);
	memset(out, 0, IP6_HEADER + extension);
	memcpy(out, &ip, sizeof(ip));
	if (extension > 0) {
		out[IP6_HEADER] = IPPROTO_UDP;
		out[IP6_HEADER + 1] = (uint8_t)(extension / 8 - 1);
	}
	memcpy(out + IP6_HEADER + extension, &udp, sizeof(udp));
	for (size_t index = 0; index < length; index++)
		out[IP6_HEADER + extension + UDP_HEADER + index] = (uint8_t)('a' + index % 26);
	return IP6_HEADER + extension + UDP_HEADER + length;
}

/* RFC 8200 8.1 */
static void assert_checksum6(const uint8_t *bytes, size_t extension, size_t length)
{
	size_t udp_length = length - IP6_HEADER - extension;
	uint8_t pseudo[40] = { 0 };

	memcpy(pseudo, bytes + 8, 32);
	pseudo[34] = (uint8_t)(udp_length >> 8);
	pseudo[35] = (uint8_t)udp_length;
	pseudo[39] = IPPROTO_UDP;
	assert_int_equal(sum_slowly(sum_slowly(0, pseudo, sizeof(pseudo)), bytes + IP6_HEADER + extension, udp_length),
	                 0xffff);
}

static void test_packet_of_ipv6(void **state)
{
	static const size_t extensions[] = { 0, 8, 40 }, lengths[] = { 0, 1, 2, 7, 100, 1471, 9001 };
	uint8_t bytes[1000], out[10000], message[9001];
	struct packet packet, written;

	(void)state;
	memset(message, 0xff, sizeof(message));
	for (size_t index = 0; index < sizeof(extensions) / sizeof(extensions[0]); index++)
		for (size_t length = 0; length < sizeof(lengths) / sizeof(lengths[0]); length++) {
			char text[SIPALG_ADDRESS_TEXT_MAX];
			size_t total;

			assert_true(packet_read(bytes, packet6_make(bytes, extensions[index], 500), &packet));
			sipalg_address_write(&packet.destination.address, text);
			assert_string_equal(text, "2001:db8:1::2");
			assert_int_equal(packet.source.port, 5060);
			assert_int_equal(packet.message_length, 500);
			total = packet_write(&packet, message, lengths[length], out);
			assert_checksum6(out, extensions[index], total);
			assert_true(packet_read(out, total, &written));
			assert_int_equal(written.message_length, lengths[length]);
			assert_true(sipalg_endpoint_equal(&written.source, &packet.source));
		}
}

static void test_packet_of_ipv6_has_to_be_whole(void **state)
{
	uint8_t bytes[500];
	size_t length = packet6_make(bytes, 8, 10);
	struct packet packet;

	(void)state;
	for (size_t cut = 0; cut < length; cut++) {
		uint8_t *exact = malloc(cut == 0 ? 1 : cut);

		memcpy(exact, bytes, cut);
		if (cut >= IP6_HEADER) /* as if it were whole */
			exact[5] = (uint8_t)(cut - IP6_HEADER);
		assert_false(packet_read(exact, cut, &packet));
		free(exact);
	}
	bytes[IP6_HEADER] = IPPROTO_FRAGMENT;
	assert_false(packet_read(bytes, length, &packet));
	length = packet6_make(bytes, 256, 10); /* more than anybody needs */
	assert_false(packet_read(bytes, length, &packet));
}

/* ---- Networks ---- */

static sipalg_prefix network(uint32_t address, unsigned int length)
{
	return (sipalg_prefix){ sipalg_address_from_ipv4(address), (uint8_t)(96 + length) };
}

static sipalg_prefix network_from(const char *text)
{
	sipalg_prefix prefix;

	assert_true(sipalg_prefix_read(text, strlen(text), &prefix));
	return prefix;
}

static void assert_address(const sipalg_address *address, const char *expected)
{
	char text[SIPALG_ADDRESS_TEXT_MAX];

	sipalg_address_write(address, text);
	assert_string_equal(text, expected);
}

static void test_networks_become_intervals(void **state)
{
	const sipalg_prefix prefixes[] = { network(0x0a000200, 24),         network(0x0a000000, 24),
		                           network(0x0a000100, 24),         network(0x0a000005, 32),
		                           network(0xc0a80000, 16),         network(0xffffff00, 24),
		                           network_from("2001:db8:1::/48"), network_from("2001:db8:0:8000::/49"),
		                           network_from("fd00::/8") };
	struct interval intervals[9];

	(void)state;
	assert_int_equal(intervals_from_prefixes(prefixes, 9, intervals), 5);
	assert_address(&intervals[0].first, "10.0.0.0"); /* neighbours are joined, parts are swallowed */
	assert_address(&intervals[0].last, "10.0.2.255");
	assert_address(&intervals[1].first, "192.168.0.0");
	assert_address(&intervals[2].last, "255.255.255.255");
	assert_address(&intervals[3].first, "2001:db8:0:8000::");
	assert_address(&intervals[3].last, "2001:db8:1:ffff:ffff:ffff:ffff:ffff");
	assert_int_equal(intervals_from_prefixes(prefixes, 0, intervals), 0);
	const sipalg_prefix all[] = { network(0, 0), network(0x0a000000, 8), { .length = 0 } };
	assert_int_equal(intervals_from_prefixes(all, 2, intervals), 1);
	assert_address(&intervals[0].last, "255.255.255.255");
	assert_int_equal(intervals_from_prefixes(all, 3, intervals), 1);
	sipalg_address next;
	assert_false(address_next(&intervals[0].last, &next)); /* behind the last address there is none */
}

/* ---- Peers ---- */

static sipalg_endpoint endpoint(uint32_t address, uint16_t port)
{
	return (sipalg_endpoint){ .address = sipalg_address_from_ipv4(address),
		                  .port = port,
		                  .protocol = SIPALG_PROTOCOL_UDP };
}

static unsigned int peers_of(const struct peers *peers, uint32_t binding)
{
	uint32_t cursor = PEERS_END, count = 0;

	while (peers_next(peers, binding, &cursor) != NULL)
		count++;
	return count;
}

static void test_peers_are_remembered_and_forgotten(void **state)
{
	struct peers peers;
	sipalg_endpoint one = endpoint(1, 0), other = endpoint(2, 0);

	(void)state;
	assert_true(peers_open(&peers));
	for (uint32_t binding = 1; binding <= 10000; binding++) { /* far more than there is room for at first */
		assert_true(peers_add(&peers, binding, &one));
		assert_false(peers_add(&peers, binding, &one)); /* known already */
		assert_true(peers_add(&peers, binding, &other));
	}
	for (uint32_t binding = 1; binding <= 10000; binding += 2)
		peers_forget(&peers, binding);
	assert_int_equal(peers.count, 10000);
	for (uint32_t binding = 1; binding <= 10000; binding++)
		assert_int_equal(peers_of(&peers, binding), binding % 2 == 0 ? 2 : 0);
	uint32_t size = peers.size;
	for (uint32_t binding = 10001; binding <= 15000; binding++) /* takes the room given back */
		assert_true(peers_add(&peers, binding, &one));
	assert_int_equal(peers.size, size);
	peers_close(&peers);
}

static void test_peers_of_a_binding_have_a_bound(void **state)
{
	struct peers peers;

	(void)state;
	assert_true(peers_open(&peers));
	for (uint16_t port = 1; port <= PEERS_BINDING_MAX; port++) {
		sipalg_endpoint peer = endpoint(9, port);

		assert_true(peers_add(&peers, 7, &peer));
	}
	sipalg_endpoint more = endpoint(9, 5000);
	assert_false(peers_add(&peers, 7, &more));
	assert_int_equal(peers_of(&peers, 7), PEERS_BINDING_MAX);
	peers_close(&peers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packet_reads_endpoints),
		cmocka_unit_test(test_packet_refuses_what_is_not_whole),
		cmocka_unit_test(test_packet_writes_lengths_and_checksums),
		cmocka_unit_test(test_packet_without_checksum_stays_without),
		cmocka_unit_test(test_packet_that_grew_may_be_fragmented),
		cmocka_unit_test(test_packet_has_a_greatest_length),
		cmocka_unit_test(test_packet_of_ipv6),
		cmocka_unit_test(test_packet_of_ipv6_has_to_be_whole),
		cmocka_unit_test(test_networks_become_intervals),
		cmocka_unit_test(test_peers_are_remembered_and_forgotten),
		cmocka_unit_test(test_peers_of_a_binding_have_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
