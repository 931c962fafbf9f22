/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/ledger.h"

#include <stdarg.h>

static void name_note(struct ledger_entry *entry, const char *name)
{
	for (size_t i = 0; i < entry->name_count; i++)
		if (strcmp(entry->names[i], name) == 0)
			return;
	if (entry->name_count < LEDGER_NAMES_MAX)
		entry->names[entry->name_count++] = name;
}

/* Messages that make an ALG do strange things are no example if there is another. */
static bool is_better(const struct passage *old, const struct passage *new)
{
	return old != NULL && old->probe != NULL && old->probe->apart && new != NULL &&new->probe != NULL &&
	       !new->probe->apart;
}

/* A usual message, in itself: not cut into segments, not a part of a call. */
static bool is_usual(const struct passage *passage, const char *where)
{
	return passage != NULL && passage->probe != NULL && passage->probe->everywhere &&
	       strcmp(passage->probe->name, where) == 0;
}

void ledger_charge(struct ledger *ledger, enum fault_kind fault, enum confidence confidence, const char *where,
                   const struct passage *passage, const char *format, ...)
{
	va_list arguments;
	struct ledger_entry *entry = &ledger->entries[fault];
	bool first = entry->count == 0 || confidence > entry->confidence || is_better(entry->passage, passage);
	entry->count++;
	entry->usual = entry->usual || is_usual(passage, where);
	name_note(entry, where);
	if (!first)
		return;
	entry->confidence = confidence;
	entry->passage = passage;
	va_start(arguments, format);
	vsnprintf(entry->detail, sizeof entry->detail, format, arguments);
	va_end(arguments);
}

void ledger_blame(struct ledger *ledger, enum fault_kind fault)
{
	ledger->entries[fault].by_alg = true;
}

/* What is no finding of its own beside another one. `usual`: only when the usual messages show the cause, and nothing
 * but unusual ones the consequence. */
static const struct {
	enum fault_kind cause, consequence;
	bool usual;
} consequences[] = {
	/* Who answers in the far end's place lets nothing through. */
	{ FAULT_SIP_ANSWERED_MIDWAY, FAULT_MESSAGE_DROPPED, false },
	{ FAULT_SIP_ANSWERED_MIDWAY, FAULT_METHOD_DROPPED, false },
	{ FAULT_SIP_ANSWERED_MIDWAY, FAULT_ODD_MESSAGE_DROPPED, false },
	{ FAULT_SIP_ANSWERED_MIDWAY, FAULT_LARGE_MESSAGE_LOST, false },
	{ FAULT_SIP_ANSWERED_MIDWAY, FAULT_FRAGMENTS_LOST, false },
	{ FAULT_SIP_ANSWERED_MIDWAY, FAULT_KEEPALIVE_DROPPED, false },
	{ FAULT_SIP_ANSWERED_MIDWAY, FAULT_BURST_LIMITED, false },
	{ FAULT_SIP_ANSWERED_MIDWAY, FAULT_SIP_PORT_BLOCKED, false },
	/* What befalls every body befalls those of several parts. */
	{ FAULT_CONTENT_LENGTH_WRONG, FAULT_MULTIPART_BROKEN, true },
	{ FAULT_BODY_TRUNCATED, FAULT_MULTIPART_BROKEN, true },
	{ FAULT_BODY_JUNK, FAULT_MULTIPART_BROKEN, true },
	/* A wrong port is wrong for whoever goes by it. */
	{ FAULT_SDP_PORT_WRONG, FAULT_ICE_MISMATCH, false },
	{ FAULT_SDP_PORT_WRONG, FAULT_MEDIA_SOURCE_PORT, false },
	{ FAULT_SDP_PORT_WRONG, FAULT_MEDIA_BLOCKED_IN, false },
	{ FAULT_CONTACT_PORT_WRONG, FAULT_CONTACT_UNREACHABLE, false },
	{ FAULT_CONTACT_PORT_WRONG, FAULT_REGISTRATION_OUTLIVED, false },
	{ FAULT_CONTACT_PORT_WRONG, FAULT_NOT_RESTORED, false },
	{ FAULT_CONTACT_PORT_WRONG, FAULT_REQUEST_URI_REWRITTEN, false },
	/* Places that no ALG of this kind knows. */
	{ FAULT_CONTACT_NOT_REWRITTEN, FAULT_HALF_REWRITTEN, true },
	{ FAULT_HALF_REWRITTEN, FAULT_RTCP_IGNORED, true },
	/* What loses large packets loses those in pieces. */
	{ FAULT_LARGE_MESSAGE_LOST, FAULT_FRAGMENTS_LOST, false },
};

void ledger_settle(struct ledger *ledger)
{
	for (size_t i = 0; i < sizeof consequences / sizeof consequences[0]; i++) {
		const struct ledger_entry *cause = &ledger->entries[consequences[i].cause];
		struct ledger_entry *consequence = &ledger->entries[consequences[i].consequence];
		if (cause->count > 0 && (!consequences[i].usual || (cause->usual && !consequence->usual)))
			consequence->count = 0;
	}
}

/* ", in options, invite and 3 more". */
static void names_write(const struct ledger_entry *entry, char *out, size_t room)
{
	size_t used = 0, shown = entry->name_count < LEDGER_NAMES_SHOWN ? entry->name_count : LEDGER_NAMES_SHOWN;
	out[0] = '\0';
	for (size_t i = 1; i < shown && used < room; i++)
		used += (size_t)snprintf(out + used, room - used, "%s%s", i == 1 ? "; also in " : ", ",
		                         entry->names[i]);
	if (entry->name_count > shown && used < room)
		snprintf(out + used, room - used, " and %zu more", entry->name_count - shown);
}

static void entry_report(const struct ledger_entry *entry, enum fault_kind fault, struct report *report)
{
	char names[LEDGER_DETAIL_MAX];
	names_write(entry, names, sizeof names);
	struct finding *finding = report_find(report, fault, entry->confidence, "%s%s", entry->detail, names);
	if (finding != NULL)
		finding->by_alg = entry->by_alg;
	report_place(report, finding, entry->names[0]);
	const struct passage *passage = entry->passage;
	if (finding == NULL || passage == NULL)
		return;
	report_show_messages(report, finding, &passage->sent, passage->arrived ? &passage->received : NULL);
	report_label(finding, passage->inbound ? "far end" : "sent", passage->inbound ? "received" : "arrived");
}

void ledger_report(const struct ledger *ledger, struct report *report)
{
	for (int fault = FAULT_NONE + 1; fault < FAULT_COUNT; fault++)
		if (ledger->entries[fault].count > 0)
			entry_report(&ledger->entries[fault], (enum fault_kind)fault, report);
}
