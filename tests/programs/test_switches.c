/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/switches.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char folder[] = "test_switches.d", path[] = "test_switches.d/switches";

static sipalg_prefix network(const char *text)
{
	sipalg_prefix prefix;
	assert_true(sipalg_prefix_read(text, strlen(text), &prefix));
	return prefix;
}

static void add(struct switches *switches, const char *text)
{
	struct problem problem;
	sipalg_prefix prefix = network(text);
	assert_true(switches_add(switches, &prefix, &problem));
}

static int clean(void **state)
{
	(void)state;
	unlink(path);
	unlink("test_switches.d/switches.new");
	rmdir(folder);
	return 0;
}

static void test_networks_hold_each_other(void **state)
{
	(void)state;
	struct switches switches = { 0 };
	struct problem problem = { 0 };
	sipalg_prefix host = network("192.168.1.5"), wide = network("192.168.0.0/16");
	add(&switches, "192.168.1.0/24");
	add(&switches, "192.168.1.5");
	assert_int_equal(switches.off_count, 1);
	assert_true(switches_cover(&switches, &host.address));
	assert_false(switches_remove(&switches, &host, &problem));
	assert_string_equal(problem.text, "192.168.1.5 is off as a part of 192.168.1.0/24; switch that on");
	add(&switches, "192.168.2.7");
	add(&switches, "10.0.0.1");
	assert_true(switches_remove(&switches, &wide, &problem));
	assert_int_equal(switches.off_count, 1);
	assert_false(switches_cover(&switches, &host.address));
	assert_false(switches_remove(&switches, &wide, &problem));
	assert_non_null(strstr(problem.text, "192.168.0.0/16 is not switched off"));
	switches.everything_off = true;
	assert_true(switches_cover(&switches, &host.address));
}

/* A wider network is not in a narrower one, though it begins at the same address. */
static void test_a_wider_network_is_another(void **state)
{
	(void)state;
	struct switches switches = { 0 };
	struct problem problem;
	sipalg_prefix wide = network("10.0.0.0/8"), narrow = network("10.0.0.0/24");
	add(&switches, "10.0.0.0/24");
	add(&switches, "10.0.0.0/8");
	assert_int_equal(switches.off_count, 2);
	assert_true(switches_remove(&switches, &narrow, &problem));
	assert_int_equal(switches.off_count, 1);
	assert_int_equal(switches.off[0].length, wide.length);
}

static void test_the_list_has_an_end(void **state)
{
	(void)state;
	struct switches switches = { 0 };
	struct problem problem = { 0 };
	sipalg_prefix host = network("10.0.0.0");
	for (uint32_t i = 0; i < SIPALG_PREFIXES_MAX; i++) {
		host.address = sipalg_address_from_ipv4(0x0a000000 + i);
		assert_true(switches_add(&switches, &host, &problem));
	}
	host.address = sipalg_address_from_ipv4(0x0a010000);
	assert_false(switches_add(&switches, &host, &problem));
	assert_non_null(strstr(problem.text, "switch a network off instead"));
}

static void test_the_file_remembers(void **state)
{
	(void)state;
	struct switches written = { .everything_off = true }, found = { 0 };
	struct problem problem = { 0 };
	add(&written, "192.168.1.5");
	add(&written, "10.0.0.0/8");
	add(&written, "2001:db8::/32");
	if (!switches_write(&written, path, &problem) || !switches_read(&found, path, &problem))
		fail_msg("%s", problem.text);
	assert_memory_equal(&written, &found, sizeof found);
	written.everything_off = false;
	written.off_count = 0;
	assert_true(switches_write(&written, path, &problem));
	assert_true(switches_read(&found, path, &problem));
	assert_false(found.everything_off);
	assert_int_equal(found.off_count, 0);
	assert_int_not_equal(access("test_switches.d/switches.new", F_OK), 0);
}

static void test_no_file_means_on(void **state)
{
	(void)state;
	struct switches found = { .everything_off = true };
	struct problem problem;
	assert_true(switches_read(&found, path, &problem));
	assert_false(found.everything_off);
	found.everything_off = true;
	assert_true(switches_read(&found, "", &problem));
	assert_false(found.everything_off);
	assert_true(switches_write(&found, "", &problem));
}

/* It must not come on again because half a file was there. */
static void test_a_damaged_file_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = { "of\n",     "off 10.0.0\n", "offen\n",
		                             "on\n",     "off \n",       "off 10.0.0.1 10.0.0.2\n",
		                             "#\nofff\n" };
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct switches found = { 0 };
		struct problem problem = { 0 };
		mkdir(folder, 0755);
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		fputs(texts[i], file);
		fclose(file);
		if (switches_read(&found, path, &problem))
			fail_msg("\"%s\" was taken", texts[i]);
		assert_non_null(strstr(problem.text, "correct the line or remove the file"));
	}
}

static void test_what_cannot_be_written_is_told(void **state)
{
	(void)state;
	struct switches switches = { 0 };
	struct problem problem = { 0 };
	assert_false(switches_write(&switches, "/proc/sipalg/switches", &problem));
	assert_non_null(strstr(problem.text, "it holds until sipalg ends"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_networks_hold_each_other),
		cmocka_unit_test(test_a_wider_network_is_another),
		cmocka_unit_test(test_the_list_has_an_end),
		cmocka_unit_test_teardown(test_the_file_remembers, clean),
		cmocka_unit_test(test_no_file_means_on),
		cmocka_unit_test_teardown(test_a_damaged_file_is_refused, clean),
		cmocka_unit_test(test_what_cannot_be_written_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
