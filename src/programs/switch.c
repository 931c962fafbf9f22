/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "programs/asking.h"

#include <string.h>

const char off_help[] = "usage: sipalg off [PHONE-OR-NETWORK] [--json] [--socket PATH]\n"
                        "\n"
                        "Switches the gateway off at once: from the next message on packets get plain NAT,\n"
                        "as if sipalg had never been installed. Calls that are up keep their media. With an\n"
                        "argument only that phone or network is left alone: an address, a network, or the\n"
                        "name a phone has registered.\n"
                        "\n"
                        "What is off stays off when sipalg or the router starts again, until `sipalg on`.\n"
                        "\n"
                        "examples:\n"
                        "  sipalg off                       everybody\n"
                        "  sipalg off 192.168.1.77          one phone\n"
                        "  sipalg off alice                 the phone registered as sip:alice@...\n"
                        "  sipalg off 192.168.7.0/24        a network\n"
                        "\n"
                        "exit status: 0 it is off, 1 it could not be switched, 2 wrong use\n"
                        "see also: sipalg on, sipalg show\n";

const char on_help[] = "usage: sipalg on [PHONE-OR-NETWORK] [--json] [--socket PATH]\n"
                       "\n"
                       "Switches the gateway on again. Without an argument for everything: also for the\n"
                       "phones that were switched off one by one. With an argument only for that phone or\n"
                       "network. What the configuration says (off = ...) is left as it is.\n"
                       "\n"
                       "examples:\n"
                       "  sipalg on                        everybody\n"
                       "  sipalg on 192.168.1.77           one phone\n"
                       "\n"
                       "exit status: 0 it is on, 1 it could not be switched, 2 wrong use\n"
                       "see also: sipalg off, sipalg show\n";

static void print_list(const json_t *networks)
{
	for (size_t i = 0; i < json_array_size(networks); i++)
		printf("%s%s", i > 0 ? ", " : "", json_string_value(json_array_get(networks, i)));
}

/* What is in force now, in one sentence. */
static void print_switches(const json_t *switches)
{
	const json_t *off = json_object_get(switches, "off");
	if (json_is_yes(switches, "everything_off"))
		fputs("sipalg is off: packets get plain NAT", stdout);
	else
		fputs("sipalg is on", stdout);
	if (json_array_size(off) > 0) {
		fputs(json_is_yes(switches, "everything_off") ? "; also off on their own: " : ", but off for ", stdout);
		print_list(off);
	}
	puts(json_is_yes(switches, "remembered") ? "; a restart will not change that" : "");
}

static int switch_main(const struct invocation *invocation, int argc, char **argv)
{
	struct asking asking;
	struct client client;
	int code;
	if (!asking_begin(&asking, invocation, argc, argv, &code))
		return code;
	json_t *request = json_pack("{s:s, s:s*}", "command", argv[0], "host", asking.argument);
	json_t *answer = request == NULL ? NULL : client_ask(&client, asking.socket, request);
	if (request == NULL)
		return program_complain(PROGRAM_WRONG_USE, "a phone's name must be UTF-8");
	if (answer == NULL)
		return program_complain(PROGRAM_FAILED, client.problem.text);
	const json_t *switches = json_object_get(answer, "switches");
	if (asking.json)
		print_json(switches);
	else
		print_switches(switches);
	if (json_object_get(switches, "warning") != NULL)
		program_complain(PROGRAM_FINE, json_text(switches, "warning"));
	json_decref(answer);
	client_close(&client);
	return PROGRAM_FINE;
}

int on_main(const struct invocation *invocation, int argc, char **argv)
{
	return switch_main(invocation, argc, argv);
}

int off_main(const struct invocation *invocation, int argc, char **argv)
{
	return switch_main(invocation, argc, argv);
}
