/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Measures one peer, message by message: 64 messages unlike each other are written, the peer reads them while time is
 * taken, and so on with 64 fresh ones. The best of many short repetitions counts, so that a busy machine does little
 * harm. Prints a line per task:
 *
 *     name <tab> bytes of a message <tab> messages read while time was taken <tab> nanoseconds a message
 *
 * --count is for valgrind --tool=callgrind --collect-atstart=no: one short repetition, and one dump per task, named
 * after it, which counts the instructions spent in the peer alone. */
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <valgrind/callgrind.h>

enum { BATCH = 64, ROUNDS = 4, REPETITIONS = 300, REPETITIONS_QUICK = 80, REPETITIONS_COUNTED = 10 };

struct task {
	const char *name;
	enum message_kind kind;
	enum message_kind before; /* … of the same call, read before it; MESSAGE_KIND_COUNT: none */
	bool again;               /* the message has been read once already: a retransmission */
};

static const struct task tasks[] = {
	{ "OPTIONS", MESSAGE_OPTIONS, MESSAGE_KIND_COUNT, false },
	{ "INVITE", MESSAGE_INVITE, MESSAGE_KIND_COUNT, false },
	{ "INVITE again", MESSAGE_INVITE, MESSAGE_KIND_COUNT, true },
	{ "INVITE with ICE", MESSAGE_INVITE_ICE, MESSAGE_KIND_COUNT, false },
	{ "200 by the phone", MESSAGE_ANSWER_OUT, MESSAGE_INVITE_IN, false },
	{ "200 to the phone", MESSAGE_ANSWER_IN, MESSAGE_INVITE, false },
};

static struct message_call calls[BATCH];
static struct peer_message messages[BATCH], before[BATCH];
static uint32_t serial;

static void fail(const struct task *task, const char *what)
{
	fprintf(stderr, "bench: %s did not read %s: %s\n", peer.name, task->name, what);
	exit(1);
}

static void freshen_call(unsigned number)
{
	struct message_call *call = &calls[number];
	call->phone_number = number;
	call->serial = ++serial * 2654435761u;
	uint16_t port = (uint16_t)(5060 + 2 * number);
	call->phone = message_party_make(0x0a00010a + number, port);
	call->outside = message_party_make(0xcb007115, port); /* 203.0.113.21 */
	call->server = message_party_make(0xc6336423, 5060);  /* 198.51.100.35 */
	call->media_port = (uint16_t)(16384 + number * 512 + serial / BATCH % 256 * 2);
}

static void freshen_message(struct peer_message *message, enum message_kind kind, const struct message_call *call)
{
	message->kind = kind;
	message->call = call;
	message->length = message_write(kind, call, message->bytes);
}

static void read_untimed(const struct task *task, const struct peer_message *batch)
{
	for (size_t i = 0; i < BATCH; i++) {
		if (!peer.read(&batch[i], NULL))
			fail(task, "refused");
	}
}

static void freshen(const struct task *task)
{
	for (unsigned i = 0; i < BATCH; i++) {
		freshen_call(i);
		freshen_message(&messages[i], task->kind, &calls[i]);
		if (task->before != MESSAGE_KIND_COUNT)
			freshen_message(&before[i], task->before, &calls[i]);
	}
	if (task->before != MESSAGE_KIND_COUNT)
		read_untimed(task, before);
	if (task->again)
		read_untimed(task, messages);
}

static void settle(void)
{
	if (peer.settle)
		peer.settle(messages, BATCH);
}

/* The peer's reading of one message is what was written into it. */
static void check(const struct task *task)
{
	freshen(task);
	for (size_t i = 0; i < BATCH; i++) {
		struct peer_reading reading = { 0 };
		if (!peer.read(&messages[i], &reading))
			fail(task, "refused");
		if (strcmp(reading.start, message_start(task->kind)) != 0)
			fail(task, "start line");
		if (reading.call_id[0] == '\0' || !strstr(messages[i].bytes, reading.call_id))
			fail(task, "Call-ID");
		if (reading.media_port != message_media_port(task->kind, &calls[i]))
			fail(task, "media port");
	}
	settle();
}

static uint64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t time_batch(const struct task *task)
{
	bool all = true;
	freshen(task);
	uint64_t start_ns = now_ns();
	CALLGRIND_TOGGLE_COLLECT;
	for (size_t i = 0; i < BATCH; i++)
		all &= peer.read(&messages[i], NULL);
	CALLGRIND_TOGGLE_COLLECT;
	uint64_t end_ns = now_ns();
	if (!all)
		fail(task, "refused");
	settle();
	return end_ns - start_ns;
}

static void measure(const struct task *task, unsigned repetitions)
{
	uint64_t best_ns = UINT64_MAX;
	CALLGRIND_ZERO_STATS;
	for (unsigned repetition = 0; repetition < repetitions; repetition++) {
		uint64_t sum_ns = 0;
		for (unsigned round = 0; round < ROUNDS; round++)
			sum_ns += time_batch(task);
		if (sum_ns < best_ns)
			best_ns = sum_ns;
	}
	CALLGRIND_DUMP_STATS_AT(task->name);
	printf("%s\t%zu\t%u\t%.1f\n", task->name, messages[0].length, repetitions * ROUNDS * BATCH,
	       (double)best_ns / (ROUNDS * BATCH));
}

static unsigned read_repetitions(int argc, char **argv)
{
	if (argc == 1)
		return REPETITIONS;
	if (argc == 2 && strcmp(argv[1], "--quick") == 0)
		return REPETITIONS_QUICK;
	if (argc == 2 && strcmp(argv[1], "--count") == 0)
		return REPETITIONS_COUNTED;
	fprintf(stderr, "usage: %s [--quick | --count]\n", argv[0]);
	exit(2);
}

int main(int argc, char **argv)
{
	unsigned repetitions = read_repetitions(argc, argv);
	peer.start();
	for (size_t i = 0; i < sizeof(tasks) / sizeof(tasks[0]); i++) {
		check(&tasks[i]);
		measure(&tasks[i], repetitions);
	}
	return 0;
}
