/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gateway's engine, used as a data plane uses it: read, tracked, rewritten, and the commands taken. */
#include "peer.h"

#include "population.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BETWEEN_BATCHES_S = 40 }; /* longer than a transaction lasts (RFC 3261 17.1.1.2) */

static struct population population;

static void start(void)
{
	population_create(&population, 1000, 1000);
}

static size_t occurrences(const char *text, const char *word)
{
	size_t count = 0;
	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
		count++;
	return count;
}

/* Reads from what the engine wants to be sent on, and looks whether the phone's address is where it should be: going
 * out in the Call-ID only, coming in wherever the phone has to recognise itself. */
static bool report(const struct peer_message *message, const sipalg_verdict *verdict, struct peer_reading *reading)
{
	char sent[MESSAGE_MAX];
	snprintf(sent, sizeof(sent), "%.*s", (int)verdict->length, (const char *)verdict->bytes);
	const char *start_line = strncmp(sent, "SIP/2.0 ", 8) == 0 ? sent + 8 : sent;
	snprintf(reading->start, sizeof(reading->start), "%.*s", (int)strcspn(start_line, " "), start_line);
	snprintf(reading->call_id, sizeof(reading->call_id), "%.*s", (int)verdict->call_id_length, verdict->call_id);
	const char *media = strstr(sent, "\r\nm=audio ");
	if (media)
		reading->media_port = (uint16_t)strtoul(media + strlen("\r\nm=audio "), NULL, 10);

	const char *phone = message->call->phone.text, *outside = message->call->outside.text;
	if (message_is_inbound(message->kind))
		return verdict->reason == SIPALG_REASON_RESTORED && occurrences(sent, outside) == 0;
	return verdict->reason == SIPALG_REASON_EDITED &&
	       occurrences(sent, phone) == occurrences(reading->call_id, phone);
}

static bool read_message(const struct peer_message *message, struct peer_reading *reading)
{
	sipalg_verdict verdict;
	population_handle(&population, message->call, message->kind, message->bytes, message->length, &verdict);
	if (reading)
		return report(message, &verdict, reading);
	return verdict.reason == SIPALG_REASON_EDITED || verdict.reason == SIPALG_REASON_RESTORED;
}

static void end_call(const struct peer_message *message)
{
	const struct message_call *call = message->call;
	switch (message->kind) {
	case MESSAGE_INVITE:
	case MESSAGE_INVITE_ICE:
		population_say(&population, call, MESSAGE_BUSY_IN);
		population_say(&population, call, MESSAGE_ACK);
		break;
	case MESSAGE_ANSWER_IN:
		population_say(&population, call, MESSAGE_BYE);
		population_say(&population, call, MESSAGE_BYE_ANSWER);
		break;
	default: /* MESSAGE_ANSWER_OUT; the others begin no call */
		population_say(&population, call, MESSAGE_BYE_CALLED);
		break;
	}
}

static void settle(const struct peer_message *messages, size_t count)
{
	for (size_t i = 0; i < count && messages[i].kind != MESSAGE_OPTIONS; i++)
		end_call(&messages[i]);
	population_pass_time(&population, BETWEEN_BATCHES_S);
	if (sipalg_engine_counters(population.engine)->calls != 0) {
		fprintf(stderr, "bench: calls go on although they have ended\n");
		exit(1);
	}
	for (size_t i = 0; i < count; i++) {
		population_say(&population, messages[i].call, MESSAGE_REGISTER);
		population_say(&population, messages[i].call, MESSAGE_REGISTERED);
	}
}

const struct peer peer = { "sipalg", start, read_message, settle };
