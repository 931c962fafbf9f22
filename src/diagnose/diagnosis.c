/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diagnose/diagnosis.h"

#include "diagnose/state.h"

#include <stdlib.h>

/* ---- Making ---- */

struct diagnosis *diagnosis_create(const struct diagnosis_wishes *wishes)
{
	struct diagnosis *diagnosis = calloc(1, sizeof *diagnosis);
	if (diagnosis == NULL)
		return NULL;
	diagnosis->wishes = *wishes;
	diagnosis->listed = report_create("diagnose", "");
	if (diagnosis->listed != NULL && calls_create(&diagnosis->calls) && flows_create(&diagnosis->flows) &&
	    hosts_create(&diagnosis->hosts) && registrations_create(&diagnosis->registrations) &&
	    connections_create(&diagnosis->connections) && causes_create(&diagnosis->causes))
		return diagnosis;
	diagnosis_destroy(diagnosis);
	return NULL;
}

void diagnosis_destroy(struct diagnosis *diagnosis)
{
	if (diagnosis == NULL)
		return;
	if (diagnosis->listed != NULL)
		report_destroy(diagnosis->listed);
	calls_destroy(&diagnosis->calls);
	flows_destroy(&diagnosis->flows);
	hosts_destroy(&diagnosis->hosts);
	registrations_destroy(&diagnosis->registrations);
	connections_destroy(&diagnosis->connections);
	causes_destroy(&diagnosis->causes);
	free(diagnosis);
}

/* ---- Item by item ---- */

static void end_call(struct diagnosis *diagnosis, uint32_t slot)
{
	diagnosis_judge(diagnosis, slot);
	flows_forget(&diagnosis->flows, diagnosis->calls.lists, slot);
	calls_remove(&diagnosis->calls, slot);
}

static uint32_t add_call(struct diagnosis *diagnosis, const struct sighting *sighting)
{
	uint32_t slot = calls_add(&diagnosis->calls, sighting);
	if (slot != 0 || calls_oldest(&diagnosis->calls) == 0)
		return slot;
	end_call(diagnosis, calls_oldest(&diagnosis->calls));
	return calls_add(&diagnosis->calls, sighting);
}

static void take_new(struct diagnosis *diagnosis, uint32_t slot, const struct sighting *sighting)
{
	if (slot == 0)
		slot = add_call(diagnosis, sighting);
	if (slot == 0)
		return;
	struct call *call = &diagnosis->calls.slots[slot];
	struct event *event = call_add(call, sighting);
	if (event == NULL)
		return;
	diagnosis_track(diagnosis, slot, call->count - 1, 0);
	diagnosis_examine(diagnosis, sighting, call, event);
	diagnosis_remember(diagnosis, slot, event, sighting);
}

static size_t place_of(const struct event *event, const struct sighting *sighting)
{
	const struct seen *second = &event->seen[1];
	return event->seen_count == 2 && second->side == sighting->side && second->frame == sighting->frame;
}

static void take_message(struct diagnosis *diagnosis, const struct sighting *sighting)
{
	struct event *event;
	uint32_t slot;
	diagnosis->sip_messages++;
	switch (diagnosis_meet(diagnosis, sighting, &slot, &event)) {
	case MEETING_NEW:
		take_new(diagnosis, slot, sighting);
		break;
	case MEETING_CROSSED:
		diagnosis_track(diagnosis, slot, (size_t)(event - diagnosis->calls.slots[slot].events),
		                place_of(event, sighting));
		diagnosis_examine(diagnosis, sighting, &diagnosis->calls.slots[slot], event);
		break;
	case MEETING_REPEATED:
	case MEETING_DUPLICATE:
		break;
	}
}

static void note_flow(struct diagnosis *diagnosis, size_t side, const struct capture_item *item, uint64_t time_ns)
{
	struct flow_ends ends = { .from = item->source, .to = item->destination, .side = side };
	flows_note(&diagnosis->flows, diagnosis->calls.lists, &ends, time_ns, item->bytes);
}

/* The flow is noted behind the message, so that a message finds how long there was silence before it. */
static void take_datagram(struct diagnosis *diagnosis, size_t side, const struct capture_item *item, uint64_t time_ns)
{
	struct sighting *sighting = &diagnosis->sighting;
	if (sighting_read(item, side, sighting)) {
		sighting->time_ns = time_ns;
		take_message(diagnosis, sighting);
	}
	if (item->kind == CAPTURE_DATAGRAM)
		note_flow(diagnosis, side, item, time_ns);
}

void diagnosis_take(struct diagnosis *diagnosis, size_t side, const struct capture_item *item, uint64_t time_ns)
{
	if (diagnosis->first_ns == 0)
		diagnosis->first_ns = time_ns;
	if (time_ns > diagnosis->last_ns)
		diagnosis->last_ns = time_ns;
	if (diagnosis->spans[side].first_ns == 0)
		diagnosis->spans[side].first_ns = time_ns;
	diagnosis->spans[side].last_ns = time_ns;
	diagnosis->later_fragments += item->fragment_at > 0;
	switch (item->kind) {
	case CAPTURE_MESSAGE:
		connections_note(&diagnosis->connections, side, item, time_ns);
		take_datagram(diagnosis, side, item, time_ns);
		break;
	case CAPTURE_DATAGRAM:
		take_datagram(diagnosis, side, item, time_ns);
		break;
	case CAPTURE_SEGMENT:
	case CAPTURE_BROKEN:
		connections_note(&diagnosis->connections, side, item, time_ns);
		break;
	case CAPTURE_FRAGMENTS_LOST:
		diagnosis_note_lost(diagnosis, item);
		break;
	case CAPTURE_UNREACHABLE:
		unreachables_note(&diagnosis->unreachables, item);
		break;
	case CAPTURE_FRAGMENT:
	case CAPTURE_OTHER:
		break;
	}
}

/* ---- The end ---- */

void diagnosis_finish(struct diagnosis *diagnosis, struct report *report)
{
	uint32_t slot;
	while ((slot = calls_oldest(&diagnosis->calls)) != 0)
		end_call(diagnosis, slot);
	judge_registrations(diagnosis);
	judge_keepalives(diagnosis);
	judge_connections(diagnosis);
	causes_report(&diagnosis->causes, report);
	diagnosis_recognise(diagnosis, report);
	diagnosis_tell(diagnosis, report);
}
