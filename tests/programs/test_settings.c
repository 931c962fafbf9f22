/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/settings.h"
#include "console/values.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- One setting ---- */

struct wrong {
	const char *name, *value, *said; /* words the problem must hold */
};

static void test_wrong_values_name_the_remedy(void **state)
{
	(void)state;
	static const struct wrong wrongs[] = {
		{ "lna", "eth0", "did you mean \"lan\"?" },
		{ "outsied", "1.2.3.4", "did you mean \"outside\"?" },
		{ "narow-media", "yes", "did you mean \"narrow-media\"?" },
		{ "colour", "blue", "`sipalg help run` lists them" },
		{ "lan", "", "lan needs a value" },
		{ "lan", " , ", "lan needs a value" },
		{ "lan", "a-name-of-16-byte", "cannot be an interface" },
		{ "lan", "eth0/1", "cannot be an interface" },
		{ "inside", "10.0.0.0/33", "no address or network" },
		{ "ipv6", "nat", "auto, routed, nat66 or off" },
		{ "routed", "198.51.100.0/33", "no address or network" },
		{ "netmap", "fd00::/64", "no pair of networks" },
		{ "netmap", "fd00::/64=2001:db8::/48", "no pair of networks" },
		{ "nptv6", "10.0.0.0/8=2001:db8::/104", "no pair of networks" },
		{ "inside", "10.0.0.0/8,ten", "\"ten\"" },
		{ "outside", "203.0.113.256", "no IPv4 address" },
		{ "outside", "0.0.0.0", "no IPv4 address" },
		{ "outside", "2001:db8::1", "no IPv4 address" },
		{ "sip-port", "0", "from 1 to 65535" },
		{ "sip-port", "65536", "from 1 to 65535" },
		{ "sip-port", "+5060", "from 1 to 65535" },
		{ "outside-ports", "1023-2000", "both from 1024" },
		{ "outside-ports", "3000-2000", "no range" },
		{ "outside-ports", "3000", "no range" },
		{ "reserve", "99999", "no port" },
		{ "reserve", "10-", "no port" },
		{ "narrow-media", "perhaps", "yes or no" },
		{ "media-idle", "-1", "a number from 0" },
		{ "media-idle", "10 s", "a number from 0" },
		{ "media-idle", "99999999999999999999", "a number from 0" },
		{ "bindings", "0", "a number from 1" },
		{ "queue", "65536", "from 0 to 65535" },
		{ "tcp", "maybe", "yes or no" },
		{ "connections", "0", "a number from 1" },
		{ "socket", "run/sipalg.sock", "a path from / on" },
		{ "state", "off", "a path from / on" },
		{ "group", "no-such-group-here", "groupadd no-such-group-here" },
	};
	for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
		struct settings settings, before;
		struct problem problem = { 0 };
		settings_defaults(&settings);
		before = settings;
		if (settings_set(&settings, SETTINGS_BY_FILE, wrongs[i].name, wrongs[i].value, &problem))
			fail_msg("%s = %s was taken", wrongs[i].name, wrongs[i].value);
		if (strstr(problem.text, wrongs[i].said) == NULL)
			fail_msg("%s = %s: \"%s\" does not say \"%s\"", wrongs[i].name, wrongs[i].value, problem.text,
			         wrongs[i].said);
		assert_memory_equal(&settings, &before, sizeof settings);
	}
}

static void set(struct settings *settings, enum settings_source source, const char *name, const char *value)
{
	struct problem problem = { 0 };
	if (!settings_set(settings, source, name, value, &problem))
		fail_msg("%s = %s: %s", name, value, problem.text);
}

static void test_values_are_read(void **state)
{
	(void)state;
	struct settings settings;
	settings_defaults(&settings);
	assert_int_equal(settings.sip_ports[0], 5060);
	assert_int_equal(settings.group, (gid_t)-1);
	set(&settings, SETTINGS_BY_FILE, "lan", "eth1, br-lan.7");
	set(&settings, SETTINGS_BY_FILE, "inside", "10.0.0.0/8 2001:db8::/32");
	set(&settings, SETTINGS_BY_FILE, "outside", "203.0.113.1");
	set(&settings, SETTINGS_BY_FILE, "ipv6", "nat66");
	set(&settings, SETTINGS_BY_FILE, "routed", "198.51.100.0/24");
	set(&settings, SETTINGS_BY_FILE, "netmap", "fd00:1::/64=2001:db8:1::/64, 10.0.0.0/24=198.51.100.0/24");
	set(&settings, SETTINGS_BY_FILE, "nptv6", "fd00:2::/48=2001:db8:2::/48");
	set(&settings, SETTINGS_BY_FILE, "sip-port", "5070,5080");
	set(&settings, SETTINGS_BY_FILE, "outside-ports", "20000-30000");
	set(&settings, SETTINGS_BY_FILE, "reserve", "1194,8000-8010");
	set(&settings, SETTINGS_BY_FILE, "narrow-media", "Yes");
	set(&settings, SETTINGS_BY_FILE, "media-idle", "0");
	set(&settings, SETTINGS_BY_FILE, "host-bindings", "42");
	set(&settings, SETTINGS_BY_FILE, "queue", "7");
	set(&settings, SETTINGS_BY_FILE, "group", "0");
	set(&settings, SETTINGS_BY_FILE, "state", "none");
	set(&settings, SETTINGS_BY_FILE, "journal", "0");

	assert_int_equal(settings.lan.count, 2);
	assert_string_equal(settings.lan.names[1], "br-lan.7");
	assert_int_equal(settings.ipv6, SETTINGS_IPV6_NAT66);
	assert_int_equal(settings.routed_count, 1);
	assert_int_equal(settings.netmap.count, 2);
	assert_int_equal(settings.netmap.list[1].outside.length, 96 + 24);
	assert_int_equal(settings.nptv6.list[0].inside.length, 48);
	assert_int_equal(settings.inside_count, 2);
	assert_int_equal(settings.inside[0].length, 104);
	assert_int_equal(sipalg_address_to_ipv4(&settings.outside), 0xcb007101);
	assert_int_equal(settings.sip_port_count, 2); /* the default was replaced */
	assert_int_equal(settings.sip_ports[0], 5070);
	assert_int_equal(settings.engine.port_min, 20000);
	assert_int_equal(settings.engine.port_max, 30000);
	assert_int_equal(settings.reserved[0].last, 1194);
	assert_int_equal(settings.reserved[1].last, 8010);
	assert_true(settings.engine.narrow_media);
	assert_int_equal(settings.engine.media_idle_s, 0);
	assert_int_equal(settings.engine.host_bindings_max, 42);
	assert_int_equal(settings.queue, 7);
	assert_int_equal(settings.group, 0);
	assert_string_equal(settings.state, "");
	assert_int_equal(settings.journal_kib, 0);
}

/* Whatever the order of reading, the command line wins; within one source a list grows. */
static void test_the_command_line_wins(void **state)
{
	(void)state;
	for (int file_last = 0; file_last < 2; file_last++) {
		struct settings settings;
		settings_defaults(&settings);
		for (int turn = 0; turn < 2; turn++) {
			if (turn == file_last) {
				set(&settings, SETTINGS_BY_FILE, "lan", "eth7");
				set(&settings, SETTINGS_BY_FILE, "queue", "1");
				set(&settings, SETTINGS_BY_FILE, "wan", "ppp0");
			} else {
				set(&settings, SETTINGS_BY_COMMAND_LINE, "lan", "eth1");
				set(&settings, SETTINGS_BY_COMMAND_LINE, "lan", "eth2");
				set(&settings, SETTINGS_BY_COMMAND_LINE, "queue", "2");
			}
		}
		assert_int_equal(settings.lan.count, 2);
		assert_string_equal(settings.lan.names[0], "eth1");
		assert_string_equal(settings.lan.names[1], "eth2");
		assert_int_equal(settings.queue, 2);
		assert_string_equal(settings.wan.names[0], "ppp0");
	}
}

static void test_lists_have_an_end(void **state)
{
	(void)state;
	struct settings settings;
	struct problem problem;
	settings_defaults(&settings);
	for (int i = 0; i < SETTINGS_INTERFACES_MAX; i++)
		set(&settings, SETTINGS_BY_FILE, "lan", "eth1");
	assert_false(settings_set(&settings, SETTINGS_BY_FILE, "lan", "eth2", &problem));
	assert_non_null(strstr(problem.text, "at most 16"));
	assert_int_equal(settings.lan.count, SETTINGS_INTERFACES_MAX);
}

/* ---- All settings together ---- */

static void test_contradictions_are_found(void **state)
{
	(void)state;
	static const struct {
		const char *names[2], *values[2], *said;
	} cases[] = {
		{ { "lan", "wan" }, { "eth0,eth1", "eth1" }, "eth1 is named by both" },
		{ { "inside", "outside" }, { "10.0.0.0/8", "10.1.2.3" }, "10.1.2.3 lies in" },
		{ { "bindings", "host-bindings" }, { "10", "11" }, "host-bindings 11" },
		{ { "outside-ports", "reserve" }, { "2000-2010", "1-3000" }, "leaves nothing" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct settings settings;
		struct problem problem = { 0 };
		settings_defaults(&settings);
		assert_true(settings_check(&settings, &problem));
		for (size_t j = 0; j < 2; j++)
			set(&settings, SETTINGS_BY_FILE, cases[i].names[j], cases[i].values[j]);
		assert_false(settings_check(&settings, &problem));
		if (strstr(problem.text, cases[i].said) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", problem.text, cases[i].said);
	}
}

/* ---- The file ---- */

static const char path[] = "test_settings.conf";

static void write_file(const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

static void test_a_file_is_read(void **state)
{
	(void)state;
	struct settings settings;
	struct problem problem = { 0 };
	write_file("# a comment\n; another\n\n  lan = eth1 ; why not\nlan=eth2\nwan: eth0\r\n\tqueue = 9\n");
	settings_defaults(&settings);
	if (!settings_read_file(&settings, path, &problem))
		fail_msg("%s", problem.text);
	assert_int_equal(settings.lan.count, 2);
	assert_string_equal(settings.lan.names[1], "eth2");
	assert_string_equal(settings.wan.names[0], "eth0");
	assert_int_equal(settings.queue, 9);
	unlink(path);
}

static void test_a_files_mistakes_have_a_line(void **state)
{
	(void)state;
	char longest[1200];
	memset(longest, 'x', sizeof longest);
	memcpy(longest, "lan = ", 6);
	longest[sizeof longest - 1] = '\0';
	const struct {
		const char *text, *said;
	} cases[] = {
		{ "lan = eth1\n\nlna = eth2\n", "test_settings.conf:3: there is no setting \"lna\"" },
		{ "lan = eth1\nqueue = many\n", "test_settings.conf:2: queue: \"many\"" },
		{ "lan = eth1\nwhat is this\n", "test_settings.conf:2: cannot be read" },
		{ "[router]\nlan = eth1\n", "test_settings.conf:2: sections as [router]" },
		{ "queue = 1\nlan = eth1\nqueue = 2\n", "test_settings.conf:3: queue stands in line 1" },
		{ "queue = 1\nwhat\nlna = 3\n", "test_settings.conf:2: " },
		{ longest, "test_settings.conf:1: the line is too long" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct settings settings, before;
		struct problem problem = { 0 };
		settings_defaults(&settings);
		before = settings;
		write_file(cases[i].text);
		assert_false(settings_read_file(&settings, path, &problem));
		if (strstr(problem.text, cases[i].said) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", problem.text, cases[i].said);
		assert_null(strchr(problem.text, '\n'));
		assert_memory_equal(&settings, &before, sizeof settings);
	}
	unlink(path);
}

static void test_no_file_is_told(void **state)
{
	(void)state;
	struct settings settings;
	struct problem problem = { 0 };
	settings_defaults(&settings);
	assert_false(settings_read_file(&settings, "no-such.conf", &problem));
	assert_non_null(strstr(problem.text, "no-such.conf: No such file"));
	assert_false(settings_read_file(&settings, "/", &problem));
	assert_non_null(strstr(problem.text, "is it a file?"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong_values_name_the_remedy), cmocka_unit_test(test_values_are_read),
		cmocka_unit_test(test_the_command_line_wins),        cmocka_unit_test(test_lists_have_an_end),
		cmocka_unit_test(test_contradictions_are_found),     cmocka_unit_test(test_a_file_is_read),
		cmocka_unit_test(test_a_files_mistakes_have_a_line), cmocka_unit_test(test_no_file_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
