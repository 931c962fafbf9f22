/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "programs/program.h"

#include "daemon/run.h"
#include "daemon/settings.h"

#include <string.h>

const char run_help[] = "usage: sipalg run [--config FILE] [OPTIONS]\n"
                        "\n"
                        "Is the gateway until it gets SIGTERM or SIGINT (Ctrl-C); then everything it\n"
                        "installed is removed. Prints \"sipalg: ready\" when packets flow through it. Without\n"
                        "options it takes the default route's interface as the outside and every other one\n"
                        "with a private network as the inside, and says so.\n"
                        "\n"
                        "Options; each is a setting of the configuration file too, and wins over the file:\n"
                        "  --config FILE                     read this file, as " SETTINGS_FILE_PATH "\n"
                        "@settings@\n"
                        "  -h, --help                        this text\n"
                        "\n"
                        "examples:\n"
                        "  sipalg run                              find the interfaces, start\n"
                        "  sipalg run --lan eth1,eth2 --wan ppp0   say which they are\n"
                        "  sipalg run --lan eth1 --inside 10.8.0.0/16 --outside 203.0.113.1\n"
                        "  sipalg run --off 192.168.1.77           leave one phone alone\n"
                        "  sipalg run --config /etc/sipalg.conf    as the service does\n"
                        "\n"
                        "see also: sipalg check-config, sipalg show, sipalg.conf(5)\n";

enum { RUN_OPTIONS_MAX = SETTING_COUNT + 3, OPTION_CONFIG = SETTING_COUNT };

/* One option for each setting, then --config and --help. */
static void make_options(struct option options[RUN_OPTIONS_MAX])
{
	for (int i = 0; i < SETTING_COUNT; i++)
		options[i] = (struct option){ settings_table[i].name,
			                      settings_table[i].flag ? optional_argument : required_argument, NULL, i };
	options[OPTION_CONFIG] = (struct option){ "config", required_argument, NULL, OPTION_CONFIG };
	options[OPTION_CONFIG + 1] = (struct option){ "help", no_argument, NULL, 'h' };
	options[OPTION_CONFIG + 2] = (struct option){ NULL, 0, NULL, 0 };
}

static bool option_apply(struct settings *settings, int option, struct problem *problem)
{
	if (option == OPTION_CONFIG)
		return settings_read_file(settings, optarg, problem);
	const char *value = optarg != NULL ? optarg : "yes";
	return settings_set(settings, SETTINGS_BY_COMMAND_LINE, settings_table[option].name, value, problem);
}

/* A fault on the command line is the option's: say so as it was written there. */
static int option_fault(int option, const struct problem *problem)
{
	struct problem fault;
	problem_say(&fault, "%s%s", option == OPTION_CONFIG ? "" : "--", problem->text);
	return program_complain(PROGRAM_WRONG_USE, fault.text);
}

int run_main(const struct invocation *invocation, int argc, char **argv)
{
	struct option options[RUN_OPTIONS_MAX];
	struct settings settings;
	struct problem problem;
	int option;
	make_options(options);
	settings_defaults(&settings);
	if (invocation->socket != NULL &&
	    !settings_set(&settings, SETTINGS_BY_COMMAND_LINE, "socket", invocation->socket, &problem))
		return option_fault(SETTING_SOCKET, &problem);
	while ((option = options_next(argc, argv, ":h", options, NULL, &problem)) != OPTIONS_END) {
		if (option == 'h') {
			program_print_help(program_find(argv[0]));
			return PROGRAM_FINE;
		}
		if (option == OPTIONS_WRONG)
			return program_complain(PROGRAM_WRONG_USE, problem.text);
		if (!option_apply(&settings, option, &problem))
			return option_fault(option, &problem);
	}
	if (optind < argc) {
		problem_say(&problem, "run takes no \"%s\"; options begin with --, see `sipalg help run`",
		            argv[optind]);
		return program_complain(PROGRAM_WRONG_USE, problem.text);
	}
	if (!settings_check(&settings, &problem))
		return program_complain(PROGRAM_WRONG_USE, problem.text);
	return daemon_run(&settings);
}
