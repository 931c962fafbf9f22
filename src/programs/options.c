/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "programs/program.h"

#include "daemon/values.h"

#include <stdio.h>
#include <string.h>

static size_t count_options(const struct option *options)
{
	size_t count = 0;
	while (options[count].name != NULL)
		count++;
	return count;
}

static void name_wrong(const char *given, const struct option *options, struct problem *problem)
{
	char name[64];
	snprintf(name, sizeof name, "%.*s", (int)strcspn(given + 2, "="), given + 2);
	const char *nearest = value_nearest(name, options, count_options(options), sizeof *options);
	if (nearest != NULL)
		problem_say(problem, "there is no option --%s; did you mean --%s?", name, nearest);
	else
		problem_say(problem, "there is no option --%s; --help lists them", name);
}

/* getopt tells by optopt: 0 and an unknown long option; its value and a long option used wrongly. */
static void explain_wrong(int argc, char **argv, const struct option *options, struct problem *problem)
{
	const char *given = optind > 0 && optind <= argc ? argv[optind - 1] : "";
	bool is_long = strncmp(given, "--", 2) == 0;
	if (is_long && optopt == 0)
		name_wrong(given, options, problem);
	else if (is_long && strchr(given, '=') != NULL)
		problem_say(problem, "%.*s takes no value; leave out what begins with \"=\"", (int)strcspn(given, "="),
		            given);
	else if (is_long)
		problem_say(problem, "%s needs a value; --help says which", given);
	else
		problem_say(problem, "there is no option -%c; --help lists them", optopt);
}

int options_next(int argc, char **argv, const char *letters, const struct option *options, int *index,
                 struct problem *problem)
{
	opterr = 0;
	optopt = 0;
	int option = getopt_long(argc, argv, letters, options, index);
	if (option == '?' || option == ':') {
		explain_wrong(argc, argv, options, problem);
		return OPTIONS_WRONG;
	}
	return option;
}
