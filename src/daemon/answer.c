/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/answer.h"

#include <string.h>

/* ---- Lines ---- */

/* Takes the object over. Callers see to it that a longest row fits; a line that does not is an error line instead. */
static void lines_add(struct answer_lines *lines, json_t *object)
{
	static const char broken[] = "{\"ok\": false, \"error\": \"the daemon has no memory left\"}\n";
	size_t room = sizeof lines->bytes - lines->length - 1;
	size_t length = object == NULL ? 0 : json_dumpb(object, lines->bytes + lines->length, room, JSON_COMPACT);
	json_decref(object);
	if (length > 0 && length <= room) {
		lines->length += length;
		lines->bytes[lines->length++] = '\n';
	} else if (room >= sizeof broken) {
		memcpy(lines->bytes + lines->length, broken, sizeof broken - 1);
		lines->length += sizeof broken - 1;
	}
}

static bool lines_have_room(const struct answer_lines *lines)
{
	return sizeof lines->bytes - lines->length > ANSWER_ROW_MAX;
}

void answer_refuse(struct answer *answer, struct answer_lines *lines, const char *error)
{
	answer->step = ANSWER_DONE;
	lines_add(lines, json_pack("{s:b, s:o}", "ok", false, "error", json_from_text(error, strlen(error))));
}

static void answer_whole(struct answer_lines *lines, const char *name, json_t *object)
{
	lines_add(lines, json_pack("{s:b, s:o}", "ok", true, name, object));
}

/* Announces a table; rows follow, one a line, then answer_end(). */
static void answer_table(struct answer *answer, struct answer_lines *lines, const char *table, enum answer_step step)
{
	lines_add(lines, json_pack("{s:b, s:s}", "ok", true, "table", table));
	answer->step = step;
}

static void answer_end(struct answer *answer, struct answer_lines *lines)
{
	lines_add(lines, json_pack("{s:b, s:I}", "end", true, "rows", (json_int_t)answer->count));
	answer->step = ANSWER_DONE;
}

static void answer_row(struct answer *answer, struct answer_lines *lines, json_t *row)
{
	answer->count++;
	lines_add(lines, row);
}

/* ---- Tables of the engine and the plane ---- */

static json_t *next_row(struct answer *answer, const struct control_hooks *hooks, uint64_t now_ns)
{
	sipalg_registration_view registration;
	sipalg_call_view call;
	sipalg_binding_view binding;
	struct relay_view connection;
	struct plane_encrypted encrypted;
	if (answer->step == ANSWER_PHONES &&
	    sipalg_engine_next_registration(hooks->engine, &answer->cursor, &registration))
		return row_from_registration(&registration, hooks, now_ns);
	if (answer->step == ANSWER_CALLS && sipalg_engine_next_call(hooks->engine, &answer->cursor, &call))
		return row_from_call(&call, now_ns);
	if (answer->step == ANSWER_BINDINGS && sipalg_engine_next_binding(hooks->engine, &answer->cursor, &binding))
		return row_from_binding(&binding, now_ns);
	if (answer->step == ANSWER_CONNECTIONS && hooks->next_connection(hooks->context, &answer->cursor, &connection))
		return row_from_connection(&connection, now_ns);
	if (answer->step == ANSWER_ENCRYPTED && hooks->next_encrypted(hooks->context, &answer->cursor, &encrypted))
		return row_from_encrypted(&encrypted, now_ns);
	return NULL;
}

static void tell_rows(struct answer *answer, const struct control_hooks *hooks, uint64_t now_ns,
                      struct answer_lines *lines)
{
	for (int rows = 0; rows < CONTROL_PIECE_ROWS_MAX && lines_have_room(lines); rows++) {
		json_t *row = next_row(answer, hooks, now_ns);
		if (row == NULL) {
			answer_end(answer, lines);
			return;
		}
		answer_row(answer, lines, row);
	}
}

/* ---- The journal ---- */

static size_t entry_call_id(const struct journal_entry *entry, char out[JOURNAL_CALL_ID_MAX + 1])
{
	return text_make_printable(out, JOURNAL_CALL_ID_MAX + 1, entry->call_id.start, entry->call_id.length);
}

static size_t find_call(const struct answer *answer, const char *call_id)
{
	size_t i = 0;
	while (i < answer->call_count && strcmp(answer->calls[i].text, call_id) != 0)
		i++;
	return i;
}

/* The place of the call heard of longest ago. */
static size_t oldest_call(const struct answer *answer)
{
	size_t oldest = 0;
	for (size_t i = 1; i < answer->call_count; i++)
		if (answer->calls[i].number < answer->calls[oldest].number)
			oldest = i;
	return oldest;
}

/* A call not in the list takes the place of the one heard of longest ago, so that at the end the calls heard of last
 * are left. */
static void note_recent(struct answer *answer, const struct journal_entry *entry, const char *call_id)
{
	size_t at = find_call(answer, call_id);
	if (at == CONTROL_RECENT_MAX)
		at = oldest_call(answer);
	else if (at == answer->call_count)
		answer->call_count++;
	struct answer_call_id *call = &answer->calls[at];
	memcpy(call->text, call_id, sizeof call->text);
	text_make_printable(call->start_line, sizeof call->start_line, entry->start_line.start,
	                    entry->start_line.length);
	call->number = entry->number;
	call->wall_ns = entry->wall_ns;
	call->source = entry->source;
	call->destination = entry->destination;
	call->direction = entry->direction;
}

static void note_candidate(struct answer *answer, const char *call_id)
{
	if (strncmp(call_id, answer->wanted, strlen(answer->wanted)) != 0)
		return;
	if (strcmp(call_id, answer->wanted) == 0)
		answer->exact = true;
	if (answer->call_count < ANSWER_CANDIDATES_MAX && find_call(answer, call_id) == answer->call_count)
		memcpy(answer->calls[answer->call_count++].text, call_id, JOURNAL_CALL_ID_MAX + 1);
}

/* Latest last, where a terminal shows it right above the prompt. */
static void tell_recent(struct answer *answer, struct answer_lines *lines)
{
	answer_table(answer, lines, "recent", ANSWER_RECENT);
	while (answer->call_count > 0) {
		size_t oldest = oldest_call(answer);
		answer_row(answer, lines, row_from_call_id(&answer->calls[oldest]));
		answer->calls[oldest] = answer->calls[--answer->call_count];
	}
	answer_end(answer, lines);
}

static void refuse_call_id(struct answer *answer, const struct control_hooks *hooks, struct answer_lines *lines)
{
	struct problem problem;
	size_t count = answer->call_count;
	if (count == 0 && hooks->journal == NULL)
		problem_say(&problem, "no messages are remembered (journal = 0); set `journal = %d` and restart",
		            SETTINGS_JOURNAL_KIB);
	else if (count == 0)
		problem_say(&problem,
		            "no remembered message has a Call-ID that begins with \"%.80s\"; `sipalg explain` lists "
		            "the latest",
		            answer->wanted);
	else
		problem_say(&problem, "%s%zu Call-IDs begin with \"%.40s\", as %.64s and %.64s; write more of it",
		            count == ANSWER_CANDIDATES_MAX ? "at least " : "", count, answer->wanted,
		            answer->calls[0].text, answer->calls[1].text);
	answer_refuse(answer, lines, problem.text);
}

static void search_ended(struct answer *answer, const struct control_hooks *hooks, struct answer_lines *lines)
{
	if (!answer->exact && answer->call_count != 1) {
		refuse_call_id(answer, hooks, lines);
		return;
	}
	if (!answer->exact)
		memcpy(answer->wanted, answer->calls[0].text, sizeof answer->wanted);
	answer->journal_cursor = 0;
	answer_table(answer, lines, "messages", ANSWER_MESSAGES);
}

static void journal_ended(struct answer *answer, const struct control_hooks *hooks, struct answer_lines *lines)
{
	if (answer->step == ANSWER_RECENT)
		tell_recent(answer, lines);
	else if (answer->step == ANSWER_SEARCH)
		search_ended(answer, hooks, lines);
	else
		answer_end(answer, lines);
}

static void look_at(struct answer *answer, const struct journal_entry *entry, struct answer_lines *lines)
{
	char call_id[JOURNAL_CALL_ID_MAX + 1];
	if (entry_call_id(entry, call_id) == 0)
		return;
	if (answer->step == ANSWER_RECENT)
		note_recent(answer, entry, call_id);
	else if (answer->step == ANSWER_SEARCH)
		note_candidate(answer, call_id);
	else if (strcmp(call_id, answer->wanted) == 0)
		answer_row(answer, lines, row_from_message(entry));
}

static void tell_journal(struct answer *answer, const struct control_hooks *hooks, struct answer_lines *lines)
{
	struct journal_entry entry;
	for (int looks = 0; looks < CONTROL_PIECE_LOOKS_MAX && lines_have_room(lines); looks++) {
		if (!journal_next(hooks->journal, &answer->journal_cursor, &entry)) {
			journal_ended(answer, hooks, lines);
			return;
		}
		look_at(answer, &entry, lines);
	}
}

void answer_go_on(struct answer *answer, const struct control_hooks *hooks, uint64_t now_ns, struct answer_lines *lines)
{
	switch (answer->step) {
	case ANSWER_DONE:
		break;
	case ANSWER_PHONES:
	case ANSWER_CALLS:
	case ANSWER_BINDINGS:
	case ANSWER_CONNECTIONS:
	case ANSWER_ENCRYPTED:
		tell_rows(answer, hooks, now_ns, lines);
		break;
	case ANSWER_RECENT:
	case ANSWER_SEARCH:
	case ANSWER_MESSAGES:
		tell_journal(answer, hooks, lines);
		break;
	}
}

/* ---- Switching ---- */

/* A phone may be named by its address, its network, or the address of record it registered ("sip:alice@example.com"
 * or just "alice"). */
static bool is_called(const sipalg_registration_view *view, const char *name)
{
	const char *record = view->address_of_record;
	size_t length = strlen(name);
	if (strcmp(record, name) == 0)
		return true;
	const char *colon = strchr(record, ':');
	if (colon == NULL || strncmp(colon + 1, name, length) != 0)
		return false;
	return colon[1 + length] == '@' || colon[1 + length] == '\0';
}

static bool find_host(const struct control_hooks *hooks, const char *name, sipalg_prefix *host, struct problem *problem)
{
	sipalg_registration_view view;
	uint32_t cursor = 0;
	bool found = false;
	if (sipalg_prefix_read(name, strlen(name), host))
		return true;
	while (sipalg_engine_next_registration(hooks->engine, &cursor, &view)) {
		if (!is_called(&view, name))
			continue;
		if (found && !sipalg_address_equal(&host->address, &view.inside.address))
			return problem_say(problem,
			                   "several phones have registered as \"%.64s\"; name one by its address, see "
			                   "`sipalg show phones`",
			                   name);
		*host = (sipalg_prefix){ view.inside.address, 128 };
		found = true;
	}
	return found ||
	       problem_say(problem,
	                   "no phone has registered as \"%.64s\"; name it by its address or network, as 192.168.1.5",
	                   name);
}

/* The configuration's own list cannot be changed from here: say so rather than seem to. */
static bool on_by_configuration(const struct control_hooks *hooks, const sipalg_prefix *host, struct problem *problem)
{
	for (size_t i = 0; i < hooks->settings->off_count; i++)
		if (sipalg_prefix_contains(&hooks->settings->off[i], &host->address))
			return problem_say(problem, "that host is off by the configuration; take it out of `off` "
			                            "there and restart sipalg");
	return true;
}

static bool change_switches(const struct control_hooks *hooks, bool on, const char *name, struct switches *changed,
                            struct problem *problem)
{
	sipalg_prefix host;
	if (name == NULL && on)
		*changed = (struct switches){ 0 };
	else if (name == NULL)
		changed->everything_off = true;
	if (name == NULL)
		return true;
	if (!find_host(hooks, name, &host, problem))
		return false;
	if (!on)
		return switches_add(changed, &host, problem);
	return on_by_configuration(hooks, &host, problem) && switches_remove(changed, &host, problem);
}

static json_t *switches_to_json(const struct switches *switches)
{
	json_t *off = json_array();
	for (size_t i = 0; i < switches->off_count; i++)
		json_array_append_new(off, json_from_prefix(&switches->off[i]));
	return json_pack("{s:b, s:o}", "everything_off", switches->everything_off, "off", off);
}

static void answer_switch(struct answer *answer, const struct control_hooks *hooks, bool on, const char *name,
                          struct answer_lines *lines)
{
	struct switches changed = *hooks->switches;
	struct problem problem;
	if (!change_switches(hooks, on, name, &changed, &problem) ||
	    !hooks->apply_switches(hooks->context, &changed, &problem)) {
		answer_refuse(answer, lines, problem.text);
		return;
	}
	*hooks->switches = changed;
	json_t *object = switches_to_json(&changed);
	bool kept = switches_write(&changed, hooks->settings->state, &problem);
	if (!kept)
		json_object_set_new(object, "warning", json_from_text(problem.text, strlen(problem.text)));
	json_object_set_new(object, "remembered", json_boolean(kept && hooks->settings->state[0] != '\0'));
	answer_whole(lines, "switches", object);
}

/* ---- Requests ---- */

static void begin_explain(struct answer *answer, const json_t *request)
{
	const char *call_id = json_string_value(json_object_get(request, "call_id"));
	answer->step = call_id == NULL ? ANSWER_RECENT : ANSWER_SEARCH;
	if (call_id != NULL)
		text_make_printable(answer->wanted, sizeof answer->wanted, call_id, strlen(call_id));
}

static void begin_command(struct answer *answer, const struct control_hooks *hooks, uint64_t now_ns,
                          const json_t *request, struct answer_lines *lines)
{
	const char *command = json_string_value(json_object_get(request, "command"));
	const char *host = json_string_value(json_object_get(request, "host"));
	if (command == NULL)
		answer_refuse(answer, lines, "a request is an object with a \"command\"");
	else if (strcmp(command, "status") == 0)
		answer_whole(lines, "status", status_to_json(hooks, now_ns));
	else if (strcmp(command, "counters") == 0)
		answer_whole(lines, "counters", counters_to_json(hooks));
	else if (strcmp(command, "sandbox") == 0)
		answer_whole(lines, "sandbox", sandbox_to_json());
	else if (strcmp(command, "phones") == 0)
		answer_table(answer, lines, command, ANSWER_PHONES);
	else if (strcmp(command, "calls") == 0)
		answer_table(answer, lines, command, ANSWER_CALLS);
	else if (strcmp(command, "bindings") == 0)
		answer_table(answer, lines, command, ANSWER_BINDINGS);
	else if (strcmp(command, "connections") == 0)
		answer_table(answer, lines, command, ANSWER_CONNECTIONS);
	else if (strcmp(command, "encrypted") == 0)
		answer_table(answer, lines, command, ANSWER_ENCRYPTED);
	else if (strcmp(command, "explain") == 0)
		begin_explain(answer, request);
	else if (strcmp(command, "on") == 0 || strcmp(command, "off") == 0)
		answer_switch(answer, hooks, strcmp(command, "on") == 0, host, lines);
	else
		answer_refuse(answer, lines, "no such command; the program and the daemon may differ in version");
}

void answer_begin(struct answer *answer, const struct control_hooks *hooks, uint64_t now_ns, const char *request,
                  size_t length, struct answer_lines *lines)
{
	memset(answer, 0, sizeof *answer);
	json_t *object = json_loadb(request, length, JSON_REJECT_DUPLICATES, NULL);
	begin_command(answer, hooks, now_ns, object, lines);
	json_decref(object);
}
