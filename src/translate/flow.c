/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "translate/flow.h"

#include <stdlib.h>

void flow_begin(struct flow *flow, uint32_t sequence)
{
	*flow = (struct flow){ .number = flow->number,
		               .begun = true,
		               .here = sequence,
		               .there = sequence,
		               .marks = { { sequence, sequence } },
		               .mark_count = 1,
		               .segment_max = flow->segment_max,
		               .kept = flow->kept };
}

uint32_t flow_there(const struct flow *flow, uint32_t here)
{
	size_t index = flow->mark_count - 1;
	int32_t left = flow_distance(here, flow->here);
	if (left <= 1) /* a keep-alive repeats the last byte (RFC 9293 3.8.4), and no more, whatever was changed */
		return left == 1 ? flow->there - 1 : flow->there;
	while (index > 0 && flow_distance(flow->marks[index].here, here) < 0)
		index--;
	uint32_t limit = index + 1 < flow->mark_count ? flow->marks[index + 1].there : flow->there;
	limit = limit == flow->there ? limit - 1 : limit;
	uint32_t there = flow->marks[index].there + (here - flow->marks[index].here);
	return flow_distance(there, limit) < 0 ? limit : there;
}

static void add_mark(struct flow *flow, struct flow_mark mark)
{
	if (flow->mark_count == FLOW_MARKS_MAX) {
		flow->mark_count--;
		memmove(flow->marks, flow->marks + 1, flow->mark_count * sizeof *flow->marks);
	}
	flow->marks[flow->mark_count++] = mark;
}

/* Bytes before the first change go one by one, and those behind the last one. */
static void note_change(struct flow *flow, struct text before, struct text after)
{
	size_t shorter = before.length < after.length ? before.length : after.length, first = 0, last = 0;
	while (first < shorter && before.start[first] == after.start[first])
		first++;
	while (last < shorter - first && before.start[before.length - 1 - last] == after.start[after.length - 1 - last])
		last++;
	if (!flow->changed)
		flow->changed_from = flow->there + (uint32_t)first;
	flow->changed = true;
	if (before.length != after.length)
		add_mark(flow, (struct flow_mark){ flow->here + (uint32_t)(before.length - last),
		                                   flow->there + (uint32_t)(after.length - last) });
}

static void keep(struct flow *flow, struct text bytes)
{
	if (flow->kept == NULL)
		flow->kept = malloc(FLOW_KEPT_MAX);
	if (flow->kept == NULL)
		return;
	if (bytes.length > FLOW_KEPT_MAX)
		bytes = text_from(bytes, bytes.length - FLOW_KEPT_MAX);
	if (flow->kept_length + bytes.length > FLOW_KEPT_MAX) {
		size_t left = FLOW_KEPT_MAX - bytes.length;
		memmove(flow->kept, flow->kept + flow->kept_length - left, left);
		flow->kept_length = left;
	}
	memcpy(flow->kept + flow->kept_length, bytes.start, bytes.length);
	flow->kept_length += bytes.length;
	flow->kept_end = flow->there + (uint32_t)bytes.length;
}

void flow_pass(struct flow *flow, uint32_t here, struct text before, struct text after)
{
	uint32_t gap = here - flow->here;
	if (gap != 0)
		flow->kept_length = 0;
	flow->here += gap;
	flow->there += gap;
	if (!text_equal(before, after))
		note_change(flow, before, after);
	if (flow->changed)
		keep(flow, after);
	flow->here += (uint32_t)before.length;
	flow->there += (uint32_t)after.length;
}

void flow_end(struct flow *flow)
{
	flow->here++;
	flow->there++;
}

bool flow_again(const struct flow *flow, uint32_t here, struct text before, struct text *after)
{
	uint32_t from = flow_there(flow, here), to = flow_there(flow, here + (uint32_t)before.length);
	uint32_t kept_from = flow->kept_end - (uint32_t)flow->kept_length;
	if (!flow->changed || flow_distance(to, flow->changed_from) >= 0) {
		*after = before;
		return true;
	}
	if (flow_distance(kept_from, from) < 0 || flow_distance(to, flow->kept_end) < 0 || flow_distance(from, to) <= 0)
		return false;
	*after = (struct text){ flow->kept + (from - kept_from), to - from };
	return true;
}
