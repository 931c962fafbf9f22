/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the commands of `sipalg` share. */
#ifndef PROGRAMS_PROGRAM_H
#define PROGRAMS_PROGRAM_H

#include "console/options.h"
#include "console/problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Exit codes of every command. */
enum {
	PROGRAM_FINE = 0,
	PROGRAM_FAILED = 1,
	PROGRAM_WRONG_USE = 2,
};

/* Options before the command's name. */
struct invocation {
	const char *socket; /* NULL: not given */
};

struct program {
	const char *name;
	int (*function)(const struct invocation *invocation, int argc, char **argv);
	const char *summary;
	const char *help; /* NULL: the command prints its own when given --help */
	bool judges;      /* its exit status is a verdict, as that of diff: 1 is "found", 2 is "could not tell" */
};

/* The commands that a router has no need of (the build option `tools`). */
extern const struct program tool_table[];
extern const size_t tool_count;

/* The commands, in the order of help; NULL: there are no more. */
const struct program *program_at(size_t place);

/* The row named so; NULL: none. */
const struct program *program_find(const char *name);

/* Prints a command's help, in which the line "@settings@" stands for the list of settings. */
void program_print_help(const struct program *program);

/* Prints what commands there are. */
void help_print_overview(FILE *out);

int run_main(const struct invocation *invocation, int argc, char **argv);
int show_main(const struct invocation *invocation, int argc, char **argv);
int explain_main(const struct invocation *invocation, int argc, char **argv);
int on_main(const struct invocation *invocation, int argc, char **argv);
int off_main(const struct invocation *invocation, int argc, char **argv);
int check_config_main(const struct invocation *invocation, int argc, char **argv);
int check_program_main(const struct invocation *invocation, int argc, char **argv);
int reflect_program_main(const struct invocation *invocation, int argc, char **argv);
int diagnose_main(const struct invocation *invocation, int argc, char **argv);
int lab_program_main(const struct invocation *invocation, int argc, char **argv);
int translate_program_main(const struct invocation *invocation, int argc, char **argv);
int advice_program_main(const struct invocation *invocation, int argc, char **argv);
int help_main(const struct invocation *invocation, int argc, char **argv);

extern const char run_help[], show_help[], explain_help[], on_help[], off_help[], check_config_help[], help_help[];
extern const char diagnose_help[];

/* Prints "sipalg: …" on standard error and returns the code. */
int program_complain(int code, const char *text);

#endif
