/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The snapshot's file: whole or not at all, of this boot and network, readable by its owner alone. */
#include "daemon/snapshot.h"

#include "host/clock.h"

#include "cmocka_all.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char socket_path[] = "snapshot_folder/control", folder[] = "snapshot_folder",
                  path[] = "snapshot_folder/control.snapshot";

struct world {
	void *memory;
	sipalg_engine *engine;
	struct snapshot snapshot;
	struct problem problem;
};

static struct world world;

static void engine_renew(void)
{
	sipalg_settings settings;
	sipalg_network inside = { 0 };

	sipalg_settings_defaults(&settings);
	settings.bindings_max = settings.calls_max = settings.registrations_max = 64;
	free(world.memory);
	world.memory = aligned_alloc(64, (sipalg_engine_size(&settings) + 63) / 64 * 64);
	assert_non_null(world.memory);
	memset(world.memory, 0, sipalg_engine_size(&settings));
	world.engine = sipalg_engine_create(world.memory, &settings);
	assert_true(sipalg_prefix_read("192.168.1.0/24", 14, &inside.inside));
	assert_true(sipalg_engine_set_inside(world.engine, &inside, 1));
}

static sipalg_endpoint endpoint(const char *address)
{
	sipalg_endpoint endpoint = { .port = SIPALG_PORT_SIP, .protocol = SIPALG_PROTOCOL_UDP };
	assert_true(sipalg_address_read(address, strlen(address), &endpoint.address));
	return endpoint;
}

/* Something worth remembering. */
static void make_call_named(unsigned number)
{
	char invite[400];
	int length = snprintf(invite, sizeof invite,
	                      "INVITE sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.1.2\r\n"
	                      "From: <sip:a@x>;tag=1\r\nTo: <sip:b@x>\r\nCall-ID: call %u\r\nCSeq: 1 INVITE\r\n"
	                      "Contact: <sip:a@192.168.1.2>\r\n\r\n",
	                      number);
	sipalg_packet packet = { .bytes = (const uint8_t *)invite,
		                 .length = (size_t)length,
		                 .source = endpoint("192.168.1.2"),
		                 .destination = endpoint("198.51.100.1"),
		                 .direction = SIPALG_OUTBOUND,
		                 .outside = endpoint("203.0.113.1").address };
	sipalg_verdict verdict;
	sipalg_engine_handle(world.engine, clock_now_ns(), &packet, &verdict);
}

static void make_call(void)
{
	make_call_named(0);
	assert_int_equal(sipalg_engine_counters(world.engine)->calls, 1);
}

static int open_world(void **state)
{
	(void)state;
	unlink(path);
	mkdir(folder, 0755);
	memset(&world, 0, sizeof world);
	engine_renew();
	snapshot_open(&world.snapshot, socket_path, geteuid());
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	snapshot_close(&world.snapshot);
	free(world.memory);
	unlink(path);
	rmdir(folder);
	return 0;
}

static void write_call(void)
{
	make_call();
	assert_true(snapshot_write(&world.snapshot, world.engine, clock_now_ns(), &world.problem));
	engine_renew();
}

static bool load(void)
{
	return snapshot_load(&world.snapshot, world.engine, clock_now_ns(), &world.problem);
}

static void assert_refused(const char *why)
{
	assert_false(load());
	assert_non_null(strstr(world.problem.text, why));
	assert_int_equal(sipalg_engine_counters(world.engine)->calls, 0);
}

/* More than there was room for the last time. */
static void a_growing_file_is_whole(void **state)
{
	(void)state;
	make_call();
	assert_true(snapshot_write(&world.snapshot, world.engine, clock_now_ns(), &world.problem));
	for (unsigned number = 1; number < 60; number++)
		make_call_named(number);
	assert_true(snapshot_write(&world.snapshot, world.engine, clock_now_ns(), &world.problem));
	engine_renew();
	assert_true(load());
	assert_int_equal(sipalg_engine_counters(world.engine)->calls, 60);
}

static void what_is_written_is_loaded(void **state)
{
	struct stat status;
	(void)state;
	write_call();
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_true(load());
	assert_int_equal(sipalg_engine_counters(world.engine)->calls, 1);
}

static void no_file_is_no_problem(void **state)
{
	(void)state;
	assert_false(load());
	assert_string_equal(world.problem.text, "");
}

static void change_byte(long at, char to)
{
	FILE *file = fopen(path, "r+");
	assert_non_null(file);
	assert_int_equal(fseek(file, at, at < 0 ? SEEK_END : SEEK_SET), 0);
	fputc(to, file);
	fclose(file);
}

static void a_damaged_file_is_ignored(void **state)
{
	(void)state;
	write_call();
	change_byte(-3, '!');
	assert_refused("is damaged");
	assert_int_equal(truncate(path, 70), 0);
	assert_refused("is damaged");
	assert_int_equal(truncate(path, 0), 0);
	assert_refused("not a file that sipalg wrote");
}

static void a_file_of_another_boot_is_ignored(void **state)
{
	(void)state;
	write_call();
	change_byte(0, 'x');
	assert_refused("another boot");
}

static void a_file_that_others_may_write_is_ignored(void **state)
{
	(void)state;
	write_call();
	assert_int_equal(chmod(path, 0666), 0);
	assert_refused("not a file that sipalg wrote");
	unlink(path);
	assert_int_equal(symlink("/dev/zero", path), 0);
	assert_refused(path);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_refused("not a file that sipalg wrote");
}

static void a_link_is_replaced_not_followed(void **state)
{
	(void)state;
	struct stat status;
	unlink("snapshot.victim");
	unlink("snapshot_folder/control.snapshot.new");
	assert_int_equal(symlink("../snapshot.victim", "snapshot_folder/control.snapshot.new"), 0);
	write_call();
	assert_int_equal(stat("snapshot.victim", &status), -1);
	assert_int_equal(lstat(path, &status), 0);
	assert_true(S_ISREG(status.st_mode));
}

static void a_failure_is_told_once(void **state)
{
	(void)state;
	snapshot_open(&world.snapshot, "/proc/none/sipalg.sock", 0);
	assert_false(snapshot_write(&world.snapshot, world.engine, clock_now_ns(), &world.problem));
	assert_non_null(strstr(world.problem.text, "/proc/none/sipalg.sock.snapshot"));
	assert_false(snapshot_write(&world.snapshot, world.engine, clock_now_ns(), &world.problem));
	assert_string_equal(world.problem.text, "");
}

static void it_is_written_at_leisure(void **state)
{
	struct snapshot *snapshot = &world.snapshot;
	uint64_t now_ns;
	(void)state;
	assert_true(snapshot->next_ns == SIPALG_NEVER);
	write_call();
	now_ns = snapshot->last_ns;
	assert_true(snapshot->next_ns == SIPALG_NEVER);
	snapshot_mark_changed(snapshot, now_ns + 1);
	assert_true(snapshot->next_ns == now_ns + SNAPSHOT_MS * (SIPALG_SECOND_NS / 1000));
	snapshot->next_ns = SIPALG_NEVER;
	snapshot->last_took_ns = SIPALG_SECOND_NS; /* it takes long: so it is done seldom */
	snapshot_mark_changed(snapshot, now_ns + 1);
	assert_true(snapshot->next_ns == now_ns + SNAPSHOT_PER_WRITE * SIPALG_SECOND_NS);
	snapshot->next_ns = SIPALG_NEVER;
	snapshot_mark_changed(snapshot, now_ns + 1000 * SIPALG_SECOND_NS);
	assert_true(snapshot->next_ns == now_ns + 1000 * SIPALG_SECOND_NS);
}

/* Messages have their turn between its parts, and what they change is written afterwards. */
static void it_is_written_in_parts(void **state)
{
	struct snapshot *snapshot = &world.snapshot;
	uint64_t now_ns = clock_now_ns();
	(void)state;
	make_call();
	snapshot_mark_changed(snapshot, now_ns);
	assert_true(snapshot_work(snapshot, world.engine, now_ns, &world.problem));
	assert_int_equal(access(path, F_OK), -1);
	assert_true(snapshot->next_ns == now_ns);
	snapshot_mark_changed(snapshot, now_ns);
	assert_true(snapshot_work(snapshot, world.engine, now_ns, &world.problem));
	assert_int_equal(access(path, F_OK), 0);
	assert_true(snapshot->next_ns > now_ns && snapshot->next_ns != SIPALG_NEVER);
	assert_true(snapshot->last_took_ns > 0);
	engine_renew();
	assert_true(load());
	assert_int_equal(sipalg_engine_counters(world.engine)->calls, 1);
}

/* What has been begun when the end comes is not the latest. */
static void an_unfinished_one_gives_way(void **state)
{
	struct snapshot *snapshot = &world.snapshot;
	(void)state;
	assert_true(snapshot_work(snapshot, world.engine, clock_now_ns(), &world.problem));
	write_call();
	assert_true(load());
	assert_int_equal(sipalg_engine_counters(world.engine)->calls, 1);
	assert_true(snapshot->next_ns == SIPALG_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_written_is_loaded, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_growing_file_is_whole, open_world, close_world),
		cmocka_unit_test_setup_teardown(no_file_is_no_problem, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_damaged_file_is_ignored, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_file_of_another_boot_is_ignored, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_file_that_others_may_write_is_ignored, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_link_is_replaced_not_followed, open_world, close_world),
		cmocka_unit_test_setup_teardown(a_failure_is_told_once, open_world, close_world),
		cmocka_unit_test_setup_teardown(it_is_written_at_leisure, open_world, close_world),
		cmocka_unit_test_setup_teardown(it_is_written_in_parts, open_world, close_world),
		cmocka_unit_test_setup_teardown(an_unfinished_one_gives_way, open_world, close_world),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
