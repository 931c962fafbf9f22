/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call as a ladder: hosts as columns, the inside to the left; messages as rows, and each flow of sound as one row. */
#include "diagnose/state.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROWS_MAX = CALL_EVENTS_MAX + 64, LABEL_MAX = 80, NAME_MAX_ = 64 };

struct row {
	uint64_t time_ns;
	const struct event *event; /* NULL: a flow */
	const struct flow *flow;
};

struct picture {
	struct diagnosis *diagnosis;
	const struct call *call;
	struct ladder *ladder;
	uint64_t begin_ns;
	struct row rows[ROWS_MAX];
	size_t count;
};

static int in_order(const void *left, const void *right)
{
	const struct row *first = left, *second = right;
	return (first->time_ns > second->time_ns) - (first->time_ns < second->time_ns);
}

static void collect(struct picture *picture, uint32_t slot)
{
	const struct flows *flows = &picture->diagnosis->flows;
	for (size_t i = 0; i < picture->call->count; i++)
		picture->rows[picture->count++] =
		        (struct row){ picture->call->events[i].seen[0].time_ns, &picture->call->events[i], NULL };
	for (uint32_t at = picture->diagnosis->calls.lists[slot].flows; at != 0 && picture->count < ROWS_MAX;
	     at = flows->slots[at].next_of_call)
		if (flows->slots[at].packets > 1)
			picture->rows[picture->count++] =
			        (struct row){ flows->slots[at].first_ns, NULL, &flows->slots[at] };
	qsort(picture->rows, picture->count, sizeof *picture->rows, in_order);
}

/* ---- Columns ---- */

static const char *column_name(const struct picture *picture, const sipalg_address *address, char out[NAME_MAX_])
{
	const struct host *host = hosts_known(&picture->diagnosis->hosts, address);
	char text[SIPALG_ADDRESS_TEXT_MAX];
	sipalg_address_write(address, text);
	snprintf(out, NAME_MAX_, "%s%s",
	         host != NULL && host->is_router && host->outside > host->inside ? "router " : "", text);
	return out;
}

static size_t column(const struct picture *picture, const sipalg_endpoint *end)
{
	char name[NAME_MAX_];
	return ladder_column(picture->ladder, column_name(picture, &end->address, name));
}

/* Inside hosts first, then routers, then the others; so the columns are made before any row. */
static int rank(const struct picture *picture, const sipalg_address *address)
{
	const struct host *host = hosts_known(&picture->diagnosis->hosts, address);
	if (host != NULL && host->is_router && host->outside > host->inside)
		return 1;
	return (host != NULL ? host->inside > host->outside : is_private_address(address)) ? 0 : 2;
}

static void make_columns(const struct picture *picture)
{
	for (int wanted = 0; wanted <= 2; wanted++)
		for (size_t i = 0; i < picture->count; i++) {
			const struct event *event = picture->rows[i].event;
			for (size_t seen = 0; event != NULL && seen < event->seen_count; seen++) {
				const struct seen *at = &event->seen[seen];
				if (rank(picture, &at->from.address) == wanted)
					(void)column(picture, &at->from);
				if (rank(picture, &at->to.address) == wanted)
					(void)column(picture, &at->to);
			}
		}
}

/* ---- Rows ---- */

static void event_label(const struct event *event, char out[LABEL_MAX])
{
	int length = event_is_request(event) ? snprintf(out, LABEL_MAX, "%s", event->method_name)
	                                     : snprintf(out, LABEL_MAX, "%u (%s)", event->status, event->method_name);
	if (event->seen[event->seen_count - 1].description != NULL && length < LABEL_MAX)
		length += snprintf(out + length, LABEL_MAX - (size_t)length, " SDP");
	if (event->seen[0].times > 1 && length < LABEL_MAX)
		snprintf(out + length, LABEL_MAX - (size_t)length, " x%u", event->seen[0].times);
}

/* One that crossed the router goes from host to host; one that did not ends where it was seen. */
static void draw_event(const struct picture *picture, const struct event *event)
{
	const struct seen *first = &event->seen[0], *last = &event->seen[event->seen_count - 1];
	struct ladder_row row = { .time_us = (first->time_ns - picture->begin_ns) / 1000, .mark = event->mark };
	char label[LABEL_MAX];
	row.from = column(picture, &first->from);
	row.to = column(picture, &last->to);
	event_label(event, label);
	ladder_add(picture->ladder, &row, label, event->remark);
}

static void draw_flow(const struct picture *picture, const struct flow *flow)
{
	struct ladder_row row = { .time_us = (flow->first_ns - picture->begin_ns) / 1000, .media = true };
	uint64_t lost = flow->expected > flow->rtp_packets ? flow->expected - flow->rtp_packets : 0;
	char label[LABEL_MAX];
	row.from = column(picture, &flow->ends.from);
	row.to = column(picture, &flow->ends.to);
	if (flow->rtp_packets > 0)
		snprintf(label, sizeof label, "RTP %llu packets, %.1f %% lost", (unsigned long long)flow->rtp_packets,
		         100.0 * (double)lost / (double)(flow->rtp_packets + lost));
	else
		snprintf(label, sizeof label, "%llu packets, not RTP", (unsigned long long)flow->packets);
	ladder_add(picture->ladder, &row, label, NULL);
}

void diagnosis_draw(struct diagnosis *diagnosis, uint32_t slot, const char *title)
{
	struct picture *picture = calloc(1, sizeof *picture);
	struct ladder *ladder = picture != NULL ? report_add_ladder(diagnosis->listed, title) : NULL;
	if (ladder != NULL) {
		picture->diagnosis = diagnosis;
		picture->call = &diagnosis->calls.slots[slot];
		picture->ladder = ladder;
		collect(picture, slot);
		picture->begin_ns = picture->count > 0 ? picture->rows[0].time_ns : 0;
		make_columns(picture);
		for (size_t i = 0; i < picture->count; i++)
			if (picture->rows[i].event != NULL)
				draw_event(picture, picture->rows[i].event);
			else
				draw_flow(picture, picture->rows[i].flow);
	}
	free(picture);
}
