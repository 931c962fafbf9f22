/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside networks: which one an address is of, and where it is seen outside. */
#include "harness.h"

#include "engine/networks.h"

static struct networks networks;
static const sipalg_address shared[2] = { { { 0x20, 0x01, 0x0d, 0xb8, [15] = 9 } },
	                                  { { [10] = 0xff, 0xff, 203, 0, 113, 1 } } };

static sipalg_prefix prefix(const char *text)
{
	sipalg_prefix read = { 0 };
	if (text)
		assert_true(sipalg_prefix_read(text, strlen(text), &read));
	return read;
}

static sipalg_network network(const char *inside, enum sipalg_translation translation, const char *outside)
{
	return (sipalg_network){ prefix(inside), translation, prefix(outside) };
}

static void set(const sipalg_network *list, size_t count)
{
	assert_true(networks_set(&networks, list, count));
}

static void assert_seen_as(const char *inside, const char *expected)
{
	sipalg_address address = endpoint_of(inside, 0).address, outside;
	const struct network *found = networks_find(&networks, &address);
	bool is_seen = found && network_find_outside(found, shared, &address, &outside);
	char text[SIPALG_ADDRESS_TEXT_MAX] = "nowhere";
	if (is_seen)
		(void)sipalg_address_write(&outside, text);
	assert_string_equal(text, expected);
}

static void the_longest_prefix_says(void **state)
{
	(void)state;
	const sipalg_network list[] = {
		network("10.0.0.0/8", SIPALG_TRANSLATION_PORTS, NULL),
		network("2001:db8::/32", SIPALG_TRANSLATION_NONE, NULL),
		network("10.1.0.0/16", SIPALG_TRANSLATION_NONE, NULL),
		network("2001:db8:5::/48", SIPALG_TRANSLATION_PREFIX, "2001:db8:6::/48"),
		network("10.1.2.0/24", SIPALG_TRANSLATION_PREFIX, "192.0.2.0/24"),
		network("fd00::/8", SIPALG_TRANSLATION_PORTS, NULL),
	};
	set(list, 6);
	assert_seen_as("10.9.9.9", "203.0.113.1");
	assert_seen_as("10.1.9.9", "10.1.9.9");
	assert_seen_as("10.1.2.77", "192.0.2.77");
	assert_seen_as("2001:db8:4::1", "2001:db8:4::1");
	assert_seen_as("2001:db8:5:1::1", "2001:db8:6:1::1");
	assert_seen_as("fd12::1", "2001:db8::9");
	assert_seen_as("11.0.0.1", "nowhere");
	assert_seen_as("2001:db9::1", "nowhere");
}

/* RFC 6296 3.1, and the address it gives as an example. */
static void checksums_stay_right(void **state)
{
	(void)state;
	const sipalg_network list[] = { network("FD01:0203:0405::/48", SIPALG_TRANSLATION_PREFIX_NEUTRAL,
		                                "2001:0DB8:0001::/48") };
	set(list, 1);
	assert_seen_as("fd01:203:405:1::1234", "2001:db8:1:d550::1234");
	assert_seen_as("fd01:203:405:ffff::1", "nowhere"); /* 0xffff would come back as 0 */
	assert_seen_as("fd01:203:405::1", "2001:db8:1:d54f::1");
	assert_seen_as("fd01:203:405:2ab0::1", "2001:db8:1::1"); /* 0x2ab0 + 0xd54f: the other zero is never used */
}

/* A prefix longer than 48 bits leaves the adjustment to the interface identifier (RFC 6296 3.5). */
static void longer_prefixes_adjust_the_identifier(void **state)
{
	(void)state;
	const sipalg_network list[] = {
		network("fd01:203:405:1::/64", SIPALG_TRANSLATION_PREFIX_NEUTRAL, "2001:db8:1:1::/64"),
		network("fd01:203:406:8000::/52", SIPALG_TRANSLATION_PREFIX_NEUTRAL, "2001:db8:1:8000::/52"),
	};
	set(list, 2);
	assert_seen_as("fd01:203:405:1::1234", "2001:db8:1:1:d54f::1234");
	assert_seen_as("fd01:203:405:1:ffff::1234", "2001:db8:1:1:ffff:d54f:0:1234");
	assert_seen_as("fd01:203:405:1:ffff:ffff:ffff:ffff", "nowhere");
	assert_seen_as("fd01:203:406:8001::1", "2001:db8:1:8001:d550::1");
}

static uint32_t sum_of(const sipalg_address *address)
{
	uint32_t sum = 0;
	for (size_t i = 0; i < 16; i += 2)
		sum += (uint32_t)address->bytes[i] << 8 | address->bytes[i + 1];
	return sum % 0xffff; /* the same in one's complement, with one zero */
}

static void no_two_are_seen_alike(void **state)
{
	(void)state;
	static bool seen[65536];
	const sipalg_network list[] = { network("fd01:203:405::/48", SIPALG_TRANSLATION_PREFIX_NEUTRAL,
		                                "2001:db8:1::/48") };
	set(list, 1);
	for (unsigned subnet = 0; subnet < 0xffff; subnet++) {
		sipalg_address inside = endpoint_of("fd01:203:405::1234", 0).address, outside;
		inside.bytes[6] = (uint8_t)(subnet >> 8);
		inside.bytes[7] = (uint8_t)subnet;
		assert_true(network_find_outside(&networks.list[0], shared, &inside, &outside));
		assert_int_equal(sum_of(&inside), sum_of(&outside));
		unsigned at = (unsigned)outside.bytes[6] << 8 | outside.bytes[7];
		assert_false(seen[at]);
		seen[at] = true;
		assert_true(networks_have_outside(&networks, &outside));
		assert_false(networks_have_outside(&networks, &inside));
	}
}

static void what_no_router_forwards_is_not_inside(void **state)
{
	(void)state;
	const sipalg_network list[] = { network("::/0", SIPALG_TRANSLATION_NONE, NULL) };
	set(list, 1);
	assert_seen_as("2001:db8::1", "2001:db8::1");
	assert_seen_as("fe80::1", "nowhere");
	assert_seen_as("febf::1", "nowhere");
	assert_seen_as("fec0::1", "fec0::1");
	assert_seen_as("ff02::1", "nowhere");
	assert_seen_as("::1", "nowhere");
	assert_seen_as("::", "nowhere");
}

static void what_cannot_be_is_refused(void **state)
{
	(void)state;
	const sipalg_network good = network("10.0.0.0/8", SIPALG_TRANSLATION_PORTS, NULL);
	const sipalg_network bad[] = {
		network("fd00::/48", SIPALG_TRANSLATION_PREFIX, "2001:db8::/56"),
		network("fd00::/48", SIPALG_TRANSLATION_PREFIX, NULL),
		network("10.0.0.0/24", SIPALG_TRANSLATION_PREFIX, "::/120"),
		network("10.0.0.0/24", SIPALG_TRANSLATION_PREFIX_NEUTRAL, "192.0.2.0/24"),
		network("fd00::/113", SIPALG_TRANSLATION_PREFIX_NEUTRAL, "2001:db8::/113"),
	};
	set(&good, 1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(networks_set(&networks, &bad[i], 1));
		assert_seen_as("10.0.0.1", "203.0.113.1");
	}
}

static bool is_local(const char *text)
{
	sipalg_address address = endpoint_of(text, 0).address;
	return address_is_local(&address);
}

static void addresses_may_be_local(void **state)
{
	(void)state;
	static const char *const local[] = { "10.0.0.1",    "172.16.0.1", "172.31.255.1", "192.168.0.1", "100.64.0.1",
		                             "169.254.0.1", "127.0.0.1",  "fc00::1",      "fdff::1" };
	static const char *const global[] = { "11.0.0.1",   "172.15.0.1",  "172.32.0.1", "192.169.0.1",
		                              "100.63.0.1", "100.128.0.1", "2001:db8::1" };
	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++)
		assert_true(is_local(local[i]));
	for (size_t i = 0; i < sizeof(global) / sizeof(global[0]); i++)
		assert_false(is_local(global[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_prefix_says),
		cmocka_unit_test(checksums_stay_right),
		cmocka_unit_test(longer_prefixes_adjust_the_identifier),
		cmocka_unit_test(no_two_are_seen_alike),
		cmocka_unit_test(what_no_router_forwards_is_not_inside),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(addresses_may_be_local),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
