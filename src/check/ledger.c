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

void ledger_charge(struct ledger *ledger, enum fault_kind fault, enum confidence confidence, const char *where,
                   const struct passage *passage, const char *format, ...)
{
	va_list arguments;
	struct ledger_entry *entry = &ledger->entries[fault];
	bool first = entry->count == 0 || confidence > entry->confidence;
	entry->count++;
	name_note(entry, where);
	if (!first)
		return;
	entry->confidence = confidence;
	entry->passage = passage;
	va_start(arguments, format);
	vsnprintf(entry->detail, sizeof entry->detail, format, arguments);
	va_end(arguments);
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
