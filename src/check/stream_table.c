/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/probe.h"

#include "base/check.h"

const struct stream_probe stream_table[] = {
	{ "tcp-whole", "each message by itself", DIVISION_NONE, "register", "invite" },
	{ "tcp-cut-body", "an INVITE cut within its body", DIVISION_BODY, "invite", NULL },
	{ "tcp-cut-header", "an INVITE cut within its header", DIVISION_HEADER, "invite", NULL },
	{ "tcp-cut-start", "an INVITE cut behind its third byte", DIVISION_START, "invite", NULL },
	{ "tcp-together", "two messages at once", DIVISION_TOGETHER, "register", "invite" },
	{ "tcp-half-header", "a message and half the header of the next", DIVISION_HALF_HEADER, "invite", "invite" },
	{ "tcp-half-body", "a message and most of the next", DIVISION_HALF_BODY, "invite", "invite" },
	{ "tcp-sipfrag", "a message whose body quotes another, and one behind it", DIVISION_TOGETHER, "sipfrag",
	  "options" },
};
const size_t stream_count = sizeof stream_table / sizeof stream_table[0];

/* Both kinds of message, for some ALGs look at one alone: those that answer what the first of them answers, and
 * requests.
 */
const struct stream_probe stream_arrival_table[] = {
	{ "down-whole", "an answer and an INVITE to us", DIVISION_NONE, "answer-register", "ask-invite" },
	{ "down-cut-body", "an INVITE to us cut within its body", DIVISION_BODY, "ask-invite", NULL },
	{ "down-cut-header", "an answer to us cut within its header", DIVISION_HEADER, "answer-early-media", NULL },
	{ "down-cut-start", "a request to us cut behind its third byte", DIVISION_START, "ask-options", NULL },
	{ "down-together", "an answer and a request to us at once", DIVISION_TOGETHER, "answer-register",
	  "ask-options" },
	{ "down-half-header", "a request to us and half the header of the next", DIVISION_HALF_HEADER, "ask-options",
	  "ask-invite" },
	{ "down-half-body", "an answer to us and most of the next", DIVISION_HALF_BODY, "answer-ringing",
	  "answer-early-media" },
};
const size_t stream_arrival_count = sizeof stream_arrival_table / sizeof stream_arrival_table[0];

static const struct probe *find(const struct probe *table, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	check(false);
	return NULL;
}

const struct probe *probe_named(const char *name)
{
	return find(probe_table, probe_count, name);
}

const struct probe *arrival_named(const char *name)
{
	return find(arrival_table, arrival_count, name);
}
