/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "programs/program.h"

#include "daemon/settings.h"

#include <string.h>

const char help_help[] = "usage: sipalg help [COMMAND]\n"
                         "\n"
                         "Explains a command, as `sipalg COMMAND --help` does; without one lists all.\n";

void help_print_overview(FILE *out)
{
	fputs("sipalg, a SIP application layer gateway that does no harm\n"
	      "\n"
	      "usage: sipalg [--socket PATH] COMMAND [ARGUMENTS]\n"
	      "\n",
	      out);
	const struct program *program;
	for (size_t i = 0; (program = program_at(i)) != NULL; i++)
		fprintf(out, "  %-14s%s\n", program->name, program->summary);
	fputs("\n"
	      "  --socket PATH   where the running sipalg is asked (" SETTINGS_SOCKET_PATH ")\n"
	      "  --version       the version\n"
	      "\n"
	      "`sipalg help COMMAND` explains one, with examples. On a router, to begin with:\n"
	      "\n"
	      "  sipalg run --lan eth1 --wan eth0\n",
	      out);
}

/* The settings are options of `run`; the text names the place where they are listed. */
static void print_settings(void)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const struct setting_row *row = &settings_table[i];
		char option[64];
		snprintf(option, sizeof option, row->flag ? "--%s[=%s]" : "--%s %s", row->name, row->argument);
		printf("  %-34s%s%s\n", option, strlen(option) > 32 ? "\n                                    " : "",
		       row->help);
	}
}

void program_print_help(const struct program *program)
{
	static const char place[] = "@settings@\n";
	const char *settings = strstr(program->help, place);
	if (settings == NULL) {
		fputs(program->help, stdout);
		return;
	}
	printf("%.*s", (int)(settings - program->help), program->help);
	print_settings();
	fputs(settings + sizeof place - 1, stdout);
}

static int help_on(const char *name)
{
	const struct program *program = program_find(name);
	struct problem problem;
	if (program == NULL) {
		problem_say(&problem, "there is no command \"%s\"; `sipalg help` lists them", name);
		return program_complain(PROGRAM_WRONG_USE, problem.text);
	}
	if (program->help != NULL) {
		program_print_help(program);
		return PROGRAM_FINE;
	}
	/* The command keeps its own help. */
	char *arguments[] = { (char[]){ "lab" }, (char[]){ "--help" }, NULL };
	optind = 0;
	return program->function(&(struct invocation){ 0 }, 2, arguments);
}

int help_main(const struct invocation *invocation, int argc, char **argv)
{
	(void)invocation;
	if (argc > 2)
		return program_complain(PROGRAM_WRONG_USE, "help explains one command at a time");
	if (argc == 2 && strcmp(argv[1], "--help") != 0)
		return help_on(argv[1]);
	help_print_overview(stdout);
	return PROGRAM_FINE;
}
