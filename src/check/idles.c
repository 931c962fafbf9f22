/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long a TCP connection may be silent and still stand: on SIP's port, and where nobody reads. All wait at the same
 * time, while the rest is tried. */
#include "check/delivery.h"

enum { CONNECT_MS = 3000, WAIT_MS = 1000, BLANK_LENGTH = 200 };

static const enum reflect_place places[2] = { REFLECT_SIP, REFLECT_PLAIN };

static void idle_open(struct run *run, struct idle *idle, enum reflect_place place)
{
	struct composed blank;
	struct connection *connection = idle->connection;
	struct passage *opening;
	if (connection == NULL || connection->state != CONNECTION_OPEN)
		return;
	if (place == REFLECT_SIP) {
		opening = probe_note(run->exchange, probe_named("register"), connection);
	} else {
		run_blank(run, BLANK_LENGTH, &blank);
		opening = exchange_note_sent(run->exchange, NULL, connection, composed_text(&blank));
	}
	if (opening != NULL && connection_send(connection, opening->sent))
		idle->opening = opening;
}

static bool opening_settled(struct run *run, struct idle *idle)
{
	return idle->opening == NULL || idle->opening->arrived || opening_take(run, idle->opening, &idle->far);
}

static bool idle_write(struct run *run, struct idle *idle, enum reflect_place place, const char *probe,
                       uint32_t after_ms)
{
	struct composed sent, wished;
	const struct passage *opening = idle->opening;
	const struct reflect_way way = { .place = REFLECT_SIP, .port = opening->source.port };
	if (place == REFLECT_PLAIN) {
		run_blank(run, BLANK_LENGTH, &sent);
	} else if (arrival_named(probe)->answers != NULL
	                   ? !answer_compose(run->exchange, arrival_named(probe), opening, &sent, &wished)
	                   : !request_compose(run->exchange, arrival_named(probe), &way, &opening->own, opening, &sent,
	                                      &wished)) {
		return false;
	}
	return exchange_write(run->exchange, idle->far, after_ms, composed_text(&sent));
}

/* Something comes back at once, as an answer does: some routers keep what is answered for longer. */
static void idle_answer(struct run *run, struct idle *idle, enum reflect_place place)
{
	if (idle->opening == NULL || !idle->opening->arrived || !idle_write(run, idle, place, "answer-register", 0))
		idle->far = NULL;
}

static void idle_wait(struct run *run, struct idle *idle, enum reflect_place place)
{
	if (idle->far == NULL)
		return;
	idle->answered = idle->connection->length;
	if (idle->answered == 0 || !idle_write(run, idle, place, "ask-options", idle->silent_s * 1000))
		idle->far = NULL;
}

static void each(struct run *run, void (*function)(struct run *run, struct idle *idle, enum reflect_place place))
{
	for (size_t i = 0; i < run->silence_count; i++)
		for (size_t place = 0; place < 2; place++)
			function(run, &run->idles[place][i], places[place]);
}

static void settle(struct run *run, bool (*is_settled)(struct run *run, struct idle *idle))
{
	uint64_t end = exchange_now_ms() + WAIT_MS;
	for (bool all = false; !all && !run->exchange->ended && exchange_now_ms() < end;) {
		exchange_pump(run->exchange, 20);
		all = true;
		for (size_t i = 0; i < run->silence_count; i++)
			for (size_t place = 0; place < 2; place++)
				all = is_settled(run, &run->idles[place][i]) && all;
	}
}

static bool answer_settled(struct run *run, struct idle *idle)
{
	(void)run;
	return idle->far == NULL || idle->far->refused || (idle->far->carried_out > 0 && idle->connection->length > 0);
}

void run_idles_begin(struct run *run)
{
	size_t first = run->exchange->connection_count;
	const uint32_t *times = silence_times(run->long_times, &run->silence_count);
	for (size_t i = 0; i < run->silence_count; i++)
		for (size_t place = 0; place < 2; place++)
			run->idles[place][i] =
			        (struct idle){ .silent_s = times[i],
				               .connection = exchange_connect(run->exchange, places[place]) };
	exchange_connected(run->exchange, first, CONNECT_MS);
	each(run, idle_open);
	settle(run, opening_settled);
	each(run, idle_answer);
	settle(run, answer_settled);
	each(run, idle_wait);
	run->idles_ms = exchange_now_ms();
}

/* ---- Afterwards ---- */

/* Somebody else than the far end, which says so, has ended a connection: or nothing comes that was written. */
static enum reach reach_of(const struct idle *idle)
{
	const struct far_stream *far = idle->far;
	if (far == NULL)
		return REACH_UNKNOWN;
	if (idle->connection->length > idle->answered)
		return REACH_ALIVE;
	if (far->carried_out == far->write_count ||
	    (far->refused && (far->refusal == REFLECT_REFUSED_NO_STREAM || far->refusal == REFLECT_REFUSED_FAILED)))
		return REACH_LOST;
	return REACH_UNKNOWN;
}

bool run_idles_over(const struct run *run)
{
	for (size_t i = 0; i < run->silence_count; i++)
		for (size_t place = 0; place < 2; place++) {
			const struct idle *idle = &run->idles[place][i];
			if (idle->far != NULL && !idle->far->refused && idle->connection->length <= idle->answered)
				return false;
		}
	return true;
}

void run_idles_judge(struct run *run, struct silence silences[SILENCES_MAX])
{
	for (size_t i = 0; i < run->silence_count; i++) {
		silences[i] = (struct silence){ .silent_s = run->idles[0][i].silent_s,
			                        .sip = reach_of(&run->idles[0][i]),
			                        .plain = reach_of(&run->idles[1][i]) };
		for (size_t place = 0; place < 2; place++)
			if (run->idles[place][i].connection != NULL)
				connection_close(run->idles[place][i].connection);
	}
}
