/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"

#include "sipalg/address.h"

/* `written` NULL: cannot be read. */
static const struct {
	const char *text, *written;
} addresses[] = {
	{ "192.0.2.1", "192.0.2.1" },
	{ "0.0.0.0", "0.0.0.0" },
	{ "255.255.255.255", "255.255.255.255" },
	{ "10.20.3.250", "10.20.3.250" },
	{ "192.0.2.256", NULL },
	{ "192.0.2.260", NULL },
	{ "192.0.2.1000", NULL },
	{ "192.0.2.01", NULL },
	{ "192.0.2.00", NULL },
	{ "192.0.2", NULL },
	{ "192.0.2.", NULL },
	{ "192.0.2.1.", NULL },
	{ "192.0.2.1.5", NULL },
	{ ".192.0.2.1", NULL },
	{ "192..2.1", NULL },
	{ " 192.0.2.1", NULL },
	{ "192.0.2.1 ", NULL },
	{ "192.0.2.1:5060", NULL },
	{ "", NULL },
	{ "example.com", NULL },
	{ "2001:db8::1", "2001:db8::1" },
	{ "2001:DB8:0:0:0:0:0:1", "2001:db8::1" },
	{ "2001:0db8:0000:0001:0000:0000:0000:0001", "2001:db8:0:1::1" },
	{ "::", "::" },
	{ "::1", "::1" },
	{ "1::", "1::" },
	{ "fe80::1:0:0:2", "fe80::1:0:0:2" },
	{ "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
	{ "1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8" }, /* one group of zeros is not shortened: RFC 5952 4.2.2 */
	{ "1:0:0:4:5:0:0:8", "1::4:5:0:0:8" },    /* of two equal runs the first: RFC 5952 4.2.3 */
	{ "0:0:0:0:0:0:0:8", "::8" },
	{ "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
	{ "64:ff9b::192.0.2.33", "64:ff9b::c000:221" },
	{ "1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201" },
	{ "::ffff:192.0.2.1", NULL }, /* would become an IPv4 address */
	{ "::ffff:c000:201", NULL },
	{ "1:2:3:4:5:6:7:192.0.2.1", NULL },
	{ "1:2:3:4:5:6:7", NULL },
	{ "1:2:3:4:5:6:7:8:9", NULL },
	{ "1:2:3:4:5:6:7:8::", NULL },
	{ "1::2::3", NULL },
	{ ":::", NULL },
	{ ":1", NULL },
	{ "1:", NULL },
	{ ":", NULL },
	{ "12345::", NULL },
	{ "g::", NULL },
	{ "2001:db8:::192.0.2.1", NULL }, /* RFC 5118 4.10 */
	{ "[::1]", NULL },
	{ "fe80::1%eth0", NULL },
	{ "192.0.2.1::", NULL },
	{ "::192.0.2.1:5", NULL },
	{ "1111:2222:3333:4444:5555:6666:255.255.255.255x", NULL },
};

static void addresses_are_read_strictly_and_written_shortest(void **state)
{
	(void)state;
	for (size_t index = 0; index < sizeof(addresses) / sizeof(addresses[0]); index++) {
		sipalg_address address;
		char out[SIPALG_ADDRESS_TEXT_MAX];
		struct guarded guarded = guarded_open(64);
		struct text text = guarded_put(&guarded, text_of(addresses[index].text));
		bool read = sipalg_address_read(text.start, text.length, &address);
		if (read != (addresses[index].written != NULL))
			fail_msg("\"%s\": read is %d", addresses[index].text, read);
		if (read) {
			assert_int_equal(sipalg_address_write(&address, out), strlen(addresses[index].written));
			assert_string_equal(out, addresses[index].written);
		}
		guarded_close(&guarded);
	}
}

static void an_ipv4_address_is_held_mapped(void **state)
{
	static const uint8_t bytes[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1 };
	sipalg_address address = sipalg_address_from_ipv4(0xc0000201), other;
	(void)state;
	assert_memory_equal(address.bytes, bytes, sizeof(bytes));
	assert_true(sipalg_address_is_ipv4(&address));
	assert_int_equal(sipalg_address_to_ipv4(&address), 0xc0000201);
	assert_true(sipalg_address_read("192.0.2.1", 9, &other));
	assert_true(sipalg_address_equal(&address, &other));
	assert_true(sipalg_address_read("2001:db8::1", 11, &other));
	assert_false(sipalg_address_is_ipv4(&other));
	assert_false(sipalg_address_equal(&address, &other));
}

static void what_cannot_be_read_changes_nothing(void **state)
{
	sipalg_address address = sipalg_address_from_ipv4(1);
	sipalg_prefix prefix = { .length = 77 };
	(void)state;
	assert_false(sipalg_address_read("1.2.3.x", 7, &address));
	assert_int_equal(sipalg_address_to_ipv4(&address), 1);
	assert_false(sipalg_prefix_read("1.2.3.4/33", 10, &prefix));
	assert_int_equal(prefix.length, 77);
}

static void no_address_is_all_zeros(void **state)
{
	sipalg_address address = { { 0 } };
	(void)state;
	assert_true(sipalg_address_is_none(&address));
	address = sipalg_address_from_ipv4(0);
	assert_false(sipalg_address_is_none(&address));
}

static void endpoints_differ_by_address_port_and_protocol(void **state)
{
	sipalg_endpoint left = { sipalg_address_from_ipv4(7), 5060, SIPALG_PROTOCOL_UDP, 0 }, right = left;
	(void)state;
	assert_true(sipalg_endpoint_equal(&left, &right));
	right.port = 5061;
	assert_false(sipalg_endpoint_equal(&left, &right));
	right = left;
	right.protocol = SIPALG_PROTOCOL_TCP;
	assert_false(sipalg_endpoint_equal(&left, &right));
	right = left;
	right.address = sipalg_address_from_ipv4(8);
	assert_false(sipalg_endpoint_equal(&left, &right));
}

static void prefixes_contain_their_addresses(void **state)
{
	static const struct {
		const char *prefix, *address;
		bool contains;
	} cases[] = {
		{ "192.168.0.0/16", "192.168.255.255", true },
		{ "192.168.0.0/16", "192.169.0.0", false },
		{ "10.1.2.3/8", "10.200.0.1", true },
		{ "172.16.0.0/12", "172.31.0.1", true },
		{ "172.16.0.0/12", "172.32.0.1", false },
		{ "192.0.2.4/31", "192.0.2.5", true },
		{ "192.0.2.4/31", "192.0.2.6", false },
		{ "0.0.0.0/0", "8.8.8.8", true },
		{ "0.0.0.0/0", "2001:db8::1", false }, /* IPv4 only */
		{ "192.0.2.4", "192.0.2.4", true },
		{ "192.0.2.4", "192.0.2.5", false },
		{ "2001:db8::/32", "2001:db8:1::5", true },
		{ "2001:db8::/32", "2001:db9::5", false },
		{ "2001:db8::1", "2001:db8::1", true },
		{ "::/0", "2001:db8::1", true },
	};
	(void)state;
	for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
		sipalg_prefix prefix;
		sipalg_address address;
		assert_true(sipalg_prefix_read(cases[index].prefix, strlen(cases[index].prefix), &prefix));
		assert_true(sipalg_address_read(cases[index].address, strlen(cases[index].address), &address));
		if (sipalg_prefix_contains(&prefix, &address) != cases[index].contains)
			fail_msg("%s in %s", cases[index].address, cases[index].prefix);
	}
}

static void bad_prefixes_are_refused(void **state)
{
	static const char *const cases[] = { "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1",     "/24",
		                             "192.0.2/24",   "::/129",     "2001:db8::/32/32", "",
		                             "192.0.2.0/8 ", "eth0" };
	sipalg_prefix prefix;
	(void)state;
	for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++)
		assert_false(sipalg_prefix_read(cases[index], strlen(cases[index]), &prefix));
	assert_true(sipalg_prefix_read("192.0.2.0/24", 12, &prefix));
	assert_int_equal(prefix.length, 96 + 24);
}

static void read_and_write_back(struct text text)
{
	sipalg_address address, again;
	char out[SIPALG_ADDRESS_TEXT_MAX];
	if (!sipalg_address_read(text.start, text.length, &address))
		return;
	size_t length = sipalg_address_write(&address, out);
	assert_true(length < SIPALG_ADDRESS_TEXT_MAX);
	assert_true(sipalg_address_read(out, length, &again));
	assert_true(sipalg_address_equal(&address, &again));
}

static void any_input_is_survived(void **state)
{
	(void)state;
	for (size_t index = 0; index < sizeof(addresses) / sizeof(addresses[0]); index++)
		try_everything(text_of(addresses[index].text), read_and_write_back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_strictly_and_written_shortest),
		cmocka_unit_test(an_ipv4_address_is_held_mapped),
		cmocka_unit_test(what_cannot_be_read_changes_nothing),
		cmocka_unit_test(no_address_is_all_zeros),
		cmocka_unit_test(endpoints_differ_by_address_port_and_protocol),
		cmocka_unit_test(prefixes_contain_their_addresses),
		cmocka_unit_test(bad_prefixes_are_refused),
		cmocka_unit_test(any_input_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
