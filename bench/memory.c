/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What 100,000 registered phones and 50,000 calls take of memory: the process's resident set before and after each.
 * Every phone uses port 5060, as phones do; the calls' media ports are spread as phones choose them. Prints lines
 * name <tab> number. */
#include "population.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { PHONES = 100000, CALLS = 50000, OUTSIDE_ADDRESSES = 8 };

static uint64_t resident_bytes(void)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");
	if (!file || fscanf(file, "%*u %lu", &pages) != 1) {
		fprintf(stderr, "bench: cannot read /proc/self/statm\n");
		exit(1);
	}
	fclose(file);
	return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Phones share OUTSIDE_ADDRESSES addresses, so that their ports suffice. Before the engine has spoken nobody knows
 * which outside port a phone gets; population_find_outside() reads it in the message that left. */
static struct message_call call_of(uint32_t phone, uint32_t serial)
{
	return (struct message_call){
		.phone_number = phone,
		.serial = serial * 2654435761u,
		.phone = message_party_make(0x0a000001 + phone, 5060),
		.outside = message_party_make(0xcb007101 + phone % OUTSIDE_ADDRESSES, 0),
		.server = message_party_make(0xc6336423, 5060),
		.media_port = (uint16_t)(16384 + serial * 2654435761u % 16384 / 2 * 2),
	};
}

static void register_phones(struct population *population)
{
	for (uint32_t phone = 0; phone < PHONES; phone++) {
		struct message_call call = call_of(phone, phone);
		population_say(population, &call, MESSAGE_REGISTER);
		population_find_outside(population, &call);
		population_say(population, &call, MESSAGE_REGISTERED);
	}
}

static void begin_calls(struct population *population)
{
	for (uint32_t number = 0; number < CALLS; number++) {
		struct message_call call = call_of(number, PHONES + number);
		population_say(population, &call, MESSAGE_INVITE);
		population_find_outside(population, &call);
		population_say(population, &call, MESSAGE_ANSWER_IN);
		population_say(population, &call, MESSAGE_ACK);
	}
}

static void expect(const char *what, uint32_t found, uint32_t expected)
{
	if (found == expected)
		return;
	fprintf(stderr, "bench: the engine holds %" PRIu32 " %s instead of %" PRIu32 "\n", found, what, expected);
	exit(1);
}

int main(void)
{
	struct population population;
	population_create(&population, PHONES, CALLS);
	const sipalg_counters *counters = sipalg_engine_counters(population.engine);
	uint64_t empty = resident_bytes(), start_ns = now_ns();
	register_phones(&population);
	uint64_t registered = resident_bytes(), registered_ns = now_ns();
	begin_calls(&population);
	uint64_t busy = resident_bytes(), busy_ns = now_ns();
	expect("registrations", counters->registrations, PHONES);
	expect("calls", counters->calls, CALLS);

	printf("empty engine, KiB\t%.0f\n", (double)empty / 1024);
	printf("phone, bytes\t%.0f\n", (double)(registered - empty) / PHONES);
	printf("call, bytes\t%.0f\n", (double)(busy - registered) / CALLS);
	printf("total, MiB\t%.1f\n", (double)busy / 1048576);
	printf("registering a phone, ns\t%.0f\n", (double)(registered_ns - start_ns) / PHONES);
	printf("a call, ns\t%.0f\n", (double)(busy_ns - registered_ns) / CALLS);
	return 0;
}
