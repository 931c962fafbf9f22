/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "programs/asking.h"

static bool wrong_use(const struct problem *problem, int *code)
{
	*code = program_complain(PROGRAM_WRONG_USE, problem->text);
	return false;
}

bool asking_begin(struct asking *asking, const struct invocation *invocation, int argc, char **argv, int *code)
{
	static const struct option options[] = { { "json", no_argument, NULL, 'j' },
		                                 { "socket", required_argument, NULL, 's' },
		                                 { "help", no_argument, NULL, 'h' },
		                                 { NULL, 0, NULL, 0 } };
	struct problem problem;
	const char *path = NULL;
	int option;
	*asking = (struct asking){ 0 };
	while ((option = options_next(argc, argv, ":h", options, NULL, &problem)) != OPTIONS_END) {
		if (option == OPTIONS_WRONG)
			return wrong_use(&problem, code);
		if (option == 'h') {
			program_print_help(program_find(argv[0]));
			*code = PROGRAM_FINE;
			return false;
		}
		if (option == 's')
			path = optarg;
		if (option == 'j')
			asking->json = true;
	}
	if (argc - optind > 1) {
		problem_say(&problem, "%s takes one argument; \"%s\" is too many", argv[0], argv[optind + 1]);
		return wrong_use(&problem, code);
	}
	asking->argument = argv[optind];
	asking->socket = client_socket_path(invocation, path, asking->socket_room, sizeof asking->socket_room);
	return true;
}
