/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "programs/show.h"

#include "console/table.h"

#include <string.h>

typedef void row_printer(struct table *table, const json_t *row);

static const char *left_text(const json_t *row, char out[DURATION_TEXT_MAX])
{
	return json_is_integer(json_object_get(row, "seconds_left"))
	               ? duration_text(json_count(row, "seconds_left"), out)
	               : "";
}

static int show_rows(const struct terminal *terminal, struct client *client, const char *const *heads,
                     row_printer *print_row, const char *none)
{
	struct table *table = table_create(terminal, heads);
	size_t count = 0;
	json_t *row;
	if (table == NULL)
		return program_complain(PROGRAM_FAILED, "no memory for the table");
	for (; (row = client_next_row(client)) != NULL; count++) {
		print_row(table, row);
		json_decref(row);
	}
	if (client->problem.text[0] == '\0' && count == 0)
		puts(none);
	table_finish(table);
	if (client->problem.text[0] != '\0')
		return program_complain(PROGRAM_FAILED, client->problem.text);
	return PROGRAM_FINE;
}

static void phone_row(struct table *table, const json_t *row)
{
	char left[DURATION_TEXT_MAX];
	const char *state = json_is_yes(row, "off")          ? "switched off"
	                    : json_is_yes(row, "registered") ? "registered"
	                                                     : "asking";
	table_add(table, (const char *[]){ json_text(row, "address_of_record"), json_text(row, "inside"),
	                                   json_text(row, "outside"), json_text(row, "protocol"), state,
	                                   left_text(row, left) });
}

int show_phones(const struct terminal *terminal, struct client *client)
{
	static const char *const heads[] = { "Registered as", "Inside", "Outside", "Over", "State", "Ends in", NULL };
	return show_rows(terminal, client, heads, phone_row, "no phone has registered");
}

/* The first stream tells most; how many there are tells the rest. */
static const char *media_text(const json_t *row, char *out, size_t room)
{
	const json_t *media = json_object_get(row, "media");
	const json_t *first = json_array_get(media, 0);
	size_t count = json_array_size(media);
	if (count == 0)
		return "none";
	int length = snprintf(out, room, "%s = %s", json_text(first, "inside"), json_text(first, "outside"));
	if (count > 1 && length > 0 && (size_t)length < room)
		snprintf(out + length, room - (size_t)length, " and %zu more", count - 1);
	return out;
}

static void call_row(struct table *table, const json_t *row)
{
	char since[DURATION_TEXT_MAX], left[DURATION_TEXT_MAX], media[TABLE_CELL_MAX], state[32];
	snprintf(state, sizeof state, "%s%s", json_text(row, "state"), json_is_yes(row, "held") ? ", held" : "");
	table_add(table, (const char *[]){ json_text(row, "call_id"), json_text(row, "phone"), state,
	                                   duration_text(json_count(row, "seconds"), since), left_text(row, left),
	                                   media_text(row, media, sizeof media) });
}

int show_calls(const struct terminal *terminal, struct client *client)
{
	static const char *const heads[] = { "Call-ID", "Phone", "State", "For", "Ends in", "Media", NULL };
	return show_rows(terminal, client, heads, call_row, "no call is up");
}

static void binding_row(struct table *table, const json_t *row)
{
	char left[DURATION_TEXT_MAX], owners[COUNT_TEXT_MAX];
	table_add(table,
	          (const char *[]){ json_text(row, "inside"), json_text(row, "outside"), json_text(row, "protocol"),
	                            json_text(row, "carries"), json_text(row, "admits"),
	                            count_text(json_count(row, "owners"), owners), left_text(row, left) });
}

int show_bindings(const struct terminal *terminal, struct client *client)
{
	static const char *const heads[] = {
		"Inside", "Outside", "Over", "Carries", "Admits", "Owners", "Ends in", NULL
	};
	return show_rows(terminal, client, heads, binding_row, "nothing is bound");
}

static void connection_row(struct table *table, const json_t *row)
{
	char since[DURATION_TEXT_MAX], messages[COUNT_TEXT_MAX];
	table_add(table, (const char *[]){ json_text(row, "phone"), json_text(row, "server"), json_text(row, "outside"),
	                                   json_text(row, "opened_by"), json_text(row, "carries"),
	                                   json_text(row, "state"), count_text(json_count(row, "messages"), messages),
	                                   duration_text(json_count(row, "seconds"), since) });
}

int show_connections(const struct terminal *terminal, struct client *client)
{
	static const char *const heads[] = { "Phone", "Server",   "Outside", "Opened by", "Carries",
		                             "State", "Messages", "For",     NULL };
	return show_rows(terminal, client, heads, connection_row, "no TCP connection is read");
}

static void encrypted_row(struct table *table, const json_t *row)
{
	char since[DURATION_TEXT_MAX], count[COUNT_TEXT_MAX];
	table_add(table, (const char *[]){ json_text(row, "phone"), json_text(row, "server"),
	                                   count_text(json_count(row, "connections"), count),
	                                   duration_text(json_count(row, "seconds_since"), since) });
}

int show_encrypted(const struct terminal *terminal, struct client *client)
{
	static const char *const heads[] = { "Phone", "Server", "Connections", "Last one before", NULL };
	return show_rows(terminal, client, heads, encrypted_row, "nothing encrypted has passed");
}
