/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the report says besides what was found. */
#include "diagnose/state.h"

#include "console/terminal.h"

#include <stdio.h>
#include <stdlib.h>

static void tell_count(struct report *report, const char *name, uint64_t count)
{
	char text[COUNT_TEXT_MAX];
	report_add_fact(report, name, count_text(count, text));
}

static void note_translation(const struct host *router, const char *address, struct report *report)
{
	if (is_carrier_address(&router->address))
		report_find(report, FAULT_CARRIER_NAT, CONFIDENCE_CERTAIN,
		            "the router's outside address, %s, is one of those that carriers give behind their own NAT",
		            address);
	else
		report_find(report, FAULT_NAT, CONFIDENCE_CERTAIN, "what comes from inside shows outside as %s",
		            address);
}

static void tell_sides(const struct diagnosis *diagnosis, struct report *report)
{
	const struct hosts *hosts = &diagnosis->hosts;
	char inside[SIPALG_ADDRESS_TEXT_MAX], text[128];
	for (uint32_t slot = 1; slot <= hosts->pool.touched; slot++) {
		if (!hosts->slots[slot].is_router || hosts->slots[slot].outside <= hosts->slots[slot].inside)
			continue;
		sipalg_address_write(&hosts->slots[slot].address, inside);
		report_add_fact(report, "router's address", inside);
		note_translation(&hosts->slots[slot], inside, report);
	}
	if (diagnosis->wishes.sides == 2 && hosts->inner[0] + hosts->inner[1] > 0) {
		snprintf(text, sizeof text, "the %s capture is the inside, the %s the outside",
		         hosts->inner[0] >= hosts->inner[1] ? "first" : "second",
		         hosts->inner[0] >= hosts->inner[1] ? "second" : "first");
		report_add_fact(report, "sides", text);
	}
}

/* The list and the ladders, made while calls ended, belong to the report. */
static void hand_over(struct diagnosis *diagnosis, struct report *report)
{
	struct report *listed = diagnosis->listed;
	report->trials = listed->trials;
	report->trial_count = listed->trial_count;
	memcpy(report->ladders, listed->ladders, sizeof report->ladders);
	report->ladder_count = listed->ladder_count;
	listed->trials = NULL;
	listed->trial_count = 0;
	listed->ladder_count = 0;
	memset(listed->ladders, 0, sizeof listed->ladders);
}

static void add_notes(const struct diagnosis *diagnosis, struct report *report)
{
	if (diagnosis->sip_messages > 0 && diagnosis->crossings == 0)
		report_add_note(report,
		                "This is one side of the router only: what it changes shows when both sides are "
		                "captured at once. Give both captures, or one of all interfaces (tcpdump -i any).");
	if (diagnosis->judged_calls > 0 && diagnosis->flows.media_packets == 0)
		report_add_note(report, "There is no sound in this capture, so nothing can be said about it.");
	if (diagnosis->not_listed > 0)
		report_add_note(report, "%llu more calls are not listed.", (unsigned long long)diagnosis->not_listed);
	if (diagnosis->wishes.call != NULL && diagnosis->listed->ladder_count == 0)
		report_add_note(report, "No call in this capture has a Call-ID that begins with \"%s\".",
		                diagnosis->wishes.call);
}

void diagnosis_tell(struct diagnosis *diagnosis, struct report *report)
{
	char duration[DURATION_TEXT_MAX];
	tell_count(report, "SIP messages", diagnosis->sip_messages);
	tell_count(report, "calls", diagnosis->judged_calls);
	tell_count(report, "media packets", diagnosis->flows.media_packets);
	report_add_fact(report, "time",
	                duration_text((diagnosis->last_ns - diagnosis->first_ns) / SECOND_NS, duration));
	if (diagnosis->crossings > 0) {
		tell_count(report, "on both sides", diagnosis->crossings);
		tell_count(report, "changed", diagnosis->altered);
	}
	tell_sides(diagnosis, report);
	add_notes(diagnosis, report);
	hand_over(diagnosis, report);
	if (diagnosis->sip_messages == 0)
		report_say_unclear(report, "There is no SIP in this capture%s.",
		                   diagnosis->wishes.sides == 2 ? ", on either side" : "");
	report_judge(report, diagnosis->sip_messages > 0);
	report->trials_title = "Calls";
	if (report->verdict == VERDICT_NO_ALG && diagnosis->crossings == 0)
		report->sentence = "Nothing wrong shows in this capture.";
	if (report->verdict == VERDICT_ALG_HARMLESS)
		report->sentence = "A router on the way rewrites SIP, and nothing wrong shows in this capture.";
}
