/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "programs/asking.h"
#include "programs/show.h"

#include "console/values.h"

#include <string.h>

const char show_help[] = "usage: sipalg show [phones|calls|bindings|connections|encrypted|counters|\n"
                         "                    sandbox] [--json] [--socket PATH]\n"
                         "\n"
                         "Shows what the running gateway holds. Without an argument: whether it is on, where\n"
                         "the inside and the outside are, how many phones and calls there are, what is\n"
                         "switched off, and what you should do something about.\n"
                         "\n"
                         "  phones       who has registered from where, and until when\n"
                         "  calls        calls, their state and their media ports\n"
                         "  bindings     inside and outside ports that stand for each other\n"
                         "  connections  TCP connections that are read\n"
                         "  encrypted    which phones speak TLS to which servers: that passes unread\n"
                         "  counters     messages by what became of them, and more numbers\n"
                         "  sandbox      what the daemon can still do, as the kernel tells\n"
                         "\n"
                         "examples:\n"
                         "  sipalg show\n"
                         "  sipalg show phones | grep alice\n"
                         "  sipalg show calls --json\n"
                         "\n"
                         "exit status: 0 fine, 1 sipalg is not running, 2 wrong use\n"
                         "see also: sipalg explain\n";

static const struct {
	const char *name;
	void (*print_whole)(const struct terminal *terminal, const json_t *object); /* of one object, or */
	int (*print_table)(const struct terminal *terminal, struct client *client); /* of many rows */
} things[] = {
	{ "status", show_status, NULL },
	{ "phones", NULL, show_phones },
	{ "calls", NULL, show_calls },
	{ "bindings", NULL, show_bindings },
	{ "connections", NULL, show_connections },
	{ "encrypted", NULL, show_encrypted },
	{ "counters", show_counters, NULL },
	{ "sandbox", show_sandbox, NULL },
};

enum { THING_COUNT = sizeof things / sizeof things[0] };

static size_t thing_find(const char *name)
{
	size_t thing = 0;
	while (thing < THING_COUNT && strcmp(things[thing].name, name) != 0)
		thing++;
	return thing;
}

static int unknown_thing(const char *name)
{
	struct problem problem;
	const char *nearest = value_nearest(name, &things[0].name, THING_COUNT, sizeof things[0]);
	problem_say(&problem, "show does not know \"%s\"; did you mean \"%s\"?", name,
	            nearest != NULL ? nearest : "phones, calls, bindings, connections, encrypted, counters or sandbox");
	return program_complain(PROGRAM_WRONG_USE, problem.text);
}

static int show_thing(const struct asking *asking, size_t thing)
{
	struct terminal terminal = terminal_find();
	struct client client;
	int code = PROGRAM_FINE;
	const char *name = things[thing].name;
	json_t *answer = client_ask(&client, asking->socket, json_pack("{s:s}", "command", name));
	if (answer == NULL)
		return program_complain(PROGRAM_FAILED, client.problem.text);
	const json_t *whole = json_object_get(answer, name);
	if (things[thing].print_whole != NULL && asking->json)
		print_json(whole);
	else if (things[thing].print_whole != NULL)
		things[thing].print_whole(&terminal, whole);
	else if (asking->json)
		code = client_print_rows_json(&client, name);
	else
		code = things[thing].print_table(&terminal, &client);
	json_decref(answer);
	client_close(&client);
	return code;
}

int show_main(const struct invocation *invocation, int argc, char **argv)
{
	struct asking asking;
	int code;
	if (!asking_begin(&asking, invocation, argc, argv, &code))
		return code;
	size_t thing = thing_find(asking.argument != NULL ? asking.argument : "status");
	return thing < THING_COUNT ? show_thing(&asking, thing) : unknown_thing(asking.argument);
}
