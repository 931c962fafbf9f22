/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "programs/program.h"

#include "daemon/settings.h"

#include <stdio.h>

const char check_config_help[] =
        "usage: sipalg check-config [FILE]\n"
        "\n"
        "Reads a configuration file (" SETTINGS_FILE_PATH ") as `sipalg run --config` would, and\n"
        "changes nothing. The first mistake is told with its file, line and remedy.\n"
        "\n"
        "examples:\n"
        "  sipalg check-config                     the usual file\n"
        "  sipalg check-config ./sipalg.conf && systemctl restart sipalg\n"
        "\n"
        "exit status: 0 no mistake, 2 a mistake or no such file\n"
        "see also: sipalg.conf(5)\n";

int check_config_main(const struct invocation *invocation, int argc, char **argv)
{
	static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
	struct settings settings;
	struct problem problem;
	(void)invocation;
	switch (options_next(argc, argv, ":h", options, NULL, &problem)) {
	case 'h':
		program_print_help(program_find(argv[0]));
		return PROGRAM_FINE;
	case OPTIONS_WRONG:
		return program_complain(PROGRAM_WRONG_USE, problem.text);
	}
	if (argc - optind > 1)
		return program_complain(PROGRAM_WRONG_USE, "check-config reads one file at a time");
	const char *path = optind < argc ? argv[optind] : SETTINGS_FILE_PATH;
	settings_defaults(&settings);
	if (!settings_read_file(&settings, path, &problem))
		return program_complain(PROGRAM_WRONG_USE, problem.text);
	struct problem fault;
	if (!settings_check(&settings, &fault)) {
		problem_say(&problem, "%.100s: %.200s", path, fault.text);
		return program_complain(PROGRAM_WRONG_USE, problem.text);
	}
	printf("%s: no mistake found\n", path);
	return PROGRAM_FINE;
}
