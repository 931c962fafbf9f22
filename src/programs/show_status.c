/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "programs/show.h"

#include <string.h>

enum { LABEL_WIDTH = 12 };

static void print_label(const struct terminal *terminal, const char *label)
{
	printf("%s%-*s%s", terminal_style(terminal, STYLE_DIM), LABEL_WIDTH, label,
	       terminal_style(terminal, STYLE_PLAIN));
}

static void print_texts(const json_t *texts, const char *none)
{
	if (json_array_size(texts) == 0)
		fputs(none, stdout);
	for (size_t i = 0; i < json_array_size(texts); i++)
		printf("%s%s", i > 0 ? ", " : "", json_string_value(json_array_get(texts, i)));
}

static void print_on(const struct terminal *terminal, const json_t *status)
{
	char since[DURATION_TEXT_MAX];
	bool on = json_is_yes(status, "on");
	bool kept = json_text(status, "state")[0] != '\0';
	printf("sipalg is %s%s%s, running for %s\n", terminal_style(terminal, on ? STYLE_GOOD : STYLE_BAD),
	       on ? "on" : "off", terminal_style(terminal, STYLE_PLAIN),
	       duration_text(json_count(status, "seconds"), since));
	if (!on)
		printf("packets get plain NAT; %s `sipalg on`\n",
		       kept ? "that outlasts restarts, until" : "a restart ends that, or");
}

static void print_network(const struct terminal *terminal, const json_t *status)
{
	const char *outside = json_text(status, "outside");
	print_label(terminal, "inside");
	print_texts(json_object_get(status, "lan"), "no interface");
	fputs(": ", stdout);
	print_texts(json_object_get(status, "inside"), "no network yet");
	putchar('\n');
	print_label(terminal, "outside");
	print_texts(json_object_get(status, "wan"), "no interface");
	printf(": %s\n", outside[0] != '\0' ? outside : "address not known yet; SIP passes unchanged");
	print_label(terminal, "queue");
	printf("%u%s%s\n", (unsigned)json_count(status, "queue"),
	       json_text(status, "queue_kind")[0] != '\0' ? ", " : "", json_text(status, "queue_kind"));
}

static void print_count(const struct terminal *terminal, const char *label, uint64_t count, uint64_t limit)
{
	char count_room[COUNT_TEXT_MAX], limit_room[COUNT_TEXT_MAX];
	print_label(terminal, label);
	printf("%s of at most %s\n", count_text(count, count_room), count_text(limit, limit_room));
}

static void print_text(const struct terminal *terminal, const char *label, const char *text)
{
	print_label(terminal, label);
	puts(text);
}

static void print_numbers(const struct terminal *terminal, const json_t *status)
{
	char outbound[COUNT_TEXT_MAX], inbound[COUNT_TEXT_MAX];
	const json_t *limits = json_object_get(status, "limits");
	print_count(terminal, "phones", json_count(status, "registrations"), json_count(limits, "registrations"));
	print_count(terminal, "calls", json_count(status, "calls"), json_count(limits, "calls"));
	print_count(terminal, "bindings", json_count(status, "bindings"), json_count(limits, "bindings"));
	if (json_is_yes(status, "tcp"))
		print_count(terminal, "TCP", json_count(status, "connections"), json_count(limits, "connections"));
	else
		print_text(terminal, "TCP", "passes as through plain NAT");
	if (json_count(status, "encrypted") > 0) {
		print_label(terminal, "encrypted");
		printf("%s connections so far, passed unread: `sipalg show encrypted`\n",
		       count_text(json_count(status, "encrypted"), outbound));
	}
	print_label(terminal, "messages");
	printf("%s out, %s in\n", count_text(json_count(status, "outbound"), outbound),
	       count_text(json_count(status, "inbound"), inbound));
}

static void print_off(const struct terminal *terminal, const json_t *off)
{
	if (json_array_size(off) == 0)
		return;
	print_label(terminal, "off for");
	for (size_t i = 0; i < json_array_size(off); i++) {
		const json_t *row = json_array_get(off, i);
		printf("%s%s%s", i > 0 ? ", " : "", json_text(row, "network"),
		       strcmp(json_text(row, "by"), "configuration") == 0 ? " (by configuration)" : "");
	}
	putchar('\n');
}

void show_status(const struct terminal *terminal, const json_t *status)
{
	const json_t *warnings = json_object_get(status, "warnings");
	print_on(terminal, status);
	print_network(terminal, status);
	print_numbers(terminal, status);
	print_off(terminal, json_object_get(status, "off"));
	for (size_t i = 0; i < json_array_size(warnings); i++)
		printf("%swarning:%s %s\n", terminal_style(terminal, STYLE_BAD), terminal_style(terminal, STYLE_PLAIN),
		       json_string_value(json_array_get(warnings, i)));
}

/* ---- Counters ---- */

enum { NUMBER_WIDTH = 16 };

/* "packets_lost" as people write it. */
static void print_name(const char *name)
{
	for (; *name != '\0'; name++)
		putchar(*name == '_' ? ' ' : *name);
	putchar('\n');
}

static void print_counters(const json_t *object, bool all)
{
	char count[COUNT_TEXT_MAX];
	void *at;
	for (at = json_object_iter((json_t *)object); at != NULL; at = json_object_iter_next((json_t *)object, at)) {
		const json_t *value = json_object_iter_value(at);
		if (!json_is_integer(value) || (!all && json_integer_value(value) == 0))
			continue;
		printf("%*s  ", NUMBER_WIDTH, count_text((uint64_t)json_integer_value(value), count));
		print_name(json_object_iter_key(at));
	}
}

void show_counters(const struct terminal *terminal, const json_t *counters)
{
	const char *bold = terminal_style(terminal, STYLE_BOLD), *plain = terminal_style(terminal, STYLE_PLAIN);
	print_counters(counters, true);
	printf("%smessages by reason%s\n", bold, plain);
	print_counters(json_object_get(counters, "reasons"), false);
	printf("%spackets%s\n", bold, plain);
	print_counters(json_object_get(counters, "plane"), true);
}
