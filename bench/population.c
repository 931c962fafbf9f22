/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "population.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void fail(const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
	exit(1);
}

static void set_inside(struct population *population)
{
	sipalg_network network = { 0 };
	const char *text = "10.0.0.0/8";
	if (!sipalg_prefix_read(text, strlen(text), &network.inside) ||
	    !sipalg_engine_set_inside(population->engine, &network, 1))
		fail("no inside network");
}

void population_create(struct population *population, uint32_t phones, uint32_t calls)
{
	sipalg_settings settings;
	sipalg_settings_defaults(&settings);
	for (size_t i = 0; i < sizeof(settings.secret); i++)
		settings.secret[i] = (uint8_t)(i * 37 + 11);
	settings.registrations_max = phones;
	settings.calls_max = calls;
	settings.bindings_max = phones + 2 * calls;
	size_t size = sipalg_engine_size(&settings);
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		fail("no memory for the engine");
	population->engine = sipalg_engine_create(memory, &settings);
	population->now_ns = SIPALG_SECOND_NS;
	set_inside(population);
}

static void take_commands(struct population *population)
{
	sipalg_command command;
	while (sipalg_engine_next_command(population->engine, &command))
		population->commands++;
}

void population_handle(struct population *population, const struct message_call *call, enum message_kind kind,
                       const char *bytes, size_t length, sipalg_verdict *verdict)
{
	bool is_inbound = message_is_inbound(kind);
	sipalg_packet packet = {
		.bytes = (const uint8_t *)bytes,
		.length = length,
		.source = is_inbound ? call->server.endpoint : call->phone.endpoint,
		.destination = is_inbound ? call->phone.endpoint : call->server.endpoint,
		.direction = is_inbound ? SIPALG_INBOUND : SIPALG_OUTBOUND,
		.outside = call->outside.endpoint.address,
	};
	if (sipalg_engine_wants_mapping(population->engine, &packet))
		packet.mapping = 0; /* no flow has a mapping here */
	sipalg_engine_handle(population->engine, population->now_ns, &packet, verdict);
	take_commands(population);
}

void population_say(struct population *population, const struct message_call *call, enum message_kind kind)
{
	char bytes[MESSAGE_MAX];
	sipalg_verdict verdict;
	size_t length = message_write(kind, call, bytes);
	population_handle(population, call, kind, bytes, length, &verdict);
	bool is_done = verdict.reason == SIPALG_REASON_EDITED || verdict.reason == SIPALG_REASON_RESTORED;
	if (is_done) {
		snprintf(population->sent, sizeof(population->sent), "%.*s", (int)verdict.length,
		         (const char *)verdict.bytes);
		return;
	}
	fprintf(stderr, "bench: the message %s:\n%s", sipalg_reason_sentence(verdict.reason), bytes);
	exit(1);
}

void population_pass_time(struct population *population, uint32_t seconds)
{
	population->now_ns += seconds * SIPALG_SECOND_NS;
	while (sipalg_engine_deadline(population->engine) <= population->now_ns) {
		sipalg_engine_advance(population->engine, population->now_ns);
		take_commands(population);
	}
}

void population_find_outside(const struct population *population, struct message_call *call)
{
	const char *via = strstr(population->sent, call->outside.text);
	if (!via || via[strlen(call->outside.text)] != ':')
		fail("the message that left does not name the outside address");
	unsigned long port = strtoul(via + strlen(call->outside.text) + 1, NULL, 10);
	call->outside.endpoint.port = (uint16_t)port;
}
