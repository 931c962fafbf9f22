/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TCP relay: much at once. Whoever reads slowly makes others wait, and nothing piles up. */
#include "cmocka_all.h"
#include "relay_world.h"
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	TEXT_MAX = 2048,
	MEGABYTE = 1 << 20,
	STREAM = 50 * MEGABYTE,
	MEMORY_SLACK_KB = 8192, /* a small part of the stream; the sanitizers take some of it */
	SMALL_BUFFERS = 8192,   /* settings.buffers_max of some tests */
	CROWD = 10000,
	CROWD_PART = 500,             /* phones of one process */
	PHONE_BYTES_MAX = 4500 - 360, /* of the daemon's memory; the engine takes the rest */
};

static struct relay_world world;

static int open_world(void **state)
{
	(void)state;
	relay_world_open(&world, NULL, "127.0.0.1");
	return 0;
}

static int open_small(void **state)
{
	const struct relay_settings settings = { .connections_max = 100,
		                                 .host_connections_max = 100,
		                                 .buffers_max = SMALL_BUFFERS };

	(void)state;
	relay_world_open(&world, &settings, "127.0.0.1");
	return 0;
}

static int open_large(void **state)
{
	const struct relay_settings settings = { .connections_max = CROWD,
		                                 .host_connections_max = CROWD,
		                                 .buffers_max = MEGABYTE };

	(void)state;
	relay_world_open(&world, &settings, "127.0.0.1");
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	relay_world_close(&world);
	return 0;
}

/* Resident memory of this process. */
static size_t memory_kb(void)
{
	char text[128] = { 0 };
	int file = open("/proc/self/statm", O_RDONLY);
	const char *second;

	assert_true(read(file, text, sizeof(text) - 1) > 0);
	close(file);
	second = strchr(text, ' ');
	assert_non_null(second);
	return strtoul(second, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE) / 1024;
}

/* Sends `unit` again and again, up to `length` bytes, until nobody takes more. Returns how many bytes were taken. */
static size_t send_until_stalled(int socket, const char *unit, size_t size, size_t length)
{
	uint64_t moved_ns = world_now_ns();
	size_t sent = 0;

	while (sent < length && world_now_ns() - moved_ns < 100 * (SIPALG_SECOND_NS / 1000)) {
		size_t left = length - sent, from = sent % size, some = size - from < left ? size - from : left;
		ssize_t taken = send(socket, unit + from, some, MSG_NOSIGNAL);

		if (taken > 0) {
			sent += (size_t)taken;
			moved_ns = world_now_ns();
		}
		relay_world_step(&world, taken > 0 ? 0 : 1);
	}
	return sent;
}

/* Sends the rest of it, and sees all of it come in. */
static void finish(int from, int to, const char *unit, size_t size, size_t sent, size_t length, const uint8_t *expected,
                   size_t expected_size, size_t expected_length)
{
	uint64_t deadline_ns = world_now_ns() + 30 * SIPALG_SECOND_NS;
	static uint8_t bytes[65536];
	size_t received = 0;

	while (received < expected_length && world_now_ns() < deadline_ns) {
		size_t left = length - sent, start = sent % size, some = size - start < left ? size - start : left;
		ssize_t moved = send(from, unit + start, some, MSG_NOSIGNAL);

		sent += moved > 0 ? (size_t)moved : 0;
		relay_world_step(&world, 0);
		moved = recv(to, bytes, sizeof(bytes), 0);
		for (ssize_t index = 0; index < moved; index++, received++)
			if (bytes[index] != expected[received % expected_size])
				fail_msg("byte %zu is not what was sent", received);
	}
	assert_int_equal(received, expected_length);
}

static void small_buffers(const struct relay_pair *pair)
{
	int size = 65536;

	setsockopt(pair->server, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(pair->phone, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

static void test_slow_reader_of_a_foreign_stream(void **state)
{
	char unit[257 * 64];
	struct relay_pair pair = relay_world_pair(&world);
	size_t before_kb, sent;

	(void)state;
	for (size_t index = 0; index < sizeof(unit); index++)
		unit[index] = (char)(index % 257 + 1);
	small_buffers(&pair);
	relay_world_run(&world, 10);
	before_kb = memory_kb();
	sent = send_until_stalled(pair.phone, unit, sizeof(unit), STREAM);
	assert_in_range(sent, 1, STREAM - MEGABYTE);
	assert_int_equal(relay_counters(world.relay)->buffered, 0);
	assert_in_range(memory_kb(), 0, before_kb + MEMORY_SLACK_KB);
	finish(pair.phone, pair.server, unit, sizeof(unit), sent, STREAM, (const uint8_t *)unit, sizeof(unit), STREAM);
	assert_in_range(memory_kb(), 0, before_kb + MEMORY_SLACK_KB);
	assert_int_equal(relay_counters(world.relay)->foreign, 1);
	relay_pair_close(&pair);
}

static void test_slow_reader_of_messages(void **state)
{
	enum { COUNT = 40000 };
	char unit[TEXT_MAX];
	uint8_t expected[TEXT_MAX];
	size_t size = relay_world_message(unit, sizeof(unit), 1, 300), sent,
	       expected_size = relay_world_edit(unit, size, expected);
	struct relay_pair pair = relay_world_pair(&world), other = relay_world_pair(&world);

	(void)state;
	small_buffers(&pair);
	sent = send_until_stalled(pair.phone, unit, size, COUNT * size);
	assert_in_range(sent, 1, COUNT * size - MEGABYTE);
	assert_in_range(relay_counters(world.relay)->buffered, 1, SIPALG_MESSAGE_MAX);
	/* The other direction, and other phones, go on. */
	assert_true(relay_world_carry(&world, pair.server, pair.phone, unit, size, expected, expected_size));
	assert_true(relay_world_carry(&world, other.phone, other.server, unit, size, expected, expected_size));
	world.skew_ns += 1000 * SIPALG_SECOND_NS; /* and he may be as slow as he likes */
	relay_world_run(&world, 10);
	finish(pair.phone, pair.server, unit, size, sent, COUNT * size, expected, expected_size, COUNT * expected_size);
	assert_int_equal(relay_counters(world.relay)->buffered, 0);
	relay_pair_close(&pair);
	relay_pair_close(&other);
}

static void test_reset_while_blocked(void **state)
{
	char unit[TEXT_MAX];
	size_t size = relay_world_message(unit, sizeof(unit), 1, 300);
	struct relay_pair pair = relay_world_pair(&world);

	(void)state;
	small_buffers(&pair);
	send_until_stalled(pair.phone, unit, size, 40000 * size);
	relay_world_reset(&pair.phone);
	assert_int_equal(relay_world_end(&world, pair.server), ECONNRESET);
	assert_int_equal(relay_counters(world.relay)->buffered, 0);
	assert_int_equal(relay_counters(world.relay)->connections, 0);
	close(pair.server);
}

static void end_while_blocked(bool is_sip)
{
	char unit[TEXT_MAX];
	size_t size = relay_world_message(unit, sizeof(unit), 1, 300), turns, sent;
	struct relay_pair pair = relay_world_pair(&world);

	/* Nothing to edit, so that it does not matter that the last message ends too early. */
	memset(memmem(unit, size, "10.0.0.5:4000;b", 15), '1', 8);
	memset(memmem(unit, size, "10.0.0.5:4000;t", 15), '1', 8);
	unit[0] = is_sip ? unit[0] : ':'; /* what is not SIP from the beginning */
	small_buffers(&pair);
	sent = send_until_stalled(pair.phone, unit, size, 40000 * size);
	assert_int_equal(shutdown(pair.phone, SHUT_WR), 0);
	assert_int_equal(shutdown(pair.server, SHUT_WR), 0);
	assert_int_equal(relay_world_end(&world, pair.phone), 0);
	turns = world.turns;
	relay_world_run(&world, RELAY_SILENCE_MS);
	assert_in_range(world.turns - turns, 0, 40); /* it waits, it does not spin */
	finish(pair.phone, pair.server, unit, size, sent, sent, (const uint8_t *)unit, size, sent);
	assert_int_equal(relay_world_end(&world, pair.server), 0);
	relay_pair_close(&pair);
}

static void test_end_while_blocked(void **state)
{
	(void)state;
	end_while_blocked(true);
}

static void test_end_of_a_foreign_stream_while_blocked(void **state)
{
	(void)state;
	end_while_blocked(false);
}

static int descriptor_count(void)
{
	int count = 0;

	for (int descriptor = 0; descriptor < 1024; descriptor++)
		count += fcntl(descriptor, F_GETFD) >= 0;
	return count;
}

static void test_idle_streams_hold_no_pipe(void **state)
{
	enum { STREAMS = 60 };
	struct relay_pair pairs[STREAMS];
	int before = descriptor_count();

	(void)state;
	for (int index = 0; index < STREAMS; index++) {
		pairs[index] = relay_world_pair(&world);
		for (int count = 0; count < 2; count++)
			assert_true(relay_world_carry(&world, pairs[index].phone, pairs[index].server, "GET /\r\n", 7,
			                              "GET /\r\n", 7));
	}
	/* Two sockets of the test's own, two of the relay's, a few pipes for all. */
	assert_in_range(descriptor_count() - before, 4 * STREAMS, 4 * STREAMS + 10);
	for (int index = 0; index < STREAMS; index++)
		relay_pair_close(&pairs[index]);
}

/* ---- Buffers that are full ---- */

enum { HOLDERS = 12 };

/* Halves of messages take up all the room. */
static void hold(struct relay_pair *pairs, const char *text)
{
	for (int index = 0; index < HOLDERS; index++) {
		pairs[index] = relay_world_pair(&world);
		assert_true(relay_world_send(&world, pairs[index].phone, text, 700));
		relay_world_run(&world, 5);
	}
	assert_in_range(relay_counters(world.relay)->buffered, SMALL_BUFFERS - 2047, SMALL_BUFFERS);
	assert_in_range(relay_counters(world.relay)->waits, 1, UINT64_MAX);
}

static void test_room_runs_out(void **state)
{
	char text[TEXT_MAX];
	uint8_t expected[TEXT_MAX];
	size_t length = relay_world_message(text, sizeof(text), 1, 700),
	       expected_length = relay_world_edit(text, length, expected), turns;
	struct relay_pair pairs[HOLDERS], late;

	(void)state;
	hold(pairs, text);
	late = relay_world_pair(&world);
	assert_true(relay_world_send(&world, late.phone, text, length));
	turns = world.turns;
	assert_true(relay_world_silent(&world, late.server)); /* it waits in the kernel */
	assert_in_range(world.turns - turns, 0, 40);
	for (int index = 0; index < HOLDERS; index++) /* the holders go on nevertheless, and then there is room */
		assert_true(relay_world_carry(&world, pairs[index].phone, pairs[index].server, text + 700, length - 700,
		                              expected, expected_length));
	assert_true(relay_world_carry(&world, late.phone, late.server, text, 0, expected, expected_length));
	assert_int_equal(relay_counters(world.relay)->buffered, 0);
	assert_int_equal(world.messages, HOLDERS + 1);
	for (int index = 0; index < HOLDERS; index++)
		relay_pair_close(&pairs[index]);
	relay_pair_close(&late);
}

static void test_hoarders_give_way(void **state)
{
	char text[TEXT_MAX];
	uint8_t expected[TEXT_MAX];
	size_t length = relay_world_message(text, sizeof(text), 1, 700),
	       expected_length = relay_world_edit(text, length, expected);
	struct relay_pair pairs[HOLDERS], late;

	(void)state;
	hold(pairs, text);
	late = relay_world_pair(&world);
	assert_true(relay_world_send(&world, late.phone, text, length));
	world.skew_ns += 5 * SIPALG_SECOND_NS;
	assert_true(relay_world_carry(&world, late.phone, late.server, text, 0, expected, expected_length));
	assert_true(relay_world_carry(&world, pairs[0].phone, pairs[0].server, text + 700, length - 700, text, length));
	assert_in_range(relay_counters(world.relay)->given_up, 1, HOLDERS);
	for (int index = 0; index < HOLDERS; index++)
		relay_pair_close(&pairs[index]);
	relay_pair_close(&late);
}

static bool has_room(void)
{
	return relay_counters(world.relay)->buffered + 2048 <= SMALL_BUFFERS;
}

static void test_readers_that_have_stopped_give_way(void **state)
{
	char unit[TEXT_MAX];
	uint8_t expected[TEXT_MAX];
	size_t size = relay_world_message(unit, sizeof(unit), 1, 300), count = 0,
	       expected_size = relay_world_edit(unit, size, expected);
	struct relay_pair slow[2 * HOLDERS], late = relay_world_pair(&world);

	(void)state;
	for (; count < 2 * HOLDERS && has_room(); count++) {
		slow[count] = relay_world_pair(&world);
		small_buffers(&slow[count]);
		send_until_stalled(slow[count].phone, unit, size, 40000 * size);
	}
	assert_false(has_room());
	assert_true(relay_world_send(&world, late.phone, unit, size));
	assert_true(relay_world_silent(&world, late.server));
	world.skew_ns += 20 * SIPALG_SECOND_NS;
	assert_true(relay_world_silent(&world, late.server));
	world.skew_ns += 20 * SIPALG_SECOND_NS;
	assert_true(relay_world_carry(&world, late.phone, late.server, unit, 0, expected, expected_size));
	assert_in_range(relay_counters(world.relay)->resets, 1, count);
	while (count-- > 0)
		relay_pair_close(&slow[count]);
	relay_pair_close(&late);
}

/* ---- A crowd ---- */

/* Phones and servers in a process of their own, which has descriptors of its own. */
struct crowd {
	pid_t process;
	int orders;  /* written to, it lets the crowd come; closed, it lets them go */
	int reports; /* says when all are there */
};

static void crowd_live(int orders, int reports)
{
	static int sockets[2 * CROWD_PART];
	char text[TEXT_MAX], byte;
	size_t length = relay_world_message(text, sizeof(text), 1, 0), expected_length;
	uint8_t expected[TEXT_MAX], received[TEXT_MAX];

	expected_length = relay_world_edit(text, length, expected);
	if (read(orders, &byte, 1) != 1)
		_exit(1);
	fcntl(world.server, F_SETFL, 0);
	for (int index = 0; index < CROWD_PART; index++) {
		int *phone = &sockets[2 * index], *server = phone + 1;

		*phone = relay_world_phone(&world);
		fcntl(*phone, F_SETFL, 0);
		*server = accept4(world.server, NULL, NULL, SOCK_CLOEXEC);
		if (*server < 0 || send(*phone, text, length, 0) != (ssize_t)length ||
		    recv(*server, received, expected_length, MSG_WAITALL) != (ssize_t)expected_length ||
		    memcmp(received, expected, expected_length) != 0)
			_exit(1);
	}
	_exit(write(reports, &byte, 1) == 1 && read(orders, &byte, 1) == 0 ? 0 : 1);
}

static void crowd_make(struct crowd *crowds, int count)
{
	int orders[2], reports[2];

	for (int index = 0; index < count; index++) {
		assert_int_equal(pipe2(orders, O_CLOEXEC) | pipe2(reports, O_NONBLOCK | O_CLOEXEC), 0);
		crowds[index] = (struct crowd){ fork(), orders[1], reports[0] };
		assert_true(crowds[index].process >= 0);
		if (crowds[index].process == 0) {
			for (int other = 0; other <= index; other++)
				close(crowds[other].orders);
			crowd_live(orders[0], reports[1]);
		}
		close(orders[0]);
		close(reports[1]);
	}
}

static void crowd_come(const struct crowd *crowd)
{
	char byte = 1;

	assert_int_equal(write(crowd->orders, &byte, 1), 1);
	while (read(crowd->reports, &byte, 1) != 1) {
		assert_int_equal(waitpid(crowd->process, NULL, WNOHANG), 0);
		relay_world_step(&world, 10);
	}
}

static void crowd_leave(const struct crowd *crowd, bool came)
{
	int status = 0;

	close(crowd->orders);
	close(crowd->reports);
	assert_int_equal(waitpid(crowd->process, &status, 0), crowd->process);
	assert_int_equal(status, came ? 0 : 1 << 8);
}

/* Where fewer descriptors are allowed there are fewer phones. */
static void test_ten_thousand_idle_phones(void **state)
{
	enum { PARTS = CROWD / CROWD_PART };
	struct crowd crowds[PARTS];
	size_t allowed = relay_counters(world.relay)->connections_max, before_kb, bytes;
	int came = 0;

	(void)state;
	crowd_make(crowds, PARTS);
	before_kb = memory_kb();
	for (; came < PARTS && (size_t)(came + 1) * CROWD_PART <= allowed; came++)
		crowd_come(&crowds[came]);
	assert_int_equal(relay_counters(world.relay)->connections, came * CROWD_PART);
	assert_int_equal(relay_counters(world.relay)->buffered, 0);
	bytes = (memory_kb() - before_kb) * 1024 / (size_t)(came * CROWD_PART);
	print_message("%d idle phones: %zu bytes each\n", came * CROWD_PART, bytes);
	assert_in_range(bytes, 1, PHONE_BYTES_MAX);
	for (int index = 0; index < PARTS; index++)
		crowd_leave(&crowds[index], index < came);
	while (relay_counters(world.relay)->connections > 0)
		relay_world_step(&world, 10);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
#define SMALL(name) cmocka_unit_test_setup_teardown(name, open_small, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_slow_reader_of_a_foreign_stream),
		TEST(test_slow_reader_of_messages),
		TEST(test_reset_while_blocked),
		TEST(test_end_while_blocked),
		TEST(test_end_of_a_foreign_stream_while_blocked),
		TEST(test_idle_streams_hold_no_pipe),
		SMALL(test_room_runs_out),
		SMALL(test_hoarders_give_way),
		SMALL(test_readers_that_have_stopped_give_way),
		cmocka_unit_test_setup_teardown(test_ten_thousand_idle_phones, open_large, close_world),
	};

	return cmocka_run_group_tests_name("relay flow", tests, NULL, NULL);
}
