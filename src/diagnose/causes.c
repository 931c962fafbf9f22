/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diagnose/causes.h"

#include <stdarg.h>
#include <stdlib.h>

bool causes_create(struct causes *causes)
{
	*causes = (struct causes){ .list = calloc(CAUSES_MAX, sizeof *causes->list) };
	return causes->list != NULL;
}

void causes_destroy(struct causes *causes)
{
	for (size_t i = 0; i < causes->count; i++)
		for (int side = 0; side < SIDE_COUNT; side++)
			free(causes->list[i].message[side]);
	free(causes->list);
	*causes = (struct causes){ 0 };
}

static struct cause_found *find(const struct causes *causes, enum fault_kind fault, uint64_t about)
{
	for (size_t i = 0; i < causes->count; i++)
		if (causes->list[i].fault == fault && causes->list[i].about == about)
			return &causes->list[i];
	return NULL;
}

bool causes_have(const struct causes *causes, enum fault_kind fault, uint64_t about)
{
	return find(causes, fault, about) != NULL;
}

static void keep_message(struct cause_found *cause, enum side side, struct text message)
{
	free(cause->message[side]);
	cause->length[side] = 0;
	cause->message[side] = message.length > 0 ? malloc(message.length) : NULL;
	if (cause->message[side] == NULL)
		return;
	memcpy(cause->message[side], message.start, message.length);
	cause->length[side] = message.length;
}

static void tell(struct cause_found *cause, const struct evidence *evidence, enum confidence confidence,
                 const char *format, va_list arguments)
{
	cause->confidence = confidence;
	vsnprintf(cause->detail, sizeof cause->detail, format, arguments);
	snprintf(cause->where, sizeof cause->where, "%s", evidence->where != NULL ? evidence->where : "");
	keep_message(cause, SIDE_SENT, evidence->sent);
	keep_message(cause, SIDE_RECEIVED, evidence->received);
}

void causes_add(struct causes *causes, enum fault_kind fault, uint64_t about, enum confidence confidence,
                const struct evidence *evidence, const char *detail, ...)
{
	struct cause_found *cause = find(causes, fault, about);
	bool is_new = cause == NULL;
	if (is_new && causes->count == CAUSES_MAX)
		return;
	if (is_new) {
		cause = &causes->list[causes->count++];
		*cause = (struct cause_found){ .fault = fault, .about = about };
	}
	if (is_new || confidence > cause->confidence) {
		va_list arguments;
		va_start(arguments, detail);
		tell(cause, evidence, confidence, detail, arguments);
		va_end(arguments);
	}
	if (is_new || cause->calls.last != evidence->call)
		cause->calls.count++;
	cause->calls.last = evidence->call;
}

static void report_one(const struct cause_found *cause, struct report *report)
{
	struct text sent = { cause->message[SIDE_SENT], cause->length[SIDE_SENT] };
	struct text received = { cause->message[SIDE_RECEIVED], cause->length[SIDE_RECEIVED] };
	char more[64] = "";
	if (cause->calls.count > 1)
		snprintf(more, sizeof more, " (and %u more such)", (unsigned)cause->calls.count - 1);
	struct finding *finding = report_find(report, cause->fault, cause->confidence, "%s%s", cause->detail, more);
	if (finding == NULL)
		return;
	if (cause->where[0] != '\0')
		report_place(report, finding, cause->where);
	if (sent.start != NULL && received.start != NULL)
		report_show_messages(report, finding, &sent, &received);
}

void causes_report(const struct causes *causes, struct report *report)
{
	for (size_t i = 0; i < causes->count; i++)
		report_one(&causes->list[i], report);
}
