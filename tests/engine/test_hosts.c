/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "track.h"

enum { HOSTS = 8 };

static void hosts_are_counted(void **state)
{
	(void)state;
	struct arena counting = { 0 }, arena;
	struct hosts hosts = { 0 };
	struct hash_key secret = { { 1, 2 } };
	struct endpoint_key key = endpoint_key_make(&secret);
	hosts_lay_out(&hosts, &counting, HOSTS);
	void *memory = arena_open(&arena, counting.used);
	hosts_lay_out(&hosts, &arena, HOSTS);

	uint32_t slots[HOSTS];
	bool at_limit = true;
	for (uint32_t i = 0; i < HOSTS; i++) {
		sipalg_address address = sipalg_address_from_ipv4(0x0a000000 + i);
		slots[i] = hosts_charge(&hosts, &key, &address, HOST_BINDINGS, 2, &at_limit);
		assert_true(slots[i] && !at_limit);
		assert_int_equal(hosts_charge(&hosts, &key, &address, HOST_BINDINGS, 2, &at_limit), slots[i]);
		assert_int_equal(hosts_charge(&hosts, &key, &address, HOST_BINDINGS, 2, &at_limit), 0);
		assert_true(at_limit);
	}
	sipalg_address one_more = sipalg_address_from_ipv4(0x0b000000);
	assert_int_equal(hosts_charge(&hosts, &key, &one_more, HOST_BINDINGS, 2, &at_limit), 0);
	assert_false(at_limit);
	hosts_release(&hosts, &key, slots[3], HOST_BINDINGS);
	assert_int_equal(hosts_charge(&hosts, &key, &one_more, HOST_BINDINGS, 2, &at_limit), 0);
	hosts_release(&hosts, &key, slots[3], HOST_BINDINGS); /* its last one */
	assert_int_equal(hosts_charge(&hosts, &key, &one_more, HOST_BINDINGS, 2, &at_limit), slots[3]);
	sipalg_address gone = sipalg_address_from_ipv4(0x0a000003);
	assert_int_equal(hosts_charge(&hosts, &key, &gone, HOST_BINDINGS, 2, &at_limit), 0);
	assert_false(at_limit);
	free(memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(hosts_are_counted) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
