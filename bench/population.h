/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An engine with phones that talk to a provider through it, without any network. */
#ifndef BENCH_POPULATION_H
#define BENCH_POPULATION_H

#include "messages.h"

#include "sipalg/engine.h"

struct population {
	sipalg_engine *engine;
	uint64_t now_ns;
	uint64_t commands;      /* taken so far */
	char sent[MESSAGE_MAX]; /* the last message said, as it left the engine */
};

/* An engine with room for that many phones and calls. */
void population_create(struct population *population, uint32_t phones, uint32_t calls);

/* Hands a message to the engine and takes the commands, as a plane does. */
void population_handle(struct population *population, const struct message_call *call, enum message_kind kind,
                       const char *bytes, size_t length, sipalg_verdict *verdict);

/* Writes a message and hands it over; ends the program when the engine could not do its work. */
void population_say(struct population *population, const struct message_call *call, enum message_kind kind);

/* Fills call->outside with the port that the phone's signalling got in the last message said. */
void population_find_outside(const struct population *population, struct message_call *call);

void population_pass_time(struct population *population, uint32_t seconds);

#endif
