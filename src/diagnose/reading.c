/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diagnose/reading.h"

#include "diagnose/clocks.h"

#include "console/terminal.h"

#include <stdlib.h>

enum { PROGRESS_EVERY = 1 << 13 }; /* items */

/* ---- Opening ---- */

static bool open_all(struct reading *reading, struct problem *problem)
{
	for (size_t side = 0; side < reading->count; side++) {
		reading->captures[side] = capture_open(reading->paths[side], problem);
		if (reading->captures[side] == NULL)
			return false;
	}
	return true;
}

static bool compare_clocks(struct reading *reading, struct problem *problem)
{
	for (size_t side = 0; side < reading->count; side++)
		if (strcmp(reading->paths[side], "-") == 0)
			return problem_say(
			        problem,
			        "two captures are read twice, so none can come from standard input; save it to a file");
	if (!open_all(reading, problem))
		return false;
	reading->clocks_known = clocks_compare(reading->captures[0], reading->captures[1], &reading->ahead_ns);
	reading_close(reading);
	return true;
}

bool reading_open(struct reading *reading, const char *const *paths, size_t count, struct problem *problem)
{
	*reading = (struct reading){ .count = count };
	for (size_t side = 0; side < count; side++)
		reading->paths[side] = paths[side];
	if ((count == 1 || compare_clocks(reading, problem)) && open_all(reading, problem))
		return true;
	reading_close(reading);
	return false;
}

void reading_close(struct reading *reading)
{
	for (size_t side = 0; side < reading->count; side++) {
		capture_close(reading->captures[side]);
		reading->captures[side] = NULL;
	}
}

/* ---- Reading ---- */

static uint64_t time_of(const struct reading *reading, size_t side)
{
	uint64_t time_ns = reading->items[side].frame->time_ns;
	return side == 0 ? time_ns : time_ns - (uint64_t)reading->ahead_ns;
}

static void advance(struct reading *reading, size_t side)
{
	reading->has_item[side] = capture_next(reading->captures[side], &reading->items[side]);
}

static double share_read(const struct reading *reading)
{
	double sum = 0;
	for (size_t side = 0; side < reading->count; side++) {
		double share = capture_progress(reading->captures[side]);
		if (share < 0)
			return -1;
		sum += share;
	}
	return sum / (double)reading->count;
}

void reading_run(struct reading *reading, struct diagnosis *diagnosis, reading_progress *progress, void *context)
{
	for (size_t side = 0; side < reading->count; side++)
		advance(reading, side);
	for (uint64_t count = 0; reading->has_item[0] || reading->has_item[1]; count++) {
		size_t side =
		        !reading->has_item[0] || (reading->has_item[1] && time_of(reading, 1) < time_of(reading, 0));
		diagnosis_take(diagnosis, side, &reading->items[side], time_of(reading, side));
		advance(reading, side);
		if (progress != NULL && count % PROGRESS_EVERY == 0)
			progress(share_read(reading), context);
	}
}

/* ---- What is told of them ---- */

static void tell_counts(const struct reading *reading, size_t side, struct report *report)
{
	const struct capture_counts *counts = capture_counts(reading->captures[side]);
	char number[COUNT_TEXT_MAX];
	const char *name = reading->paths[side];
	if (capture_trouble(reading->captures[side]) != NULL)
		report_add_note(report, "%s", capture_trouble(reading->captures[side]));
	if (counts->cut > 0)
		report_add_note(report,
		                "%s: %s packets were cut by the capture's snapshot length; capture whole ones with "
		                "\"tcpdump -s 0\"",
		                name, count_text(counts->cut, number));
	if (counts->unreadable > 0)
		report_add_note(report, "%s: %s packets could not be read", name,
		                count_text(counts->unreadable, number));
	if (counts->gaps > 0)
		report_add_note(report, "%s: bytes are missing in TCP streams, in %s places", name,
		                count_text(counts->gaps, number));
	if (counts->encrypted > 0)
		report_add_note(report, "%s: %s TCP streams are encrypted (TLS), and were not looked into", name,
		                count_text(counts->encrypted, number));
}

void reading_tell(struct reading *reading, struct report *report)
{
	uint64_t frames = 0;
	char text[COUNT_TEXT_MAX + 64];
	for (size_t side = 0; side < reading->count; side++) {
		frames += capture_counts(reading->captures[side])->frames;
		tell_counts(reading, side, report);
	}
	report_add_fact(report, "packets", count_text(frames, text));
	if (reading->count == 2 && !reading->clocks_known)
		report_add_note(report,
		                "The two captures have no message in common: are they of the same time and phone?");
	if (reading->count == 2 && reading->clocks_known) {
		snprintf(text, sizeof text, "the second is %.3f s %s", (double)llabs(reading->ahead_ns) / 1e9,
		         reading->ahead_ns < 0 ? "behind" : "ahead");
		report_add_fact(report, "clocks", text);
	}
}
