/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "programs/program.h"

#include "console/values.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

static const struct program router_table[] = {
	{ "run", run_main, "be the gateway, in the foreground", run_help, false },
	{ "show", show_main, "what the gateway holds: phones, calls, bindings, counters", show_help, false },
	{ "explain", explain_main, "what was changed in each message of a call, and why", explain_help, false },
	{ "off", off_main, "switch the gateway off, for everybody or for one phone", off_help, false },
	{ "on", on_main, "switch it on again", on_help, false },
	{ "check-config", check_config_main, "look for mistakes in a configuration file", check_config_help, false },
	{ "help", help_main, "explain a command", help_help, false },
};

enum { ROUTER_COUNT = sizeof router_table / sizeof router_table[0], PROGRAMS_MAX = 32 };

const struct program *program_at(size_t place)
{
	if (place < ROUTER_COUNT)
		return &router_table[place];
	return place - ROUTER_COUNT < tool_count ? &tool_table[place - ROUTER_COUNT] : NULL;
}

const struct program *program_find(const char *name)
{
	const struct program *program;
	for (size_t i = 0; (program = program_at(i)) != NULL; i++)
		if (strcmp(program->name, name) == 0)
			return program;
	return NULL;
}

int program_complain(int code, const char *text)
{
	fflush(stdout);
	fprintf(stderr, "sipalg: %s\n", text);
	return code;
}

static int unknown_program(const char *name)
{
	struct problem problem;
	const char *names[PROGRAMS_MAX], *nearest;
	size_t count = 0;
	for (; count < PROGRAMS_MAX && program_at(count) != NULL; count++)
		names[count] = program_at(count)->name;
	nearest = value_nearest(name, names, count, sizeof names[0]);
	if (nearest != NULL)
		problem_say(&problem, "there is no command \"%s\"; did you mean \"%s\"?", name, nearest);
	else
		problem_say(&problem, "there is no command \"%s\"; `sipalg help` lists them", name);
	return program_complain(PROGRAM_WRONG_USE, problem.text);
}

/* What was printed into a full disk has not been printed: `code` if it has, `failed` if not. */
static int output_complete(int code, int failed)
{
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return code;
	return program_complain(failed, "cannot write the output; is the disk full?");
}

static int program_start(const struct invocation *invocation, int argc, char **argv)
{
	const struct program *program = argc > 0 ? program_find(argv[0]) : NULL;
	if (argc == 0) {
		help_print_overview(stderr);
		return PROGRAM_WRONG_USE;
	}
	if (program == NULL)
		return unknown_program(argv[0]);
	optind = 0;                        /* glibc: begin anew */
	if (program->function != run_main) /* it speaks to a log, and need not keep an alphabet in memory */
		setlocale(LC_CTYPE, "");
	return output_complete(program->function(invocation, argc, argv),
	                       program->judges ? PROGRAM_WRONG_USE : PROGRAM_FAILED);
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "socket", required_argument, NULL, 's' },
		                                 { "help", no_argument, NULL, 'h' },
		                                 { "version", no_argument, NULL, 'V' },
		                                 { NULL, 0, NULL, 0 } };
	struct invocation invocation = { 0 };
	struct problem problem;
	int option;
	while ((option = options_next(argc, argv, "+:hV", options, NULL, &problem)) != OPTIONS_END) {
		if (option == OPTIONS_WRONG)
			return program_complain(PROGRAM_WRONG_USE, problem.text);
		if (option == 's')
			invocation.socket = optarg;
		if (option == 'h')
			help_print_overview(stdout);
		if (option == 'V')
			puts("sipalg " SIPALG_VERSION);
		if (option != 's')
			return output_complete(PROGRAM_FINE, PROGRAM_FAILED);
	}
	return program_start(&invocation, argc - optind, argv + optind);
}
