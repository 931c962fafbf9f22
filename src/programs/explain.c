/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "programs/asking.h"
#include "console/terminal.h"

#include <string.h>
#include <time.h>

const char explain_help[] = "usage: sipalg explain [CALL-ID] [--json] [--socket PATH]\n"
                            "\n"
                            "Tells for each message of a call what was changed in it and why, or why nothing was.\n"
                            "The beginning of the Call-ID is enough when no other begins so. Without one the\n"
                            "calls and registrations heard of last are listed, latest at the bottom.\n"
                            "\n"
                            "The latest messages are remembered in a ring of fixed size (setting `journal`).\n"
                            "\n"
                            "examples:\n"
                            "  sipalg explain                   which are there?\n"
                            "  sipalg explain f81d4fae          the one that begins so\n"
                            "  sipalg explain f81d4fae --json   for programs\n"
                            "\n"
                            "exit status: 0 found, 1 not found or sipalg is not running, 2 wrong use\n"
                            "see also: sipalg show\n";

enum { TIME_TEXT_MAX = 40, PLACE_WIDTH = 16 };

static const char *time_text(uint64_t time_us, char out[TIME_TEXT_MAX])
{
	time_t seconds = (time_t)(time_us / 1000000);
	struct tm broken;
	char clock[24];
	if (localtime_r(&seconds, &broken) == NULL || strftime(clock, sizeof clock, "%F %T", &broken) == 0)
		clock[0] = '\0';
	snprintf(out, TIME_TEXT_MAX, "%s.%03u", clock, (unsigned)(time_us / 1000 % 1000));
	return out;
}

static void print_edit(const struct terminal *terminal, const json_t *edit)
{
	printf("    %-*s %s%s %s %s%s%s%s\n", PLACE_WIDTH, json_text(edit, "place"), json_text(edit, "before"),
	       json_is_yes(edit, "cut") ? "..." : "", terminal->arrow, terminal_style(terminal, STYLE_CHANGED),
	       json_text(edit, "after"), json_text(edit, "after")[0] == '\0' ? "(nothing)" : "",
	       terminal_style(terminal, STYLE_PLAIN));
}

/* A response does not say what it answers: its CSeq does (RFC 3261 8.1.1.5). */
static void print_message(const struct terminal *terminal, const json_t *message)
{
	char time[TIME_TEXT_MAX];
	const char *start_line = json_text(message, "start_line");
	bool response = strncmp(start_line, "SIP/", 4) == 0 && json_text(message, "cseq")[0] != '\0';
	printf("%s%s  %-8s  %s %s %s%s\n", terminal_style(terminal, STYLE_DIM),
	       time_text(json_count(message, "time_us"), time), json_text(message, "direction"),
	       json_text(message, "source"), terminal->arrow, json_text(message, "destination"),
	       terminal_style(terminal, STYLE_PLAIN));
	printf("  %s%s%s%s%s%s\n", terminal_style(terminal, STYLE_BOLD), start_line,
	       terminal_style(terminal, STYLE_PLAIN), response ? "  (" : "", response ? json_text(message, "cseq") : "",
	       response ? ")" : "");
	printf("  %s: %s\n", json_text(message, "reason"), json_text(message, "sentence"));

	const json_t *edits = json_object_get(message, "edits");
	for (size_t i = 0; i < json_array_size(edits); i++)
		print_edit(terminal, json_array_get(edits, i));
	uint64_t made = json_count(message, "edit_count"), told = json_array_size(edits);
	if (made > told)
		printf("    and %u more\n", (unsigned)(made - told));
}

static void print_recent(const struct terminal *terminal, const json_t *call)
{
	char time[TIME_TEXT_MAX];
	printf("%s  %s%s%s\n  %-8s  %s %s %s  %s\n", time_text(json_count(call, "time_us"), time),
	       terminal_style(terminal, STYLE_BOLD), json_text(call, "call_id"), terminal_style(terminal, STYLE_PLAIN),
	       json_text(call, "direction"), json_text(call, "source"), terminal->arrow, json_text(call, "destination"),
	       json_text(call, "start_line"));
}

static int print_rows(struct client *client, bool recent)
{
	struct terminal terminal = terminal_find();
	size_t count = 0;
	json_t *row;
	while ((row = client_next_row(client)) != NULL) {
		if (!recent && count == 0)
			printf("Call-ID %s\n", json_text(row, "call_id"));
		if (!recent)
			putchar('\n');
		if (recent)
			print_recent(&terminal, row);
		else
			print_message(&terminal, row);
		json_decref(row);
		count++;
	}
	if (client->problem.text[0] != '\0')
		return program_complain(PROGRAM_FAILED, client->problem.text);
	if (recent && count == 0)
		puts("no message has been seen yet");
	else if (recent)
		puts("\n`sipalg explain CALL-ID` tells about one; its beginning is enough");
	return PROGRAM_FINE;
}

int explain_main(const struct invocation *invocation, int argc, char **argv)
{
	struct asking asking;
	struct client client;
	int code;
	if (!asking_begin(&asking, invocation, argc, argv, &code))
		return code;
	json_t *request = json_pack("{s:s, s:s*}", "command", "explain", "call_id", asking.argument);
	if (request == NULL)
		return program_complain(PROGRAM_WRONG_USE, "a Call-ID is given as UTF-8");
	json_t *answer = client_ask(&client, asking.socket, request);
	if (answer == NULL)
		return program_complain(PROGRAM_FAILED, client.problem.text);
	if (asking.json)
		code = client_print_rows_json(&client, json_text(answer, "table"));
	else
		code = print_rows(&client, asking.argument == NULL);
	json_decref(answer);
	client_close(&client);
	return code;
}
