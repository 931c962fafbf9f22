/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events in the order of time. */
#include "simulation.h"

uint64_t now_of(const struct simulation *simulation)
{
	return simulation->harness.now_ns;
}

/* xorshift64* (Vigna 2016). */
uint32_t chance_of(struct simulation *simulation, uint32_t below)
{
	uint64_t *chance = &simulation->chance;
	*chance ^= *chance >> 12;
	*chance ^= *chance << 25;
	*chance ^= *chance >> 27;
	return (uint32_t)((*chance * UINT64_C(0x2545f4914f6cdd1d)) >> 32) % below;
}

/* ---- The last events, for whoever has to find out ---- */

void note(struct simulation *simulation, const char *format, ...)
{
	char *line = simulation->log[simulation->log_count++ % LOG_LINES];
	uint64_t now_ms = now_of(simulation) / (SIPALG_SECOND_NS / 1000);
	int begin = snprintf(line, LOG_LINE_MAX, "%7u.%03u ", (unsigned)(now_ms / 1000), (unsigned)(now_ms % 1000));
	va_list list;
	va_start(list, format);
	(void)vsnprintf(line + begin, (size_t)(LOG_LINE_MAX - begin), format, list);
	va_end(list);
	if (simulation->is_traced)
		print_message("%s\n", line);
}

void notes_print(const struct simulation *simulation)
{
	size_t first = simulation->log_count > LOG_LINES ? simulation->log_count - LOG_LINES : 0;
	print_error("The last events of seed %lu:\n", (unsigned long)simulation->harness.seed);
	for (size_t i = first; i < simulation->log_count; i++)
		print_error("%s\n", simulation->log[i % LOG_LINES]);
}

/* ---- A heap ---- */

static bool is_before(const struct event *left, const struct event *right)
{
	return left->at_ns != right->at_ns ? left->at_ns < right->at_ns : left->order < right->order;
}

void event_add(struct simulation *simulation, enum event_kind kind, uint32_t delay_ms, uint32_t index,
               uint32_t generation, const struct datagram *datagram)
{
	struct event event = { .at_ns = now_of(simulation) + delay_ms * (SIPALG_SECOND_NS / 1000),
		               .order = simulation->order++,
		               .kind = kind,
		               .index = index,
		               .generation = generation };
	if (datagram) {
		event.datagram = malloc(sizeof(*datagram));
		assert_non_null(event.datagram);
		*event.datagram = *datagram;
	}
	if (simulation->event_count == simulation->event_room) {
		simulation->event_room = 2 * simulation->event_room + 1024;
		simulation->events = realloc(simulation->events, simulation->event_room * sizeof(event));
		assert_non_null(simulation->events);
	}
	size_t at = simulation->event_count++;
	for (; at > 0 && is_before(&event, &simulation->events[(at - 1) / 2]); at = (at - 1) / 2)
		simulation->events[at] = simulation->events[(at - 1) / 2];
	simulation->events[at] = event;
}

static struct event event_take(struct simulation *simulation)
{
	struct event *events = simulation->events, first = events[0], last = events[--simulation->event_count];
	size_t at = 0, count = simulation->event_count;
	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		child += child + 1 < count && is_before(&events[child + 1], &events[child]);
		if (!is_before(&events[child], &last))
			break;
		events[at] = events[child];
	}
	events[at] = last;
	return first;
}

/* ---- A whole history ---- */

void simulation_open(struct simulation *simulation, uint64_t seed)
{
	memset(simulation, 0, sizeof(*simulation));
	simulation->chance = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15);
	gateway_open(simulation);
	simulation->harness.seed = seed;
	simulation->is_played = true;
	simulation->is_traced = getenv("SIPALG_TRACE") != NULL;
	simulation->phone_count = 150 + chance_of(simulation, PHONES_MAX - 150);
	simulation->loss = chance_of(simulation, 4) ? chance_of(simulation, 100) : 0;
	simulation->repeats = chance_of(simulation, 50);
	simulation->end_ns = now_of(simulation) + (600 + chance_of(simulation, 900)) * SIPALG_SECOND_NS;
	for (uint32_t phone = 0; phone < simulation->phone_count; phone++)
		phone_start(simulation, phone);
	event_add(simulation, EVENT_GATEWAY, 60000 + chance_of(simulation, 200000), 0, 0, NULL);
}

static void event_play(struct simulation *simulation, const struct event *event)
{
	switch (event->kind) {
	case EVENT_AT_GATEWAY:
		gateway_receive(simulation, event->datagram);
		break;
	case EVENT_AT_END:
		datagram_receive(simulation, event->datagram);
		break;
	case EVENT_CLIENT:
		client_wake(simulation, event->index, event->generation);
		break;
	case EVENT_ANSWER:
		answer_wake(simulation, event->index, event->generation);
		break;
	case EVENT_REGISTER:
	case EVENT_DIAL:
	case EVENT_CRASH:
	case EVENT_PICK_UP:
	case EVENT_IN_CALL:
	case EVENT_HANG_UP:
	case EVENT_REINVITE:
		phone_happens(simulation, event);
		break;
	case EVENT_SESSION:
		provider_session(simulation, event->index, event->generation);
		break;
	case EVENT_TALK:
		link_talk(simulation, event->index);
		break;
	case EVENT_GATEWAY:
		gateway_trouble(simulation);
		break;
	case EVENT_NONE:
		expect(&simulation->harness, event->kind != EVENT_NONE);
	}
}

void simulation_play(struct simulation *simulation)
{
	while (simulation->event_count > 0) {
		struct event event = event_take(simulation);
		gateway_go_to(simulation, event.at_ns);
		simulation->is_ending = now_of(simulation) >= simulation->end_ns;
		simulation->events_played++;
		event_play(simulation, &event);
		free(event.datagram);
	}
	simulation_check_end(simulation);
}

void simulation_close(struct simulation *simulation)
{
	for (size_t i = 0; i < simulation->event_count; i++)
		free(simulation->events[i].datagram);
	free(simulation->events);
	free(simulation->snapshot);
	harness_close(&simulation->harness);
	simulation->is_played = false;
}
