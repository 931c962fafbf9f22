/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call that is over: everything is looked for in it, it gets its line in the list, and its ladder if that tells more.
 */
#include "diagnose/state.h"

#include "console/terminal.h"

#include <stdio.h>

enum { LINE_MAX = 160 };

static bool is_wanted(const struct diagnosis *diagnosis, const struct call *call)
{
	const char *wanted = diagnosis->wishes.call;
	return wanted != NULL && (strncmp(call->id, wanted, strlen(wanted)) == 0 ||
	                          (call->other_id[0] != '\0' && strncmp(call->other_id, wanted, strlen(wanted)) == 0));
}

static const struct event *last_final(const struct call *call)
{
	const struct event *last = NULL;
	for (size_t i = 0; i < call->count; i++)
		if (call->events[i].status >= 200 && (!call->is_call || call->events[i].method == SIP_METHOD_INVITE))
			last = &call->events[i];
	return last;
}

static void describe(const struct diagnosis *diagnosis, const struct call *call, char out[LINE_MAX])
{
	const struct event *final = last_final(call);
	uint64_t end_ns = call->over_ns != 0 ? call->over_ns : diagnosis->last_ns;
	char duration[DURATION_TEXT_MAX];
	if (call->up_ns != 0)
		snprintf(out, LINE_MAX, "answered, %s%s", duration_text((end_ns - call->up_ns) / SECOND_NS, duration),
		         call->over_ns == 0 ? " to the capture's end" : "");
	else if (final != NULL)
		snprintf(out, LINE_MAX, "%u", final->status);
	else
		snprintf(out, LINE_MAX, "no final answer");
}

static void list_call(struct diagnosis *diagnosis, const struct call *call, bool found)
{
	char title[3 * TEXT_MAX], detail[LINE_MAX];
	if (!call->is_call && !found)
		return;
	if (diagnosis->listed->trial_count == LISTED_MAX) {
		diagnosis->not_listed++;
		return;
	}
	if (call->is_call)
		snprintf(title, sizeof title, "%s to %s", call->caller, call->callee);
	else
		snprintf(title, sizeof title, "%s of %s", call->count > 0 ? call->events[0].method_name : "",
		         call->caller);
	describe(diagnosis, call, detail);
	report_add_trial(diagnosis->listed, call->id, title, found ? OUTCOME_FOUND : OUTCOME_FINE, detail);
}

static bool is_marked_bad(const struct call *call)
{
	for (size_t i = 0; i < call->count; i++)
		if (call->events[i].mark == MARK_BAD || call->events[i].mark == MARK_LOST)
			return true;
	return false;
}

void diagnosis_judge(struct diagnosis *diagnosis, uint32_t slot)
{
	struct call *call = &diagnosis->calls.slots[slot];
	struct explained explained = { .contact = call->contact_blamed, .media = call->media_blamed };
	char title[3 * TEXT_MAX + 16];
	if (!explained.contact)
		judge_contacts(diagnosis, call, &explained);
	judge_answers(diagnosis, call, &explained);
	judge_dialog(diagnosis, call, &explained);
	judge_requests(diagnosis, call, &explained);
	judge_streams(diagnosis, call, &explained);
	judge_sources(diagnosis, slot, &explained);
	if (!explained.media)
		judge_media(diagnosis, slot, &explained);
	if (!explained.contact)
		judge_unmended(diagnosis, call, &explained);
	diagnosis->judged_calls += call->is_call;
	bool found = explained.found || explained.contact || explained.media || is_marked_bad(call);
	list_call(diagnosis, call, found);
	if (!is_wanted(diagnosis, call) && (diagnosis->wishes.call != NULL || (!found && !diagnosis->wishes.all)))
		return;
	snprintf(title, sizeof title, "%s to %s, Call-ID %s", call->caller, call->callee, call->id);
	diagnosis_draw(diagnosis, slot, title);
}
