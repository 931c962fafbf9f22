/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A history (history.h): messages in both directions while time passes. The harness of the engine's tests holds each
 * message and command against what the engine promises; in the end time passes for everybody, and nothing may be open.
 */
#include "../../tests/engine/world.h"
#include "history.h"
#include "reader.h"

struct history {
	struct harness harness;
	const uint8_t *next, *end;
	enum world_network network;
	struct letter last; /* what went out last */
	bool is_off[HISTORY_PHONES];
};

static unsigned take(struct history *history)
{
	return history->next < history->end ? *history->next++ : 0;
}

static unsigned take_two(struct history *history)
{
	unsigned high = take(history);
	return high << 8 | take(history);
}

static sipalg_endpoint take_phone(struct history *history)
{
	unsigned byte = take(history);
	sipalg_endpoint phone = endpoint_of(phone_address_in(history->network, byte % HISTORY_PHONES, 0),
	                                    byte & HISTORY_OTHER_PORT ? 5062 : SIPALG_PORT_SIP);
	if (byte & HISTORY_TCP)
		phone.protocol = SIPALG_PROTOCOL_TCP;
	return phone;
}

static sipalg_endpoint take_server(struct history *history, const sipalg_endpoint *phone)
{
	sipalg_endpoint server =
	        endpoint_of(server_address_in(history->network, take(history) % HISTORY_SERVERS), SIPALG_PORT_SIP);
	server.protocol = phone->protocol;
	return server;
}

static struct text take_message(struct history *history)
{
	size_t length = take_two(history), left = (size_t)(history->end - history->next);
	struct text message = { (const char *)history->next, length < left ? length : left };
	history->next += message.length;
	return message;
}

static void pass(struct history *history, enum history_step step)
{
	sipalg_endpoint phone = take_phone(history), server = take_server(history, &phone);
	struct text last = letter_text(&history->last);
	if (step == HISTORY_OUT || step == HISTORY_AGAIN) {
		harness_out(&history->harness, &phone, &server, step == HISTORY_OUT ? take_message(history) : last);
		letter_copy(&history->last, letter_text(&history->harness.sent));
	} else {
		harness_in(&history->harness, &server, &phone, step == HISTORY_IN ? take_message(history) : last);
	}
}

static void switch_phone(struct history *history)
{
	sipalg_prefix off[HISTORY_PHONES];
	size_t count = 0;
	unsigned which = take(history) % HISTORY_PHONES;
	history->is_off[which] = take(history) & 1;
	for (unsigned i = 0; i < HISTORY_PHONES; i++) {
		if (!history->is_off[i])
			continue;
		const sipalg_endpoint phone = endpoint_of(phone_address_in(history->network, i, 0), SIPALG_PORT_SIP);
		off[count++] = (sipalg_prefix){ phone.address, 128 };
	}
	assert_true(sipalg_engine_set_off(history->harness.engine, off, count));
	harness_take_commands(&history->harness);
}

static void reserve(struct history *history)
{
	uint16_t port = (uint16_t)take_two(history);
	harness_reserve_port(&history->harness, port, take(history) & 1);
}

static void go_on(struct history *history)
{
	unsigned step = take(history);
	switch (step) {
	case HISTORY_OUT:
	case HISTORY_IN:
	case HISTORY_ECHO:
	case HISTORY_AGAIN:
		pass(history, (enum history_step)step);
		break;
	case HISTORY_WAIT:
		harness_wait(&history->harness, take_two(history));
		break;
	case HISTORY_TRAFFIC:
		history->harness.has_traffic = take(history) & 1;
		break;
	case HISTORY_OFF:
		switch_phone(history);
		break;
	case HISTORY_PORT:
		reserve(history);
		break;
	default:
		break;
	}
}

static void make_small(sipalg_settings *settings)
{
	settings->bindings_max = 64;
	settings->calls_max = 16;
	settings->registrations_max = 16;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct history history;
	memset(&history, 0, offsetof(struct history, last));
	history.last.length = 0;
	memset(history.is_off, 0, sizeof history.is_off);
	harness_open(&history.harness, make_small);
	history.harness.allows_early_port = true;
	history.network = size > 0 ? (enum world_network)(data[0] % WORLD_NETWORK_COUNT) : WORLD_NAT;
	world_give_networks(&history.harness, history.network);
	history.next = data + (size > 0);
	history.end = data + size;
	for (size_t steps = 0; steps < HISTORY_STEPS_MAX && history.next < history.end; steps++)
		go_on(&history);
	harness_wait_for_the_end(&history.harness);
	harness_close(&history.harness);
	return 0;
}
