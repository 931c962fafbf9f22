/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support.h"

static struct text text_of(const char *string)
{
	return (struct text){ string, strlen(string) };
}

struct blanks usual_blanks(void)
{
	static const char *const values[][2] = {
		{ "mark", MARK },
		{ "call", "call" },
		{ "in", INSIDE },
		{ "ip", "IP4 " INSIDE },
		{ "noip", "IP4 0.0.0.0" },
		{ "otherip", "IP6 2001:db8::2" },
		{ "address", INSIDE },
		{ "port", "40000" },
		{ "other", "40002" },
		{ "rtp", "12000" },
		{ "rtp2", "12002" },
		{ "rtp3", "12004" },
		{ "rtp4", "12006" },
		{ "rtcp", "12001" },
		{ "rtcp2", "12003" },
		{ "srv", SERVER },
		{ "srvip", "IP4 " SERVER },
		{ "sport", "5060" },
		{ "tp", "UDP" },
		{ "expires", "600" },
		{ "elsewhereip", "IP4 198.51.100.7" },
		{ "mport", "7070" },
		{ "contact", OUTSIDE ":40000" },
		{ "outside", OUTSIDE ":40000" },
		{ "via", "SIP/2.0/UDP " OUTSIDE ":40000;branch=z9hG4bK1;received=" OUTSIDE ";rport=40000" },
		{ "from", "<sip:check@" SERVER ">;tag=f1" },
		{ "to", "<sip:check@" SERVER ">" },
		{ "call-id", "c1" },
		{ "cseq", "1 INVITE" },
		{ "requested-contact", "<sip:check@" OUTSIDE ":40000>" },
	};
	struct blanks blanks = { .count = 0 };
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		blanks_set(&blanks, values[i][0], text_of(values[i][1]));
	return blanks;
}

struct judge usual_judge(void)
{
	struct judge judge = { .outside_count = 1, .port = 40000, .port_seen = 40000 };
	assert_true(sipalg_address_read(INSIDE, strlen(INSIDE), &judge.inside));
	assert_true(sipalg_address_read(OUTSIDE, strlen(OUTSIDE), &judge.outsides[0]));
	return judge;
}

void compose_probe(const struct probe *probe, const struct blanks *blanks, struct composed *out)
{
	if (!compose(&probe->pattern, blanks, out))
		fail_msg("%s cannot be composed", probe->name);
}

static void put(struct composed *out, struct text text)
{
	assert_true(out->length + text.length <= COMPOSE_MAX);
	memcpy(out->bytes + out->length, text.start, text.length);
	out->length += text.length;
}

static bool begins(struct text text, struct text start)
{
	return text.length >= start.length && memcmp(text.start, start.start, start.length) == 0;
}

/* False: the text to be replaced is not there, so that the test would test nothing. */
static bool replace(struct composed *message, const struct mangling *mangling)
{
	static struct composed before;
	struct text find = text_of(mangling->find), replacement = text_of(mangling->replace), rest;
	bool found = strcmp(mangling->find, "^") == 0 || strcmp(mangling->find, "$") == 0;
	before = *message;
	message->length = 0;
	if (strcmp(mangling->find, "^") == 0)
		put(message, replacement);
	for (rest = composed_text(&before); rest.length > 0;) {
		if (begins(rest, find)) {
			put(message, replacement);
			rest = text_from(rest, find.length);
			found = true;
			continue;
		}
		put(message, text_first(rest, 1));
		rest = text_from(rest, 1);
	}
	if (strcmp(mangling->find, "$") == 0)
		put(message, replacement);
	return found;
}

void mangle(const struct composed *message, const struct mangling *manglings, struct composed *out)
{
	*out = *message;
	for (size_t i = 0; i < REPLACEMENTS_MAX && manglings[i].find; i++)
		if (!replace(out, &manglings[i]))
			fail_msg("\"%s\" does not stand in\n%.*s", manglings[i].find, (int)message->length,
			         message->bytes);
}

void mend_length(struct composed *message)
{
	static struct composed before;
	char line[40];
	before = *message;
	char *end = memmem(before.bytes, before.length, "\r\n\r\n", 4);
	char *length = memmem(before.bytes, before.length, "Content-Length: ", 16);
	if (end == NULL || length == NULL || length > end)
		return;
	struct text whole = composed_text(&before);
	size_t body = before.length - (size_t)(end + 4 - before.bytes), place = (size_t)(length + 16 - before.bytes);
	char *line_end = memchr(length, '\r', (size_t)(end + 1 - length));
	snprintf(line, sizeof line, "%zu", body);
	message->length = 0;
	put(message, text_first(whole, place));
	put(message, text_of(line));
	put(message, text_from(whole, (size_t)(line_end - before.bytes)));
}

static void print_charges(const struct charges *charges)
{
	for (size_t i = 0; i < charges->count; i++)
		print_message("    charged: %s: %s\n", fault_of(charges->list[i].fault)->name, charges->list[i].detail);
}

void assert_charges(const char *what, const struct charges *charges, const enum fault_kind *expected)
{
	size_t count = 0, found = 0;
	for (; count < EXPECTED_MAX && expected[count] != FAULT_NONE; count++)
		for (size_t i = 0; i < charges->count; i++)
			found += charges->list[i].fault == expected[count];
	if (found == count && charges->count == count)
		return;
	print_charges(charges);
	for (size_t i = 0; i < count; i++)
		print_message("    expected: %s\n", fault_of(expected[i])->name);
	fail_msg("%s", what);
}
